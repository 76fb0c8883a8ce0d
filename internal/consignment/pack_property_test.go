package consignment

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
)

// anyRoute is small enough that limits, slots and departures are all run into.
func anyRoute(t *rapid.T) Route {
	r := europe()
	r.Unit = rapid.SampledFrom([]string{"40HC", "unheard of"}).Draw(t, "unit")
	r.Slots = rapid.IntRange(0, 3).Draw(t, "slots")
	r.Limits = Limits{
		Weight:  parcel.Grams(rapid.IntRange(1, 100).Draw(t, "weight limit")),
		Volume:  rapid.Int64Range(1, 100).Draw(t, "volume limit"),
		Parcels: rapid.IntRange(1, 12).Draw(t, "count limit"),
	}
	r.Every = time.Duration(rapid.IntRange(1, 240).Draw(t, "every")) * time.Minute
	r.CutoffBefore = time.Duration(rapid.IntRange(0, 300).Draw(t, "cut-off")) * time.Minute
	return r
}

func anyLoads(t *rapid.T, from int) []Load {
	return rapid.Custom(func(t *rapid.T) []Load {
		loads := make([]Load, rapid.IntRange(0, 60).Draw(t, "count"))
		for i := range loads {
			loads[i] = load(from+i, parcel.Grams(rapid.IntRange(1, 110).Draw(t, "g")), rapid.Int64Range(0, 120).Draw(t, "cm3"))
			loads[i].Express = rapid.Bool().Draw(t, "express")
		}
		return loads
	}).Draw(t, "loads")
}

func anyNow(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(1_500_000_000, 2_000_000_000).Draw(t, "now"), 0).UTC()
}

// Batch upon batch, with the clock going on and units being closed between them.
func TestPackKeepsItsPromisesBatchAfterBatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		yard, now := Yard{Route: anyRoute(t)}, anyNow(t)
		if rapid.Bool().Draw(t, "filled timetable") {
			yard.Departures = yard.Route.Upcoming(now, 6*time.Hour)
		}
		placed := map[parcel.ID]ID{}
		places := map[string]bool{}
		given := 0
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			loads := anyLoads(t, given)
			given += len(loads)
			plan := Pack(loads, yard, now)
			require.Equal(t, plan, Pack(loads, yard, now), "the same again")
			checkPlan(t, loads, yard, plan, now)
			for _, p := range plan.Placements {
				require.NotContains(t, placed, p.Load.Parcel)
				placed[p.Load.Parcel] = p.Unit
				place := fmt.Sprint(p.Unit, p.Place)
				require.NotContains(t, places, place)
				places[place] = true
			}
			for _, l := range plan.TooLarge {
				placed[l.Parcel] = ID{}
			}
			require.Len(t, placed, given, "each load exactly once")
			yard = after(yard, plan)
			checkYard(t, yard)
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "minutes")) * time.Minute)
			yard = closeDue(yard, now, rapid.Bool().Draw(t, "dispatched"))
		}
	})
}

// closeDue seals what is due and drops departures and units as a store does.
func closeDue(yard Yard, now time.Time, dispatched bool) Yard {
	if dispatched {
		for i, c := range yard.Units {
			yard.Units[i], _, _ = sealDue(now)(c)
		}
	}
	yard.Units = slices.DeleteFunc(yard.Units, func(c Consignment) bool { return c.Status != Open })
	yard.Departures = slices.DeleteFunc(yard.Departures, func(d Departure) bool { return !d.CutoffAt.After(now) })
	slices.SortFunc(yard.Departures, func(a, b Departure) int { return a.CutoffAt.Compare(b.CutoffAt) })
	return yard
}

func checkPlan(t *rapid.T, loads []Load, yard Yard, plan Plan, now time.Time) {
	t.Helper()
	var weight, volume, count = map[ID]parcel.Grams{}, map[ID]int64{}, map[ID]int{}
	for _, c := range yard.Units {
		weight[c.ID], volume[c.ID], count[c.ID] = c.Weight, c.Volume, c.Parcels
	}
	for _, p := range plan.Placements {
		weight[p.Unit] += p.Load.Weight
		volume[p.Unit] += p.Load.Volume
		count[p.Unit]++
	}
	for _, c := range plan.Units {
		require.Equal(t, weight[c.ID], c.Weight)
		require.Equal(t, volume[c.ID], c.Volume)
		require.Equal(t, count[c.ID], c.Parcels)
		require.True(t, c.Departure.CutoffAt.After(now), "loaded past its cut-off")
		delete(count, c.ID)
	}
	for _, c := range yard.Units {
		delete(count, c.ID)
	}
	require.Empty(t, count, "every loaded unit is in the plan")

	var want, got []Load
	for _, first := range []bool{true, false} {
		for _, l := range loads {
			if l.Express == first && !slices.Contains(plan.TooLarge, l) {
				want = append(want, l)
			}
		}
	}
	for _, p := range plan.Placements {
		got = append(got, p.Load)
	}
	require.Equal(t, want, got, "express first, otherwise as they came")
	for _, l := range plan.TooLarge {
		_, takes := limitsFor(&l, yard.Route.Limits, yard.Route.Unit)
		require.False(t, takes)
	}
}

func checkYard(t *rapid.T, yard Yard) {
	t.Helper()
	numbers, opened := map[string]bool{}, map[DepartureID]int{}
	for _, c := range yard.Units {
		require.LessOrEqual(t, c.Weight, c.Limits.Weight)
		require.LessOrEqual(t, c.Volume, c.Limits.Volume)
		require.LessOrEqual(t, c.Parcels, c.Limits.Parcels)
		for _, number := range []string{c.Number, c.Departure.Number + c.UnitNumber} {
			require.NotContains(t, numbers, number)
			numbers[number] = true
		}
		opened[c.Departure.ID]++
	}
	seen := map[DepartureID]bool{}
	for _, d := range yard.Departures {
		require.NotContains(t, seen, d.ID)
		seen[d.ID] = true
		require.LessOrEqual(t, d.Opened, d.Slots)
		require.LessOrEqual(t, opened[d.ID], d.Opened)
	}
}

// However a day's parcels are mixed, none is lost, and express is served as if it were alone.
func TestPackShuffledLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		yard, now, loads := Yard{Route: anyRoute(t)}, anyNow(t), anyLoads(t, 0)
		plan := Pack(loads, yard, now)
		mixed := Pack(rapid.Permutation(loads).Draw(t, "mixed"), yard, now)
		require.Len(t, mixed.Placements, len(plan.Placements))
		require.ElementsMatch(t, plan.TooLarge, mixed.TooLarge)
		require.Len(t, departureOf(mixed), len(loads)-len(mixed.TooLarge))

		urgent := slices.DeleteFunc(slices.Clone(loads), func(l Load) bool { return !l.Express })
		alone := Pack(urgent, yard, now)
		require.Equal(t, alone.Placements, plan.Placements[:len(alone.Placements)])
	})
}

// A batch that is delivered again finds its loads in units; what the store leaves of it is packed beside them.
func TestPackReplayedPlacesOnlyTheRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		yard, now, loads := Yard{Route: anyRoute(t)}, anyNow(t), anyLoads(t, 0)
		prefix := loads[:rapid.IntRange(0, len(loads)).Draw(t, "prefix")]
		first := Pack(prefix, yard, now)
		known := departureOf(first)
		rest := slices.DeleteFunc(slices.Clone(loads), func(l Load) bool { _, in := known[l.Parcel]; return in })
		second := Pack(rest, after(yard, first), now)
		require.Len(t, loads, len(first.Placements)+len(second.Placements)+len(second.TooLarge))
		third := Pack(nil, after(after(yard, first), second), now)
		require.Empty(t, third.Placements)
		require.Empty(t, third.Units)
	})
}
