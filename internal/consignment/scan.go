package consignment

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
)

const (
	maxScanID = 100
	clockSkew = 5 * time.Minute // how far a carrier's clock may be ahead of ours
)

// scannable are the events a carrier may send.
var scannable = []EventType{EventLoaded, EventSealed, EventDeparted, EventTransferred, EventArrived}

var classifiers = []string{"planned", "estimated", actual}

// Scan takes in what a carrier says happened. The caller sets RecordedAt (now), By, and Leg (-1 when the carrier named none);
// an empty classifier means actual. What is wrong with the event itself is a fault of kind Invalid with every wrong field.
//
// Where it happened follows from the leg, else from the location: transferred and departed are about the leg that begins there,
// arrived about the leg that ends there. With neither, arrived is about the whole journey, departed about its start,
// and transferred about the leg after the one the unit is on.
//
// Sealed seals an open unit. Departed needs a released unit without a hold, arrived and transferred a departed one;
// else a fault of kind Conflict. Arrived at the end of the last leg ends the journey, at any other it ends that leg.
// A scan that is late, repeated, planned, estimated, or about a place off the route is recorded and moves nothing back or forth;
// a late one may still tell when a leg ended.
func Scan(ev Event) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		if ev.Classifier == "" {
			ev.Classifier = actual
		}
		if ev.RecordedAt.IsZero() {
			return c, nil, fmt.Errorf("scan %s: nobody set when it was recorded", ev.ID)
		}
		if err := checkScan(ev, len(c.Legs)); err != nil {
			return c, nil, err
		}
		s := c.locate(ev)
		if s.Classifier != actual {
			return c, []Event{s.Event}, nil
		}
		moved, err := s.apply(c)
		if err != nil {
			return c, nil, err
		}
		return moved, []Event{s.Event}, nil
	}
}

func checkScan(ev Event, legs int) error {
	var w wrongs
	w.add(ev.ID == "", "/id", "id.required", "this is needed: it makes the scan safe to repeat")
	w.add(utf8.RuneCountInString(ev.ID) > maxScanID, "/id", "id.length", "at most 100 characters are taken")
	w.add(strings.ContainsFunc(ev.ID, unicode.IsControl), "/id", "id.characters", "control characters are not taken")
	w.add(strings.HasPrefix(ev.ID, ownPrefix), "/id", "id.reserved", "ids that begin like this are our own")
	w.add(!slices.Contains(scannable, ev.Type), "/type", "type.unknown", "loaded, sealed, departed, transferred or arrived")
	w.add(!slices.Contains(classifiers, ev.Classifier), "/classifier", "classifier.unknown", "planned, estimated or actual")
	w.add(ev.OccurredAt.IsZero(), "/occurred_at", "occurred_at.required", "this is needed")
	w.add(ev.Classifier == actual && ev.OccurredAt.After(ev.RecordedAt.Add(clockSkew)),
		"/occurred_at", "occurred_at.future", "what actually happened cannot lie ahead")
	w.add(ev.Leg < -1 || ev.Leg >= legs, "/leg", "leg.range", "the consignment has no such leg")
	w.add(ev.Location != "" && !locode(ev.Location), "/location", "location.form", "a UN/LOCODE: two letters, then three letters or digits 2 to 9")
	w.add(utf8.RuneCountInString(ev.Note) > maxReason, "/note", "note.length", "at most 500 characters are taken")
	return w.fault()
}

// locode tells whether s has the form of a UN/LOCODE (UNECE Recommendation 16). Which codes exist is not asked: trains stop at many places.
func locode(s string) bool {
	if len(s) != 5 {
		return false
	}
	for i, ch := range []byte(s) {
		if (ch < 'A' || ch > 'Z') && (i < 2 || ch < '2' || ch > '9') {
			return false
		}
	}
	return true
}

// located is a scan whose place on the route has been worked out.
type located struct {
	Event
	whole bool // it names neither leg nor location
}

func (c Consignment) locate(ev Event) located {
	s := located{Event: ev, whole: ev.Leg < 0 && ev.Location == ""}
	if s.Leg < 0 && s.Location != "" {
		s.Leg = c.legAt(ev.Type, ev.Location)
	}
	if s.Location == "" {
		s.Location = c.placeOf(s)
	}
	return s
}

// legAt finds the leg that begins (departed, transferred) or ends (arrived) at a place; -1 when none does.
// A last leg whose end is open, as road carriage to many towns is, ends at any place that no other leg ends at, once the unit is on it or just before it.
func (c Consignment) legAt(t EventType, place string) int {
	switch t {
	case EventDeparted, EventTransferred:
		return slices.IndexFunc(c.Legs, func(l Leg) bool { return l.From == place })
	case EventArrived:
		if k := slices.IndexFunc(c.Legs, func(l Leg) bool { return l.To == place }); k >= 0 {
			return k
		}
		last := len(c.Legs) - 1
		if last >= 0 && c.Legs[last].To == "" && (last == 0 || c.progress() >= endOf(last-1)) {
			return last
		}
	case EventOpened, EventLoaded, EventUnloaded, EventSealed, EventHeld, EventLifted, EventReleased:
	}
	return -1
}

// placeOf gives the place of a scan that names none.
func (c Consignment) placeOf(s located) string {
	switch s.Type {
	case EventArrived:
		if s.whole && len(c.Legs) > 0 {
			return c.Legs[len(c.Legs)-1].To
		}
		if s.Leg >= 0 {
			return c.Legs[s.Leg].To
		}
	case EventDeparted, EventTransferred:
		if s.Leg >= 0 {
			return c.Legs[s.Leg].From
		}
		if s.Type == EventDeparted && !c.Status.reached(Departed) {
			return c.port()
		}
	case EventOpened, EventLoaded, EventUnloaded, EventSealed, EventHeld, EventLifted, EventReleased:
		return c.port()
	}
	return ""
}

// apply gives the unit as the scan leaves it.
func (s located) apply(c Consignment) (Consignment, error) {
	switch s.Type {
	case EventSealed:
		if c.Status == Open {
			return c.sealed(s.during(c), SealedByScan), nil
		}
	case EventDeparted:
		return s.depart(c)
	case EventTransferred:
		return s.transfer(c)
	case EventArrived:
		return s.arrive(c)
	case EventOpened, EventLoaded, EventUnloaded, EventHeld, EventLifted, EventReleased:
	}
	return c, nil
}

// during is when it happened, kept between the opening of the unit and now: a carrier's clock may be off.
func (s located) during(c Consignment) time.Time {
	switch {
	case s.OccurredAt.After(s.RecordedAt):
		return s.RecordedAt
	case s.OccurredAt.Before(c.OpenedAt):
		return c.OpenedAt
	}
	return s.OccurredAt
}

func (s located) depart(c Consignment) (Consignment, error) {
	switch {
	case c.Status.reached(Arrived):
		return c, nil
	case c.Status.reached(Departed):
		if s.Leg >= 0 {
			c = c.advance(onLeg(s.Leg))
		}
		return c, nil
	case c.Status != Released:
		return c, fault.New(fault.Conflict, "consignment_not_released", "%s is %s: it may depart when it is released", c.Number, c.Status)
	case len(c.Holds) > 0:
		return c, c.heldFault()
	}
	c.Status = Departed
	return c.advance(onLeg(max(0, s.Leg))), nil
}

func (s located) transfer(c Consignment) (Consignment, error) {
	if !c.Status.reached(Departed) {
		return c, c.notDepartedFault()
	}
	next := s.Leg
	if s.whole {
		next = c.progress().current() + 1
	}
	if c.Status == Departed && next > 0 && next < len(c.Legs) {
		c = c.advance(onLeg(next))
	}
	return c, nil
}

func (s located) arrive(c Consignment) (Consignment, error) {
	if !c.Status.reached(Departed) {
		return c, c.notDepartedFault()
	}
	k, last := s.Leg, len(c.Legs)-1
	if s.whole {
		k = last
	}
	if k < 0 && !s.whole {
		return c, nil // a stop on the way
	}
	if k == last {
		c.Status = Arrived
	}
	return c.advance(endOf(k)).arriveAt(k, s.OccurredAt), nil
}

func (c Consignment) notDepartedFault() error {
	return fault.New(fault.Conflict, "consignment_not_departed", "%s is %s: it has not departed", c.Number, c.Status)
}
