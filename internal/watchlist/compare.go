package watchlist

import "math/bits"

// Threshold is the least Score that is a hit. It is where two names that agree in every word are some two letters of change apart, fewer for short names.
const Threshold = 0.8

// budget is how much change makes a pair of names score Threshold, by the letters that they have in common.
func budget(letters int32) float64 {
	switch {
	case letters <= 4:
		return 0.9
	case letters >= 7:
		return 2.05
	}
	return 0.9 + 0.38*float64(letters-4)
}

// scoreOf turns change into a score: 1 for none, Threshold where change is the budget, below falling ever slower to 0.
func scoreOf(change, budget float64) float64 {
	const steep = 2
	if r := change / budget; r > 1 {
		return Threshold / (1 + steep*(r-1))
	}
	return 1 - (1-Threshold)*change/budget
}

// verdict is how two names compare.
type verdict struct {
	change  float64 // in letters
	letters int32   // matched, of the shorter name
	matched int     // full words that match
	equal   bool    // in every word
}

func (v verdict) score() float64 {
	if v.equal {
		return 1
	}
	if v.matched == 0 {
		return 0
	}
	return scoreOf(v.change, budget(v.letters))
}

// What words cost that only one name has.
const (
	lonely         = 0.5  // of a person, who may leave out middle names
	lonelyOfOne    = 2.2  // where the other name is a single word, which is not enough to go by
	lonelyOfEntity = 2.2  // of a company or body, whose every word counts
	conflict       = 2.6  // both names have such a word: two patronymics, two surnames
	otherNumber    = 1.2  // the second ship, the sixth fund
	lonelyTitle    = 0.1  // Doctor
	lonelyParticle = 0.05 // al
	lonelyInitial  = 0.3
)

// judge sums up an alignment.
func (l *alignment) judge() verdict {
	individual := l.individual
	var v verdict
	exact := true
	for _, p := range l.pairs {
		cost := float64(p.cost) * l.importance(p)
		v.change += cost
		exact = exact && p.how == Equal
		if letters := l.significant(p, individual); letters > 0 {
			v.letters += letters
			if p.how != Initial {
				v.matched++
			}
		}
	}
	left, right := l.rest(l.a, l.usedA, individual), l.rest(l.b, l.usedB, individual)
	v.equal = exact && left.words+right.words == 0 && len(l.pairs) > 0
	if v.matched == 0 && !v.equal {
		return v
	}
	v.change += left.small + right.small
	if individual {
		v.change += l.missing(left, right, v.matched)
	} else {
		v.change += l.foreign(left, right)
	}
	return v
}

// importance is how much change in a pair of words counts: little in words that tell little.
func (l *alignment) importance(p pair) float64 {
	return max(l.importanceOf(leadOf(l.a, p.a)), l.importanceOf(leadOf(l.b, p.b)))
}

func (l *alignment) importanceOf(p piece) float64 {
	switch {
	case p.class == form && !l.individual, p.class == particle:
		return 0.3
	case p.class == title:
		return 0.5
	}
	return 1
}

// leadOf is the first word of a set.
func leadOf(pieces []piece, set uint32) piece {
	return pieces[bits.TrailingZeros32(set)]
}

// significant is how many letters of a pair tell one name from another.
func (l *alignment) significant(p pair, individual bool) int32 {
	return min(lettersIn(l.a, p.a, individual), lettersIn(l.b, p.b, individual))
}

func lettersIn(pieces []piece, set uint32, individual bool) (letters int32) {
	for i, p := range pieces {
		if set&(1<<i) == 0 || p.class == particle || p.class == title && individual || p.class == form && !individual ||
			!individual && p.generic && p.company.weight == 0 {
			continue
		}
		letters += p.letters
	}
	return letters
}

// rest is what of one name the other does not have.
type rest struct {
	words    int     // all of them
	full     int     // words that tell people apart
	initials int     // letters for such words
	numbers  int     // what counts
	weight   float64 // of the words of a company
	small    float64 // change by words that tell little
}

func (l *alignment) rest(pieces []piece, used uint32, individual bool) (r rest) {
	for i, p := range pieces {
		if used&(1<<i) != 0 {
			continue
		}
		r.words++
		switch {
		case p.class == form && !individual: // which form it is says nothing
			r.words--
			r.small += 0.02
		case p.class == particle:
			r.small += lonelyParticle
		case p.class == title && individual:
			r.small += lonelyTitle
		case p.number:
			r.numbers++
		case individual && p.initial():
			r.initials++
		case individual:
			r.full++
		case p.generic:
			r.weight += p.company.weight
		default:
			r.weight++
		}
	}
	return r
}

// missing is the change by words of a person that only one name has, or each another.
func (l *alignment) missing(left, right rest, matched int) float64 {
	left.full += left.numbers
	right.full += right.numbers
	change := lonelyInitial * float64(left.initials+right.initials)
	less, more := min(left.full, right.full), max(left.full, right.full)
	change += conflict * float64(less)
	switch extra := more - less; {
	case extra == 0:
	case matched == 1:
		change += lonelyOfOne * float64(extra)
	default:
		change += lonely * float64(extra)
		if extra > matched+1 {
			change += lonely * float64(extra-matched-1)
		}
	}
	return change
}

// foreign is the change by words of a company that only one name has, or each another.
func (l *alignment) foreign(left, right rest) float64 {
	change := lonelyOfEntity * (left.weight + right.weight)
	if left.weight > 0 && right.weight > 0 {
		change *= 1.25
	}
	same := min(left.numbers, right.numbers)
	change += otherNumber * float64(same)
	return change + lonelyOfEntity*float64(left.numbers+right.numbers-2*same)
}
