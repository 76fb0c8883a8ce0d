package consignment

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
)

// scan is a carrier's scan about no leg in particular.
func scan(t testing.TB, typ EventType, id string) Event {
	t.Helper()
	return Event{
		ID: id, Type: typ, Classifier: "actual", Leg: -1, By: "carrier 2",
		OccurredAt: at(t, "2026-11-22T05:10:00Z"), RecordedAt: at(t, "2026-11-22T05:12:00Z"),
	}
}

func onLegOf(e Event, leg int) Event {
	e.Leg = leg
	return e
}

func inPlace(e Event, place string) Event {
	e.Location = place
	return e
}

// journeyOf prints the legs' statuses by their first letters.
func journeyOf(c Consignment) string {
	var b strings.Builder
	for _, leg := range c.Legs {
		b.WriteByte(leg.Status[0])
	}
	return b.String()
}

func TestScansAlongTheWay(t *testing.T) {
	t.Parallel()
	departed, transferred, arrived := scan(t, EventDeparted, "x"), scan(t, EventTransferred, "x"), scan(t, EventArrived, "x")
	type step struct {
		scan   Event
		status Status
		legs   string // p(lanned) u(nderway) d(one)
	}
	for name, steps := range map[string][]step{
		"by location, stop by stop": {
			{inPlace(departed, "CNAKL"), Departed, "uppp"},
			{inPlace(arrived, "KZDOS"), Departed, "dppp"},
			{inPlace(transferred, "KZDOS"), Departed, "dupp"},
			{inPlace(arrived, "PLMAA"), Departed, "ddpp"},
			{inPlace(departed, "PLMAA"), Departed, "ddup"},
			{inPlace(arrived, "DEDUI"), Departed, "dddp"},
			{inPlace(transferred, "DEDUI"), Departed, "dddu"},
			{inPlace(arrived, "FRPAR"), Arrived, "dddd"},
		},
		"by leg, only arrivals": {
			{departed, Departed, "uppp"},
			{onLegOf(arrived, 0), Departed, "dppp"},
			{onLegOf(arrived, 1), Departed, "ddpp"},
			{onLegOf(arrived, 2), Departed, "dddp"},
			{onLegOf(arrived, 3), Arrived, "dddd"},
		},
		"without any place": {
			{departed, Departed, "uppp"},
			{transferred, Departed, "dupp"},
			{transferred, Departed, "ddup"},
			{transferred, Departed, "dddu"},
			{transferred, Departed, "dddu"},
			{arrived, Arrived, "dddd"},
		},
		"the whole journey in two": {
			{departed, Departed, "uppp"},
			{arrived, Arrived, "dddd"},
		},
		"being further on proves what nobody told": {
			{inPlace(departed, "PLMAA"), Departed, "ddup"},
			{onLegOf(arrived, 3), Arrived, "dddd"},
		},
		"late and repeated ones change nothing": {
			{departed, Departed, "uppp"},
			{inPlace(arrived, "PLMAA"), Departed, "ddpp"},
			{inPlace(arrived, "KZDOS"), Departed, "ddpp"},
			{inPlace(transferred, "KZDOS"), Departed, "ddpp"},
			{inPlace(departed, "CNAKL"), Departed, "ddpp"},
			{departed, Departed, "ddpp"},
			{scan(t, EventSealed, "x"), Departed, "ddpp"},
			{scan(t, EventLoaded, "x"), Departed, "ddpp"},
			{inPlace(arrived, "PLMAA"), Departed, "ddpp"},
		},
		"a stop on the way is no arrival": {
			{departed, Departed, "uppp"},
			{inPlace(arrived, "BYBQT"), Departed, "uppp"},
			{inPlace(departed, "BYBQT"), Departed, "uppp"},
			{inPlace(transferred, "BYBQT"), Departed, "uppp"},
		},
		"nothing comes after the end": {
			{departed, Departed, "uppp"},
			{arrived, Arrived, "dddd"},
			{departed, Arrived, "dddd"},
			{inPlace(departed, "PLMAA"), Arrived, "dddd"},
			{transferred, Arrived, "dddd"},
			{arrived, Arrived, "dddd"},
			{onLegOf(arrived, 0), Arrived, "dddd"},
			{scan(t, EventSealed, "x"), Arrived, "dddd"},
		},
		"the first leg is not transferred to": {
			{departed, Departed, "uppp"},
			{onLegOf(transferred, 0), Departed, "uppp"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := unitAt(t, Released)
			for n, s := range steps {
				var events []Event
				c, events = must(t, Scan(s.scan), c)
				require.Equal(t, s.status, c.Status, "step %d", n)
				require.Equal(t, s.legs, journeyOf(c), "step %d", n)
				require.Equal(t, s.scan.Type, one(t, events).Type, "every scan is recorded; step %d", n)
			}
		})
	}
}

func TestScanTellsWhenLegsEnded(t *testing.T) {
	t.Parallel()
	c := unitAt(t, Departed)
	passed := onLegOf(scan(t, EventTransferred, "t"), 1)
	c, _ = must(t, Scan(passed), c)
	require.Equal(t, "dupp", journeyOf(c))
	require.Nil(t, c.Legs[0].ActualAt, "it ended, and nobody said when")

	late := onLegOf(scan(t, EventArrived, "a"), 0)
	late.OccurredAt = at(t, "2026-11-22T05:01:00Z")
	before := c
	c, events := must(t, Scan(late), c)
	require.Len(t, events, 1)
	require.Equal(t, late.OccurredAt, *c.Legs[0].ActualAt)
	require.Nil(t, before.Legs[0].ActualAt, "the unit that was given is left as it was")
	require.Equal(t, "dupp", journeyOf(c))

	c, _ = must(t, Scan(onLegOf(scan(t, EventArrived, "a2"), 0)), c)
	require.Equal(t, late.OccurredAt, *c.Legs[0].ActualAt, "the first word stands")
}

func TestScanPlacesEvents(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status   Status
		scan     Event
		leg      int
		location string
	}{
		"loaded at the port":             {Open, scan(t, EventLoaded, "x"), -1, "CNAKL"},
		"sealed at the port":             {Open, scan(t, EventSealed, "x"), -1, "CNAKL"},
		"departed at the port":           {Released, scan(t, EventDeparted, "x"), -1, "CNAKL"},
		"departed again, nobody knows":   {Departed, scan(t, EventDeparted, "x"), -1, ""},
		"departed where the leg begins":  {Departed, onLegOf(scan(t, EventDeparted, "x"), 2), 2, "PLMAA"},
		"transferred where it begins":    {Departed, onLegOf(scan(t, EventTransferred, "x"), 1), 1, "KZDOS"},
		"arrived where the leg ends":     {Departed, onLegOf(scan(t, EventArrived, "x"), 1), 1, "PLMAA"},
		"arrived at an open end":         {Departed, scan(t, EventArrived, "x"), -1, ""},
		"a leg by its end":               {Departed, inPlace(scan(t, EventArrived, "x"), "DEDUI"), 2, "DEDUI"},
		"a leg by its beginning":         {Departed, inPlace(scan(t, EventTransferred, "x"), "DEDUI"), 3, "DEDUI"},
		"off the route":                  {Departed, inPlace(scan(t, EventArrived, "x"), "BYBQT"), -1, "BYBQT"},
		"the carrier's own place stands": {Departed, inPlace(onLegOf(scan(t, EventArrived, "x"), 0), "KZALS"), 0, "KZALS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, events := must(t, Scan(tt.scan), unitAt(t, tt.status))
			e := one(t, events)
			require.Equal(t, tt.leg, e.Leg)
			require.Equal(t, tt.location, e.Location)
			require.Equal(t, tt.scan.ID, e.ID)
			require.Equal(t, tt.scan.By, e.By)
			require.Equal(t, tt.scan.OccurredAt, e.OccurredAt)
			require.Equal(t, tt.scan.RecordedAt, e.RecordedAt)
		})
	}
}

func TestScanSealsAnOpenUnit(t *testing.T) {
	t.Parallel()
	c, events := must(t, Scan(scan(t, EventSealed, "s")), unitAt(t, Open))
	require.Equal(t, Sealed, c.Status)
	require.Equal(t, SealedByScan, c.SealedFor)
	require.Equal(t, at(t, "2026-11-22T05:10:00Z"), *c.SealedAt)
	require.NotEmpty(t, c.Seal)
	require.Equal(t, "s", one(t, events).ID, "the scan itself is the event")

	early, ahead := scan(t, EventSealed, "s"), scan(t, EventSealed, "s")
	early.OccurredAt = at(t, "2026-11-22T01:00:00Z")
	c, _ = must(t, Scan(early), unitAt(t, Open))
	require.Equal(t, c.OpenedAt, *c.SealedAt, "not before it was opened")
	ahead.OccurredAt = ahead.RecordedAt.Add(4 * time.Minute)
	c, _ = must(t, Scan(ahead), unitAt(t, Open))
	require.Equal(t, ahead.RecordedAt, *c.SealedAt, "not in the future")
}

func TestScanConflicts(t *testing.T) {
	t.Parallel()
	held := func(status Status) Consignment {
		c, _ := must(t, PlaceHold(customs("h1")), unitAt(t, status))
		return c
	}
	for name, tt := range map[string]struct {
		unit Consignment
		scan Event
		code string
	}{
		"open units do not depart":       {unitAt(t, Open), scan(t, EventDeparted, "x"), "consignment_not_released"},
		"nor do sealed ones":             {unitAt(t, Sealed), scan(t, EventDeparted, "x"), "consignment_not_released"},
		"nor released ones under a hold": {held(Released), scan(t, EventDeparted, "x"), "consignment_held"},
		"from the middle neither":        {unitAt(t, Sealed), inPlace(scan(t, EventDeparted, "x"), "KZDOS"), "consignment_not_released"},
		"open units do not arrive":       {unitAt(t, Open), scan(t, EventArrived, "x"), "consignment_not_departed"},
		"nor do released ones":           {unitAt(t, Released), onLegOf(scan(t, EventArrived, "x"), 0), "consignment_not_departed"},
		"nor are they transferred":       {unitAt(t, Released), scan(t, EventTransferred, "x"), "consignment_not_departed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, events, err := Scan(tt.scan)(tt.unit)
			requireFault(t, err, fault.Conflict, tt.code)
			require.Empty(t, events)
			require.Equal(t, tt.unit, c)
		})
	}
}

func TestPlannedAndEstimatedScansMoveNothing(t *testing.T) {
	t.Parallel()
	for _, status := range Statuses {
		for _, classifier := range []string{"planned", "estimated"} {
			for _, typ := range scannable {
				e := scan(t, typ, "x")
				e.Classifier, e.OccurredAt = classifier, e.RecordedAt.Add(200*time.Hour)
				before := unitAt(t, status)
				c, events := must(t, Scan(e), before)
				require.Equal(t, before, c)
				require.Equal(t, classifier, one(t, events).Classifier)
			}
		}
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*Event)
		want  []string
	}{
		"no id":                {func(e *Event) { e.ID = "" }, []string{"/id id.required"}},
		"a long id":            {func(e *Event) { e.ID = strings.Repeat("é", 101) }, []string{"/id id.length"}},
		"a control character":  {func(e *Event) { e.ID = "a\x00" }, []string{"/id id.characters"}},
		"our own name":         {func(e *Event) { e.ID = "alataw:released" }, []string{"/id id.reserved"}},
		"our own event":        {func(e *Event) { e.Type = EventReleased }, []string{"/type type.unknown"}},
		"an unknown type":      {func(e *Event) { e.Type = "lost" }, []string{"/type type.unknown"}},
		"a wrong classifier":   {func(e *Event) { e.Classifier = "maybe" }, []string{"/classifier classifier.unknown"}},
		"no time":              {func(e *Event) { e.OccurredAt = time.Time{} }, []string{"/occurred_at occurred_at.required"}},
		"the future":           {func(e *Event) { e.OccurredAt = e.RecordedAt.Add(clockSkew + 1) }, []string{"/occurred_at occurred_at.future"}},
		"a leg too far":        {func(e *Event) { e.Leg = 4 }, []string{"/leg leg.range"}},
		"a leg before":         {func(e *Event) { e.Leg = -2 }, []string{"/leg leg.range"}},
		"a name for a place":   {func(e *Event) { e.Location = "Dostyk" }, []string{"/location location.form"}},
		"a digit in a country": {func(e *Event) { e.Location = "K2DOS" }, []string{"/location location.form"}},
		"a novel":              {func(e *Event) { e.Note = strings.Repeat("a", 501) }, []string{"/note note.length"}},
		"several things": {func(e *Event) { e.ID, e.Leg, e.Type = "", 9, "" }, []string{
			"/id id.required", "/type type.unknown", "/leg leg.range",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := scan(t, EventDeparted, "x")
			tt.spoil(&e)
			_, events, err := Scan(e)(unitAt(t, Released))
			require.Equal(t, tt.want, pointers(requireFault(t, err, fault.Invalid, "invalid_request")))
			require.Empty(t, events)
		})
	}
	forgotten := scan(t, EventDeparted, "x")
	forgotten.RecordedAt = time.Time{}
	_, _, err := Scan(forgotten)(unitAt(t, Released))
	require.Equal(t, fault.Internal, fault.KindOf(err), "the caller's mistake, not the carrier's")
}

func TestScanTakesActualForGranted(t *testing.T) {
	t.Parallel()
	e := scan(t, EventDeparted, "x")
	e.Classifier = ""
	c, events := must(t, Scan(e), unitAt(t, Released))
	require.Equal(t, Departed, c.Status)
	require.Equal(t, "actual", one(t, events).Classifier)
}

func TestScanOfAUnitWithoutLegs(t *testing.T) {
	t.Parallel()
	c := Consignment{Status: Released}
	c, _ = must(t, Scan(scan(t, EventDeparted, "d")), c)
	c, _ = must(t, Scan(scan(t, EventTransferred, "t")), c)
	c, _ = must(t, Scan(inPlace(scan(t, EventArrived, "a"), "KZDOS")), c)
	require.Equal(t, Departed, c.Status)
	c, _ = must(t, Scan(scan(t, EventArrived, "b")), c)
	require.Equal(t, Arrived, c.Status)
}
