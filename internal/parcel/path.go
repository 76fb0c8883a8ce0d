package parcel

import (
	"strconv"
	"strings"
)

// path is where a walk stands in a document. It costs next to nothing to keep, and is spelled out only for what is wrong.
type path struct {
	steps [deepest]step
	depth int
}

// deepest is how deep the members of a declaration stand: those of an item's battery.
const deepest = 4

// down makes room for the steps into one more object or array, and tells where.
func (p *path) down() int {
	p.depth++
	return p.depth - 1
}

// step leads from an object to a member, by the place in the document where the member's name begins;
// or from an array to an element, by the complement of its index.
type step int

func index(i int) step { return ^step(i) }

func (s step) isName() bool { return s >= 0 }

func (s step) name(text string) string {
	at := scanner{text: text, at: int(s)}
	return at.string()
}

// name is the nearest member's name, the first word of a code.
func (p *path) name(text string) string {
	for i := p.depth - 1; i >= 0; i-- {
		if s := p.steps[i]; s.isName() {
			return s.name(text)
		}
	}
	return "declaration"
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// pointer prints the path as an RFC 6901 JSON pointer.
func (p *path) pointer(text string) string {
	var b strings.Builder
	for _, s := range p.steps[:p.depth] {
		b.WriteByte('/')
		if s.isName() {
			b.WriteString(escapePointer.Replace(s.name(text)))
		} else {
			b.WriteString(strconv.Itoa(int(^s)))
		}
	}
	return b.String()
}
