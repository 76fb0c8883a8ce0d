package risk_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/risk"
)

func learn(t require.TestingT, o risk.Options, samples ...[]risk.Sample) *risk.Model {
	if o.Plan == nil {
		o.Plan = plan
	}
	m, err := risk.Learn(from(samples...), o)
	require.NoError(t, err)
	return m
}

func TestThePlantedSellerIsFound(t *testing.T) {
	m := learn(t, risk.Options{}, world(6000, 1))
	rate := func(seller, heading string) risk.Score {
		return m.Score(known("hs2", heading[:2], "hs4", heading, "seller", seller, "origin", "CN", "colour", "5"), nil)
	}
	require.InDelta(t, 0.5, rate("7", "9491").P, 0.1)
	require.InDelta(t, 0.25, rate("3", "9503").P, 0.08)
	require.InDelta(t, 0.05, rate("3", "9491").P, 0.02)
	require.InDelta(t, 0.05, rate("a new one", "9491").P, 0.03, "nobody is suspect for being new")
}

func TestAScoreSaysWhatItRestsOn(t *testing.T) {
	samples := world(3000, 2)
	m := learn(t, risk.Options{}, samples)
	factors := known("hs2", "95", "hs4", "9503", "seller", "7", "origin", "CN", "colour", "5")
	s := m.Score(factors, nil)
	inspected, atFault := 0, 0
	for _, sample := range samples {
		if slices.Contains(sample.Factors, risk.Factor{Name: "seller", Value: "7"}) {
			inspected++
			if sample.AtFault {
				atFault++
			}
		}
	}
	seller := said(m, s, "seller")
	require.NotNil(t, seller)
	require.Equal(t, inspected, seller.Inspected)
	require.Equal(t, atFault, seller.AtFault)
	require.Equal(t, "seller", m.Name(s.Because[0].Term), "the furthest first")
	if colour := said(m, s, "colour"); colour != nil {
		require.InDelta(t, 0, colour.LogOdds, 0.05, "what tells nothing moves nothing")
	}
}

func TestWithoutOutcomesThePriorIsAnswered(t *testing.T) {
	for prior, o := range map[float64]risk.Options{0.02: {}, 0.3: {Prior: 0.3}} {
		m := learn(t, o)
		s := m.Score(known("seller", "7"), nil)
		require.InDelta(t, prior, s.P, 1e-5)
		require.Empty(t, s.Because)
		inspected, atFault := m.Outcomes()
		require.Zero(t, inspected+atFault)
	}
}

func TestAFewOutcomesMoveThePriorALittle(t *testing.T) {
	m := learn(t, risk.Options{}, times(3, sample(1, true, "seller", "7")))
	require.Greater(t, m.Score(known("seller", "7"), nil).P, 0.02)
	require.Less(t, m.Score(known("seller", "7"), nil).P, 0.3)
}

func TestAnOldOutcomeFades(t *testing.T) {
	var samples []risk.Sample
	for day := range 400 {
		samples = append(samples, sample(day, day < 200, "seller", "7"), sample(day, day >= 200, "seller", "8"), sample(day, day%2 == 0, "seller", "9"))
	}
	same, faded := learn(t, risk.Options{}, samples), learn(t, risk.Options{HalfLife: 20 * 24 * time.Hour}, samples)
	require.InDelta(t, same.Score(known("seller", "7"), nil).P, same.Score(known("seller", "8"), nil).P, 0.05)
	require.Less(t, faded.Score(known("seller", "7"), nil).P+0.2, faded.Score(known("seller", "8"), nil).P)
}

// A seller whose one consignment was declared in fifty pieces has been found at fault once, not fifty times; but the same goods again are the same again.
func TestRepeatsCountAsOne(t *testing.T) {
	clean := world(3000, 3)
	pieces := times(50, sample(200, true, "hs2", "94", "hs4", "9491", "seller", "piecemeal", "origin", "CN", "goods", "lamp 3 kg 20.00"))
	pairs := times(2, sample(10, true, "seller", "1", "goods", "a"))
	pairs = append(pairs, times(2, sample(20, false, "seller", "2", "goods", "b"))...)
	m := learn(t, risk.Options{Repeat: []string{"goods"}}, clean, pairs, pieces)
	factors := known("hs2", "94", "hs4", "9491", "seller", "piecemeal", "origin", "CN")
	require.Less(t, m.Score(factors, nil).P, 0.25)
	again := m.Score(append(factors, risk.Factor{Name: "goods", Value: "lamp 3 kg 20.00"}), nil)
	require.Greater(t, again.P, 0.8)
	require.Equal(t, risk.RepeatTerm, m.Name(again.Because[0].Term))
	require.Equal(t, 50, again.Because[0].Inspected)
}

func TestAPlanThatCannotBeIsRefused(t *testing.T) {
	long := make(risk.Plan, 0)
	for i := range 101 {
		long = append(long, []string{"a" + strings.Repeat("b", i)})
	}
	for name, o := range map[string]risk.Options{
		"twice in a path":      {Plan: risk.Plan{{"a", "b", "a"}}},
		"no name":              {Plan: risk.Plan{{""}}},
		"a name of a term":     {Plan: risk.Plan{{"a × b"}}},
		"deep":                 {Plan: risk.Plan{{"a", "b", "c", "d", "e", "f", "g", "h", "i"}}},
		"long":                 {Plan: long},
		"a repeat twice":       {Plan: plan, Repeat: []string{"goods", "goods"}},
		"a prior of one":       {Plan: plan, Prior: 1},
		"a prior of nothing":   {Plan: plan, Prior: math.NaN()},
		"an endless caution":   {Plan: plan, Caution: math.Inf(1)},
		"a negative ridge":     {Plan: plan, Ridge: -1},
		"a negative half-life": {Plan: plan, HalfLife: -1},
	} {
		_, err := risk.Learn(from(), o)
		require.Equal(t, fault.Invalid, fault.KindOf(err), name)
	}
	_, err := risk.Learn(from(world(11, 1)), risk.Options{Plan: plan, MaxSamples: 10})
	require.Equal(t, fault.TooLarge, fault.KindOf(err))
}

// drawn is a handful of samples with few values, so that they meet.
func drawn(t *rapid.T) []risk.Sample {
	few := func(name string) string { return rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, name) }
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) risk.Sample {
		return sample(rapid.IntRange(0, 400).Draw(t, "day"), rapid.Bool().Draw(t, "at fault"),
			"hs2", few("hs2"), "hs4", few("hs4"), "seller", few("seller"), "goods", few("goods"))
	}), 0, 60).Draw(t, "samples")
}

// A value at whose declarations more was found than at others' never speaks for a declaration, nor the other way round.
func TestContributionsAgreeWithTheirCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := drawn(t)
		m := learn(t, risk.Options{Prior: 0.1}, samples)
		inspected, atFault := m.Outcomes()
		require.Equal(t, len(samples), inspected)
		average := (2 + float64(atFault)) / (20 + float64(inspected))
		for _, sample := range samples {
			for _, c := range m.Score(sample.Factors, nil).Because {
				if more := float64(c.AtFault) - average*float64(c.Inspected); !strings.Contains(m.Name(c.Term), "×") {
					require.Equal(t, more > 0, c.LogOdds > 0, "%s: %d of %d", m.Name(c.Term), c.AtFault, c.Inspected)
				}
			}
		}
	})
}

func TestContributionsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := drawn(t)
		o := risk.Options{Repeat: rapid.SampledFrom([][]string{nil, {"goods"}, {"seller", "goods"}}).Draw(t, "repeat"),
			HalfLife: time.Duration(rapid.IntRange(0, 100).Draw(t, "half-life")) * 24 * time.Hour}
		m := learn(t, o, samples)
		for _, sample := range samples {
			s := m.Score(sample.Factors, nil)
			sum := math.Round(m.Base() * 1e4)
			for _, c := range s.Because {
				sum += math.Round(c.LogOdds * 1e4)
				require.LessOrEqual(t, c.AtFault, c.Inspected)
				require.Positive(t, c.Inspected)
			}
			require.Equal(t, sum, math.Round(s.LogOdds*1e4))
			require.InDelta(t, 1/(1+math.Exp(-s.LogOdds)), s.P, 1e-12)
		}
	})
}

func TestTheOrderOfFactorsDoesNotMatter(t *testing.T) {
	m := learn(t, risk.Options{}, world(2000, 4))
	rapid.Check(t, func(t *rapid.T) {
		factors := known("hs2", "95", "hs4", "9503", "seller", "7", "origin", "", "colour", "1", "no such", "thing")
		mixed := rapid.Permutation(factors).Draw(t, "factors")
		require.Equal(t, m.Score(factors, nil), m.Score(mixed, nil))
	})
}

func TestLearningTwiceGivesTheSameBytes(t *testing.T) {
	o := risk.Options{HalfLife: 90 * 24 * time.Hour, Repeat: []string{"colour"}, Plan: plan[:3]}
	one, two := learn(t, o, world(2000, 5)), learn(t, o, world(2000, 5))
	require.Equal(t, one.Encode(), two.Encode())
	require.Equal(t, one.Version(), two.Version())
	require.NotEqual(t, one.Version(), learn(t, o, world(2000, 6)).Version())
}

func TestTheModelAccountsForItself(t *testing.T) {
	m := learn(t, risk.Options{}, world(3000, 7))
	terms := m.Terms()
	require.Equal(t, "seller × hs4", terms[3].Name)
	require.Positive(t, terms[2].Weight)
	cells := 0
	for path, c := range m.Cells() {
		cells++
		if m.Name(c.Term) == "seller" && path[0].Value == "7" {
			require.Equal(t, known("seller", "7"), path)
			require.Greater(t, c.LogOdds, 1.0)
		}
	}
	values := 0
	for _, term := range terms {
		values += term.Values
	}
	require.Equal(t, values, cells)
}
