package consignment

import (
	"slices"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/refdata"
)

// Pack puts loads into the units of a route's departures: express first, otherwise in the order they come; each into the first
// open unit that has room, on the departure with the earliest cut-off after now; into a new unit while that departure has a slot;
// else on the next departure. When the yard has no further one, the route's schedule gives it, so every load that a unit can carry gets a place.
//
// First fit leaves few units open: small parcels fill what a large one did not fit into. No unit ever exceeds its limits.
// A load that takes more than the usable volume, and fits the inside of a unit, travels alone in a unit of its own with that inside
// as its limit: stowage is lost between pieces, and it is one. A load over the weight limit, or larger than that, is in Plan.TooLarge.
// Nothing is loaded into a held unit.
func Pack(loads []Load, yard Yard, now time.Time) Plan {
	p := packer{yard: yard, now: now, walked: now, waiting: make([]Departure, 0, len(yard.Departures))}
	for _, d := range yard.Departures {
		if d.CutoffAt.After(now) {
			p.waiting = append(p.waiting, d)
		}
	}
	slices.SortStableFunc(p.waiting, func(a, b Departure) int { return a.CutoffAt.Compare(b.CutoffAt) })
	p.plan.Placements = make([]Placement, 0, len(loads))
	for _, express := range []bool{true, false} {
		for i := range loads {
			if loads[i].Express == express {
				p.place(&loads[i])
			}
		}
	}
	return p.finish()
}

type packer struct {
	yard    Yard
	now     time.Time
	waiting []Departure // of the yard, not looked at yet
	walked  time.Time   // the schedule has been looked at up to this cut-off
	berths  []*berth    // departures looked at so far, the earliest cut-off first
	first   int         // berths before this one have no room for anything
	plan    Plan
	berthOf []*berth // of each unit in the plan
}

// berth is a departure that is being loaded.
type berth struct {
	departure Departure
	bays      []bay // of the open units that have room, in the order they were opened
	grown     bool
}

// bay is what is still free in an open unit, kept apart from the unit because it is looked at for every load.
type bay struct {
	weight parcel.Grams
	volume int64
	yard   int // index of the unit in the yard
	plan   int // index of the unit in the plan, -1 until something is loaded
}

const notPlanned = -1

func (p *packer) place(load *Load) {
	for p.first < len(p.berths) && p.berths[p.first].closed() {
		p.first++
	}
	for i := p.first; ; i++ {
		if i == len(p.berths) && !p.addBerth(load) {
			p.plan.TooLarge = append(p.plan.TooLarge, *load)
			return
		}
		if b := p.berths[i]; p.fit(b, load) || p.open(b, load) {
			return
		}
	}
}

func (b *berth) closed() bool { return len(b.bays) == 0 && b.departure.Opened >= b.departure.Slots }

// addBerth turns to the next departure, the yard's or the schedule's, whichever has the earlier cut-off.
// It is false when there is none left that could take the load.
func (p *packer) addBerth(load *Load) bool {
	if _, takes := limitsFor(load, p.yard.Route.Limits, p.yard.Route.Unit); !takes && len(p.waiting) == 0 {
		return false
	}
	p.berths = append(p.berths, p.newBerth(p.nextDeparture()))
	return true
}

func (p *packer) nextDeparture() Departure {
	for {
		scheduled := p.yard.Route.DepartureAfter(p.walked)
		if len(p.waiting) > 0 && !p.waiting[0].CutoffAt.After(scheduled.CutoffAt) {
			next := p.waiting[0]
			p.waiting = p.waiting[1:]
			return next
		}
		p.walked = scheduled.CutoffAt
		if !p.known(scheduled.ID) {
			return scheduled
		}
	}
}

// known tells whether the yard has that departure already.
func (p *packer) known(id DepartureID) bool {
	return slices.ContainsFunc(p.yard.Departures, func(d Departure) bool { return d.ID == id })
}

func (p *packer) newBerth(d Departure) *berth {
	b := &berth{departure: d}
	for i := range p.yard.Units {
		unit := &p.yard.Units[i]
		if unit.Departure.ID == d.ID && unit.Status == Open && len(unit.Holds) == 0 && !unit.Full() {
			b.bays = append(b.bays, bay{unit.Limits.Weight - unit.Weight, unit.Limits.Volume - unit.Volume, i, notPlanned})
		}
	}
	return b
}

// fit puts the load into the first open unit that has room.
func (p *packer) fit(b *berth, load *Load) bool {
	for i := range b.bays {
		if bay := &b.bays[i]; load.Weight <= bay.weight && load.Volume <= bay.volume {
			if full := p.put(b, bay, load); full {
				b.bays = slices.Delete(b.bays, i, i+1)
			}
			return true
		}
	}
	return false
}

// open puts the load into a new unit, when there is a slot and an empty unit takes it.
func (p *packer) open(b *berth, load *Load) bool {
	if b.departure.Opened >= b.departure.Slots {
		return false
	}
	limits, takes := limitsFor(load, b.departure.Limits, b.departure.Unit)
	if !takes {
		return false
	}
	b.departure.Opened++
	b.grown = true
	unit := openUnit(p.yard.Route, b.departure, b.departure.Opened, limits, p.now)
	p.tellOpened(unit)
	bay := bay{weight: limits.Weight, volume: limits.Volume, plan: p.plans(b, unit)}
	if full := p.put(b, &bay, load); !full {
		b.bays = append(b.bays, bay)
	}
	return true
}

// limitsFor gives the limits of the empty unit that a load would get; takes is false when none of that kind takes it.
func limitsFor(load *Load, limits Limits, unit string) (_ Limits, takes bool) {
	if load.Weight > limits.Weight || limits.Parcels < 1 {
		return Limits{}, false
	}
	if load.Volume <= limits.Volume {
		return limits, true
	}
	kind, known := refdata.LoadingUnitOf(unit)
	if !known || load.Volume > kind.VolumeCM3 {
		return Limits{}, false
	}
	return Limits{Weight: limits.Weight, Volume: kind.VolumeCM3, Parcels: 1}, true
}

func (p *packer) tellOpened(unit Consignment) {
	e := unit.happened(EventOpened, "opened", p.now)
	e.By = byBundling
	if p.plan.Events == nil {
		p.plan.Events = map[ID][]Event{}
	}
	p.plan.Events[unit.ID] = []Event{e}
}

// plans takes a unit into the plan.
func (p *packer) plans(b *berth, unit Consignment) int {
	p.plan.Units = append(p.plan.Units, unit)
	p.berthOf = append(p.berthOf, b)
	return len(p.plan.Units) - 1
}

// put loads a bay that has room, and tells whether its unit is full now.
func (p *packer) put(b *berth, bay *bay, load *Load) (full bool) {
	if bay.plan == notPlanned {
		bay.plan = p.plans(b, p.yard.Units[bay.yard])
	}
	unit := &p.plan.Units[bay.plan]
	p.plan.Placements = append(p.plan.Placements, Placement{Load: *load, Unit: unit.ID, Place: unit.Next})
	unit.Next++
	unit.Parcels++
	unit.Weight += load.Weight
	unit.Volume += load.Volume
	bay.weight -= load.Weight
	bay.volume -= load.Volume
	return unit.Limits.reached(unit.Weight, unit.Volume, unit.Parcels)
}

// finish gives every departure and unit of the plan its last count of opened units.
func (p *packer) finish() Plan {
	for i, b := range p.berthOf {
		p.plan.Units[i].Departure = b.departure
	}
	for _, b := range p.berths {
		if b.grown {
			p.plan.Departures = append(p.plan.Departures, b.departure)
		}
	}
	return p.plan
}
