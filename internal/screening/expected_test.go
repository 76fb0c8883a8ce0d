package screening_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

type shares = map[parcel.Lane]screening.Percent

func expecting(expect shares) screening.Sampling { return screening.Sampling{Expect: expect} }

func counts(red, yellow, blue, green int64) screening.LaneCounts {
	return screening.LaneCounts{parcel.Red: red, parcel.Yellow: yellow, parcel.Blue: blue, parcel.Green: green}
}

// What is drawn, by what the rules came to.
func TestTopUpIsWorkedOut(t *testing.T) {
	for name, c := range map[string]struct {
		expect shares
		counts screening.LaneCounts
		before shares
		draws  shares
	}{
		"all of it lacks":                 {shares{parcel.Yellow: 500}, counts(0, 0, 0, 1000), nil, shares{parcel.Yellow: 500}},
		"of the green, in tenths":         {shares{parcel.Yellow: 500}, counts(0, 60, 0, 9940), nil, shares{parcel.Yellow: 450}},
		"half of them is green":           {shares{parcel.Yellow: 500}, counts(0, 0, 5000, 5000), nil, shares{parcel.Yellow: 1000}},
		"nothing lacks":                   {shares{parcel.Yellow: 500}, counts(0, 500, 0, 9500), nil, shares{}},
		"less than a step lacks":          {shares{parcel.Yellow: 500}, counts(0, 460, 0, 9540), nil, shares{}},
		"nothing lacks any more":          {shares{parcel.Yellow: 500}, counts(0, 500, 0, 9500), shares{parcel.Yellow: 50}, shares{}},
		"heavier ones count":              {shares{parcel.Yellow: 500}, counts(300, 200, 0, 9500), nil, shares{}},
		"what they have beyond theirs":    {shares{parcel.Red: 200, parcel.Yellow: 500}, counts(300, 0, 0, 9700), nil, shares{parcel.Yellow: 400}},
		"lighter ones do not":             {shares{parcel.Red: 100}, counts(0, 500, 500, 9000), nil, shares{parcel.Red: 110}},
		"who is drawn is not drawn again": {shares{parcel.Red: 5000, parcel.Blue: 5000}, counts(0, 0, 0, 1000), nil, shares{parcel.Red: 5000, parcel.Blue: 10000}},
		"nobody is green":                 {shares{parcel.Red: 5000}, counts(0, 1000, 0, 0), nil, shares{}},
		"more lacks than is green":        {shares{parcel.Red: 5000}, counts(0, 900, 0, 100), nil, shares{parcel.Red: 10000}},
		"near enough stays":               {shares{parcel.Yellow: 500}, counts(0, 0, 0, 1000), shares{parcel.Yellow: 460}, shares{parcel.Yellow: 460}},
		"too far does not":                {shares{parcel.Yellow: 500}, counts(0, 0, 0, 1000), shares{parcel.Yellow: 440}, shares{parcel.Yellow: 500}},
		"too few":                         {shares{parcel.Yellow: 500}, counts(0, 0, 0, 999), nil, nil},
		"fewer, but there is a draw":      {shares{parcel.Yellow: 500}, counts(0, 0, 0, 500), shares{parcel.Yellow: 500}, shares{parcel.Yellow: 500}},
		"too few to go on":                {shares{parcel.Yellow: 500}, counts(0, 0, 0, 499), shares{parcel.Yellow: 500}, nil},
		"the smallest share":              {shares{parcel.Yellow: 1}, counts(0, 0, 0, 100_000), nil, shares{}},
		"a small one":                     {shares{parcel.Yellow: 5}, counts(0, 0, 0, 100_000), nil, shares{parcel.Yellow: 5}},
	} {
		require.Equal(t, c.draws, expecting(c.expect).TopUp(c.counts, c.before), name)
	}
}

// Whatever the rules came to: with what is drawn every lane, heavier ones counted, gets its share as far as there are green ones, give or
// take a step; nothing is drawn where nothing lacks; and worked out again, it stays.
func TestTopUpFillsLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.Int64Range(0, 20_000)
		have := counts(count.Draw(t, "red"), count.Draw(t, "yellow"), count.Draw(t, "blue"), 1000+count.Draw(t, "green"))
		expect, left := shares{}, screening.All
		for _, lane := range []parcel.Lane{parcel.Red, parcel.Yellow, parcel.Blue} {
			expect[lane] = screening.Percent(rapid.IntRange(0, int(left)).Draw(t, string(lane)))
			left -= expect[lane]
		}
		s := expecting(expect)
		draws := s.TopUp(have, nil)
		require.Equal(t, draws, s.TopUp(have, draws))

		total, lacking := float64(have.Total()), s.Lacking(have)
		green := float64(have[parcel.Green]) / total
		var cumulated, wanted, steps float64
		for _, lane := range []parcel.Lane{parcel.Red, parcel.Yellow, parcel.Blue} {
			if lacking[lane] == 0 {
				require.Zero(t, draws[lane])
			}
			require.LessOrEqual(t, draws[lane], screening.All)
			drawn := green * float64(draws[lane]) / 10_000
			green -= drawn
			cumulated += float64(have[lane])/total + drawn
			wanted += float64(expect[lane]) / 10_000
			steps += max(float64(expect[lane])/10, 1) / 10_000
			if green > 1e-9 {
				require.GreaterOrEqual(t, cumulated, wanted-steps-1e-9)
			}
		}
	})
}

// A set's own verdicts say most, once they are enough; until then all that there are.
func TestCountedFor(t *testing.T) {
	own := screening.Counted{SetHash: "own", Lanes: counts(1, 2, 3, 900), Drawn: counts(0, 4, 0, 0)}
	other := screening.Counted{SetHash: "other", Lanes: counts(10, 20, 30, 2000), Drawn: counts(0, 40, 0, 0)}
	require.Equal(t, screening.Counted{SetHash: "own", Lanes: counts(11, 22, 33, 2900), Drawn: counts(0, 44, 0, 0)},
		screening.CountedFor("own", []screening.Counted{own, other}))
	own.Lanes[parcel.Green] += 94
	for _, all := range [][]screening.Counted{{own, other}, {other, own}} {
		require.Equal(t, own, screening.CountedFor("own", all))
	}
	require.Equal(t, counts(1, 6, 3, 990), own.Reached())
	require.Zero(t, screening.CountedFor("own", nil).Lanes.Total())
}

// Whatever is declared, in whatever batch: only what the rules leave green is drawn, into one lane, and again by the same rules; and the
// verdicts are counted as the rules without a draw give them.
func TestDrawsMeetOnlyGreenParcels(t *testing.T) {
	set := compiled(t, several("when|gross_g > 1000|lane|blue", "when|gross_g > 2000|lane|red", "when|gross_g > 500|lane|green"))
	topUp := shares{parcel.Red: 1000, parcel.Yellow: 2000, parcel.Blue: 3000}
	rules := func(topUp shares) *screening.Rules {
		return screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 20, RandomBasisPoints: 500},
			screening.Basis{Set: set, Lists: watchlist.NewIndex(nil), TopUp: topUp})
	}
	with, without := rules(topUp), rules(nil)
	require.NotEqual(t, with.Version(), without.Version())
	require.Equal(t, without.Version(), with.With(set).Version(), "what was counted for one set is not drawn for another")
	var subjects []screening.Subject
	for n := range 3000 {
		subjects = append(subjects, subjectsOf(t, declared(n, weighs(parcel.Grams(200+n%2500), 200, 150, 100)))...)
	}
	pasts := make([]screening.Past, len(subjects))
	topped, plain := with.Hear(subjects).Judge(subjects, pasts), without.Hear(subjects).Judge(subjects, pasts)
	require.Equal(t, topped, rules(topUp).Hear(subjects).Judge(subjects, pasts))
	drawn := map[parcel.Lane]int{}
	for i := range topped {
		require.Equal(t, plain[i].Lane, topped[i].ByRules())
		require.LessOrEqual(t, len(topped[i].Reasons), len(plain[i].Reasons)+1)
		if topped[i].Lane != plain[i].Lane {
			require.Equal(t, parcel.Green, plain[i].Lane)
			require.Equal(t, screening.RuleExpected, topped[i].Reasons[0].Rule)
			drawn[topped[i].Lane]++
		}
	}
	sum, green := screening.Count(topped), float64(screening.Count(plain).Lanes[parcel.Green])
	require.Equal(t, screening.Count(plain).Lanes, sum.Lanes)
	for lane, share := range (shares{parcel.Red: 1000, parcel.Yellow: 1800, parcel.Blue: 2160}) {
		require.Equal(t, int64(drawn[lane]), sum.Drawn[lane])
		require.InDelta(t, green*float64(share)/10_000, drawn[lane], green/20, fmt.Sprint(lane))
	}
	require.Equal(t, int64(len(topped)), sum.Reached().Total())
}
