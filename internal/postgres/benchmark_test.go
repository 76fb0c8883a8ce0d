package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What was stored for the benchmark of growth is copied again whole, of every table, and read back by what measures it.
func TestPreloadedParcelsAreStoredAndCopiedAgain(t *testing.T) {
	store := open(t)
	before, err := store.WALBytes(t.Context())
	require.NoError(t, err)
	received := time.Now()
	require.NoError(t, store.Preload(t.Context(), 2100, received))
	progress, err := store.Progress(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2100, progress.Stored)
	require.EqualValues(t, 2100, progress.Bundled)

	copied, took, err := store.CopyAgain(t.Context(), 500)
	require.NoError(t, err)
	require.EqualValues(t, 2100, copied)
	require.Positive(t, took)
	_, _, err = store.CopyAgain(t.Context(), 1000)
	require.NoError(t, err, "nothing of the first is left in its way")
	after, err := store.WALBytes(t.Context())
	require.NoError(t, err)
	require.Greater(t, after-before, int64(2100*500))

	delays, err := store.VerdictDelays(t.Context(), received.AddDate(0, -2, 0))
	require.NoError(t, err)
	require.EqualValues(t, 2100, delays.Parcels)
	require.Zero(t, delays.Max)
}
