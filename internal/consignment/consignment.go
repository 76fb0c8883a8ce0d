// Package consignment bundles cleared parcels into loading units for a route's departures, seals them, and releases them around the clock.
package consignment

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// ID names a consignment: one loading unit on one departure. Printed as "con_" and 26 characters of base 32.
type ID [16]byte

// DepartureID names a departure. Printed as "dep_" and 26 characters of base 32.
type DepartureID [16]byte

// String prints the ID.
func (id ID) String() string { return "con_" + parcel.ID(id).Base() }

// String prints the ID.
func (id DepartureID) String() string { return "dep_" + parcel.ID(id).Base() }

// ParseID reads what ID.String printed.
func ParseID(s string) (ID, error) {
	id, err := parcel.ParseIDWith("con_", s)
	return ID(id), err
}

// ParseDepartureID reads what DepartureID.String printed.
func ParseDepartureID(s string) (DepartureID, error) {
	id, err := parcel.ParseIDWith("dep_", s)
	return DepartureID(id), err
}

// DeriveDepartureID gives the ID of a route's departure; asking twice gives the same one, so nobody can plan it twice.
func DeriveDepartureID(route, number string) DepartureID {
	return DepartureID(derive("alataw.departure.v1", route, number))
}

// DeriveID gives the ID of the n-th unit of a departure.
func DeriveID(departure DepartureID, n int) ID {
	return ID(derive("alataw.consignment.v1", departure.String(), fmt.Sprint(n)))
}

func derive(parts ...string) [16]byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return [16]byte(h.Sum(nil)[:16])
}

// Mode is how a leg or a departure travels.
type Mode string

// The modes.
const (
	Rail Mode = "rail"
	Road Mode = "road"
)

// Limits are what one unit may carry; whichever is reached first fills it.
type Limits struct {
	Weight  parcel.Grams `json:"weight_g"`
	Volume  int64        `json:"volume_cm3"` // usable, not geometric
	Parcels int          `json:"parcels"`
}

// Route is a way out of China that departures run on: where it goes, by which legs, and how often.
type Route struct {
	Code         string // e.g. CN-EU
	Name         string
	Mode         Mode // of the departure at the port: train or truck
	Destinations []string
	Legs         []Leg
	Unit         string        // a loading unit of refdata, e.g. 40HC
	Slots        int           // units on one departure
	Limits       Limits        // of one unit
	Every        time.Duration // from one departure to the next
	CutoffBefore time.Duration // loading ends this long before departure
}

// Leg is one stretch of a route. Status and times are filled in as the unit travels it.
type Leg struct {
	Mode      Mode       `json:"mode"`
	From      string     `json:"from"`            // UN/LOCODE
	To        string     `json:"to"`              // UN/LOCODE
	Gauge     int        `json:"gauge,omitempty"` // mm; 0 on the road
	Hours     int        `json:"hours"`           // planned travel time
	Status    LegStatus  `json:"status"`
	PlannedAt *time.Time `json:"planned_at,omitempty"` // of arrival
	ActualAt  *time.Time `json:"actual_at,omitempty"`  // of arrival
}

// LegStatus is where a unit is on a leg.
type LegStatus string

// The statuses of a leg.
const (
	LegPlanned  LegStatus = "planned"
	LegUnderway LegStatus = "underway"
	LegDone     LegStatus = "done"
)

// Departure is one train or truck of the timetable.
type Departure struct {
	ID         DepartureID
	Route      string
	Mode       Mode
	Number     string // of the train or truck
	CutoffAt   time.Time
	DepartsAt  time.Time
	Unit       string // type of its units
	Slots      int    // units it carries
	Limits     Limits // of one unit
	Opened     int    // units opened so far
	ReleasedAt *time.Time
	ReleasedBy string
}

// Status is where a consignment stands. docs/states.md draws it. A hold is no status: it stops release and departure beside it.
type Status string

// The statuses, in order; none is skipped but by a scan that proves it, and none is left backwards.
const (
	Open     Status = "open"
	Sealed   Status = "sealed"
	Released Status = "released"
	Departed Status = "departed"
	Arrived  Status = "arrived"
)

// Statuses are all statuses in order.
var Statuses = []Status{Open, Sealed, Released, Departed, Arrived}

// Consignment is one loading unit and what it carries.
type Consignment struct {
	ID         ID
	Number     string
	Route      string
	Mode       Mode
	Unit       string // type of the loading unit
	UnitNumber string // ISO 6346 for containers
	Seal       string // "" until sealed
	Status     Status
	Holds      []Hold // those not lifted
	Parcels    int
	Weight     parcel.Grams
	Volume     int64
	Limits     Limits
	Departure  Departure
	Legs       []Leg
	OpenedAt   time.Time
	SealedAt   *time.Time
	SealedFor  SealReason
	ReleasedAt *time.Time
	Next       int // the place in the unit that the next parcel gets; places of removed parcels stay empty
}

// SealReason says why a unit was sealed.
type SealReason string

// The reasons.
const (
	SealedFull    SealReason = "full"
	SealedCutoff  SealReason = "cutoff"
	SealedByScan  SealReason = "scan"
	SealedByOrder SealReason = "officer"
)

// Hold stops a consignment's release and departure until it is lifted.
type Hold struct {
	ID       string     `json:"id"`
	By       string     `json:"by"` // "customs" or "carrier"
	Who      string     `json:"who"`
	Reason   string     `json:"reason"`
	Parcel   string     `json:"parcel_id,omitempty"` // for whose sake it is; such a hold ends with what is decided about the parcel
	Unit     Status     `json:"unit,omitempty"`      // with a parcel: how far the unit was then
	PlacedAt time.Time  `json:"placed_at"`
	LiftedAt *time.Time `json:"lifted_at,omitempty"`
}

// Event is something that happened to a consignment. It is never edited; a correction is another event.
type Event struct {
	ID         string
	Type       EventType
	Classifier string // planned, estimated or actual
	OccurredAt time.Time
	RecordedAt time.Time
	Location   string // UN/LOCODE, "" when it is not known
	Leg        int    // index into the legs; -1 when it is about none
	By         string
	Note       string
}

// EventType is what happened.
type EventType string

// The types of events. Loaded, Sealed, Departed, Arrived and Transferred may come from a carrier's scan.
const (
	EventOpened      EventType = "opened"
	EventLoaded      EventType = "loaded"
	EventSealed      EventType = "sealed"
	EventHeld        EventType = "held"
	EventLifted      EventType = "hold_lifted"
	EventUnloaded    EventType = "unloaded" // a parcel was taken out
	EventReleased    EventType = "released"
	EventDeparted    EventType = "departed"
	EventTransferred EventType = "transferred"
	EventArrived     EventType = "arrived"
)

// ParcelKind is what an event of this type means for every parcel of the consignment, if it moved the consignment's status:
// a scan that is late, planned, or about a leg on the way moves none, and parcels are told nothing. ok is false when it never means anything.
func (t EventType) ParcelKind() (kind parcel.Kind, ok bool) {
	switch t {
	case EventSealed, EventReleased, EventDeparted, EventArrived:
		return parcel.Kind(t), true
	case EventOpened, EventLoaded, EventUnloaded, EventHeld, EventLifted, EventTransferred:
		return "", false
	}
	return "", false
}

// Load is a cleared parcel on its way into a unit.
type Load struct {
	Parcel  parcel.ID
	Account account.ID
	Express bool
	Weight  parcel.Grams
	Volume  int64
}

// ManifestLine is one parcel on a consignment's manifest.
type ManifestLine struct {
	Place      int
	Parcel     parcel.ID
	OrderNo    string
	TrackingNo string
	Document   parcel.Document // nil when it is not kept any longer
	LoadedAt   time.Time
}
