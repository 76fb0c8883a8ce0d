package consignment

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

func TestAHoldForAParcelEndsWithTheParcel(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a, b := parcel.DeriveID(1, "A"), parcel.DeriveID(1, "B")
	c := Consignment{ID: DeriveID(DepartureID{}, 1), Number: "U", Status: Open}
	held, events, err := PlaceHold(c.HoldForParcel(a, "re-screening", strings.Repeat("long ", 200), now))(c)
	require.NoError(t, err)
	require.Len(t, events, 1)
	held, _, err = PlaceHold(held.HoldForParcel(b, "re-screening", "other", now))(held)
	require.NoError(t, err)
	require.Len(t, held.Holds, 2)
	require.Nil(t, held.HeldFor(parcel.DeriveID(1, "C")))

	_, _, err = LiftHold(held.Holds[0].ID, "Li", now)(held)
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.ErrorContains(t, err, a.String())
	require.False(t, held.MissedSealing(a))
	sealed, _, err := Seal(now, SealedByOrder)(held)
	require.NoError(t, err)
	require.True(t, sealed.MissedSealing(a))

	out, events, err := TakenOut(a, "Li", "detained", now)(sealed)
	require.NoError(t, err)
	require.Equal(t, []EventType{EventLifted, EventUnloaded}, []EventType{events[0].Type, events[1].Type})
	require.Len(t, out.Holds, 1)
	require.Len(t, sealed.Holds, 2, "what was is not changed")
	again, events, err := LiftForParcel(a, "Li", "released", now)(out)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, out, again)

	later, _, err := PlaceHold(out.HoldForParcel(a, "re-screening", strings.Repeat("long ", 200), now.Add(time.Hour)))(out)
	require.NoError(t, err)
	require.NotEqual(t, held.Holds[0].ID, later.HeldFor(a).ID, "held again it is another hold")
}
