package consignment

import "github.com/alataw/alataw/internal/event"

// Query selects consignments in the order of their last change.
type Query struct {
	Status    Status
	Route     string
	Departure *DepartureID
	Routes    []string // only these, for a carrier; nil for all
	After     event.Position
	Limit     int
}

// Changed is a consignment in the feed, with the place of its last change.
type Changed struct {
	Consignment
	Position event.Position
}

// DepartureQuery selects departures in the order of their cut-offs.
type DepartureQuery struct {
	Route  string
	Routes []string // only these, for a carrier; nil for all
	Open   bool     // only those still loading
	After  DeparturePlace
	Limit  int
}

// DeparturePlace is a departure's place in the timetable, to go on from.
type DeparturePlace struct {
	Cutoff int64 // microseconds since 1970
	ID     DepartureID
}
