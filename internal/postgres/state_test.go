package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/watchlist"
)

// stateAt reads the state as it looks at a moment.
func stateAt(t *testing.T, s *Store, at time.Time) State {
	t.Helper()
	s.now = func() time.Time { return at }
	state, err := s.State(t.Context(), "relay")
	require.NoError(t, err)
	return state
}

func TestStateOfNothing(t *testing.T) {
	state := stateAt(t, open(t), noon)
	require.Zero(t, state.Parked+state.Open+state.Sealed+state.Held)
	require.Zero(t, state.DispatchDelay+state.FeedDelay+state.RelayDelay)
	require.Empty(t, state.Cutoffs)
	require.Empty(t, state.Lists)
}

func TestStateOfUnits(t *testing.T) {
	s := open(t)
	ids := record(t, s, "A", "B")
	bundle(t, s, noon, ids)
	state := stateAt(t, s, noon)
	require.EqualValues(t, 1, state.Open)
	require.Zero(t, state.DispatchDelay)
	until := state.Cutoffs["CN-EU"]
	require.Positive(t, until)
	require.Equal(t, map[string]time.Duration{"CN-EU": until}, state.Cutoffs, "the other routes have no departure")

	due := noon.Add(until + time.Minute)
	require.Equal(t, time.Minute, stateAt(t, s, due).DispatchDelay, "open past its cut-off")
	change := func(c consignment.Change) {
		t.Helper()
		_, err := s.ChangeUnits(t.Context(), consignment.Selection{ID: &unitsOf(t, s)[0].ID}, c)
		require.NoError(t, err)
	}
	change(consignment.Seal(due, consignment.SealedCutoff))
	state = stateAt(t, s, due.Add(time.Second))
	require.Zero(t, state.Open)
	require.EqualValues(t, 1, state.Sealed)
	require.Equal(t, time.Second, state.DispatchDelay, "sealed without a hold")
	change(consignment.PlaceHold(consignment.Hold{ID: "h1", By: "customs", Who: "officer", Reason: "a look inside", PlacedAt: due}))
	state = stateAt(t, s, due.Add(time.Second))
	require.EqualValues(t, 1, state.Held)
	require.Zero(t, state.DispatchDelay, "a held unit waits for people")
}

func TestStateOfTheLog(t *testing.T) {
	s := open(t)
	record(t, s, "A") // before the transaction that will hold the feeds back
	require.Eventually(t, func() bool { return stateAt(t, s, time.Now().Add(time.Minute)).FeedDelay == 0 }, 20*time.Second, 10*time.Millisecond)
	blocker, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	defer blocker.Rollback(t.Context())
	_, err = blocker.Exec(t.Context(), `SELECT pg_current_xact_id()`)
	require.NoError(t, err)
	s.now = time.Now
	record(t, s, "B")
	state := stateAt(t, s, time.Now().Add(time.Minute))
	require.GreaterOrEqual(t, state.FeedDelay, time.Minute, "the second fact waits")
	require.GreaterOrEqual(t, state.RelayDelay, time.Minute, "the first may be relayed")
	require.Positive(t, state.OldestTransaction)

	_, upTo, err := s.DecidedAfter(t.Context(), event.Position{}, 10)
	require.NoError(t, err)
	require.NoError(t, s.SavePosition(t.Context(), "relay", upTo))
	require.Zero(t, stateAt(t, s, time.Now().Add(time.Minute)).RelayDelay)
	require.NoError(t, blocker.Rollback(t.Context()))
	require.Eventually(t, func() bool {
		state := stateAt(t, s, time.Now().Add(time.Minute))
		return state.FeedDelay == 0 && state.RelayDelay >= time.Minute
	}, 20*time.Second, 10*time.Millisecond, "the second fact may be relayed now")
}

func TestStateOfListsAndParkedRecords(t *testing.T) {
	s := open(t)
	_, err := s.ImportList(t.Context(), watchlist.List{Source: "custom", Version: "1-aaaaaaaaaaaa", Entries: []watchlist.Entry{{ID: "1", Name: "Boris"}, {ID: "2", Name: "Natasha"}}})
	require.NoError(t, err)
	require.NoError(t, s.Park(t.Context(), []Parked{{Topic: "t", Offset: 1, Code: "c"}, {Topic: "t", Offset: 2, Code: "c"}}))
	records, err := s.ParkedRecords(t.Context(), false, 0, 1)
	require.NoError(t, err)
	require.NoError(t, s.MarkReplayed(t.Context(), records[0].ID, noon))
	state := stateAt(t, s, time.Now().Add(time.Hour))
	require.EqualValues(t, 1, state.Parked)
	require.Len(t, state.Lists, 1)
	require.EqualValues(t, 2, state.Lists[0].Entries)
	require.InDelta(t, time.Hour.Seconds(), state.Lists[0].Age.Seconds(), 60)
	pool := s.PoolState()
	require.EqualValues(t, 12, pool.Max)
	require.Positive(t, pool.Acquires)
}
