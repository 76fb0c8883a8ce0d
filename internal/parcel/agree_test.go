package parcel

import (
	"errors"
	"slices"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
)

// walked reads a document without checking it by the rules.
func walked(raw string) (Declaration, []fault.Field, error) {
	r := reader{scanner: scanner{text: raw}}
	var d Declaration
	r.declaration(&d)
	err := r.finish()
	return d, r.wrong, err
}

// decoded reads a document as encoding/json/v2 does, with decimals as numbers too.
func decoded(raw string) (Declaration, error) {
	d := Declaration{Service: Standard}
	err := jsonv2.Unmarshal([]byte(raw), &d, jsonv2.RejectUnknownMembers(true),
		jsonv2.WithUnmarshalers(jsonv2.UnmarshalFromFunc(func(dec *jsontext.Decoder, d *Decimal) error {
			token, err := dec.ReadToken()
			if err != nil || token.Kind() == 'n' {
				return err
			}
			*d, err = ParseDecimal(token.String())
			return err
		})))
	return d, err
}

// agree holds the walk against encoding/json/v2: the same texts are JSON, the same documents are taken, and read the same.
func agree(t require.TestingT, raw string) {
	d, wrong, err := walked(raw)
	require.Equal(t, jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)), err == nil, "%q: %v", raw, err)
	if err != nil || !strings.HasPrefix(strings.TrimLeft(raw, " \t\r\n"), "{") {
		return
	}
	if slices.ContainsFunc(wrong, func(f fault.Field) bool { return strings.HasSuffix(f.Code, ".count") }) {
		return // the library knows no such limit
	}
	want, err := decoded(raw)
	if err != nil {
		requirePointed(t, raw, wrong, err)
		return
	}
	require.Empty(t, wrong, "%q", raw)
	require.Equal(t, normal(want), normal(d), "%q", raw)
}

// requirePointed holds that what the library stopped at, or what that stands in, is reported too.
func requirePointed(t require.TestingT, raw string, wrong []fault.Field, err error) {
	var at jsontext.Pointer
	if semantic, ok := errors.AsType[*jsonv2.SemanticError](err); ok {
		at = semantic.JSONPointer
	} else if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntactic.JSONPointer // of a doubled member
	}
	reported := func(f fault.Field) bool { return jsontext.Pointer(f.Pointer).Contains(at) }
	require.True(t, slices.ContainsFunc(wrong, reported), "%q: %v, and the walk reports %v", raw, err, wrong)
}

// normal takes away what only the library tells apart: null from an absent member, an empty array from none.
func normal(d Declaration) Declaration {
	if d.Service == "" {
		d.Service = Standard
	}
	if len(d.Items) == 0 {
		d.Items = nil
	}
	if len(d.Consignee.Address.Lines) == 0 {
		d.Consignee.Address.Lines = nil
	}
	return d
}

// documents are declarations in all states between right and nonsense.
func documents() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{
		"null", "true", "false", "0", "-0", "1.5", "-2", "1e2", "01", "9223372036854775808", `""`, `"x"`, `"12.50"`, `"7"`, `"1,5"`, `"\u0031"`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\u0041"`, `"\uFFFD"`, `"\x"`, `"\u00g0"`, `"\"\\\/\b\f\n\r\t"`, "\"\u007f\"", "\"\x01\"", "\"\xff\"",
		"\"\xed\xa0\x80\"", `"长安"`, `"\u957f"`, "{}", "[]", `{"a":[{"a":1,"a":2}]}`, `[1,"2",{},[]]`, "[1,]", "{,}", `{"a"}`, "", `"`, "nul", "+1", ".5", "1.", "1e",
	})
	blank := rapid.SampledFrom([]string{"", "", "", " ", "\n\t\r ", "\v", ","})
	return rapid.Custom(func(t *rapid.T) string {
		value := func(right string) string {
			if rapid.IntRange(0, 15).Draw(t, "odd") == 0 {
				right = odd.Draw(t, "value")
			}
			if rapid.IntRange(0, 15).Draw(t, "blank") == 0 {
				right = blank.Draw(t, "before") + right + blank.Draw(t, "behind")
			}
			return right
		}
		object := func(of *members, right func(name string) string) string {
			var all []string
			for _, name := range of.names {
				key := rapid.SampledFrom([]string{name, name, name, name, name, name, `\u00` + hexOf(name[0]) + name[1:], strings.ToUpper(name), "a/b~c"}).Draw(t, "key")
				for range rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 0, 2}).Draw(t, "times") {
					all = append(all, value(`"`+key+`"`)+":"+value(right(name)))
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "shuffled") == 0 {
				all = rapid.Permutation(all).Draw(t, "order")
			}
			return "{" + strings.Join(all, ",") + "}"
		}
		return value(declarationText(object))
	})
}

func hexOf(c byte) string { return string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) }

// declarationText writes a declaration, each of its objects by object.
func declarationText(object func(of *members, right func(name string) string) string) string {
	decimal := func(string) string { return `"12.5"` }
	text := func(name string) string { return `"a ` + name + `"` }
	battery := func() string {
		return object(batteryMembers, func(name string) string {
			if name == "un_number" {
				return `"UN3481"`
			}
			return decimal(name)
		})
	}
	item := func(name string) string {
		switch name {
		case "battery":
			return battery()
		case "quantity", "unit_price":
			return decimal(name)
		case "net_weight_g":
			return "12"
		}
		return text(name)
	}
	address := func(name string) string {
		if name == "lines" {
			return `["1 Road","London"]`
		}
		return text(name)
	}
	return object(declarationMembers, func(name string) string {
		switch name {
		case "seller":
			return object(sellerMembers, text)
		case "consignee":
			return object(consigneeMembers, func(name string) string {
				if name == "address" {
					return object(addressMembers, address)
				}
				return text(name)
			})
		case "goods_value", "freight", "insurance":
			return decimal(name)
		case "gross_weight_g":
			return "1200"
		case "dimensions_mm":
			return object(dimensionMembers, func(string) string { return "30" })
		case "items":
			return "[" + object(itemMembers, item) + "," + object(itemMembers, item) + "]"
		}
		return text(name)
	})
}

func TestReadAgreesWithJSONv2(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { agree(t, documents().Draw(t, "document")) })
}

func FuzzReadAgreesWithJSONv2(f *testing.F) {
	f.Add(example)
	f.Add(`{"items":[{"quantity":"\u0031","battery":null}],"seller":null,"a":[{"é":"\ud83d\ude00"}]}`)
	for i := range 40 {
		f.Add(documents().Example(i))
	}
	f.Fuzz(func(t *testing.T, raw string) { agree(t, raw) })
}
