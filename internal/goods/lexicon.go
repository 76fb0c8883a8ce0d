package goods

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// topic is what a phrase tells of the goods.
type topic uint8

const (
	names    topic = iota // names a Thing
	harmless              // says that a naming phrase within it means something else
	vague                 // says nothing
	likeness              // at the end of a name: the thing is a likeness of what stands before
)

// term is a phrase that watches over the goods.
type term struct {
	topic    topic
	phrase   string
	language string
	lane     parcel.Lane
	thing    *Thing
}

// lexicon is all phrases as one automaton over folded bytes. There are two sorts, which do not hide one another: guards, which look out
// for what matters to the law, and wares, which tell what people call the goods.
type lexicon struct {
	*trie
	guards []term
	wares  []wareTerm
}

// words is the lexicon of the tables.
var words = loadLexicon()

func loadLexicon() *lexicon {
	b := &builder{lexicon: &lexicon{guards: make([]term, 1), wares: make([]wareTerm, 1)}, top: make(sprouts, 1), traditional: loadTraditional()}
	for _, row := range readTable("phrases.csv", "phrase", "language", "lane", "thing") {
		b.guard(term{names, row[0], row[1], laneOf(row[2]), thingOf(row[3])})
	}
	for _, row := range readTable("harmless.csv", "phrase", "language", "because") {
		b.guard(term{topic: harmless, phrase: row[0], language: row[1]})
	}
	for _, row := range readTable("vague.csv", "phrase", "language") {
		b.guard(term{topic: vague, phrase: row[0], language: row[1]})
	}
	for _, row := range readTable("likenesses.csv", "phrase", "language") {
		b.guard(term{topic: likeness, phrase: row[0], language: row[1]})
	}
	b.addWares()
	b.lexicon.trie = pack(b.top)
	return b.lexicon
}

// loadTraditional gives the traditional form of each simplified character that the tables use.
func loadTraditional() *strings.Replacer {
	var pairs []string
	for _, row := range readTable("traditional.csv", "simplified", "traditional") {
		simplified, traditional := []rune(row[0]), []rune(row[1])
		if len(simplified) != len(traditional) {
			panic(fmt.Errorf("traditional: %q and %q differ in length", row[0], row[1]))
		}
		for i := range simplified {
			pairs = append(pairs, string(simplified[i]), string(traditional[i]))
		}
	}
	return strings.NewReplacer(pairs...)
}

// builder puts phrases into a lexicon.
type builder struct {
	lexicon     *lexicon
	top         sprouts
	traditional *strings.Replacer
}

// guard adds a phrase that watches. One that is there already is a broken table.
func (b *builder) guard(t term) {
	b.lexicon.guards = append(b.lexicon.guards, t)
	number := int32(len(b.lexicon.guards) - 1)
	for i, path := range b.spellings(t.phrase, t.language) {
		end := b.top.grow(path)
		if end.guard != 0 && i == 0 {
			panic(fmt.Errorf("lexicon: %q is there twice", t.phrase))
		}
		if end.guard == 0 {
			end.guard = number
		}
	}
}

// spellings gives the paths of a phrase: as it stands, and as English plurals or traditional characters write it.
func (b *builder) spellings(phrase, language string) [][]byte {
	paths := [][]byte{pathOf(phrase)}
	switch language {
	case "zh":
		if other := b.traditional.Replace(phrase); other != phrase {
			paths = append(paths, pathOf(other))
		}
	case "en":
		if plural := pluralOf(phrase); plural != "" {
			paths = append(paths, pathOf(plural))
		}
	}
	return paths
}

// pluralOf gives the English plural that is more than an s behind the word; that is looked for in the text.
func pluralOf(phrase string) string {
	stem := phrase[:max(0, len(phrase)-1)]
	switch {
	case strings.HasSuffix(phrase, "*"), len(phrase) < 4:
		return ""
	case strings.HasSuffix(phrase, "y") && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return stem + "ies"
	case strings.HasSuffix(phrase, "knife"):
		return stem[:len(stem)-1] + "ves"
	}
	for _, hiss := range []string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(phrase, hiss) {
			return phrase + "es"
		}
	}
	return ""
}

const (
	shortestStem  = 4 // letters; within a phrase of several words one fewer
	longestEnding = 3 // letters that may follow a stem: all endings of a Russian noun or adjective
)

// pathOf gives a phrase's way through the trie: its folded words, stems ended by a mark, with one space between words unless
// a Chinese character is beside it.
func pathOf(phrase string) []byte {
	var path []byte
	shortest := shortestStem
	if strings.Contains(phrase, " ") {
		shortest--
	}
	for word := range strings.FieldsSeq(phrase) {
		folded := watchlist.Fold(word)
		first, _ := utf8.DecodeRuneInString(folded)
		last, _ := utf8.DecodeLastRune(path)
		if len(path) > 0 && !isHan(first) && !isHan(last) {
			path = append(path, ' ')
		}
		path = append(path, folded...)
		if strings.HasSuffix(word, "*") {
			if utf8.RuneCountInString(folded) < shortest {
				panic(fmt.Errorf("lexicon: stem %q is too short", word))
			}
			path = append(path, stemMark)
		}
	}
	if len(path) == 0 {
		panic(fmt.Errorf("lexicon: %q has no words", phrase))
	}
	return path
}

func isHan(r rune) bool { return r >= 0x3400 && r <= 0x9FFF || r >= 0x20000 && r <= 0x3FFFF }
