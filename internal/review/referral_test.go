package review

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
)

func TestWorkingDaysPassOverWeekendsInChina(t *testing.T) {
	friday := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	require.Equal(t, time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC), WorkingDays(friday, AnswerDays), "seven days from a Friday end on a Tuesday")
	require.Equal(t, time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC), WorkingDays(friday, 1))
	late := time.Date(2026, 11, 19, 17, 0, 0, 0, time.UTC) // Friday, one o'clock in China
	require.Equal(t, time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC), WorkingDays(late, 1), "Monday, one o'clock in China")
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "from"), 0)
		at := WorkingDays(from, rapid.IntRange(1, 40).Draw(t, "days"))
		require.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, at.In(chinaTime).Weekday())
		require.True(t, at.After(from))
	})
}

func asking(o Officer, a Action, ask Ask) Decision {
	d := by(o, a, noon)
	d.Ask = ask
	return d
}

func TestEachQuestionHasItsReferral(t *testing.T) {
	c, kind, err := held(parcel.Value).Decide(asking(li, RequestInformation, Ask{Reference: "R1", Type: parcel.ForDocuments, Text: "the invoice", Field: "/goods_value"}))
	require.NoError(t, err)
	require.Equal(t, parcel.KindAsked, kind)
	require.Equal(t, WorkingDays(noon, 7), *c.Referrals[0].Deadline)
	require.Equal(t, "R1", c.Decisions[0].Referral)
	tomorrow := noon.AddDate(0, 0, 1)
	c, _, err = c.Decide(asking(wang, RequestInformation, Ask{Reference: "R2", Deadline: &tomorrow}))
	require.NoError(t, err)
	require.Equal(t, parcel.Referral{
		Reference: "R2", Type: parcel.ForInformation, Text: "seen", Officer: wang.ID, AskedBy: "Wang", AskedAt: noon, Deadline: &tomorrow,
	}, c.Referrals[1])
	c, _, err = c.Decide(asking(li, Inspect, Ask{Reference: "R3"}))
	require.NoError(t, err)
	require.Equal(t, parcel.ForInspection, c.Referrals[2].Type)
	require.Nil(t, c.Referrals[2].Deadline)
	c, _, err = c.Decide(by(li, Detain, noon))
	require.NoError(t, err)
	for _, r := range c.Referrals {
		require.Equal(t, noon, *r.ClosedAt, "a decision ends what is open")
	}
}

func TestAStopComesFirstAndTakesTwo(t *testing.T) {
	c, kind, err := held(parcel.Value).Decide(asking(li, Stop, Ask{Reference: "R1"}))
	require.NoError(t, err)
	require.Equal(t, parcel.KindStopped, kind)
	require.Equal(t, parcel.Held, c.Status)
	require.Equal(t, Open, c.State)
	require.True(t, c.Stopped())
	overdue := held(parcel.Sanctions)
	overdue.Express, overdue.Overdue = true, true
	require.Less(t, c.Urgency(), overdue.Urgency())
	require.Less(t, overdue.Urgency(), Urgency(true, parcel.Red))
	require.Greater(t, c.Urgency(), MostUrgent)

	first, kind, err := c.Decide(by(li, Release, noon))
	require.NoError(t, err)
	require.Empty(t, kind)
	require.Equal(t, parcel.Held, first.Status)
	_, _, err = first.Decide(by(li, Release, noon))
	require.ErrorContains(t, err, "two officers")
	second, _, err := first.Decide(by(wang, Release, noon))
	require.NoError(t, err)
	require.Equal(t, parcel.Cleared, second.Status)
	require.False(t, second.Stopped())
}

func TestWhatMayBeAsked(t *testing.T) {
	past, far := noon.Add(-time.Hour), noon.AddDate(2, 0, 0)
	for name, d := range map[string]Decision{
		"a release asks nothing":         asking(li, Release, Ask{Text: "x"}),
		"a stop is no request":           asking(li, RequestInformation, Ask{Type: parcel.Stop}),
		"an inspection has no deadline":  asking(li, Inspect, Ask{Deadline: &far}),
		"a deadline that has passed":     asking(li, RequestInformation, Ask{Deadline: &past}),
		"a deadline too far ahead":       asking(li, RequestInformation, Ask{Deadline: &far}),
		"a field that is no pointer":     asking(li, RequestInformation, Ask{Field: "goods_value"}),
		"an unknown type of information": asking(li, RequestInformation, Ask{Type: "gossip"}),
	} {
		require.Error(t, checkDecision(d), name)
	}
	require.NoError(t, checkDecision(asking(li, Stop, Ask{Text: "radiation alarm"})))
}
