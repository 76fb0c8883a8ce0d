package postgres

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

func TestRecordStoresEachParcelOnce(t *testing.T) {
	s := open(t)
	first := []screening.Subject{subject(t, "A", 0), subject(t, "H1", 0), subject(t, "A", 0)}
	tally, err := s.Record(t.Context(), first, judge)
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Judged: 2, Held: 1, Repeated: 1}, tally)

	tally, err = s.Record(t.Context(), first, judge) // the batch comes twice
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Repeated: 3}, tally)

	p, err := s.Parcel(t.Context(), first[1].ID, nil)
	require.NoError(t, err)
	require.Equal(t, parcel.Held, p.Status)
	require.Equal(t, parcel.Red, p.Lane)
	require.Equal(t, "listed", p.Reasons[0].Explanation)
	require.Equal(t, []parcel.Kind{"received", "held"}, kinds(p))
	d, err := parcel.Read(p.Document)
	require.NoError(t, err)
	require.Equal(t, first[1].Fingerprint, d.Fingerprint(), "the declaration is stored whole")
}

func kinds(p parcel.Parcel) (kinds []parcel.Kind) {
	for _, c := range p.History {
		kinds = append(kinds, c.Kind)
	}
	return kinds
}

func TestOtherContentIsAConflictAndOverwritesNothing(t *testing.T) {
	s := open(t)
	record(t, s, "A")
	again := subject(t, "A", 0, "Berlin", "Bonn", `"gross_weight_g":500`, `"gross_weight_g":501`)
	for range 2 { // the conflict itself comes twice
		tally, err := s.Record(t.Context(), []screening.Subject{again}, judge)
		require.NoError(t, err)
		require.Equal(t, screening.Tally{Conflicts: 1}, tally)
	}
	p, err := s.Parcel(t.Context(), again.ID, nil)
	require.NoError(t, err)
	d, err := parcel.Read(p.Document)
	require.NoError(t, err)
	require.Equal(t, "Berlin", d.Consignee.Address.City)

	receipts := feed(t, s)
	require.Len(t, receipts, 2)
	require.Equal(t, parcel.KindConflict, receipts[1].Kind)
	require.Equal(t, []string{"/consignee/address/city", "/gross_weight_g"}, receipts[1].Fields)
}

func TestTwoContentsInOneBatchKeepTheFirst(t *testing.T) {
	s := open(t)
	tally, err := s.Record(t.Context(), []screening.Subject{subject(t, "A", 0), subject(t, "A", 0, "Berlin", "Bonn")}, judge)
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Judged: 1, Conflicts: 1}, tally)
}

// feed walks the platform's receipts from the beginning, three at a time.
func feed(t *testing.T, s *Store) (receipts []parcel.Receipt) {
	t.Helper()
	var at event.Position
	for {
		page, next, err := s.ReceiptsAfter(t.Context(), platform, at, 3)
		require.NoError(t, err)
		if len(page) == 0 {
			return receipts
		}
		receipts, at = append(receipts, page...), next
	}
}

// What one consignee was sent is exact, though four screeners work at once on its parcels.
func TestPastsAreExactUnderConcurrency(t *testing.T) {
	s := open(t)
	const screeners, each = 4, 25
	var mu sync.Mutex
	var seen []int
	counting := func(subjects []screening.Subject, pasts []screening.Past) []screening.Verdict {
		mu.Lock()
		defer mu.Unlock()
		for i := range pasts {
			seen = append(seen, pasts[i].Parcels)
		}
		return judge(subjects, pasts)
	}
	var wg sync.WaitGroup
	for screener := range screeners {
		wg.Go(func() {
			for _, no := range numbered(string(rune('a'+screener)), each) {
				if _, err := s.Record(t.Context(), []screening.Subject{subject(t, no, 42)}, counting); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, seen, screeners*each)
	counts := map[int]int{}
	for _, n := range seen {
		counts[n]++
	}
	for n := range screeners * each {
		require.Equal(t, 1, counts[n], "exactly one parcel was judged as number %d", n+1)
	}
}

func TestPastsCountOnlyTheWindow(t *testing.T) {
	s := open(t)
	old := subject(t, "old", 42)
	old.ReceivedAt = noon.Add(-screening.Window)
	_, err := s.Record(t.Context(), []screening.Subject{old, subject(t, "young", 42)}, judge)
	require.NoError(t, err)
	_, err = s.Record(t.Context(), []screening.Subject{subject(t, "new", 42)}, func(subjects []screening.Subject, pasts []screening.Past) []screening.Verdict {
		require.Equal(t, []screening.Past{{Parcels: 1, Fen: 7900, ThereParcels: 1, ThereFen: 7900}}, pasts)
		return judge(subjects, pasts)
	})
	require.NoError(t, err)
}

// What goes to an address counts for it whoever gets it, and a tracking number is remembered for six months.
func TestPastsOfAddressesAndTrackingNumbers(t *testing.T) {
	s := open(t)
	old, young := subject(t, "old", 1), subject(t, "young", 2)
	old.Address, young.Address = 42, 42
	old.ReceivedAt = noon.Add(-screening.TrackingWindow)
	old.Declaration.TrackingNo, young.Declaration.TrackingNo = "OLD", "YOUNG"
	_, err := s.Record(t.Context(), []screening.Subject{old, young}, judge)
	require.NoError(t, err)
	next := []screening.Subject{subject(t, "1", 2), subject(t, "2", 3), subject(t, "3", 4)}
	for i, number := range []string{"OLD", "YOUNG", "ANOTHER"} {
		next[i].Declaration.TrackingNo = number
	}
	next[0].Address, next[1].Address = 42, 42
	_, err = s.Record(t.Context(), next, func(subjects []screening.Subject, pasts []screening.Past) []screening.Verdict {
		require.Equal(t, []screening.Past{
			{Parcels: 1, Fen: 7900, ThereParcels: 1, ThereFen: 7900},
			{ThereParcels: 1, ThereFen: 7900, Reused: true},
			{},
		}, pasts)
		return judge(subjects, pasts)
	})
	require.NoError(t, err)
}

// A transaction that began early and commits late is not passed over by a reader that has seen younger ones.
func TestFeedDoesNotPassOverLateCommits(t *testing.T) {
	s := open(t)
	early, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	late := record(t, s, "A")[0] // only so that the fact below has a parcel
	_, err = early.Exec(t.Context(), `INSERT INTO facts (kind, account_id, parcel_id, at, by) VALUES ('returned', 1, $1, now(), 'officer')`, [16]byte(late))
	require.NoError(t, err)
	record(t, s, "B")

	page, at, err := s.ReceiptsAfter(t.Context(), platform, event.Position{}, 10)
	require.NoError(t, err)
	require.Len(t, page, 1, "what is younger than a running transaction waits")
	require.NoError(t, early.Commit(t.Context()))
	require.Eventually(t, func() bool {
		more, next, err := s.ReceiptsAfter(t.Context(), platform, at, 10)
		require.NoError(t, err)
		page, at = append(page, more...), next
		return len(page) == 3
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, parcel.KindReturned, page[1].Kind, "in the order in which the transactions began to write")
}

func TestUnstorableValueIsInvalidAndOutageIsUnavailable(t *testing.T) {
	s := open(t)
	bad := subject(t, "A", 0)
	bad.Declaration.TrackingNo = "T\x00" // no text holds it; Read would never let it through
	_, err := s.Record(t.Context(), []screening.Subject{bad}, judge)
	require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)

	s.pool.Close()
	_, err = s.Record(t.Context(), []screening.Subject{subject(t, "B", 0)}, judge)
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "%v", err)
}
