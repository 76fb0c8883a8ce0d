package watchlist

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// How tells in what a word of one name is the same as one of the other.
type How string

// The ways in which words match.
const (
	Equal           How = "equal"           // case, accents and punctuation aside
	Spelling        How = "spelling"        // typed or written differently
	Transliteration How = "transliteration" // in another script
	Initial         How = "initial"         // one is the other's first letter
	Joined          How = "joined"          // one word here, several there
	Nickname        How = "nickname"        // forms of one given name
	Form            How = "form"            // corporate forms, or words that all companies use, in different writings
	Unmatched       How = "unmatched"       // only one of the names has it
)

// pair is words of one name that match words of the other.
type pair struct {
	a, b uint32 // bit sets of places
	cost float32
	gain float32
	how  How
}

// alignment finds which words of two names are the same.
type alignment struct {
	a, b         []piece
	met          []*meeting // of b's words with those of a
	pairs        []pair     // chosen
	found        []pair
	usedA, usedB uint32
	individual   bool
}

// align pairs the words of two names, nearest and longest first; no word twice. Their order does not matter. met is what each of b's words
// is to those of a; individual tells whose names they are.
func (l *alignment) align(a, b []piece, met []*meeting, individual bool) {
	l.a, l.b, l.met, l.individual = a, b, met, individual
	l.pairs, l.found = l.pairs[:0], l.found[:0]
	l.usedA, l.usedB = 0, 0
	for i := range a {
		for j := range b {
			l.match(i, j)
		}
	}
	l.joinsOf()
	l.joinedIn()
	l.choose()
}

func (l *alignment) match(i, j int) {
	p, q := &l.a[i], &l.b[j]
	forms := p.class == form && q.class == form
	if l.met[j].near&(1<<i) == 0 && !forms && !l.individual {
		return
	}
	if p.class != q.class && (p.class == particle || q.class == particle) && p.text != q.text {
		return
	}
	d := l.met[j].distances[i]
	if forms && d.cost > 0 {
		d = distance{min(d.cost, 0.1), Form}
	}
	if d.cost >= far {
		if !l.individual || !standsFor(p.token, q.token) {
			return
		}
		d = distance{0.4, Initial}
	}
	letters := float32(min(p.letters, q.letters))
	l.found = append(l.found, pair{1 << i, 1 << j, d.cost, letters - 2.5*d.cost, d.how})
}

// standsFor tells whether one of two words is the other's initial.
func standsFor(a, b *token) bool {
	if b.initial() {
		a, b = b, a
	}
	return a.initial() && !b.initial() && b.class == ordinary && strings.HasPrefix(b.spelled[0], a.spelled[0])
}

func (l *alignment) choose() {
	slices.SortFunc(l.found, func(p, q pair) int {
		if p.gain != q.gain {
			return cmp.Compare(q.gain, p.gain)
		}
		if p.cost != q.cost {
			return cmp.Compare(p.cost, q.cost)
		}
		return l.byText(p, q)
	})
	for _, p := range l.found {
		if p.a&l.usedA == 0 && p.b&l.usedB == 0 {
			l.pairs = append(l.pairs, p)
			l.usedA |= p.a
			l.usedB |= p.b
		}
	}
}

// byText orders pairs by what they pair, whichever name comes first. One word may stand twice in a name, as a word and in a corporate form:
// like goes with like.
func (l *alignment) byText(p, q pair) int {
	x, y := ordered(wordsAt(l.a, p.a), wordsAt(l.b, p.b))
	v, w := ordered(wordsAt(l.a, q.a), wordsAt(l.b, q.b))
	if c := cmp.Or(cmp.Compare(x, v), cmp.Compare(y, w)); c != 0 {
		return c
	}
	i, j := ordered(leadOf(l.a, p.a).class, leadOf(l.b, p.b).class)
	m, n := ordered(leadOf(l.a, q.a).class, leadOf(l.b, q.b).class)
	return cmp.Or(cmp.Compare(j-i, n-m), cmp.Compare(i, m))
}

func ordered[T cmp.Ordered](a, b T) (first, second T) {
	if b < a {
		return b, a
	}
	return a, b
}

// wordsAt is the text of the words of a set.
func wordsAt(pieces []piece, set uint32) string {
	text := pieces[bits.TrailingZeros32(set)].text
	for set &= set - 1; set != 0; set &= set - 1 {
		text += " " + pieces[bits.TrailingZeros32(set)].text
	}
	return text
}
