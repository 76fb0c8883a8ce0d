package goods

import (
	"fmt"
	"strings"
)

// Class is what goods of many names have in common for the Harmonized System, a row of tables/classes.csv.
type Class struct {
	Key      string
	Names    string // for people, in English: "clothing"
	NamesZH  string
	Headings []string // the beginnings of all codes that such goods can be declared under in good faith
}

// Ware is a name that goods are called by beyond doubt, a row of tables/wares.csv.
type Ware struct {
	*Class
	Phrase   string // the phrase of the table
	Language string
}

// MayBe tells whether such goods can be declared under a code, which may be as short as a chapter.
func (w *Ware) MayBe(hs string) bool {
	for _, heading := range w.Headings {
		if strings.HasPrefix(hs, heading) || strings.HasPrefix(heading, hs) {
			return true
		}
	}
	return false
}

// part is what a word does in the name of goods.
type part uint8

const (
	noun    part = iota // is what goods are called
	trait               // tells of colour, size or number, before the noun or behind it
	measure             // as trait; before "of" it measures what follows: "set of", "pack of"
	joint               // begins what only qualifies the name: "for", "with"
	of                  // as joint, but behind a measure the name begins anew
	several             // says that there are things of more than one name
)

var parts = map[string]part{"noun": noun, "trait": trait, "measure": measure, "joint": joint, "of": of, "several": several}

// wareTerm is a phrase that takes part in naming goods.
type wareTerm struct {
	part part
	ware Ware
}

func (b *builder) addWares() {
	classes := map[string]*Class{}
	for _, row := range readTable("classes.csv", "class", "names", "names_zh", "headings") {
		classes[row[0]] = &Class{Key: row[0], Names: row[1], NamesZH: row[2], Headings: strings.Fields(row[3])}
	}
	for _, row := range readTable("wares.csv", "phrase", "language", "class") {
		class := classes[row[2]]
		if class == nil {
			panic(fmt.Errorf("wares: %q is of no class", row[0]))
		}
		b.ware(wareTerm{noun, Ware{class, row[0], row[1]}})
	}
	for _, row := range readTable("wording.csv", "phrase", "language", "part") {
		p, ok := parts[row[2]]
		if !ok || p == noun {
			panic(fmt.Errorf("wording: %q is no part", row[2]))
		}
		b.ware(wareTerm{p, Ware{nil, row[0], row[1]}})
	}
}

// ware adds a phrase that takes part in naming goods. One that is there already is a broken table.
func (b *builder) ware(t wareTerm) {
	b.lexicon.wares = append(b.lexicon.wares, t)
	number := int32(len(b.lexicon.wares) - 1)
	for i, path := range b.spellings(t.ware.Phrase, t.ware.Language) {
		end := b.top.grow(path)
		if end.ware != 0 && i == 0 {
			panic(fmt.Errorf("wares: %q is there twice", t.ware.Phrase))
		}
		if end.ware == 0 {
			end.ware = number
		}
	}
}
