package consignment

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return parsed
}

// europe leaves every hour and takes loads until a quarter of an hour before.
func europe() Route {
	return Route{
		Code: "CN-EU", Mode: Rail, Destinations: []string{"DE", "FR", "GB"},
		Legs: []Leg{
			{Mode: Rail, From: "CNAKL", To: "KZDOS", Gauge: 1435, Hours: 3},
			{Mode: Rail, From: "KZDOS", To: "PLMAA", Gauge: 1520, Hours: 168},
			{Mode: Rail, From: "PLMAA", To: "DEDUI", Gauge: 1435, Hours: 48},
			{Mode: Road, From: "DEDUI", To: "", Hours: 48},
		},
		Unit: "40HC", Slots: 55, Limits: Limits{Weight: 26_540_000, Volume: 64_855_000, Parcels: 20_000},
		Every: time.Hour, CutoffBefore: 15 * time.Minute,
	}
}

func kazakhstan() Route {
	return Route{
		Code: "CN-KZ", Mode: Road, Destinations: []string{"KZ"},
		Legs: []Leg{{Mode: Road, From: "CNHRS", To: "KZALA", Hours: 12}},
		Unit: "TRAILER13.6", Slots: 1, Limits: Limits{Weight: 24_000_000, Volume: 76_500_000, Parcels: 20_000},
		Every: 30 * time.Minute, CutoffBefore: 10 * time.Minute,
	}
}

func load(n int, weight parcel.Grams, volume int64) Load {
	l := Load{Weight: weight, Volume: volume, Account: 1}
	binary.BigEndian.PutUint64(l.Parcel[8:], uint64(n))
	return l
}

func express(l Load) Load {
	l.Express = true
	return l
}

// after is the yard as the plan leaves it.
func after(yard Yard, plan Plan) Yard {
	next := Yard{Route: yard.Route}
	departures := map[DepartureID]Departure{}
	for _, d := range plan.Departures {
		departures[d.ID] = d
	}
	for _, d := range yard.Departures {
		if grown, ok := departures[d.ID]; ok {
			d = grown
			delete(departures, d.ID)
		}
		next.Departures = append(next.Departures, d)
	}
	for _, d := range plan.Departures {
		if _, isNew := departures[d.ID]; isNew {
			next.Departures = append(next.Departures, d)
		}
	}
	units := map[ID]Consignment{}
	for _, c := range plan.Units {
		units[c.ID] = c
	}
	for _, c := range yard.Units {
		if loaded, ok := units[c.ID]; ok {
			c = loaded
			delete(units, c.ID)
		}
		next.Units = append(next.Units, c)
	}
	for _, c := range plan.Units {
		if _, isNew := units[c.ID]; isNew {
			next.Units = append(next.Units, c)
		}
	}
	return next
}

// departureOf tells for every parcel of the plan the number of its departure.
func departureOf(plan Plan) map[parcel.ID]string {
	numbers := map[ID]string{}
	for _, c := range plan.Units {
		numbers[c.ID] = c.Departure.Number
	}
	of := map[parcel.ID]string{}
	for _, p := range plan.Placements {
		of[p.Load.Parcel] = numbers[p.Unit]
	}
	return of
}

func unitOf(plan Plan, l Load) Consignment {
	for _, p := range plan.Placements {
		for _, c := range plan.Units {
			if p.Load.Parcel == l.Parcel && p.Unit == c.ID {
				return c
			}
		}
	}
	return Consignment{}
}

func requireFault(t testing.TB, err error, kind fault.Kind, code string) *fault.Error {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind)
	require.Equal(t, code, f.Code)
	return f
}

func pointers(f *fault.Error) []string {
	all := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		all[i] = field.Pointer + " " + field.Code
	}
	return all
}
