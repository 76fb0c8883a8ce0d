package consignment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPackOpensAUnitOnTheNextScheduledDeparture(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z") // the 04:00 train closed at 03:45
	plan := Pack([]Load{load(1, 2667, 15_500)}, Yard{Route: europe()}, now)

	require.Len(t, plan.Departures, 1)
	require.Len(t, plan.Units, 1)
	require.Empty(t, plan.TooLarge)
	departure, unit := plan.Departures[0], plan.Units[0]
	require.Equal(t, at(t, "2026-11-22T05:00:00Z"), departure.DepartsAt)
	require.Equal(t, at(t, "2026-11-22T04:45:00Z"), departure.CutoffAt)
	require.Equal(t, 1, departure.Opened)
	require.Equal(t, departure, unit.Departure)
	require.Equal(t, "CN-EU-20261122-0500-001", unit.Number)
	require.Equal(t, DeriveID(departure.ID, 1), unit.ID)
	require.Equal(t, Open, unit.Status)
	require.Equal(t, europe().Limits, unit.Limits)
	require.Equal(t, now, unit.OpenedAt)
	require.Equal(t, 1, unit.Parcels)
	require.EqualValues(t, 2667, unit.Weight)
	require.EqualValues(t, 15_500, unit.Volume)
	require.Equal(t, 2, unit.Next)
	require.Equal(t, []Placement{{Load: load(1, 2667, 15_500), Unit: unit.ID, Place: 1}}, plan.Placements)

	events := plan.Events[unit.ID]
	require.Len(t, events, 1)
	require.Equal(t, EventOpened, events[0].Type)
	require.Equal(t, "CNAKL", events[0].Location)
	require.Equal(t, "bundling", events[0].By)
}

func TestPackNothingPlansNothing(t *testing.T) {
	t.Parallel()
	plan := Pack(nil, Yard{Route: europe()}, at(t, "2026-11-22T03:50:00Z"))
	require.Empty(t, plan.Departures)
	require.Empty(t, plan.Units)
	require.Empty(t, plan.Placements)
	require.Empty(t, plan.Events)
}

func TestPackLetsThirtyKilosAndThirtyGramsTravelTogether(t *testing.T) {
	t.Parallel()
	plan := Pack([]Load{load(1, 30_000, 120_000), load(2, 30, 40)}, Yard{Route: europe()}, at(t, "2026-11-22T03:50:00Z"))
	require.Len(t, plan.Units, 1)
	require.EqualValues(t, 30_030, plan.Units[0].Weight)
	require.EqualValues(t, 120_040, plan.Units[0].Volume)
	require.Equal(t, 2, plan.Units[0].Parcels)
}

// A parcel of 717 litres no longer fits: it opens a second unit, and the first is still filled by what comes after.
func TestPackFillsTheGapThatALargeParcelLeaves(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	bulk := load(1, 1_000_000, 64_855_000-700_000)
	large, small := load(2, 25_000, 717_000), load(3, 1_000, 300_000)
	plan := Pack([]Load{bulk, large, small}, Yard{Route: europe()}, now)
	require.Len(t, plan.Units, 2)
	require.Equal(t, plan.Units[0].ID, unitOf(plan, bulk).ID)
	require.Equal(t, plan.Units[1].ID, unitOf(plan, large).ID)
	require.Equal(t, plan.Units[0].ID, unitOf(plan, small).ID)
	require.EqualValues(t, 64_455_000, plan.Units[0].Volume)
	require.False(t, plan.Units[0].Full(), "99.38 percent")
}

func TestPackGivesAFullOrHeldUnitNothingMore(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	route := europe()
	for name, spoil := range map[string]func(*Consignment){
		"full by weight": func(c *Consignment) { c.Weight = 26_410_000 },
		"full by volume": func(c *Consignment) { c.Volume = 64_540_000 },
		"full by count":  func(c *Consignment) { c.Parcels = 19_900 },
		"held":           func(c *Consignment) { c.Holds = []Hold{{ID: "h1"}} },
		"sealed":         func(c *Consignment) { c.Status = Sealed },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := route.DepartureAfter(now)
			d.Opened = 1
			unit := openUnit(route, d, 1, d.Limits, now)
			spoil(&unit)
			plan := Pack([]Load{load(1, 30, 40)}, Yard{Route: route, Departures: []Departure{d}, Units: []Consignment{unit}}, now)
			require.Len(t, plan.Units, 1)
			require.Equal(t, DeriveID(d.ID, 2), plan.Units[0].ID)
			require.Equal(t, 2, plan.Departures[0].Opened)
		})
	}
}

func TestPackGoesOnInAnOpenUnit(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	first := Pack([]Load{load(1, 500, 900), load(2, 500, 900)}, Yard{Route: europe()}, now)
	yard := after(Yard{Route: europe()}, first)
	second := Pack([]Load{load(3, 700, 1000)}, yard, now.Add(time.Minute))
	require.Empty(t, second.Departures, "no unit was opened")
	require.Empty(t, second.Events)
	require.Len(t, second.Units, 1)
	require.Equal(t, first.Units[0].ID, second.Units[0].ID)
	require.Equal(t, 3, second.Placements[0].Place)
	require.EqualValues(t, 1700, second.Units[0].Weight)
	require.EqualValues(t, 1000, yard.Units[0].Weight, "the yard is left as it was")
}

// Places of parcels that were taken out stay empty, however few are left.
func TestPackNeverGivesAPlaceTwice(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	d := europe().DepartureAfter(now)
	d.Opened = 1
	unit := openUnit(europe(), d, 1, d.Limits, now)
	unit.Next, unit.Parcels = 8, 2
	plan := Pack([]Load{load(1, 30, 40)}, Yard{Route: europe(), Departures: []Departure{d}, Units: []Consignment{unit}}, now)
	require.Equal(t, 8, plan.Placements[0].Place)
	require.Equal(t, 9, plan.Units[0].Next)
	require.Equal(t, 3, plan.Units[0].Parcels)
}

func TestPackNeverLoadsPastTheCutoff(t *testing.T) {
	t.Parallel()
	d := europe().DepartureAfter(at(t, "2026-11-22T03:50:00Z"))
	d.Opened = 1
	unit := openUnit(europe(), d, 1, d.Limits, at(t, "2026-11-22T03:50:00Z"))
	yard := Yard{Route: europe(), Departures: []Departure{d}, Units: []Consignment{unit}}
	for _, now := range []time.Time{d.CutoffAt, d.CutoffAt.Add(time.Nanosecond), d.DepartsAt, d.DepartsAt.Add(time.Hour)} {
		plan := Pack([]Load{load(1, 30, 40)}, yard, now)
		require.Len(t, plan.Units, 1)
		require.NotEqual(t, d.ID, plan.Units[0].Departure.ID)
		require.True(t, plan.Units[0].Departure.CutoffAt.After(now))
	}
	plan := Pack([]Load{load(1, 30, 40)}, yard, d.CutoffAt.Add(-time.Nanosecond))
	require.Equal(t, unit.ID, plan.Units[0].ID)
}

func TestPackTurnsToTheNextDepartureWhenSlotsAreExhausted(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	route := kazakhstan() // one truck every half hour
	var loads []Load
	for n := range 4 {
		loads = append(loads, load(n, 23_900_000, 1_000_000))
	}
	plan := Pack(loads, Yard{Route: route}, now)
	require.Len(t, plan.Units, 4)
	require.Len(t, plan.Departures, 4)
	for n, d := range plan.Departures {
		require.Equal(t, 1, d.Opened)
		require.Equal(t, at(t, "2026-11-22T04:30:00Z").Add(time.Duration(n)*30*time.Minute), d.DepartsAt, "04:00 closed at 03:50")
		require.Equal(t, d.ID, plan.Units[n].Departure.ID)
	}

	yard := after(Yard{Route: route}, plan)
	next := Pack([]Load{load(9, 200_000, 1_000)}, yard, now)
	require.Len(t, next.Departures, 1)
	require.Equal(t, at(t, "2026-11-22T06:30:00Z"), next.Departures[0].DepartsAt, "departures without a slot are known, not planned anew")
}

func TestPackTakesAPlannedDepartureInItsTurn(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	route := kazakhstan()
	extra := Departure{
		ID: DeriveDepartureID(route.Code, "EXTRA-1"), Route: route.Code, Mode: Road, Number: "EXTRA-1", Unit: route.Unit, Slots: 1, Limits: route.Limits,
		CutoffAt: at(t, "2026-11-22T04:35:00Z"), DepartsAt: at(t, "2026-11-22T04:40:00Z"),
	}
	full := load(0, 23_900_000, 1_000)
	a, b, c := full, full, full
	a.Parcel[0], b.Parcel[0], c.Parcel[0] = 1, 2, 3
	plan := Pack([]Load{a, b, c}, Yard{Route: route, Departures: []Departure{extra}}, now)
	of := departureOf(plan)
	require.Equal(t, route.train()+"-20261122-0430", of[a.Parcel])
	require.Equal(t, "EXTRA-1", of[b.Parcel])
	require.Equal(t, route.train()+"-20261122-0500", of[c.Parcel])
	require.Equal(t, "CN-KZ-EXTRA-1-001", plan.Units[1].Number)
}

func TestPackTellsWhatNoUnitTakes(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	route := europe()
	route.Limits.Weight = 22_000_000 // the railway's limit, under the plate's 26,540,000
	heavy, small := load(1, 25_000_000, 10_000), load(2, 30, 40)
	plan := Pack([]Load{heavy, small}, Yard{Route: route}, now)
	require.Equal(t, []Load{heavy}, plan.TooLarge)
	require.Len(t, plan.Placements, 1)
	require.Equal(t, small.Parcel, plan.Placements[0].Load.Parcel)

	strong := route.DepartureAfter(now.Add(5 * time.Hour))
	strong.ID, strong.Number, strong.Limits.Weight = DeriveDepartureID(route.Code, "STRONG"), "STRONG", 26_540_000
	plan = Pack([]Load{heavy, small}, Yard{Route: route, Departures: []Departure{strong}}, now)
	require.Empty(t, plan.TooLarge)
	require.Equal(t, "STRONG", departureOf(plan)[heavy.Parcel], "it waits for the departure that may carry it")
	require.NotEqual(t, "STRONG", departureOf(plan)[small.Parcel])
}

func TestPackGivesABulkyLoadAUnitOfItsOwn(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	inside, tooBulky := load(1, 900_000, 76_300_000), load(2, 900_000, 76_300_001)
	plan := Pack([]Load{load(3, 30, 40), inside, tooBulky, load(4, 30, 40)}, Yard{Route: europe()}, now)
	require.Equal(t, []Load{tooBulky}, plan.TooLarge)
	require.Len(t, plan.Units, 2)
	require.Equal(t, 2, plan.Units[0].Parcels)
	alone := unitOf(plan, inside)
	require.Equal(t, 1, alone.Parcels)
	require.True(t, alone.Full(), "nothing is put beside it")
	require.Equal(t, Limits{Weight: 26_540_000, Volume: 76_300_000, Parcels: 1}, alone.Limits)
}

func TestPackLoadsExpressFirst(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	route := kazakhstan()
	slow, fast := load(1, 20_000_000, 1_000), express(load(2, 20_000_000, 1_000))
	plan := Pack([]Load{slow, fast}, Yard{Route: route}, now)
	require.Equal(t, fast.Parcel, plan.Placements[0].Load.Parcel)
	of := departureOf(plan)
	require.Equal(t, route.train()+"-20261122-0430", of[fast.Parcel])
	require.Equal(t, route.train()+"-20261122-0500", of[slow.Parcel])
}
