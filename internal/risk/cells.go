package risk

import (
	"iter"
	"slices"
)

// Term is one line of the model's own account: what it looks at, and what came of that.
type Term struct {
	Name     string  // its factors, from the general to the particular
	Strength float64 // how many outcomes the more general rate is worth: high where values tell little
	Weight   float64 // how much it is believed beside the others; 0: it moves nothing
	Values   int     // values kept
}

// Terms gives every term; a contribution's Term is the place in it.
func (m *Model) Terms() []Term {
	terms := make([]Term, len(m.terms))
	for i, t := range m.terms {
		terms[i] = Term{Name: t.name, Strength: m.strength[i], Weight: m.weights[i], Values: len(m.index[i])}
	}
	return terms
}

// Cells gives everything the terms know, for the auditor: a value, as the factors that make it, and what it contributes.
func (m *Model) Cells() iter.Seq2[[]Factor, Contribution] {
	return func(yield func([]Factor, Contribution) bool) {
		for i := range m.nodes {
			n := &m.nodes[i]
			if !yield(m.path(n), Contribution{n.term, float64(n.steps) * step, int(n.seen), int(n.faults)}) {
				return
			}
		}
	}
}

func (m *Model) path(n *learned) (path []Factor) {
	for at := n; ; at = &m.nodes[at.parent] {
		path = append(path, Factor{m.factors[m.terms[at.term].factor], at.value})
		if at.parent < 0 {
			slices.Reverse(path)
			return path
		}
	}
}
