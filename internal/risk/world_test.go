package risk_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/risk"
)

// The plan that most tests learn by.
var plan = risk.Plan{{"hs2", "hs4"}, {"seller", "hs4"}, {"origin"}, {"colour"}}

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// known is a sample's factors, named and valued in turn.
func known(pairs ...string) (factors []risk.Factor) {
	for i := 0; i < len(pairs); i += 2 {
		factors = append(factors, risk.Factor{Name: pairs[i], Value: pairs[i+1]})
	}
	return factors
}

// sample is a sample of a day.
func sample(day int, atFault bool, pairs ...string) risk.Sample {
	return risk.Sample{Factors: known(pairs...), AtFault: atFault, At: begin.AddDate(0, 0, day)}
}

// times gives a sample n times.
func times(n int, s risk.Sample) []risk.Sample { return slices.Repeat([]risk.Sample{s}, n) }

// world is n inspected declarations of forty sellers and twenty headings, in which one in twenty is at fault, of seller 7 half, of heading 9503
// a quarter; the colour tells nothing.
func world(n int, seed uint64) []risk.Sample {
	chance := rand.New(rand.NewPCG(seed, 1))
	samples := make([]risk.Sample, n)
	for i := range samples {
		seller, heading, rate := chance.IntN(40), 9490+chance.IntN(20), 0.05
		if heading == 9503 {
			rate = 0.25
		}
		if seller == 7 {
			rate = 0.5
		}
		samples[i] = sample(i*300/n, chance.Float64() < rate, "hs2", fmt.Sprint(heading/100), "hs4", fmt.Sprint(heading),
			"seller", fmt.Sprint(seller), "origin", []string{"CN", "KZ", ""}[chance.IntN(3)], "colour", fmt.Sprint(chance.IntN(1000)))
	}
	return samples
}

func from(samples ...[]risk.Sample) iter.Seq[risk.Sample] {
	return slices.Values(slices.Concat(samples...))
}

// said finds what a term contributed; nil when it said nothing.
func said(m *risk.Model, s risk.Score, term string) *risk.Contribution {
	for i := range s.Because {
		if m.Name(s.Because[i].Term) == term {
			return &s.Because[i]
		}
	}
	return nil
}
