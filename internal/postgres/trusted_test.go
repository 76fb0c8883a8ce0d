package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

func pairFor(id, parcelID string) watchlist.Pair {
	return watchlist.Pair{
		ID: id, List: watchlist.UN, Entry: "QDi.1", Name: watchlist.Normalise("Anna Example"), Country: "DE", Parcel: parcelID, Reason: "another date of birth",
		Officer: 7, MadeBy: "customs-1", MadeAt: noon, ExpiresAt: noon.Add(24 * time.Hour),
	}
}

func TestTrustedPairs(t *testing.T) {
	s := open(t)
	id := record(t, s, "H1")[0].String()
	first := pairFor("trp_1", id)
	require.NoError(t, s.TrustPair(t.Context(), first))
	before, err := s.Trusted(t.Context())
	require.NoError(t, err)
	require.True(t, before.Trusts(watchlist.UN, "QDi.1", "EXAMPLE, Anna", "DE", noon.Add(time.Hour)))

	again := pairFor("trp_2", id)
	err = s.TrustPair(t.Context(), again)
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.ErrorContains(t, err, "trp_1")
	stray := pairFor("trp_3", "pcl_cbmqkhnqktt3tcu3ejcy3stofu")
	stray.Entry = "QDi.9"
	require.Equal(t, fault.NotFound, fault.KindOf(s.TrustPair(t.Context(), stray)))

	ended, err := s.EndPair(t.Context(), "trp_1", "customs-2", noon.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "customs-2", ended.EndedBy)
	twice, err := s.EndPair(t.Context(), "trp_1", "customs-3", noon.Add(3*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "customs-2", twice.EndedBy, "it was ended before")
	_, err = s.EndPair(t.Context(), "trp_9", "customs-2", noon)
	require.Equal(t, fault.NotFound, fault.KindOf(err))

	after, err := s.Trusted(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, before.Version(), after.Version())
	require.True(t, after.Trusts(watchlist.UN, "QDi.1", "Anna Example", "DE", noon.Add(time.Hour)), "what was received before it ended")
	require.False(t, after.Trusts(watchlist.UN, "QDi.1", "Anna Example", "DE", noon.Add(2*time.Hour)))

	then, err := s.TrustedOf(t.Context(), before.Version())
	require.NoError(t, err)
	require.True(t, then.Trusts(watchlist.UN, "QDi.1", "Anna Example", "DE", noon.Add(2*time.Hour)), "as the pairs were before it was ended")
	for _, version := range []string{"x", "1-000000000000", "7-" + before.Version()[2:]} {
		_, err = s.TrustedOf(t.Context(), version)
		require.Equal(t, fault.NotFound, fault.KindOf(err), version)
	}
	require.NoError(t, s.TrustPair(t.Context(), again), "the first one is ended")
	listed, err := s.TrustedPairs(t.Context(), watchlist.PairQuery{Now: noon.Add(time.Hour), Limit: 10})
	require.NoError(t, err)
	require.Len(t, listed, 2)
	require.Equal(t, id, listed[0].Parcel)
	inForce, err := s.TrustedPairs(t.Context(), watchlist.PairQuery{InForce: true, List: watchlist.UN, Entry: "QDi.1", Now: noon.Add(time.Hour), Limit: 10})
	require.NoError(t, err)
	require.Len(t, inForce, 1)
	require.Equal(t, "trp_2", inForce[0].ID)
	next, err := s.TrustedPairs(t.Context(), watchlist.PairQuery{Now: noon, After: watchlist.PairPlace{MadeAt: listed[0].MadeAt, ID: listed[0].ID}, Limit: 10})
	require.NoError(t, err)
	require.Len(t, next, 1)
	require.Equal(t, "trp_1", next[0].ID)
}

func TestNobodyIsTrustedAtFirst(t *testing.T) {
	s := open(t)
	trusted, err := s.Trusted(t.Context())
	require.NoError(t, err)
	require.Empty(t, trusted.Version())
	same, err := s.TrustedOf(t.Context(), "")
	require.NoError(t, err)
	require.False(t, same.Trusts(watchlist.UN, "QDi.1", "Anna Example", "DE", noon))
}
