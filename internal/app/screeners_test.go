package app

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// beside starts another process's worth of screening on the same queue and database.
func (r *running) beside(at place) *running {
	r.t.Helper()
	found, ok := readWhereabouts(at.dir)
	require.True(r.t, ok)
	cfg := at.settings(r.t)
	cfg.DataDir, cfg.Roles = bareScratch(r.t), []string{roleScreen}
	cfg.Database.URL, cfg.Kafka = found.DatabaseURL, onOneBroker(cfg.Kafka, found.Brokers...)
	return start(r.t, cfg)
}

// What one consignee is sent is counted exactly while a second screener comes and goes, the first is restarted, and platforms post
// everything twice: so many parcels pass as the office lets pass, and each of the others is judged by a count of its own.
func TestSplitOrdersAreCountedExactlyWhoeverScreens(t *testing.T) {
	t.Parallel()
	const most, parcels, batch = 20, 240, 10
	at := scratch(t, "--screening-random-basis-points", "0", "--screening-split-parcels", fmt.Sprint(most))
	r := start(t, at.settings(t))
	ids := map[string]bool{}
	posted := func(from, to int) {
		var mu sync.Mutex
		var posting sync.WaitGroup
		for first := from; first < to; first += batch {
			var orders [][]byte
			for n := first; n < first+batch; n++ {
				no := fmt.Sprint(10_000 + n)
				orders = append(orders, order(no, "Person "+no, "Bianca Castafiore", "+4930"+no, "+493012345", "Hauptstr. "+no, "Hauptstr. 1"))
			}
			for range 2 {
				posting.Go(func() {
					got, err := postBatch(t.Context(), r.client(account.Platform), orders)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, id := range got {
						ids[id] = true
					}
				})
			}
		}
		posting.Wait()
	}
	settled := func() bool {
		feed := r.feed()
		for id := range ids {
			if feed[id]["cleared"]+feed[id]["held"] != 1 {
				return false
			}
		}
		return true
	}
	posted(0, parcels/4)
	second := r.beside(at) // the queue's partitions are shared out anew
	posted(parcels/4, parcels/2)
	eventually(t, "all are judged, by both", settled)
	posted(parcels/2, parcels*3/4)
	require.NoError(t, second.stop()) // with work under way
	eventually(t, "the first takes over what the second had", settled)
	require.NoError(t, r.stop())
	r = start(t, at.settings(t))
	posted(parcels*3/4, parcels)
	posted(0, parcels/4) // as one does who never had the answer
	eventually(t, "all are judged", settled)

	require.Len(t, ids, parcels)
	feed, counts, cleared := r.feed(), map[int]int{}, 0
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		id, err := parcel.ParseID(name)
		require.NoError(t, err)
		told, err := explain(t.Context(), r.store, "", id)
		require.NoError(t, err)
		require.True(t, told.Same, "judged again by another program's worth of rules: %s", name)
		require.Equal(t, told.Past.Parcels < most, feed[name]["cleared"] == 1, "%d before it", told.Past.Parcels)
		counts[told.Past.Parcels]++
		cleared += feed[name]["cleared"]
	}
	require.Equal(t, most, cleared)
	for n := range parcels {
		require.Equal(t, 1, counts[n], "exactly one parcel was judged as number %d", n+1)
	}
}
