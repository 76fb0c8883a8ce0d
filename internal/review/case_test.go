package review

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	li   = Officer{ID: 10, Name: "Li"}
	wang = Officer{ID: 11, Name: "Wang"}
)

func held(category parcel.Category) Case {
	return Case{Parcel: parcel.DeriveID(1, "A"), State: Open, Status: parcel.Held, Lane: parcel.Red, OpenedAt: noon, Reasons: []parcel.Reason{{Category: category}}}
}

func by(o Officer, a Action, at time.Time) Decision {
	return Decision{Officer: o.ID, Name: o.Name, Action: a, Reason: "seen", At: at}
}

func TestEachActionHasItsOutcome(t *testing.T) {
	for action, want := range map[Action]struct {
		status parcel.Status
		kind   parcel.Kind
		state  State
	}{
		Release:            {parcel.Cleared, parcel.KindCleared, Closed},
		Inspect:            {parcel.Inspection, parcel.KindInspection, Open},
		RequestInformation: {parcel.InformationRequested, parcel.KindAsked, Open},
		Detain:             {parcel.Detained, parcel.KindDetained, Closed},
		Return:             {parcel.Returned, parcel.KindReturned, Closed},
	} {
		c, kind, err := held(parcel.Value).Decide(by(li, action, noon))
		require.NoError(t, err)
		require.Equal(t, want.status, c.Status)
		require.Equal(t, want.kind, kind)
		require.Equal(t, want.state, c.State, action)
		require.Len(t, c.Decisions, 1)
	}
}

func TestAClaimKeepsOthersOutUntilItExpires(t *testing.T) {
	c, err := held(parcel.Value).Take(li, noon)
	require.NoError(t, err)
	_, err = c.Take(wang, noon.Add(ClaimTime-time.Second))
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.ErrorContains(t, err, "Li")
	_, err = c.GiveBack(wang, noon)
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	_, _, err = c.Decide(by(wang, Detain, noon))
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	taken, err := c.Take(wang, noon.Add(ClaimTime))
	require.NoError(t, err)
	require.Equal(t, wang.ID, taken.Claim.Officer)
	free, err := c.GiveBack(li, noon)
	require.NoError(t, err)
	require.Nil(t, free.Claim)
}

func TestASanctionsHitIsReleasedByTwo(t *testing.T) {
	first, kind, err := held(parcel.Sanctions).Decide(by(li, Release, noon))
	require.NoError(t, err)
	require.Empty(t, kind)
	require.Equal(t, parcel.Held, first.Status)
	_, _, err = first.Decide(by(li, Release, noon))
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	second, kind, err := first.Decide(by(wang, Release, noon))
	require.NoError(t, err)
	require.Equal(t, parcel.KindCleared, kind)
	require.Equal(t, parcel.Cleared, second.Status)

	asked, _, err := first.Decide(by(wang, RequestInformation, noon))
	require.NoError(t, err)
	require.Nil(t, asked.Approval, "whoever looks again decides anew")
}

func TestADecisionNeedsAnActionAndAReason(t *testing.T) {
	err := checkDecision(Decision{Action: "burn", Reason: " "})
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, []string{"/action", "/reason"}, []string{f.Fields[0].Pointer, f.Fields[1].Pointer})
	require.Equal(t, "reason.required", f.Fields[1].Code)
	require.NoError(t, checkDecision(Decision{Action: Release, Reason: "papers in order"}))
	require.NoError(t, checkDecision(Decision{Action: Release, Reason: strings.Repeat("清", 500)}), "characters count, not bytes")
	require.ErrorAs(t, checkDecision(Decision{Action: Release, Reason: strings.Repeat("a", 501)}), &f)
	require.Equal(t, "reason.length", f.Fields[0].Code)
}

// Whatever officers do, a closed case stays closed and a status is only ever followed by one that may follow it.
func TestNoSequenceOfDecisionsBreaksTheStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := held(rapid.SampledFrom(parcel.Categories).Draw(t, "category"))
		at := noon
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			at = at.Add(time.Minute)
			officer := rapid.SampledFrom([]Officer{li, wang}).Draw(t, "officer")
			after, _, err := c.Decide(by(officer, rapid.SampledFrom(Actions).Draw(t, "action"), at))
			if err != nil {
				require.Equal(t, c, after, "a refused decision changes nothing")
				continue
			}
			require.Equal(t, Open, c.State)
			require.True(t, after.Status == c.Status || c.Status.CanBecome(after.Status))
			c = after
		}
	})
}

func TestUrgencyOrdersTheDesk(t *testing.T) {
	order := []int{
		Urgency(true, parcel.Red), Urgency(true, parcel.Yellow), Urgency(false, parcel.Red), Urgency(false, parcel.Yellow),
	}
	require.IsIncreasing(t, order)
}
