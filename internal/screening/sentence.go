package screening

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sentence is a text with formulas in braces. A brace that is meant is doubled.
type sentence struct {
	texts    []string // around the formulas, one more than there are formulas
	formulas []*formula
}

func (c *compiler) sentence(part, text string, each Each) *sentence {
	if strings.TrimSpace(text) == "" {
		c.flaw(part, "it is needed")
		return nil
	}
	if len(text) > mostFormula {
		c.flaw(part, "%d bytes; %d are taken", len(text), mostFormula)
		return nil
	}
	if !storable(text) {
		c.flaw(part, unstorable)
		return nil
	}
	s := &sentence{}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '{' && text[i] != '}':
			plain.WriteByte(text[i])
		case i+1 < len(text) && text[i+1] == text[i]:
			plain.WriteByte(text[i])
			i++
		case text[i] == '}':
			c.flaw(part, "a } without its { at byte %d; write }} for the sign", i+1)
			return nil
		default:
			inside, _, ok := strings.Cut(text[i+1:], "}")
			if !ok {
				c.flaw(part, "a { without its } at byte %d; write {{ for the sign", i+1)
				return nil
			}
			s.texts, s.formulas = append(s.texts, plain.String()), append(s.formulas, c.formula(part, inside, each))
			plain.Reset()
			i += len(inside) + 1
		}
	}
	s.texts = append(s.texts, plain.String())
	return s
}

// storable tells whether a database keeps a text. What a rule says is stored with each parcel that it hits: one that cannot be stored
// would have the parcel parked.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

const unstorable = "it has a character that no database keeps: one of number 0, or bytes that are no UTF-8"

// mostSaid bounds an explanation, in bytes.
const mostSaid = 2000

func (m *machine) say(s *sentence, facts any) string {
	var b strings.Builder
	for i, f := range s.formulas {
		b.WriteString(s.texts[i])
		b.WriteString(m.text(f, facts))
	}
	b.WriteString(s.texts[len(s.texts)-1])
	return cut(b.String(), mostSaid)
}

// cut shortens a text to so many bytes at the most, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for end := most; end >= 0 && end > most-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:most] // it is no UTF-8
}

// shown prints what a formula gives: numbers without needless places.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return trimmed(strconv.FormatFloat(v, 'f', 3, 64))
	}
	return fmt.Sprint(v)
}

func trimmed(number string) string {
	if !strings.Contains(number, ".") {
		return number
	}
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
}
