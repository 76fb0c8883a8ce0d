package torture

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// told feeds a platform's receipts to the checker and gives what it found.
func told(t *testing.T, kinds ...string) *walker {
	t.Helper()
	out := &printer{to: io.Discard, began: time.Now()}
	r := &run{cfg: Config{Seed: 1, Platforms: 1, Parcels: 10, Duration: time.Second}, out: out, ledger: newLedger(), guard: newGuard(out)}
	p, err := newPlatform(r, 0)
	require.NoError(t, err)
	w := &walker{platform: p}
	w.examine = w.enter
	for n, kind := range kinds {
		w.line(receipt{Sequence: fmt.Sprintf("%04d", n+1), ParcelID: "pcl_1", OrderNo: p.prefix + "0000001", Kind: kind})
	}
	return w
}

func TestTheCheckerKnowsARightJourney(t *testing.T) {
	for _, journey := range [][]string{
		{"cleared", "bundled", "sealed", "released", "departed", "arrived"},
		{"held", "information_requested", "information_given", "inspection", "information_requested", "cleared", "conflict", "unrouted"},
		{"held", "returned", "conflict"},
		{"cleared", "bundled", "cancelled", "conflict", "conflict"},
	} {
		w := told(t, journey...)
		require.Zero(t, w.guard.count(), journey)
		n, _ := w.ledger.pending()
		require.Zero(t, n, journey)
	}
}

func TestTheCheckerFindsWhatIsWrong(t *testing.T) {
	for kind, journey := range map[string][]string{
		"doubled":   {"cleared", "bundled", "bundled"},
		"backwards": {"cleared", "bundled", "held"},
		"receipts":  {"cleared", "vanished"},
	} {
		require.Equal(t, 1, told(t, journey...).guard.of(kind), kind)
	}
	require.Equal(t, 1, told(t, "cleared", "unrouted", "bundled").guard.of("backwards"), "one destiny for each")
	require.Equal(t, 1, told(t, "cancelled", "released").guard.of("backwards"), "the end is the end")
}

func TestTheCheckerMissesWhatWasPromised(t *testing.T) {
	w := told(t, "cleared", "bundled")
	w.ledger.owe("pcl_1", 0, 1, cancelled)
	w.ledger.acknowledge("pcl_2", 0, 2)
	n, _ := w.ledger.pending()
	require.Equal(t, 2, n)
	w.ledger.find("pcl_1", func(e *entry) { e.units = 2 })
	w.checkEntries()
	require.Equal(t, 2, w.guard.of("lost"))
}

func TestTheCheckerTellsTenantsAndOrderApart(t *testing.T) {
	w := told(t, "cleared")
	w.line(receipt{Sequence: "0001", ParcelID: "pcl_2", OrderNo: "other-0000001", Kind: "cleared"})
	require.Equal(t, 1, w.guard.of("tenants"))
	require.Equal(t, 1, w.guard.of("order of a feed"))
}

func TestASeedGivesOnePlan(t *testing.T) {
	k := kinds{ground: []string{"a", "b", "c"}, processes: []string{"d", "e"}}
	draw := func(seed uint64) []fault {
		s := plan(rand.New(rand.NewPCG(seed, 1)), 2*time.Minute, 20*time.Second, k)
		return append(append(s.measured, s.ground...), s.house...)
	}
	again := draw(7)
	require.Equal(t, again, draw(7))
	require.NotEqual(t, draw(7), draw(8))
	done := map[string]bool{}
	for _, f := range draw(7) {
		done[f.kind] = true
		require.Less(t, f.at, 2*time.Minute)
	}
	for _, kind := range []string{databaseAway, queueAway, "a", "b", "c", "d", "e"} {
		require.True(t, done[kind], kind)
	}
}

func TestABrokenStreamCountsItsWholeLines(t *testing.T) {
	results, err := decode(stream, []byte("{\"index\":0,\"id\":\"pcl_1\",\"order_no\":\"1\",\"status\":\"received\"}\n{\"index\":1,\"id\":\"pc"))
	require.NoError(t, err)
	require.Equal(t, []result{{Index: 0, ID: "pcl_1", OrderNo: "1", Status: "received"}}, results)
}
