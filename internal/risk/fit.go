package risk

import (
	"math"
	"slices"
)

// The limits of a fit.
const (
	rounds   = 30
	sweeps   = 200
	halvings = 30
	near     = 1e-5
)

// fitting learns how much each column is to be believed beside the others: logistic regression by Newton's method, with weights never
// below zero, so that a rate above its parent's never speaks for a declaration, and held towards zero by a ridge. The last
// coefficient is the intercept, the log-odds of a declaration of which nothing is known; the prior holds it, as outcomes of such declarations.
type fitting struct {
	columns  [][]float32
	outcome  []bool
	weight   []float64
	ridge    float64
	prior    float64
	beta     []float64
	gradient []float64
	curve    []float64 // second derivatives, row by row
	n        int
}

func newFitting(columns [][]float32, outcome []bool, weight []float64, o Options) *fitting {
	n := len(columns) + 1
	f := &fitting{columns: columns, outcome: outcome, weight: weight, ridge: o.Ridge, prior: o.Prior, n: n}
	f.beta, f.gradient, f.curve = make([]float64, n), make([]float64, n), make([]float64, n*n)
	f.beta[n-1] = logit(o.Prior)
	return f
}

func (f *fitting) intercept() float64 { return f.beta[f.n-1] }
func (f *fitting) weights() []float64 { return f.beta[:f.n-1] }

func (f *fitting) run() {
	for range rounds {
		if f.round() < near {
			return
		}
	}
}

// round goes one step of Newton's and gives the furthest that a coefficient moved.
func (f *fitting) round() float64 {
	f.derive()
	before := slices.Clone(f.beta)
	target := slices.Clone(f.gradient) // what curve times the new beta must be
	for i := range f.n {
		for j, b := range before {
			target[i] += f.curve[i*f.n+j] * b
		}
	}
	f.descend(target)
	return f.shorten(before)
}

// shorten goes less far from where beta was until it is no worse a place: where the samples are few, Newton's step goes too far.
// It gives the furthest that a coefficient moved.
func (f *fitting) shorten(before []float64) (moved float64) {
	worth := f.worth(before)
	for range halvings {
		if f.worth(f.beta) >= worth {
			break
		}
		for i, b := range before {
			f.beta[i] = (f.beta[i] + b) / 2
		}
	}
	for i, b := range f.beta {
		moved = max(moved, math.Abs(b-before[i]))
	}
	return moved
}

// worth is the log-likelihood of coefficients, less what the ridge takes.
func (f *fitting) worth(beta []float64) float64 {
	at := fitting{columns: f.columns, beta: beta, n: f.n}
	x := make([]float64, f.n)
	sum := priorOutcomes * (f.prior*logSigmoid(at.intercept()) + (1-f.prior)*logSigmoid(-at.intercept()))
	for row, sick := range f.outcome {
		odds := at.odds(row, x)
		if !sick {
			odds = -odds
		}
		sum += f.weight[row] * logSigmoid(odds)
	}
	for _, w := range at.weights() {
		sum -= f.ridge * w * w / 2
	}
	return sum
}

// logSigmoid is the logarithm of a sigmoid, also where that is too small for a number.
func logSigmoid(x float64) float64 {
	if x < 0 {
		return x - math.Log1p(math.Exp(x))
	}
	return -math.Log1p(math.Exp(-x))
}

// derive finds gradient and curve of the log-likelihood at beta.
func (f *fitting) derive() {
	clear(f.gradient)
	clear(f.curve)
	x := make([]float64, f.n)
	x[f.n-1] = 1
	unknown := sigmoid(f.intercept())
	f.add(x, priorOutcomes*(f.prior-unknown), priorOutcomes*unknown*(1-unknown))
	for row, sick := range f.outcome {
		p, y := sigmoid(f.odds(row, x)), 0.0
		if sick {
			y = 1
		}
		f.add(x, f.weight[row]*(y-p), f.weight[row]*p*(1-p))
	}
	for i := range f.n {
		for j := range i {
			f.curve[j*f.n+i] = f.curve[i*f.n+j]
		}
	}
}

// odds puts a sample's columns into x and gives its log-odds.
func (f *fitting) odds(row int, x []float64) float64 {
	sum := f.intercept()
	for i, column := range f.columns {
		x[i] = float64(column[row])
		sum += f.beta[i] * x[i]
	}
	return sum
}

// add adds a sample to the derivatives, to the lower half of the curve only.
func (f *fitting) add(x []float64, pull, bend float64) {
	for i, xi := range x {
		if xi == 0 {
			continue
		}
		f.gradient[i] += pull * xi
		line := f.curve[i*f.n : i*f.n+i+1]
		for j := range line {
			line[j] += bend * xi * x[j]
		}
	}
}

// descend solves for beta coefficient by coefficient; none but the intercept goes below zero.
func (f *fitting) descend(target []float64) {
	for range sweeps {
		moved := 0.0
		for i := range f.n {
			rest, held := target[i], f.ridge
			for j, b := range f.beta {
				if j != i {
					rest -= f.curve[i*f.n+j] * b
				}
			}
			if i == f.n-1 {
				held = 0
			}
			next := rest / (f.curve[i*f.n+i] + held)
			if i < f.n-1 {
				next = max(next, 0)
			}
			moved = max(moved, math.Abs(next-f.beta[i]))
			f.beta[i] = next
		}
		if moved < near/10 {
			return
		}
	}
}

// expected is how likely every sample is to be at fault, learned from other stretches of time than its own.
func (f *fitting) expected() []float64 {
	expected, x := make([]float64, len(f.outcome)), make([]float64, f.n)
	for row := range expected {
		expected[row] = sigmoid(f.odds(row, x))
	}
	return expected
}
