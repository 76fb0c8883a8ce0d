package consignment

import (
	"context"
	"time"
)

// Yard is what a route has to load into at one moment, seen under the route's lock: nobody else loads on it meanwhile.
type Yard struct {
	Route      Route
	Departures []Departure   // those whose cut-off is still ahead, with a slot left or without, the earliest cut-off first
	Units      []Consignment // their open units, in the order they were opened
}

// Placement puts a load into a unit at a place.
type Placement struct {
	Load  Load
	Unit  ID
	Place int
}

// Plan is what packing changes in a yard.
type Plan struct {
	Departures []Departure   // new ones, and those whose count of opened units grew
	Units      []Consignment // new ones, and those that were loaded, with their new totals
	Placements []Placement
	Events     map[ID][]Event
	TooLarge   []Load // those that no unit on the route's departures can carry
}

// Tally counts what became of a batch of cleared parcels.
type Tally struct {
	Bundled  int
	Unrouted int
	Passed   int // already in a unit, or no longer cleared: nothing to do
	Units    int // units opened
}

// RouteStore keeps the routes.
type RouteStore interface {
	// Routes gives every route.
	Routes(ctx context.Context) ([]Route, error)
}

// LoadingStore keeps what is loaded.
type LoadingStore interface {
	// Routes gives every route.
	Routes(ctx context.Context) ([]Route, error)
	// LoadOnRoute locks the route, drops the loads that are already in a unit or no longer cleared, has the rest packed,
	// and saves the plan and its facts, all in one transaction. What is too large is recorded, once for each parcel, as unrouted.
	LoadOnRoute(ctx context.Context, route string, now time.Time, loads []Load, pack func([]Load, Yard) Plan) (Tally, error)
	// MarkUnrouted records, once for each parcel, that no route serves its destination.
	MarkUnrouted(ctx context.Context, loads []Load, now time.Time) (Tally, error)
}

// Selection names the units that a change is offered.
type Selection struct {
	Due       time.Time    // open units that are full, or whose cut-off is not after this; zero: not by this
	Ready     bool         // sealed units without a hold
	ID        *ID          // this one
	Departure *DepartureID // every unit of this departure
	Most      int          // at most so many, 0 for all; those locked by others are passed over when it is set
}

// Change is what a function makes of a unit: the unit as it becomes, and the events that say so. No events: nothing changed.
type Change func(Consignment) (Consignment, []Event, error)

// UnitStore keeps units.
type UnitStore interface {
	// ChangeUnits locks the selected units and saves what change makes of each, with its events and facts, in one transaction.
	// A selected ID that does not exist is a fault of kind NotFound. An event whose ID the unit already has changes nothing.
	ChangeUnits(ctx context.Context, which Selection, change Change) ([]Consignment, error)
}

// TimetableStore keeps departures.
type TimetableStore interface {
	// AddDeparture adds one; adding the same again changes nothing.
	AddDeparture(ctx context.Context, d Departure) (Departure, error)
	// MarkReleased records who released a whole departure, once; it gives the departure as it is then.
	MarkReleased(ctx context.Context, id DepartureID, by string, now time.Time) (Departure, error)
}
