package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

func TestTheProfileLearnedLastIsInForce(t *testing.T) {
	s := open(t)
	state := func() string {
		t.Helper()
		state, err := s.ProfilesState(t.Context())
		require.NoError(t, err)
		return state
	}
	require.Equal(t, " ", state())
	none, err := s.ProfileInForce(t.Context(), PricesProfile)
	require.NoError(t, err)
	require.Nil(t, none)

	save := func(kind, version string, hour int) Profile {
		t.Helper()
		at := noon.Add(time.Duration(hour) * time.Hour)
		p := Profile{Kind: kind, Version: version, Data: []byte(version), LearnedAt: at, FromAt: at.AddDate(0, 0, -90), ToAt: at, Samples: int64(100 + hour)}
		require.NoError(t, s.SaveProfile(t.Context(), p))
		return p
	}
	_, samples, err := s.ProfileLearned(t.Context(), PricesProfile)
	require.NoError(t, err)
	require.Zero(t, samples)
	save(PricesProfile, "a", 0)
	second := save(PricesProfile, "b", 1)
	save(RiskProfile, "c", 2)
	require.Equal(t, "b c", state())
	found, err := s.ProfileInForce(t.Context(), PricesProfile)
	require.NoError(t, err)
	require.Equal(t, second.Data, found.Data)
	require.Equal(t, second.Samples, found.Samples)
	require.True(t, second.LearnedAt.Equal(found.LearnedAt) && second.FromAt.Equal(found.FromAt) && second.ToAt.Equal(found.ToAt))
	save(PricesProfile, "a", 3)
	require.Equal(t, "a c", state(), "the same was learned again")
	at, samples, err := s.ProfileLearned(t.Context(), PricesProfile)
	require.NoError(t, err)
	require.True(t, at.Equal(noon.Add(3*time.Hour)))
	require.EqualValues(t, 103, samples)
	require.Equal(t, map[string]time.Duration{"prices": time.Hour, "risk": 2 * time.Hour}, stateAt(t, s, noon.Add(4*time.Hour)).Profiles)

	old, err := s.ProfileOf(t.Context(), PricesProfile, "b")
	require.NoError(t, err)
	require.Equal(t, []byte("b"), old.Data)
	_, err = s.ProfileOf(t.Context(), RiskProfile, "b")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

// walked gives the order numbers of a walk through what was cleared.
func walked(t *testing.T, s *Store, span ClearedSpan) (orderNos []string) {
	t.Helper()
	for at := (event.Position{}); ; {
		declarations, next, err := s.ClearedAfter(t.Context(), span, at)
		require.NoError(t, err)
		for _, d := range declarations {
			orderNos = append(orderNos, d.Declaration.OrderNo)
		}
		if next == at {
			return orderNos
		}
		at = next
	}
}

func TestWhatWasClearedIsWalked(t *testing.T) {
	s := open(t)
	began := time.Now().Add(-time.Minute)
	record(t, s, "A-1", "H-1", "A-2")
	ids := record(t, s, "Y-1", "Y-2", "A-3")
	decide(t, s, ids[0], review.Release)
	decide(t, s, ids[1], review.Detain)
	for i := range 20 {
		record(t, s, numbered("B", 20)[i])
	}
	span := ClearedSpan{From: began, To: time.Now().Add(time.Minute), Every: 1}
	require.Eventually(t, func() bool {
		n, err := s.CountCleared(t.Context(), span.From, span.To)
		return err == nil && n == 24
	}, 20*time.Second, 10*time.Millisecond)
	require.ElementsMatch(t, append([]string{"A-1", "A-2", "A-3", "Y-1"}, numbered("B", 20)...), walked(t, s, span))
	require.Empty(t, walked(t, s, ClearedSpan{From: span.To, To: span.To.Add(time.Hour), Every: 1}))
	span.Every = 3
	some := walked(t, s, span)
	require.NotEmpty(t, some)
	require.Less(t, len(some), 20, "a part of them")
}

// decide has an officer decide a case.
func decide(t *testing.T, s *Store, id parcel.ID, action review.Action) {
	t.Helper()
	_, err := s.UpdateCase(t.Context(), id, func(c review.Case) (review.Case, parcel.Kind, error) {
		return c.Decide(review.Decision{Officer: 2, Name: "Li", Action: action, Reason: "looked inside", At: time.Now()})
	})
	require.NoError(t, err)
}

func TestOutcomesAreOfficersLastWords(t *testing.T) {
	s := open(t)
	ids := record(t, s, "Y-1", "Y-2", "Y-3", "Y-4", "A-1", "H-1")
	for i, action := range []review.Action{review.Release, review.Detain, review.Return, review.Inspect} {
		decide(t, s, ids[i], action)
	}
	decide(t, s, ids[5], review.Release) // the first of two officers: undecided still
	cases, err := s.DecidedCases(t.Context(), time.Now().Add(-time.Hour), 10)
	require.NoError(t, err)
	outcomes, err := s.Outcomes(t.Context(), cases)
	require.NoError(t, err)
	got := map[string]bool{}
	for i, o := range outcomes {
		got[o.Subject.Declaration.OrderNo] = o.AtFault
		require.False(t, i > 0 && o.At.Before(outcomes[i-1].At), "oldest first")
		require.Equal(t, platform, o.Subject.Account)
	}
	require.Equal(t, map[string]bool{"Y-1": false, "Y-2": true, "Y-3": true}, got)

	newest, err := s.DecidedCases(t.Context(), time.Now().Add(-time.Hour), 1)
	require.NoError(t, err)
	require.Equal(t, cases[2:], newest)
	none, err := s.DecidedCases(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Empty(t, none)
}
