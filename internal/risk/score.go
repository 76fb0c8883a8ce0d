package risk

import (
	"cmp"
	"math"
	"slices"
)

// Score says how likely a declaration with these factors is to be at fault. Contributions are written over because, which may
// be that of an earlier score, or nil; with room enough in it nothing is allocated. Factors that stand in the order of Factors are found
// the fastest. A model without outcomes answers its prior.
func (m *Model) Score(factors []Factor, because []Contribution) Score {
	var known [maxFactors]value
	m.sort(factors, &known)
	because = m.climb(&known, because[:0])
	sum := m.base
	for _, c := range because {
		sum += toSteps(c.LogOdds)
	}
	if key, ok := m.repeatKey(&known); ok {
		if t, ok := m.repeated[key]; ok {
			moved := m.recall(t, sum)
			sum += moved
			because = append(because, Contribution{len(m.terms), float64(moved) * step, int(t.seen), int(t.faults)})
		}
	}
	slices.SortStableFunc(because, func(a, b Contribution) int { return cmp.Compare(math.Abs(b.LogOdds), math.Abs(a.LogOdds)) })
	odds := float64(sum) * step
	return Score{P: sigmoid(odds), LogOdds: odds, Because: because}
}

// climb follows every path as far as its values have been seen.
func (m *Model) climb(known *[maxFactors]value, because []Contribution) []Contribution {
	var place [maxTerms]int32
	for i := range m.terms {
		t, parent := &m.terms[i], int32(-1)
		place[i] = -1
		if t.parent >= 0 {
			if parent = place[t.parent]; parent < 0 {
				continue
			}
		}
		if !known[t.factor].known {
			continue
		}
		at, ok := m.index[i][node{parent, known[t.factor].text}]
		if !ok {
			continue
		}
		place[i] = at
		if n := &m.nodes[at]; n.steps != 0 {
			because = append(because, Contribution{i, float64(n.steps) * step, int(n.seen), int(n.faults)})
		}
	}
	return because
}

// recall is how far what became of the very same goods moves what all the terms say.
func (m *Model) recall(t tally, sum int32) int32 {
	p := sigmoid(float64(sum) * step)
	p = max(1e-9, min(p, 1-1e-9))
	return toSteps(logit((float64(t.faults)+m.trust*p)/(float64(t.seen)+m.trust))) - sum
}

// Factors are the names of the factors the model looks at.
func (m *Model) Factors() []string { return slices.Clone(m.factors) }

// RepeatTerm is the name of the term for what became of the very same goods.
const RepeatTerm = "identical goods"

// Name is the name of a contribution's term: its factors, from the general to the particular, or RepeatTerm.
func (m *Model) Name(term int) string {
	if term == len(m.terms) {
		return RepeatTerm
	}
	return m.terms[term].name
}

// Base is the log-odds of a declaration of which nothing is known, the start that contributions are added to.
func (m *Model) Base() float64 { return float64(m.base) * step }

// Outcomes are how many outcomes the model was learned from, and how many of those were at fault.
func (m *Model) Outcomes() (inspected, atFault int) { return int(m.total.seen), int(m.total.faults) }

// Version names the model by its content: the SHA-256 of its encoding, in hex.
func (m *Model) Version() string { return m.version }
