package consignment

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
)

// Who is named in the events that no person causes.
const (
	byBundling = "bundling"
	byDispatch = "dispatch"
	byOfficer  = "officer"
)

// ownPrefix begins the IDs of our own events. Carriers may not use it: a scan named like our event would stand in its way.
const ownPrefix = "alataw:"

const actual = "actual"

const maxReason = 500

// reached tells whether a unit of status s has come as far as other, or further.
func (s Status) reached(other Status) bool {
	return slices.Index(Statuses, s) >= slices.Index(Statuses, other)
}

// Seal closes an open unit and gives it its seal; on any other it changes nothing.
//
// A unit whose parcels were all taken out is sealed at its cut-off like any other, with 0 parcels and a note that says so:
// its slot is used, its number has been told, and the carrier must learn that it has not to be fetched.
func Seal(now time.Time, reason SealReason) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		if c.Status != Open {
			return c, nil, nil
		}
		e := c.happened(EventSealed, "sealed", now)
		e.By, e.Note = byDispatch, string(reason)
		if reason == SealedByOrder {
			e.By = byOfficer
		}
		if c.Parcels == 0 {
			e.Note += "; empty: every parcel was taken out"
		}
		return c.sealed(now, reason), []Event{e}, nil
	}
}

// sealDue seals what is full, or what has reached its cut-off, and leaves the rest open.
func sealDue(now time.Time) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		switch {
		case c.Full():
			return Seal(now, SealedFull)(c)
		case !c.Departure.CutoffAt.After(now):
			return Seal(now, SealedCutoff)(c)
		}
		return c, nil, nil
	}
}

func (c Consignment) sealed(at time.Time, reason SealReason) Consignment {
	c.Status, c.SealedAt, c.SealedFor, c.Seal = Sealed, &at, reason, sealOf(c.ID)
	return c
}

// Release lets a sealed unit without a hold go; one that was released before stays as it is.
// Otherwise the error is a fault of kind Conflict that says what is in the way.
func Release(by string, now time.Time) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		switch {
		case c.Status.reached(Released):
			return c, nil, nil
		case c.Status == Open:
			return c, nil, fault.New(fault.Conflict, "consignment_open", "%s is open: it can be released when it is sealed", c.Number)
		case len(c.Holds) > 0:
			return c, nil, c.heldFault()
		}
		e := c.happened(EventReleased, "released", now)
		e.By = by
		c.Status, c.ReleasedAt = Released, &now
		return c, []Event{e}, nil
	}
}

func (c Consignment) heldFault() error {
	holds := make([]string, len(c.Holds))
	for i, h := range c.Holds {
		holds[i] = fmt.Sprintf("by %s (%s)", h.By, h.Reason)
	}
	return fault.New(fault.Conflict, "consignment_held", "%s is held %s", c.Number, strings.Join(holds, ", "))
}

// PlaceHold stops a unit's release and departure until the hold is lifted. A hold that is there already changes nothing.
// A unit that has departed cannot be held any more: a fault of kind Conflict. A hold without id, holder, who and reason is Invalid.
func PlaceHold(h Hold) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		if err := checkHold(h); err != nil {
			return c, nil, err
		}
		if slices.ContainsFunc(c.Holds, func(old Hold) bool { return old.ID == h.ID }) {
			return c, nil, nil
		}
		if c.Status.reached(Departed) {
			return c, nil, fault.New(fault.Conflict, "consignment_departed", "%s has departed: a hold cannot stop it", c.Number)
		}
		h.LiftedAt = nil
		e := c.happened(EventHeld, "held-"+h.ID, h.PlacedAt)
		e.By, e.Note = h.Who, h.By+": "+h.Reason
		c.Holds = append(slices.Clone(c.Holds), h)
		return c, []Event{e}, nil
	}
}

func checkHold(h Hold) error {
	var w wrongs
	w.add(h.ID == "", "/id", "id.required", "this is needed")
	w.add(h.By != "customs" && h.By != "carrier", "/by", "by.unknown", "customs or carrier")
	w.add(h.PlacedAt.IsZero(), "/placed_at", "placed_at.required", "this is needed")
	w.add(h.Who == "", "/who", "who.required", "this is needed")
	w.add(strings.TrimSpace(h.Reason) == "", "/reason", "reason.required", "this is needed")
	w.add(utf8.RuneCountInString(h.Reason) > maxReason, "/reason", "reason.length", "at most 500 characters are taken")
	return w.fault()
}

// LiftHold takes a hold away; the others stay. When the unit has no such hold, or no longer, the error is a fault of kind NotFound;
// when it is for the sake of a parcel, Conflict.
func LiftHold(id, who string, now time.Time) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		i := slices.IndexFunc(c.Holds, func(h Hold) bool { return h.ID == id })
		if i < 0 {
			return c, nil, fault.New(fault.NotFound, "hold_not_found", "%s has no such hold", c.Number)
		}
		if of := c.Holds[i].Parcel; of != "" {
			return c, nil, fault.New(fault.Conflict, "hold_of_parcel", "this hold stands for %s: it ends with what is decided about that parcel", of)
		}
		e := c.happened(EventLifted, "lifted-"+id, now)
		e.By, e.Note = who, c.Holds[i].By+": "+c.Holds[i].Reason
		c.Holds = slices.Delete(slices.Clone(c.Holds), i, i+1)
		return c, []Event{e}, nil
	}
}

// happened makes one of our own events, at the port where the unit is loaded. Its ID says what it is: the same thing happens to a unit once.
func (c Consignment) happened(t EventType, id string, at time.Time) Event {
	return Event{
		ID: ownPrefix + id, Type: t, Classifier: actual, OccurredAt: at, RecordedAt: at,
		Location: c.port(), Leg: -1,
	}
}

// port is where the first leg begins.
func (c Consignment) port() string {
	if len(c.Legs) == 0 {
		return ""
	}
	return c.Legs[0].From
}
