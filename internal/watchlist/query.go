package watchlist

import "cmp"

// Query is whom to look for, or one of two to compare. Only the name is needed.
type Query struct {
	Name    string
	Kind    string // Individual, Entity, or "" where it is not known
	Country string // of citizenship or address: ISO 3166-1 alpha-2, or its English name; what is neither is not known
	Birth   string // ISO date, or year
}

// Match is a listed party whose name is near a query's.
type Match struct {
	Entry Entry
	Score float64 // 0 to 1; see Threshold
	Words []WordMatch

	Birth, Country Evidence // what they say beside the name
}

// Evidence tells whether what a query and an entry say of the same thing agrees; "" where one of them does not say it.
type Evidence string

// What evidence says.
const (
	Agrees  Evidence = "agrees"
	Differs Evidence = "differs"
)

// WordMatch is words of the query and of the entry that are the same, or a word that only one of them has: then the other is "".
// Words are folded.
type WordMatch struct {
	Query, Entry string
	How          How
}

// Compare tells how near two names are, as if b were a listed party's. Equal names score 1. It is for a pair without lists: how common the
// names are, it does not know. Compare(a, b) scores as Compare(b, a) does.
func Compare(a, b Query) Match {
	var roomA, roomB [maxWords + 4]piece
	x := splitName(a.Name, roomA[:0], tokenOf)
	y := splitName(b.Name, roomB[:0], tokenOf)
	kind := cmp.Or(a.Kind, b.Kind)
	met := make([]*meeting, len(y.pieces))
	for i := range met {
		m, _ := meet(y.pieces[i].token, x.pieces, nil)
		met[i] = &m
	}
	var l alignment
	l.align(x.pieces, y.pieces, met, kind == Individual || kind == "" && !x.forms && !y.forms)
	v := l.judge()
	return Match{Entry: Entry{Name: b.Name, Kind: kind}, Score: v.score(), Words: l.words()}
}

func tokenOf(word []byte) *token { return newToken(string(word)) }

// words says what was matched with what, in the order of the query's words, then what is left of the entry's.
func (l *alignment) words() []WordMatch {
	var all []WordMatch
	for i, p := range l.a {
		bit := uint32(1) << i
		if l.usedA&bit == 0 {
			all = append(all, WordMatch{Query: p.text, How: Unmatched})
			continue
		}
		for _, q := range l.pairs {
			if q.a&bit != 0 && q.a&(bit-1) == 0 {
				all = append(all, WordMatch{Query: wordsAt(l.a, q.a), Entry: wordsAt(l.b, q.b), How: q.how})
			}
		}
	}
	for i, p := range l.b {
		if l.usedB&(1<<i) == 0 {
			all = append(all, WordMatch{Entry: p.text, How: Unmatched})
		}
	}
	return all
}
