package review

import (
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// Query selects cases, the most urgent first: stopped and overdue ones before all, express before standard, red before yellow, the longest held first.
type Query struct {
	State    State // Open when empty
	Lane     parcel.Lane
	Category parcel.Category
	Assignee *account.ID // only those this officer has claimed
	Unclaim  bool        // only those nobody has claimed
	After    Place
	Limit    int
}

// Place is a case's place on the desk, to go on from.
type Place struct {
	Urgency int
	Opened  time.Time
	Parcel  parcel.ID
}

// PlaceOf gives a case's place on the desk.
func PlaceOf(c Case) Place {
	return Place{Urgency: c.Urgency(), Opened: c.OpenedAt, Parcel: c.Parcel}
}

// What comes before every lane: a stop before all, then what a platform has not answered in time.
const (
	stoppedFirst = -100
	overdueFirst = -10
)

// MostUrgent is before every case.
const MostUrgent = 2 * (stoppedFirst + overdueFirst)

// Urgency is the place of an open case on the desk.
func (c Case) Urgency() int {
	u := Urgency(c.Express, c.Lane)
	if c.Stopped() {
		u += stoppedFirst
	}
	if c.Overdue {
		u += overdueFirst
	}
	return u
}

// Urgency orders cases by what their parcels are, the most urgent with the lowest number.
func Urgency(express bool, lane parcel.Lane) int {
	u := parcel.Red.Rank() - lane.Rank()
	if !express {
		u += len(parcel.Lanes)
	}
	return u
}
