package consignment

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// anyChange is one thing that may be done to a unit, sensible or not.
func anyChange(t *rapid.T, n int, now time.Time) Change {
	hold := fmt.Sprint("h", rapid.IntRange(0, 2).Draw(t, "hold"))
	switch rapid.SampledFrom([]string{"seal", "due", "release", "hold", "lift", "scan", "scan", "scan"}).Draw(t, "act") {
	case "seal":
		return Seal(now, SealedByOrder)
	case "due":
		return sealDue(now)
	case "release":
		return Release("dispatch", now)
	case "hold":
		return PlaceHold(Hold{ID: hold, By: "customs", Who: "o", Reason: "r", PlacedAt: now})
	case "lift":
		return LiftHold(hold, "o", now)
	}
	return Scan(Event{
		ID: fmt.Sprint(n), Type: rapid.SampledFrom(scannable).Draw(t, "type"),
		Classifier: rapid.SampledFrom([]string{"actual", "actual", "actual", "planned", "estimated"}).Draw(t, "classifier"),
		Leg:        rapid.IntRange(-1, 3).Draw(t, "leg"),
		Location:   rapid.SampledFrom([]string{"", "", "CNAKL", "KZDOS", "PLMAA", "DEDUI", "FRPAR", "BYBQT"}).Draw(t, "place"),
		OccurredAt: now.Add(-time.Duration(rapid.IntRange(0, 1000).Draw(t, "late")) * time.Hour), RecordedAt: now, By: "carrier",
	})
}

// Whatever is done to a unit in whatever order: nothing goes backwards, nothing is told twice, no hold is passed over,
// and the unit as it was is not touched.
func TestUnitsOnlyGoForwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_795_000_000, 0).UTC()
		c := Pack([]Load{load(1, 1, 1)}, Yard{Route: europe()}, now).Units[0]
		told := []parcel.Kind{}
		for n := range rapid.IntRange(1, 40).Draw(t, "acts") {
			now = now.Add(time.Minute * time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")))
			before, printed := c, fmt.Sprintf("%+v", legsAndHolds(c))
			changed, events, err := anyChange(t, n, now)(c)
			require.Equal(t, printed, fmt.Sprintf("%+v", legsAndHolds(before)))
			if err != nil {
				require.Contains(t, []fault.Kind{fault.Conflict, fault.NotFound}, fault.KindOf(err))
				continue
			}
			c = changed
			require.True(t, c.Status.reached(before.Status))
			require.GreaterOrEqual(t, c.progress(), before.progress())
			if len(events) == 0 {
				require.Equal(t, before, c)
			}
			if c.Status != before.Status {
				kind, ok := events[0].Type.ParcelKind()
				require.True(t, ok, "parcels are told of every step")
				require.Equal(t, parcel.Kind(c.Status), kind)
				told = append(told, kind)
			}
			if c.Status != before.Status && (c.Status == Released || c.Status == Departed) {
				require.Empty(t, before.Holds)
			}
			require.Equal(t, c.Status != Open, c.Seal != "")
			require.Equal(t, c.Status.reached(Released), c.ReleasedAt != nil)
			checkLegs(t, c)
		}
		inOrder := []parcel.Kind{parcel.KindSealed, parcel.KindReleased, parcel.KindDeparted, parcel.KindArrived}
		require.Equal(t, inOrder[:len(told)], told, "each once, none left out")
	})
}

func legsAndHolds(c Consignment) any {
	type leg struct {
		Status LegStatus
		Actual string
	}
	legs := make([]leg, len(c.Legs))
	for i, l := range c.Legs {
		legs[i] = leg{l.Status, fmt.Sprint(l.ActualAt)}
	}
	return []any{legs, c.Holds}
}

// checkLegs: done ones, then at the most one underway, then planned ones; none before departure, all at the end.
func checkLegs(t *rapid.T, c Consignment) {
	t.Helper()
	order := map[LegStatus]int{LegDone: 0, LegUnderway: 1, LegPlanned: 2}
	underway := 0
	for k, leg := range c.Legs {
		if k > 0 {
			require.GreaterOrEqual(t, order[leg.Status], order[c.Legs[k-1].Status])
		}
		if leg.Status == LegUnderway {
			underway++
		}
	}
	require.LessOrEqual(t, underway, 1)
	require.Equal(t, c.Status.reached(Departed), c.progress() > 0)
	require.Equal(t, c.Status == Arrived, c.progress() == endOf(len(c.Legs)-1))
}
