package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// hostileText is text that has broken somebody's program before.
var hostileText = rapid.OneOf(
	rapid.SampledFrom([]string{
		"", " ", "\x00", "a\x00b", "' OR 1=1 --", `"; DROP TABLE parcels; --`, "../../etc/passwd", "%00", "%zz", "${jndi:ldap://x}", "{{7*7}}",
		"<script>alert(1)</script>", "\u202eevil", "\ufeff", "\u200b", "é", "é", "ＦＵＬＬ", "清关", "\U0001f4a3", "null", "NaN", "-0", "1e400", "0x10",
		"9223372036854775808", "=cmd()", "\r\nX-Evil: 1", "\x1b[2J", strings.Repeat("a", 501), strings.Repeat("清", 4001), strings.Repeat("%", 300),
	}),
	rapid.String(),
)

// valueOf makes a value of a schema. A text's or number's published example comes often: it keeps rules that no schema tells.
func valueOf(t *rapid.T, ref *openapi3.SchemaRef) any {
	s := ref.Value
	if s.Nullable && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		return nil
	}
	switch {
	case len(s.AllOf) > 0:
		return valueOf(t, s.AllOf[0])
	case len(s.OneOf) > 0:
		return valueOf(t, rapid.SampledFrom(s.OneOf).Draw(t, "form"))
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(t, "word")
	case s.Example != nil && !s.Type.Is("array") && rapid.Bool().Draw(t, "example"):
		return s.Example
	case s.Type.Is("object"):
		return objectOf(t, s)
	case s.Type.Is("array"):
		most := 2
		if s.MaxItems != nil {
			most = int(min(*s.MaxItems, 3))
		}
		all := make([]any, rapid.IntRange(int(s.MinItems), most).Draw(t, "length"))
		for i := range all {
			all[i] = valueOf(t, s.Items)
		}
		return all
	case s.Type.Is("boolean"):
		return rapid.Bool().Draw(t, "flag")
	case s.Type.Is("integer"), s.Type.Is("number"):
		return numberOf(t, s)
	}
	return textOf(t, s)
}

func objectOf(t *rapid.T, s *openapi3.Schema) any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || rapid.Bool().Draw(t, name) {
			object[name] = valueOf(t, s.Properties[name])
		}
	}
	return object
}

func numberOf(t *rapid.T, s *openapi3.Schema) any {
	least, most := int64(0), int64(1<<31-1)
	if s.Min != nil {
		least = int64(*s.Min)
	}
	if s.Max != nil {
		most = int64(*s.Max)
	}
	return rapid.OneOf(rapid.SampledFrom([]int64{least, most}), rapid.Int64Range(least, most)).Draw(t, "number")
}

func textOf(t *rapid.T, s *openapi3.Schema) any {
	switch s.Format {
	case "date-time":
		hours := rapid.IntRange(-48, 48).Draw(t, "hours")
		return time.Now().Add(time.Duration(hours) * time.Hour).UTC().Format(time.RFC3339Nano)
	case "date":
		return time.Now().AddDate(0, 0, rapid.IntRange(-400, 400).Draw(t, "days")).Format(time.DateOnly)
	case "decimal":
		return rapid.StringMatching(`(0|[1-9][0-9]{0,13})(\.[0-9]{1,5})?`).Draw(t, "decimal")
	}
	text := []rune(strings.ToValidUTF8(hostileText.Draw(t, "text"), "?"))
	if s.MaxLength != nil {
		text = text[:min(len(text), int(*s.MaxLength))]
	}
	for len(text) < int(s.MinLength) {
		text = append(text, 'A')
	}
	return string(text)
}

// mutated spoils a value somewhere within. It tells what it did.
func mutated(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && rapid.IntRange(0, 2).Draw(t, "deeper") > 0 {
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")
			changed := maps.Clone(v)
			if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
				delete(changed, name)
			} else {
				changed[name] = mutated(t, v[name])
			}
			return changed
		}
		changed := maps.Clone(v)
		changed[hostileText.Draw(t, "extra")] = 1
		return changed
	case []any:
		if len(v) > 0 && rapid.Bool().Draw(t, "within") {
			changed := slices.Clone(v)
			i := rapid.IntRange(0, len(v)-1).Draw(t, "element")
			changed[i] = mutated(t, v[i])
			return changed
		}
	}
	return rapid.SampledFrom([]any{
		nil, true, -1, 0, 1.5, int64(1) << 40, json.RawMessage("1e400"), json.RawMessage("-0"), json.RawMessage("12345678901234567890123"), "", "x", "\x00",
		strings.Repeat("9", 40), []any{}, []any{nil}, map[string]any{}, map[string]any{"a": 1}, strings.Repeat("x", 70_000),
	}).Draw(t, "instead")
}

// spoiled breaks a document as bytes.
func spoiled(t *rapid.T, doc string) string {
	at := rapid.IntRange(0, len(doc)).Draw(t, "at")
	return rapid.SampledFrom([]string{
		"", doc[:at], doc + doc, doc + "\x00", "\ufeff" + doc, doc[:at] + "\xff" + doc[at:], "[" + doc + "]", strings.Replace(doc, ":", ":"+strings.Repeat("[", 20_000), 1),
		strings.Replace(doc, "{", `{"order_no":"1","order_no":"2","reason":"1","reason":"2",`, 1), `"` + doc, "null", "[]", "{}",
	}).Draw(t, "spoiled")
}

// documentFor makes a body for an operation: as published, made anew, partly made anew, or wrong somewhere. kept tells that it
// keeps the schema.
func documentFor(t *rapid.T, media *openapi3.MediaType) (doc string, kept bool) {
	value := media.Example
	if rapid.IntRange(0, 3).Draw(t, "anew") == 0 {
		value = valueOf(t, media.Schema)
	} else if object, ok := value.(map[string]any); ok {
		object = maps.Clone(object)
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(object))).Draw(t, "changed")
		object[name] = valueOf(t, media.Schema.Value.Properties[name])
		value = current(t, object)
	}
	kind := rapid.IntRange(0, 9).Draw(t, "spoil")
	if kind >= 8 {
		value = mutated(t, value)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("generated document: %v", err)
	}
	if kind == 7 {
		return spoiled(t, string(raw)), false
	}
	return string(raw), kind < 7
}

// current gives an order one of a few numbers, so that some come again, and moves an example's times to today.
func current(t *rapid.T, object map[string]any) map[string]any {
	for name, value := range object {
		switch name {
		case "order_no":
			object[name] = rapid.SampledFrom([]string{"1", "2", "3", "4", "清关", "a/b", "%2f"}).Draw(t, "order")
		case "consignee":
			if c, ok := value.(map[string]any); ok && rapid.IntRange(0, 3).Draw(t, "denied") == 0 {
				c = maps.Clone(c)
				c["name"] = "Boris Badenov"
				object[name] = c
			}
		case "cutoff_at":
			object[name] = time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		case "departs_at":
			object[name] = time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
		case "occurred_at":
			object[name] = time.Now().UTC().Format(time.RFC3339)
		}
	}
	return object
}
