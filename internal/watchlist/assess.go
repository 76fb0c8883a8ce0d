package watchlist

import (
	"cmp"
	"slices"
)

// How much the words that match must tell together, in bits. Among N listed names, an innocent one meets words that tell b bits with a chance
// of about N / 2^b; but a name that agrees in every word is a sign in itself. What is missing counts as change.
const (
	needBits         = 9  // every word of both names matches, and at most one is misspelt
	needIfFar        = 13 // more, where the words differ by more than a slip of the pen
	needIfShort      = 8  // more, for a listed person's middle name that is missing
	needIfForeign    = 15 // more, for a word that only the query has, and for a family name that is missing
	needEachMissing  = 4  // more, for each further one
	needOtherName    = 12 // more, for a word that is a name of its own and not a slip
	needAbjad        = 13 // more, between Latin letters and a script without vowels
	needSyllabic     = 16 // more, between Latin letters and Han or Hangul, where many characters share a syllable
	needIfWeak       = 8  // more, for a weak alias
	needOfEntity     = 8
	changePerBit     = 2.0
	fewLetters       = 3
	toldByFewLetters = 5                            // less, by a word of so few letters that is misspelt
	toldByNickname   = 4                            // less
	bitsPerChange    = 2                            // what a word tells less for each letter of change
	leastInPart      = needBits + needIfForeign - 2 // below this no match is a hit that leaves out a word of the query
	leastBits        = 7                            // below this no match is a hit, unless it is equal
	slip             = 1.1                          // the change of one letter
	leastOfChange    = 0.45                         // the change from which a word is misspelt, and not another clerk's spelling
	leastOfName      = 0.38                         // the change from which a common name is another name
	leastOfListed    = 0.55                         // and one that is listed
)

// What else is known of both sides counts as change too.
const (
	weakAlias    = 0.6
	otherKind    = 0.5
	otherBirth   = 2.2 // born in other years
	sameBirth    = -0.6
	otherCountry = 0.4
	sameCountry  = -0.2
)

// assess scores an entry against the query.
func (s *search) assess(entry int32) float64 {
	e := &s.x.entries[entry]
	s.align(entry)
	v := s.alignment.judge()
	if v.matched == 0 && !v.equal {
		return 0
	}
	change := v.change
	if v.equal {
		change = 0
	}
	if !v.equal || e.Weak {
		change += changePerBit * max(0, s.needed(entry)-s.told())
	}
	change = max(0, change+s.evidence(e))
	return scoreOf(change, budget(v.letters))
}

func (s *search) align(entry int32) {
	s.listed, s.met = s.listed[:0], s.met[:0]
	for _, p := range s.x.wordsOf(entry) {
		s.listed = append(s.listed, piece{s.x.tokens[p.token], p.class, p.core})
		s.met = append(s.met, s.meet(p.token))
	}
	s.alignment.align(s.room, s.listed, s.met, s.x.entries[entry].Kind == Individual)
}

// meet gives what a listed word is to those of the query.
func (s *search) meet(token int32) *meeting {
	if at := &s.encounters[token]; at.round != s.round {
		var m meeting
		m, s.distances = meet(s.x.tokens[token], s.room, s.distances)
		*at = encounter{s.round, int32(len(s.meetings))}
		s.meetings = append(s.meetings, m)
	}
	return &s.meetings[s.encounters[token].at]
}

// needed is how many bits the words that match must tell.
func (s *search) needed(entry int32) float64 {
	e, l := &s.x.entries[entry], &s.alignment
	need, cost, hard := float64(needBits), float32(0), 0
	if !l.individual {
		need = needOfEntity
	}
	if e.Weak {
		need += needIfWeak
	}
	syllabic, consonants := false, false
	for _, p := range l.pairs {
		cost += p.cost
		if p.cost > leastOfChange {
			hard++
		}
		if s.otherName(p) {
			need += needOtherName
		}
		a, b := leadOf(l.a, p.a), leadOf(l.b, p.b)
		if a.script != b.script {
			syllabic = syllabic || a.script >= han || b.script >= han
			consonants = consonants || a.script == abjad || b.script == abjad
		}
	}
	switch {
	case syllabic:
		need += needSyllabic
	case consonants:
		need += needAbjad
	}
	if cost > slip || hard > 1 {
		need += needIfFar
	}
	if l.individual {
		need += l.neededForMissing(s.x.names[entry].family)
	}
	return need
}

// neededForMissing is how much more is needed because of words that only one of a person's names has.
// family tells whether it is known which words are the listed family name: then one of the others has to match.
func (l *alignment) neededForMissing(family bool) float64 {
	core, inner, given := 0, 0, !family
	for i, p := range l.b {
		matched := l.usedB&(1<<i) != 0
		given = given || matched && !p.core && p.class == ordinary
		switch {
		case matched || p.class == particle || p.class == title:
		case p.core:
			core++
		default:
			inner++
		}
	}
	foreign := l.rest(l.a, l.usedA, true)
	extra := foreign.full + foreign.initials
	need := 0.0
	if core > 0 || inner > 0 && !given {
		need += needIfForeign
	} else if inner > 0 {
		need += needIfShort
	}
	need += needEachMissing * float64(max(core+inner-1, 0))
	if extra > 0 {
		need += needIfForeign + needEachMissing*float64(extra-1)
	}
	return need
}

// otherName tells whether a word of the query that is taken for a listed one is known as another name.
func (s *search) otherName(p pair) bool {
	if p.cost < leastOfName || p.how != Spelling && p.how != Nickname && p.how != Transliteration {
		return false
	}
	a, b := leadOf(s.room, p.a), leadOf(s.listed, p.b)
	if a.common && a.script <= spoken {
		return true
	}
	if a.script != b.script || p.cost < leastOfListed {
		return false
	}
	return a.at >= 0 && a.family() != b.family()
}

// told is how many bits the words tell that match.
func (s *search) told() float64 {
	sum := float32(0)
	for _, p := range s.alignment.pairs {
		bits := float32(0)
		for i, q := range s.listed {
			if p.b&(1<<i) != 0 && q.class != form {
				bits += s.x.bits[q.at]
			}
		}
		if p.how == Initial {
			bits = min(bits, 3)
		}
		if p.how == Nickname {
			bits -= toldByNickname
		}
		if p.cost > leastOfChange && min(lettersIn(s.room, p.a, true), lettersIn(s.listed, p.b, true)) <= fewLetters {
			bits -= toldByFewLetters
		}
		sum += max(0, bits-bitsPerChange*p.cost)
	}
	return float64(sum)
}

// evidence is the change by what else both sides say.
func (s *search) evidence(e *Entry) float64 {
	q := &s.query
	change := 0.0
	if e.Weak {
		change += weakAlias
	}
	if q.Kind != "" && e.Kind != "" && q.Kind != e.Kind {
		change += otherKind
	}
	switch q.birth(e) {
	case Agrees:
		change += sameBirth
	case Differs:
		change += otherBirth
	}
	switch q.country(e) {
	case Agrees:
		change += sameCountry
	case Differs:
		change += otherCountry
	}
	return change
}

func (q *Query) birth(e *Entry) Evidence {
	switch {
	case q.Birth == "" || len(e.Births) == 0 || e.Kind != Individual:
		return ""
	case bornAlike(q.Birth, e.Births):
		return Agrees
	}
	return Differs
}

func (q *Query) country(e *Entry) Evidence {
	switch {
	case q.Country == "" || len(e.Countries) == 0:
		return ""
	case slices.Contains(e.Countries, q.Country):
		return Agrees
	}
	return Differs
}

// bornAlike tells whether a birth may be one of the listed: the same year, or the next, for lists are often unsure.
func bornAlike(birth string, listed []string) bool {
	year, ok := yearOf(birth)
	for _, other := range listed {
		y, known := yearOf(other)
		if !ok || !known || year-y <= 1 && y-year <= 1 {
			return true
		}
	}
	return false
}

func yearOf(date string) (year int, ok bool) {
	const digits = 4
	if len(date) < digits {
		return 0, false
	}
	for _, c := range []byte(date[:digits]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		year = 10*year + int(c-'0')
	}
	return year, true
}

// report appends the best hit of each party.
func (s *search) report(dst []Match) []Match {
	entries := s.x.entries
	slices.SortFunc(s.hits, func(a, b hit) int {
		e, f := &entries[a.entry], &entries[b.entry]
		return cmp.Or(cmp.Compare(b.score, a.score), byFlag(f.Primary, e.Primary), cmp.Compare(e.List, f.List), cmp.Compare(e.ID, f.ID), cmp.Compare(a.entry, b.entry))
	})
	first := len(dst)
	for _, h := range s.hits {
		e := &entries[h.entry]
		known := slices.ContainsFunc(dst[first:], func(m Match) bool { return m.Entry.ID == e.ID && m.Entry.List == e.List })
		if known || len(dst)-first == mostMatches {
			continue
		}
		s.align(h.entry)
		dst = append(dst, Match{Entry: *e, Score: h.score, Words: s.alignment.words(), Birth: s.query.birth(e), Country: s.query.country(e)})
	}
	return dst
}

func byFlag(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
