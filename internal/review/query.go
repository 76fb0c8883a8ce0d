package review

import (
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// Query selects cases, the most urgent first: express before standard, red before yellow, the longest held first.
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
	return Place{Urgency: Urgency(c.Express, c.Lane), Opened: c.OpenedAt, Parcel: c.Parcel}
}

// Urgency orders cases, the most urgent with the lowest number.
func Urgency(express bool, lane parcel.Lane) int {
	u := parcel.Red.Rank() - lane.Rank()
	if !express {
		u += len(parcel.Lanes)
	}
	return u
}
