package risk

import (
	"iter"
	"math"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// Options say how a model is learned. A field that is zero takes its default.
type Options struct {
	Plan Plan
	// Repeat names the factors that together tell declarations of the very same goods, e.g. the seller and his article number.
	// Repeats of one thing say little more than the thing: they count together as one outcome in all terms, and what became of
	// them is a contribution of its own. A declaration of which one of the factors is not known repeats nothing.
	Repeat     []string
	Prior      float64       // share at fault assumed before anything is known; 0.02
	HalfLife   time.Duration // an outcome counts half after so long; by default all count alike
	Ridge      float64       // how much terms are held back that are hardly proved; 10
	Caution    float64       // multiplies how far rates are drawn towards the more general ones; 1
	MaxSamples int           // outcomes taken at most; 500,000
}

// The defaults of Options, and what else is fixed.
const (
	defaultPrior      = 0.02
	defaultRidge      = 10
	defaultMaxSamples = 500_000
	priorOutcomes     = 20 // the prior weighs as much as so many outcomes
	stretches         = 8  // of time, which terms are proved across
)

func (o *Options) complete() error {
	if o.Prior == 0 {
		o.Prior = defaultPrior
	}
	if o.Ridge == 0 {
		o.Ridge = defaultRidge
	}
	if o.Caution == 0 {
		o.Caution = 1
	}
	if o.MaxSamples == 0 {
		o.MaxSamples = defaultMaxSamples
	}
	within := func(x, low, high float64) bool { return x >= low && x <= high }
	if !within(o.Prior, 1e-6, 1-1e-6) || !within(o.Ridge, 1e-3, 1e6) || !within(o.Caution, 1e-3, 1e6) || o.HalfLife < 0 || o.MaxSamples < 0 {
		return fault.New(fault.Invalid, "risk_options", "the prior, ridge, caution, half-life or number of samples is out of bounds")
	}
	return nil
}

// Learn makes a model from outcomes, oldest first, in one pass. It holds eight bytes for each sample and term meanwhile. Without an
// outcome the model answers the prior. The same samples and options give the same model.
func Learn(samples iter.Seq[Sample], o Options) (*Model, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	s, err := o.Plan.compile(o.Repeat)
	if err != nil {
		return nil, err
	}
	c := newCourse(s)
	for sample := range samples {
		if len(c.fault) == o.MaxSamples {
			return nil, fault.New(fault.TooLarge, "risk_samples", "a model is learned from at most %d outcomes", o.MaxSamples)
		}
		c.take(sample)
	}
	return c.finish(o), nil
}

// node is a value of a term, within its parent's value.
type node struct {
	parent int32 // -1 at a path's beginning
	value  string
}

// cell is what was seen of a node.
type cell struct {
	node
	term         int
	seen, faults int32
	weight, sick float64 // the same, aged, and repeats counted as one
	rate         float64 // share at fault, drawn towards the parent's
	odds         float64 // its log-odds
}

// course is what has been taken in, and what follows from it.
type course struct {
	shape
	index  []map[node]int32 // by term: the cell of a node
	cells  []cell           // a parent stands before its children
	rows   []int32          // by sample and term: the cell, -1 for none
	fault  []bool           // by sample
	at     []time.Time      // by sample
	weight []float64        // by sample
	group  []int32          // by sample: which repeats it belongs to
	repeats
	base float64 // share at fault
}

func newCourse(s shape) *course {
	c := &course{shape: s, index: make([]map[node]int32, len(s.terms)), repeats: newRepeats()}
	for i := range c.index {
		c.index[i] = map[node]int32{}
	}
	return c
}

// take finds a sample's cells, new ones for what was not seen before.
func (c *course) take(s Sample) {
	var known [maxFactors]value
	c.sort(s.Factors, &known)
	first := len(c.rows)
	for i, t := range c.terms {
		number, parent := int32(-1), int32(-1)
		if t.parent >= 0 {
			parent = c.rows[first+t.parent]
		}
		if v := known[t.factor]; v.known && (t.parent < 0 || parent >= 0) {
			number = c.cell(i, node{parent, v.text})
		}
		c.rows = append(c.rows, number)
	}
	key, ok := c.repeatKey(&known)
	c.group = append(c.group, c.add(key, ok, s.AtFault))
	c.fault = append(c.fault, s.AtFault)
	c.at = append(c.at, s.At)
}

// cell gives the number of a node's cell.
func (c *course) cell(term int, n node) int32 {
	number, ok := c.index[term][n]
	if !ok {
		number = int32(len(c.cells))
		n.value = strings.Clone(n.value) // the caller's buffer may change
		c.index[term][n] = number
		c.cells = append(c.cells, cell{node: n, term: term})
	}
	return number
}

// finish makes the model.
func (c *course) finish(o Options) *Model {
	c.weigh(o.HalfLife)
	c.base = c.share(o.Prior)
	c.count(-1)
	strength := c.strengths(o.Caution)
	f := newFitting(c.columns(strength), c.fault, c.weight, o)
	f.run()
	c.expect(f.expected(), c.group)
	c.count(-1)
	c.estimate(strength)
	return c.model(f.intercept(), f.weights(), strength)
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
