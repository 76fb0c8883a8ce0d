package consignment

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReleasingADepartureReportsOnEveryUnit(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T04:50:00Z")
	numbered := func(status Status, number string) Consignment {
		c := unitAt(t, status)
		c.ID, c.Number = DeriveID(c.Departure.ID, len(number)+int(number[0])), number
		return c
	}
	sealed, open, gone := numbered(Sealed, "D"), numbered(Open, "C"), numbered(Departed, "B")
	held, _ := must(t, PlaceHold(customs("h1")), numbered(Sealed, "A"))

	tried := attempts{}
	change := tried.release("officer 3", now)
	statuses := map[string]Status{}
	for range 2 { // a transaction that is repeated offers every unit again
		for _, c := range []Consignment{sealed, open, gone, held} {
			changed, events := must(t, change, c)
			statuses[c.Number] = changed.Status
			require.Equal(t, c.Number == "D", len(events) == 1)
		}
	}
	require.Equal(t, map[string]Status{"D": Released, "C": Open, "B": Departed, "A": Sealed}, statuses)
	report := tried.report()
	require.Equal(t, ReleaseReport{
		Departure: sealed.Departure,
		Released:  []ID{sealed.ID},
		Already:   []ID{gone.ID},
		Not: []NotReleased{
			{ID: held.ID, Number: "A", Code: "consignment_held", Why: "A is held by customs (papers missing)"},
			{ID: open.ID, Number: "C", Code: "consignment_open", Why: "C is open: it can be released when it is sealed"},
		},
	}, report)
	require.False(t, report.allLeft())
}

func TestADepartureWhoseUnitsAllStayIsNotReleased(t *testing.T) {
	t.Parallel()
	tried := attempts{}
	must(t, tried.release("officer 3", at(t, morning)), unitAt(t, Open))
	require.True(t, tried.report().allLeft())
	require.Equal(t, unitAt(t, Open).Departure, tried.report().Departure)
	require.False(t, attempts{}.report().allLeft(), "a departure without units has nothing to leave behind")
}

func TestChangesCountUnitsOnce(t *testing.T) {
	t.Parallel()
	changed := changes{}
	watched := changed.watch(sealDue(at(t, "2026-11-22T04:00:00Z")))
	open := unitAt(t, Open)
	_, events := must(t, watched, open)
	require.Empty(t, events)
	require.Empty(t, changed, "not due yet")

	watched = changed.watch(sealDue(open.Departure.CutoffAt))
	for range 2 {
		c, events := must(t, watched, open)
		require.Equal(t, Sealed, c.Status)
		require.Len(t, events, 1)
	}
	require.Len(t, changed, 1)
}
