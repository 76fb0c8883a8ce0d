package parcel

import "slices"

// Status is where a parcel stands. docs/states.md draws it.
type Status string

// The statuses. Those from Bundled to Arrived are the consignment's, seen from the parcel: no parcel is rewritten for them.
const (
	Received             Status = "received"
	Cleared              Status = "cleared"
	Held                 Status = "held"
	InformationRequested Status = "information_requested"
	Inspection           Status = "inspection"
	Refused              Status = "refused"
	Detained             Status = "detained"
	Returned             Status = "returned"
	Cancelled            Status = "cancelled"
	Bundled              Status = "bundled"
	Sealed               Status = "sealed"
	Released             Status = "released"
	Departed             Status = "departed"
	Arrived              Status = "arrived"
)

// next lists, for each status, those that may follow it. What is missing is forbidden.
//
// A parcel that is screened again may be held until it departs. The officer who lets it go gives it back the status of the unit it
// is still in; that is the only way back.
var next = map[Status][]Status{
	Received:             {Cleared, Held, Refused},
	Held:                 {Cleared, Bundled, Sealed, Released, Inspection, InformationRequested, Detained, Returned, Refused, Cancelled},
	InformationRequested: {Held, Cleared, Bundled, Sealed, Released, Inspection, Detained, Returned, Refused, Cancelled},
	Inspection:           {Cleared, Bundled, Sealed, Released, InformationRequested, Detained, Returned, Refused},
	Cleared:              {Bundled, Held, Cancelled},
	Bundled:              {Sealed, Cleared, Held, Cancelled},
	Sealed:               {Released, Held},
	Released:             {Departed, Held},
	Departed:             {Arrived},
}

// Statuses are all statuses, in the order a parcel may meet them.
var Statuses = []Status{
	Received, Cleared, Held, InformationRequested, Inspection, Refused, Detained, Returned, Cancelled,
	Bundled, Sealed, Released, Departed, Arrived,
}

// CanBecome tells whether s may be followed by to. A terminal status is followed by nothing.
func (s Status) CanBecome(to Status) bool { return slices.Contains(next[s], to) }

// Terminal tells whether nothing follows s.
func (s Status) Terminal() bool { return len(next[s]) == 0 }

// Known tells whether s is a status at all.
func (s Status) Known() bool { return slices.Contains(Statuses, s) }

// Lane is how closely customs look (ASYCUDA's selectivity): green passes, blue passes and is audited later,
// yellow waits for documents, red waits for a physical inspection.
type Lane string

// The lanes, from the lightest to the heaviest.
const (
	Green  Lane = "green"
	Blue   Lane = "blue"
	Yellow Lane = "yellow"
	Red    Lane = "red"
)

// Lanes are all lanes, the lightest first.
var Lanes = []Lane{Green, Blue, Yellow, Red}

// Rank orders lanes: red outranks yellow outranks blue outranks green.
func (l Lane) Rank() int { return slices.Index(Lanes, l) }

// Holds tells whether a parcel on this lane waits for an officer.
func (l Lane) Holds() bool { return l == Yellow || l == Red }

// Outrank gives the heavier of two lanes.
func (l Lane) Outrank(other Lane) Lane {
	if other.Rank() > l.Rank() {
		return other
	}
	return l
}
