package screening

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"
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
