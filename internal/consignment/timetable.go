package consignment

import (
	"fmt"
	"hash/fnv"
	"time"
)

const (
	timetableStart = 1704067200 // Monday 1 January 2024, 00:00 UTC, in Unix seconds: every route's departures are counted from there
	mostUpcoming   = 3000       // two days of one departure a minute
)

// DepartureAfter gives the first scheduled departure whose cut-off is after t. The schedule follows from the route alone,
// in UTC: every process, whenever it asks, names the same departures.
func (r Route) DepartureAfter(t time.Time) Departure {
	start, every := time.Unix(timetableStart, 0).UTC(), r.rhythm()
	n := floorDiv(t.Sub(start)+r.CutoffBefore, every) + 1
	return r.departure(start.Add(time.Duration(n) * every))
}

// Upcoming gives the scheduled departures whose cut-off is after now and not after now + horizon, the earliest first, 3,000 at most.
func (r Route) Upcoming(now time.Time, horizon time.Duration) []Departure {
	var all []Departure
	end := now.Add(horizon)
	for d := r.DepartureAfter(now); !d.CutoffAt.After(end) && len(all) < mostUpcoming; d = r.DepartureAfter(d.CutoffAt) {
		all = append(all, d)
	}
	return all
}

// rhythm is the time between departures, in whole seconds because numbers are. A route that names none runs once a day.
func (r Route) rhythm() time.Duration {
	if every := r.Every.Truncate(time.Second); every > 0 {
		return every
	}
	return 24 * time.Hour
}

func (r Route) departure(departs time.Time) Departure {
	number := r.train() + "-" + departs.Format("20060102-1504")
	if departs.Second() != 0 {
		number += departs.Format("05")
	}
	return Departure{
		ID:        DeriveDepartureID(r.Code, number),
		Route:     r.Code,
		Mode:      r.Mode,
		Number:    number,
		CutoffAt:  departs.Add(-r.CutoffBefore),
		DepartsAt: departs,
		Unit:      r.Unit,
		Slots:     max(1, r.Slots),
		Limits:    r.Limits,
	}
}

// train is the number under which the route's scheduled trains (X8 and three digits, as container trains out of China have it)
// or trucks run. It follows from the route's code.
func (r Route) train() string {
	h := fnv.New32a()
	h.Write([]byte(r.Code))
	prefix := "X8"
	if r.Mode == Road {
		prefix = "TK"
	}
	return fmt.Sprintf("%s%03d", prefix, h.Sum32()%1000)
}

// planLegs gives the route's legs with the time each should end, for a departure at that time.
func (r Route) planLegs(departs time.Time) []Leg {
	legs := make([]Leg, len(r.Legs))
	at := departs
	for i, leg := range r.Legs {
		at = at.Add(time.Duration(leg.Hours) * time.Hour)
		arrival := at
		leg.Status, leg.PlannedAt, leg.ActualAt = LegPlanned, &arrival, nil
		legs[i] = leg
	}
	return legs
}

func floorDiv(a, b time.Duration) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return int64(q)
}
