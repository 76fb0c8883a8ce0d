package risk

import (
	"cmp"
	"math"
	"slices"
)

// step is the unit of log-odds: contributions are whole numbers of it, so they add up exactly, and on every machine alike.
// Beyond farthest nothing is surer.
const (
	step     = 1e-4
	farthest = 100 / step
)

// Model is what was learned. It never changes, and any number of goroutines may use it.
type Model struct {
	shape
	base     int32            // log-odds of a declaration of which nothing is known, in steps
	weights  []float64        // by term: how much it is believed beside the others
	strength []float64        // by term: how many outcomes its parent's rate is worth
	index    []map[node]int32 // by term: the place of a node
	nodes    []learned        // by term, parent and value
	trust    float64          // how many outcomes of repeats all the terms are worth
	repeated map[uint64]tally
	total    tally
	version  string
}

// learned is what is known of a node.
type learned struct {
	node
	tally
	term  int
	steps int32 // its contribution
}

// tally is a number of outcomes.
type tally struct{ seen, faults int32 }

// model keeps of what was learned what can move a score.
func (c *course) model(intercept float64, weights, strength []float64) *Model {
	m := &Model{
		shape: c.shape, base: toSteps(intercept), weights: weights, strength: strength, trust: c.strength(),
		repeated: make(map[uint64]tally, len(c.byKey)),
	}
	for _, g := range c.groups {
		m.total.seen += g.seen
		m.total.faults += g.faults
		if !g.alone {
			m.repeated[g.key] = tally{g.seen, g.faults}
		}
	}
	m.nodes = c.living(weights)
	m.index = indexOf(m.nodes, len(m.terms))
	m.version = versionOf(m.Encode())
	return m
}

// living is the cells that move scores, and those above them, by term, parent and value.
func (c *course) living(weights []float64) []learned {
	steps, alive := make([]int32, len(c.cells)), make([]bool, len(c.cells))
	byTerm := make([][]int32, len(c.terms))
	for i := len(c.cells) - 1; i >= 0; i-- { // children before their parents
		at := &c.cells[i]
		steps[i] = toSteps(weights[at.term] * c.step(at))
		if alive[i] = alive[i] || steps[i] != 0; alive[i] {
			byTerm[at.term] = append(byTerm[at.term], int32(i))
			if at.parent >= 0 {
				alive[at.parent] = true
			}
		}
	}
	var nodes []learned
	place := make([]int32, len(c.cells))
	for _, cells := range byTerm {
		placed := func(number int32) node {
			n := c.cells[number].node
			if n.parent >= 0 {
				n.parent = place[n.parent]
			}
			return n
		}
		slices.SortFunc(cells, func(a, b int32) int { return placed(a).compare(placed(b)) })
		for _, number := range cells {
			place[number] = int32(len(nodes))
			at := &c.cells[number]
			nodes = append(nodes, learned{placed(number), tally{at.seen, at.faults}, at.term, steps[number]})
		}
	}
	return nodes
}

func (n node) compare(o node) int {
	return cmp.Or(cmp.Compare(n.parent, o.parent), cmp.Compare(n.value, o.value))
}

// indexOf finds nodes by term.
func indexOf(nodes []learned, terms int) []map[node]int32 {
	index := make([]map[node]int32, terms)
	for i := range index {
		index[i] = map[node]int32{}
	}
	for i, n := range nodes {
		index[n.term][n.node] = int32(i)
	}
	return index
}

func toSteps(odds float64) int32 { return int32(math.Round(max(-farthest, min(odds/step, farthest)))) }
