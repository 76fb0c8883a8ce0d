package screening

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// topic is what a phrase of the lexicon tells of the goods.
type topic int

const (
	forbidden topic = iota // names goods that may not leave
	harmless               // says that a forbidden word within it means something else
	battery                // says that a lithium battery is there
	vague                  // says nothing
	likeness               // at the end of a name: the thing is a likeness of what stands before
)

// term is a phrase of the lexicon.
type term struct {
	topic    topic
	phrase   string
	language string      // en, zh or ru
	lane     parcel.Lane // of a forbidden one, as the rest
	names    string
	source   string
}

// lexicon finds all its phrases in a text in one pass. Text and phrases are folded and cut into units: a word is one, and
// within a word each Han character is, since Chinese does not mark where words end. So "gun" is not found in "begun", and
// "手枪" is wherever it stands. The phrases are a trie over units.
type lexicon struct {
	words map[string]int32 // exact words to unit numbers, from 1
	stems map[string]int32 // beginnings of words
	next  map[step]int32   // the trie's edges
	terms []*term          // by node; nil where no phrase ends
}

type step struct{ node, unit int32 }

var words = loadLexicon()

func loadLexicon() *lexicon {
	l := &lexicon{words: map[string]int32{}, stems: map[string]int32{}, next: map[step]int32{}, terms: []*term{nil}}
	for _, row := range readTable("prohibited.csv", "phrase", "language", "lane", "names", "source") {
		l.add(term{forbidden, row[0], row[1], laneOf(row[2]), row[3], sourceOf(row[4])})
	}
	for _, row := range readTable("harmless.csv", "phrase", "language", "because") {
		l.add(term{topic: harmless, phrase: row[0], language: row[1], names: row[2]})
	}
	for _, row := range readTable("batteries.csv", "phrase", "language") {
		l.add(term{topic: battery, phrase: row[0], language: row[1]})
	}
	for _, row := range readTable("vague.csv", "phrase", "language") {
		l.add(term{topic: vague, phrase: row[0], language: row[1]})
	}
	for _, row := range readTable("likenesses.csv", "phrase", "language") {
		l.add(term{topic: likeness, phrase: row[0], language: row[1]})
	}
	return l
}

// add puts a phrase into the trie. A phrase that is there already, or has no words, is a broken table.
func (l *lexicon) add(t term) {
	node := int32(0)
	for word := range strings.FieldsSeq(t.phrase) {
		stem := strings.HasSuffix(word, "*")
		folded := []byte(watchlist.Fold(word))
		for from := 0; from < len(folded); {
			to := unitEnd(folded, from)
			node = l.child(node, l.number(string(folded[from:to]), stem))
			from = to
		}
	}
	if node == 0 || l.terms[node] != nil {
		panic(fmt.Errorf("lexicon: %q has no words or is there twice", t.phrase))
	}
	l.terms[node] = &t
}

// number gives a unit its number. A stem must be long enough to mean something.
func (l *lexicon) number(unit string, stem bool) int32 {
	known := l.words
	if stem {
		known = l.stems
		if utf8.RuneCountInString(unit) < shortestStem {
			panic(fmt.Errorf("lexicon: stem %q is too short", unit))
		}
	}
	if known[unit] == 0 {
		known[unit] = int32(len(l.words) + len(l.stems) + 1)
	}
	return known[unit]
}

func (l *lexicon) child(node, unit int32) int32 {
	at := step{node, unit}
	if l.next[at] == 0 {
		l.next[at] = int32(len(l.terms))
		l.terms = append(l.terms, nil)
	}
	return l.next[at]
}

const (
	shortestStem  = 4 // letters
	longestEnding = 3 // letters that may follow a stem: all endings of a Russian noun or adjective
)

// lookUp gives a unit's numbers, 0 for those it has not: as it stands, and as the English plural or the inflected Russian word
// that it may be. A text's word can be both, "кости" of "кости тигр*" and of "слонов* кост*"; where it stands decides.
func (l *lexicon) lookUp(word []byte) (exact, root int32) {
	exact = l.words[string(word)]
	switch last := len(word) - 1; {
	case word[last] == 's' && last >= 3:
		root = l.words[string(word[:last])]
	case word[0] == cyrillicLead || word[0] == cyrillicLead+1:
		root = l.lookUpStem(word)
	}
	return exact, root
}

// cyrillicLead is the first of the two bytes that Russian letters begin with in UTF-8.
const cyrillicLead = 0xD0

func (l *lexicon) lookUpStem(word []byte) int32 {
	for range longestEnding + 1 {
		if n := l.stems[string(word)]; n != 0 {
			return n
		}
		_, size := utf8.DecodeLastRune(word)
		word = word[:len(word)-size]
	}
	return 0
}

// unitEnd gives where the unit that begins at from ends. Folded text has words of letters, digits and marks, and spaces.
func unitEnd(text []byte, from int) int {
	for at := from; at < len(text); {
		if text[at] == ' ' {
			return at
		}
		r, size := utf8.DecodeRune(text[at:])
		if isHan(r) {
			if at == from {
				return at + size
			}
			return at
		}
		at += size
	}
	return len(text)
}

func isHan(r rune) bool { return r >= 0x3400 && r <= 0x9FFF || r >= 0x20000 && r <= 0x3FFFF }
