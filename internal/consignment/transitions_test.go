package consignment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
)

const morning = "2026-11-22T03:50:00Z"

// unitAt is a loaded unit of the 05:00 train, brought to a status the usual way.
func unitAt(t testing.TB, status Status) Consignment {
	t.Helper()
	now := at(t, morning)
	plan := Pack([]Load{load(1, 2667, 15_500)}, Yard{Route: europe()}, now)
	c := plan.Units[0]
	for _, step := range []struct {
		to     Status
		change Change
	}{
		{Sealed, Seal(now.Add(time.Hour), SealedCutoff)},
		{Released, Release("dispatch", now.Add(time.Hour))},
		{Departed, Scan(scan(t, EventDeparted, "d0"))},
		{Arrived, Scan(scan(t, EventArrived, "a0"))},
	} {
		if c.Status == status {
			return c
		}
		c, _ = must(t, step.change, c)
		require.Equal(t, step.to, c.Status)
	}
	return c
}

func must(t testing.TB, change Change, c Consignment) (Consignment, []Event) {
	t.Helper()
	changed, events, err := change(c)
	require.NoError(t, err)
	return changed, events
}

func one(t testing.TB, events []Event) Event {
	t.Helper()
	require.Len(t, events, 1)
	return events[0]
}

func customs(id string) Hold {
	return Hold{ID: id, By: "customs", Who: "officer 3", Reason: "papers missing", PlacedAt: time.Unix(1_795_000_000, 0).UTC()}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T04:45:00Z")
	open := unitAt(t, Open)
	c, events := must(t, Seal(now, SealedFull), open)
	require.Equal(t, Sealed, c.Status)
	require.Equal(t, now, *c.SealedAt)
	require.Equal(t, SealedFull, c.SealedFor)
	require.Equal(t, sealOf(c.ID), c.Seal)
	require.Equal(t, Event{
		ID: "alataw:sealed", Type: EventSealed, Classifier: "actual", OccurredAt: now, RecordedAt: now, Location: "CNAKL", Leg: -1,
		By: "dispatch", Note: "full",
	}, one(t, events))

	for _, status := range Statuses[1:] {
		c := unitAt(t, status)
		again, events := must(t, Seal(now.Add(time.Hour), SealedCutoff), c)
		require.Empty(t, events)
		require.Equal(t, c, again)
	}
}

func TestSealDue(t *testing.T) {
	t.Parallel()
	open := unitAt(t, Open)
	cutoff := open.Departure.CutoffAt

	_, events := must(t, sealDue(cutoff.Add(-time.Nanosecond)), open)
	require.Empty(t, events, "neither full nor at its cut-off")

	c, _ := must(t, sealDue(cutoff), open)
	require.Equal(t, SealedCutoff, c.SealedFor)

	open.Parcels = open.Limits.Parcels
	c, _ = must(t, sealDue(cutoff.Add(-time.Hour)), open)
	require.Equal(t, SealedFull, c.SealedFor)

	open.Parcels = 0
	c, events = must(t, sealDue(cutoff), open)
	require.Equal(t, Sealed, c.Status, "an emptied unit is sealed too")
	require.Equal(t, "cutoff; empty: every parcel was taken out", one(t, events).Note)
	c, _ = must(t, Release("dispatch", cutoff), c)
	require.Equal(t, Released, c.Status)
}

func TestSealByOrderIsTheOfficers(t *testing.T) {
	t.Parallel()
	_, events := must(t, Seal(at(t, morning), SealedByOrder), unitAt(t, Open))
	require.Equal(t, "officer", one(t, events).By)
}

func TestRelease(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T04:50:00Z")
	c, events := must(t, Release("officer 3", now), unitAt(t, Sealed))
	require.Equal(t, Released, c.Status)
	require.Equal(t, now, *c.ReleasedAt)
	e := one(t, events)
	require.Equal(t, "officer 3", e.By)
	require.Equal(t, "alataw:released", e.ID)
	require.Equal(t, EventReleased, e.Type)

	for _, status := range []Status{Released, Departed, Arrived} {
		c := unitAt(t, status)
		again, events := must(t, Release("officer 4", now.Add(time.Hour)), c)
		require.Empty(t, events)
		require.Equal(t, c, again)
	}
}

func TestReleaseSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	_, _, err := Release("dispatch", at(t, morning))(unitAt(t, Open))
	f := requireFault(t, err, fault.Conflict, "consignment_open")
	require.Contains(t, f.Detail, "CN-EU-20261122-0500-001 is open")

	c, _ := must(t, PlaceHold(customs("h1")), unitAt(t, Sealed))
	carrier := customs("h2")
	carrier.By, carrier.Reason = "carrier", "wind"
	c, _ = must(t, PlaceHold(carrier), c)
	_, _, err = Release("dispatch", at(t, morning))(c)
	f = requireFault(t, err, fault.Conflict, "consignment_held")
	require.Contains(t, f.Detail, "held by customs (papers missing), by carrier (wind)")
}

func TestHoldsAreLiftedEachOnItsOwn(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T04:50:00Z")
	c, events := must(t, PlaceHold(customs("h1")), unitAt(t, Sealed))
	held := one(t, events)
	require.Equal(t, "alataw:held-h1", held.ID)
	require.Equal(t, EventHeld, held.Type)
	require.Equal(t, "officer 3", held.By)
	require.Equal(t, customs("h1").PlacedAt, held.OccurredAt)

	twice, events := must(t, PlaceHold(customs("h1")), c)
	require.Empty(t, events)
	require.Equal(t, c, twice)

	c, _ = must(t, PlaceHold(customs("h2")), c)
	before := c
	c, events = must(t, LiftHold("h1", "officer 5", now), c)
	require.Equal(t, []Hold{customs("h2")}, c.Holds)
	require.Len(t, before.Holds, 2, "the unit that was given is left as it was")
	lifted := one(t, events)
	require.Equal(t, "alataw:lifted-h1", lifted.ID)
	require.Equal(t, EventLifted, lifted.Type)
	require.Equal(t, "officer 5", lifted.By)

	_, _, err := Release("dispatch", now)(c)
	requireFault(t, err, fault.Conflict, "consignment_held")
	c, _ = must(t, LiftHold("h2", "officer 5", now), c)
	c, _ = must(t, Release("dispatch", now), c)
	require.Equal(t, Released, c.Status)

	_, _, err = LiftHold("h1", "officer 5", now)(c)
	requireFault(t, err, fault.NotFound, "hold_not_found")
}

func TestHoldNeedsAUnitThatIsStillHere(t *testing.T) {
	t.Parallel()
	for _, status := range []Status{Open, Sealed, Released} {
		before := unitAt(t, status)
		c, events := must(t, PlaceHold(customs("h1")), before)
		require.Equal(t, status, c.Status, "a hold is no status")
		require.Len(t, c.Holds, 1)
		require.Empty(t, before.Holds)
		require.Len(t, events, 1)
	}
	for _, status := range []Status{Departed, Arrived} {
		_, _, err := PlaceHold(customs("h1"))(unitAt(t, status))
		requireFault(t, err, fault.Conflict, "consignment_departed")
	}
}

func TestHoldNeedsItsFields(t *testing.T) {
	t.Parallel()
	_, _, err := PlaceHold(Hold{By: "me", Reason: " "})(unitAt(t, Sealed))
	require.Equal(t, []string{"/id id.required", "/by by.unknown", "/placed_at placed_at.required", "/who who.required", "/reason reason.required"},
		pointers(requireFault(t, err, fault.Invalid, "invalid_request")))
}
