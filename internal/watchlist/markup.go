package watchlist

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxDepth is how deep above its parties a list's elements may nest; real ones have two.
const maxDepth = 8

// markup reads an XML list as a stream of parties. There are no entities but XML's own five, no document type declaration, no
// encoding but UTF-8, and never more than maxParty bytes at a time.
type markup struct {
	*content
	records int
	in      *stretch
	decoder *xml.Decoder
}

func newMarkup(c *content) *markup {
	in := &stretch{in: c.in}
	decoder := xml.NewDecoder(in)
	decoder.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, flaw("a list is written in UTF-8, not in " + strings.ToValidUTF8(charset, "?"))
	}
	return &markup{content: c, in: in, decoder: decoder}
}

// each calls take for every element that wanted names, wherever it stands below root; take must decode it. root is given the list's
// outermost element first.
func (m *markup) each(root func(xml.StartElement) error, wanted map[string]bool, take func(xml.StartElement) error) error {
	depth, roots := 0, 0
	for {
		token, err := m.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m.explain(err)
		}
		m.in.settled = m.decoder.InputOffset()
		switch token := token.(type) {
		case xml.Directive:
			return m.fault("a document type declaration has no place in a list")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			switch {
			case depth == 0:
				roots++
				err = root(token)
				depth++
			case depth > 0 && wanted[token.Name.Local]:
				m.records++
				err = m.explain(take(token))
				m.in.settled = m.decoder.InputOffset()
			default:
				depth++
			}
			if depth > maxDepth {
				return m.fault("elements nest deeper than %d", maxDepth)
			}
			if err != nil {
				return err
			}
		}
	}
	if roots == 0 {
		return m.fault("this is no XML: it has no element")
	}
	if roots != 1 {
		return m.fault("%d outermost elements, where a list has one", roots)
	}
	return nil
}

// decode reads an element into a struct.
func (m *markup) decode(start xml.StartElement, into any) error {
	return m.decoder.DecodeElement(into, &start)
}

func (m *markup) line() int { line, _ := m.decoder.InputPos(); return line }

func (m *markup) fault(format string, args ...any) error {
	return m.content.fault(m.line(), format, args...)
}

// explain sorts out an error of decoding.
func (m *markup) explain(err error) error {
	if err == nil {
		return nil
	}
	if m.in.failed != nil {
		return m.readFault(m.in.failed, m.line())
	}
	if wrong, ok := errors.AsType[flaw](err); ok {
		return m.fault("%v", wrong)
	}
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		if syntax.Msg == "unexpected EOF" {
			return m.truncated(syntax.Line)
		}
		return m.content.fault(syntax.Line, "%s", syntax.Msg)
	}
	return m.fault("%v", err)
}

// attribute gives an element's attribute, "" when it has none of that name.
func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
