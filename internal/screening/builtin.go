package screening

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/alataw/alataw/internal/parcel"
)

//go:embed builtin.yaml
var builtinText []byte

// Builtin is the rule set that an office has before it has one of its own.
func Builtin() *Set { return builtin() }

var builtin = sync.OnceValue(func() *Set {
	d, err := ParseDocument(builtinText)
	if err != nil {
		panic(fmt.Errorf("built-in rules: %w", err)) // embedded, and tested
	}
	set, err := Compile(d, nil)
	if err != nil {
		panic(fmt.Errorf("built-in rules: %w", err)) // embedded, and tested
	}
	return set
})

// BuiltinText is the built-in rule set as it is written, in YAML.
func BuiltinText() []byte { return bytes.Clone(builtinText) }

// Warnings tell what its author may not have meant by a document that compiles: that nothing is judged of a category of which the
// built-in set does. A set in force replaces the built-in one whole.
func (d Document) Warnings() (warnings []string) {
	judged := map[parcel.Category]bool{}
	for _, r := range d.Rules {
		judged[r.Category] = true
	}
	for _, r := range Builtin().document.Rules {
		if !judged[r.Category] {
			judged[r.Category] = true
			warnings = append(warnings, fmt.Sprintf("no rule of category %s, as %s is in the built-in set: with this set in force nothing is held for it", r.Category, r.ID))
		}
	}
	return warnings
}
