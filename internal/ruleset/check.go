package ruleset

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// mostJSON bounds what a document in YAML may be when its references are written out, in bytes.
const mostJSON = 4 << 20

// FromYAML gives the JSON of a document in YAML; the fault's kind is Malformed.
func FromYAML(text []byte) ([]byte, error) {
	raw, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "malformed_yaml", "not a YAML document: %s", strings.TrimPrefix(err.Error(), "error converting YAML to JSON: "))
	}
	if len(raw) > mostJSON {
		return nil, fault.New(fault.TooLarge, "body_too_large", "at most %d bytes are taken, with references written out", mostJSON)
	}
	return raw, nil
}

// mostFields bounds what is told of one document.
const mostFields = 200

// Explain turns what is wrong with a rule set into a fault with a pointer to each part; other errors stay as they are.
func Explain(d screening.Document, err error) error {
	flaws, ok := errors.AsType[screening.FlawsError](err)
	if !ok {
		return err
	}
	refused := fault.New(fault.Invalid, "invalid_ruleset", "%d part(s) of the rule set are wrong; see errors", len(flaws))
	for _, flaw := range flaws[:min(len(flaws), mostFields)] {
		refused.Fields = append(refused.Fields, fault.Field{
			Pointer: pointerOf(d, flaw), Code: "rule.invalid", Detail: detailOf(flaw), Rule: flaw.Rule, Line: flaw.Line, Column: flaw.Column,
		})
	}
	return refused
}

// pointerOf gives the JSON pointer of the part that a flaw is in.
func pointerOf(d screening.Document, flaw screening.Flaw) string {
	part := strings.ReplaceAll(flaw.Part, ".", "/")
	if part != "" {
		part = "/" + part
	}
	if flaw.Rule == "" {
		return part
	}
	if number, ok := strings.CutPrefix(flaw.Rule, "#"); ok {
		if n, err := strconv.Atoi(number); err == nil {
			return "/rules/" + strconv.Itoa(n-1) + part
		}
	}
	// Of two rules of one name the later one is at fault.
	for i := len(d.Rules) - 1; i >= 0; i-- {
		if d.Rules[i].ID == flaw.Rule {
			return "/rules/" + strconv.Itoa(i) + part
		}
	}
	return part
}

// detailOf gives "value.limit: line 1, column 7: unknown name x".
func detailOf(flaw screening.Flaw) string {
	var words []string
	if flaw.Rule != "" {
		words = append(words, flaw.Rule)
	}
	if flaw.Line > 0 {
		words = append(words, fmt.Sprintf("line %d, column %d", flaw.Line, flaw.Column))
	}
	return strings.Join(append(words, flaw.Message), ": ")
}
