package screening

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/alataw/alataw/internal/parcel"
)

// Document is a rule set as analysts write it, in YAML or JSON. Compile makes of it what judges.
type Document struct {
	Name      string     `json:"name"`      // what people call it; 1 to 60 characters
	Office    string     `json:"office"`    // the customs office that it is for
	Direction Direction  `json:"direction"` // export
	Sampling  Sampling   `json:"sampling"`
	Rules     []RuleText `json:"rules"`
}

// Direction is which way the goods go. The modes that are taken today are all exports.
type Direction string

// Export is the direction of 9610, 9710, 9810 and 1210.
const Export Direction = "export"

// Sampling is what is looked at whatever it declares, after ASYCUDA's selectivity (UNCTAD, MODSEL): first the rules, then a
// random share, then as many more as a lane lacks to its expected rate.
type Sampling struct {
	Random *Percent                `json:"random,omitempty"` // drawn into the yellow lane; nil takes the office's setting
	Expect map[parcel.Lane]Percent `json:"expect,omitempty"` // the share of parcels that a lane is expected to get, red, yellow or blue; 100 % together at the most
}

// RuleText is one rule as it is written. What stands in When, Score, Value, Match and between braces in Because are formulas over
// the facts of package screening (docs/screening.md has them all).
type RuleText struct {
	ID       string          `json:"id"`       // e.g. value.limit: what hits are filed under, for ever
	Category parcel.Category `json:"category"` // what kind of suspicion
	Each     Each            `json:"each"`     // what it is asked of: the parcel, each item, each mention, each party
	When     Formula         `json:"when"`     // it hits where this is true
	Lane     Lane            `json:"lane"`     // red, yellow, blue, green; found takes that of the mention
	Percent  *Percent        `json:"percent,omitempty"`
	Score    Formula         `json:"score"`           // 0..1, how sure the rule is
	Field    string          `json:"field"`           // JSON pointer of what it looks at; of items, mentions and parties relative to them
	Value    Formula         `json:"value,omitempty"` // what stood there
	Match    *MatchText      `json:"match,omitempty"` // what it met; mentions and parties bring their own
	Because  Because         `json:"because"`
	Source   string          `json:"source"`          // the law, regulation or guidance it is from
	From     Date            `json:"from,omitempty"`  // the first day it is in force (UTC); no day: always
	Until    Date            `json:"until,omitempty"` // the last
}

// MatchText is what a hit met, in formulas.
type MatchText struct {
	List  string  `json:"list"`
	Entry Formula `json:"entry"`
	Name  Formula `json:"name"`
}

// Because says in two languages why a rule hit. Braces hold formulas: "worth {yuan(value)}".
type Because struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Each is what a rule is asked of.
type Each string

// What rules are asked of.
const (
	EachParcel  Each = "parcel"
	EachItem    Each = "item"
	EachMention Each = "mention" // of regulated goods, in an item's description or by its HS code
	EachBattery Each = "battery" // of what is the matter with an item's battery
	EachParty   Each = "party"   // on a watch list that consignee or seller may be
)

// Lane is a lane as a rule names it.
type Lane string

// Found takes the lane of the mention that a rule hits.
const Found Lane = "found"

// Formula is the text of a formula. In a document a bare number, true and false are formulas too.
type Formula string

// UnmarshalJSON reads a text, a number, true or false.
func (f *Formula) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && strings.IndexByte("{[n", raw[0]) >= 0 {
		return errors.New("a formula is a text, a number, true or false")
	}
	if raw[0] != '"' {
		*f = Formula(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(f))
}

// Percent is a share in hundredths of a per cent: 10,000 are all. In a document it is a number of per cent with up to two decimals.
type Percent int

// All is a hundred per cent.
const All Percent = 10_000

// ErrPercent says what a share has to be.
var ErrPercent = errors.New("a percentage is a number from 0 to 100 with up to two decimals")

// UnmarshalJSON reads a number of per cent; what is none is ErrPercent.
func (p *Percent) UnmarshalJSON(raw []byte) error {
	value, err := parcel.ParseDecimal(string(raw))
	if err != nil {
		return ErrPercent
	}
	micros, fits := value.Micros()
	if !fits || micros > 100_000_000 || micros%10_000 != 0 {
		return ErrPercent
	}
	*p = Percent(micros / 10_000)
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// String gives the per cent: "0.5".
func (p Percent) String() string {
	text := fmt.Sprintf("%d.%02d", p/100, p%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Date is a day, in UTC. The zero date is none.
type Date struct{ time.Time }

// UnmarshalJSON reads a day: "2020-07-01".
func (d *Date) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return errors.New("a date is a text like 2020-07-01")
	}
	if text == "" {
		*d = Date{}
		return nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errors.New("a date is a text like 2020-07-01")
	}
	*d = Date{day}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte(`""`), nil
	}
	return json.Marshal(d.Format(time.DateOnly))
}

// mostText bounds a document; the built-in one has some 40 KB.
const mostText = 2 << 20

// ParseDocument reads a rule set in YAML, of which JSON is a part. Fields that nobody knows are errors.
func ParseDocument(text []byte) (Document, error) {
	var d Document
	if len(text) > mostText {
		return d, FlawsError{{Message: fmt.Sprintf("the document has %d bytes; %d are taken", len(text), mostText)}}
	}
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return d, FlawsError{{Message: err.Error()}}
	}
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, FlawsError{{Message: err.Error()}}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, FlawsError{{Message: "something follows the document"}}
	}
	return d, nil
}

// Flaw is one thing that is wrong with a document.
type Flaw struct {
	Rule    string `json:"rule,omitempty"`   // the ID, or the place: "#3"
	Part    string `json:"part,omitempty"`   // e.g. when, because.en
	Line    int    `json:"line,omitempty"`   // within the part, from 1
	Column  int    `json:"column,omitempty"` // from 1
	Message string `json:"message"`
}

// FlawsError are all that is wrong with a document.
type FlawsError []Flaw

// Error gives a line for each.
func (f FlawsError) Error() string {
	lines := make([]string, len(f))
	for i, flaw := range f {
		lines[i] = flaw.String()
	}
	return strings.Join(lines, "\n")
}

// String gives "value.limit: when: 1:7: unknown name x".
func (f Flaw) String() string {
	var parts []string
	for _, part := range []string{f.Rule, f.Part} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if f.Line > 0 {
		parts = append(parts, fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	return strings.Join(append(parts, f.Message), ": ")
}
