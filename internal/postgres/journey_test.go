package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

func TestEveryParcelIsInOneUnitWhoeverLoadsIt(t *testing.T) {
	s := open(t)
	ids := record(t, s, numbered("A", 300)...)
	var wg sync.WaitGroup
	bundled := make([]int, 4)
	for i := range bundled { // four bundlers, each with all parcels
		wg.Go(func() { bundled[i] = bundle(t, s, noon, ids).Bundled })
	}
	wg.Wait()
	require.Equal(t, 300, bundled[0]+bundled[1]+bundled[2]+bundled[3])
	units := unitsOf(t, s)
	require.Len(t, units, 1)
	require.Equal(t, 300, units[0].Parcels)
	require.Equal(t, parcel.Grams(300*500), units[0].Weight)
	places, parcels, err := s.ConsignmentParcels(t.Context(), units[0].ID, 0, 500)
	require.NoError(t, err)
	require.Len(t, parcels, 300)
	require.Equal(t, 1, places[0])
	require.Equal(t, 300, places[299])
}

func unitsOf(t *testing.T, s *Store) []consignment.Changed {
	t.Helper()
	units, _, err := s.ConsignmentsAfter(t.Context(), consignment.Query{Limit: 500})
	require.NoError(t, err)
	return units
}

func TestHeldAndCancelledParcelsAreNotLoaded(t *testing.T) {
	s := open(t)
	ids := record(t, s, "A", "H1", "B")
	require.NoError(t, s.Cancel(t.Context(), ids[2], platform, "buyer changed her mind", noon))
	require.NoError(t, s.Cancel(t.Context(), ids[2], platform, "again", noon))
	require.Equal(t, consignment.Tally{Bundled: 1, Passed: 2, Units: 1}, bundle(t, s, noon, ids))
}

func TestCancellationTakesAParcelOutOfItsUnitUntilThatIsSealed(t *testing.T) {
	s := open(t)
	ids := record(t, s, "A", "B")
	bundle(t, s, noon, ids)
	require.NoError(t, s.Cancel(t.Context(), ids[0], platform, "wrong address", noon))
	unit := unitsOf(t, s)[0]
	require.Equal(t, 1, unit.Parcels)
	require.Equal(t, parcel.Grams(500), unit.Weight)
	p, err := s.Parcel(t.Context(), ids[0], nil)
	require.NoError(t, err)
	require.Equal(t, parcel.Cancelled, p.Status)
	require.Empty(t, p.ConsignmentID)
	require.Equal(t, []parcel.Kind{"received", "cleared", "bundled", "cancelled"}, kinds(p), "what was told stays told")
	var lines []parcel.Kind
	for _, r := range feed(t, s) {
		if r.ParcelID == ids[0] {
			lines = append(lines, r.Kind)
		}
	}
	require.Equal(t, []parcel.Kind{"cleared", "bundled", "cancelled"}, lines, "also to who reads it now for the first time")

	seal(t, s, unit.ID)
	err = s.Cancel(t.Context(), ids[1], platform, "too late", noon)
	require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
	require.Equal(t, fault.NotFound, fault.KindOf(s.Cancel(t.Context(), ids[1], platform+1, "not mine", noon)))
}

func seal(t *testing.T, s *Store, id consignment.ID) {
	t.Helper()
	_, err := s.ChangeUnits(t.Context(), consignment.Selection{ID: &id}, consignment.Seal(noon, consignment.SealedByOrder))
	require.NoError(t, err)
}

// Cancelling races with loading: whatever wins, a parcel is never both cancelled and in a unit.
func TestCancellationAndLoadingExcludeEachOther(t *testing.T) {
	s := open(t)
	ids := record(t, s, numbered("A", 60)...)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; i < len(ids); i += 5 {
			bundle(t, s, noon, ids[i:i+5])
		}
	})
	wg.Go(func() {
		for i := range ids {
			if err := s.Cancel(t.Context(), ids[i], platform, "race", noon); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	require.Zero(t, unitsOf(t, s)[0].Parcels)
	for _, id := range ids {
		p, err := s.Parcel(t.Context(), id, nil)
		require.NoError(t, err)
		require.Equal(t, parcel.Cancelled, p.Status)
	}
}

// A platform may cancel in the very moment in which its parcel is stored: neither bundling nor cancelling may miss the other.
func TestCancellingWhatIsJustBeingStored(t *testing.T) {
	s := open(t)
	for round := range 30 {
		var ids []parcel.ID
		for _, no := range numbered(fmt.Sprint("R", round), 3) {
			ids = append(ids, parcel.DeriveID(platform, no))
		}
		var racing sync.WaitGroup
		for _, id := range ids {
			racing.Go(func() {
				err := s.Cancel(t.Context(), id, platform, "race", noon)
				for fault.KindOf(err) == fault.NotFound && err != nil {
					err = s.Cancel(t.Context(), id, platform, "race", noon)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		bundle(t, s, noon, record(t, s, numbered(fmt.Sprint("R", round), 3)...))
		racing.Wait()
	}
	require.Zero(t, count(t, s, `SELECT count(*) FROM loads l JOIN parcels p ON p.id = l.parcel_id WHERE p.status = 'cancelled'`))
}

// The whole story of a unit reaches its platform: each parcel each fact once, though a release writes one row.
func TestReceiptsTellEachParcelOfItsUnit(t *testing.T) {
	s := open(t)
	ids := record(t, s, numbered("A", 7)...)
	bundle(t, s, noon, ids[:4])
	bundle(t, s, noon, ids[4:])
	unit := unitsOf(t, s)[0]
	seal(t, s, unit.ID)
	d := consignment.NewDispatcher(s, s, func() time.Time { return noon })
	var wg sync.WaitGroup
	for range 2 { // two dispatchers at once
		wg.Go(func() {
			if _, err := d.Tick(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[parcel.Kind]map[parcel.ID]int{}
	last := ""
	for _, r := range feed(t, s) {
		require.Greater(t, r.Sequence, last, "sequences grow")
		last = r.Sequence
		if seen[r.Kind] == nil {
			seen[r.Kind] = map[parcel.ID]int{}
		}
		seen[r.Kind][r.ParcelID]++
	}
	for _, kind := range []parcel.Kind{"cleared", "bundled", "sealed", "released"} {
		require.Len(t, seen[kind], 7, kind)
		for _, n := range seen[kind] {
			require.Equal(t, 1, n, kind)
		}
	}
	p, err := s.Parcel(t.Context(), ids[6], nil)
	require.NoError(t, err)
	require.Equal(t, parcel.Released, p.Status)
	require.Equal(t, []parcel.Kind{"received", "cleared", "bundled", "sealed", "released"}, kinds(p))
	require.Equal(t, 2, count(t, s, `SELECT count(*) FROM facts WHERE kind IN ('sealed', 'released')`))
}

func count(t *testing.T, s *Store, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// A feed tells all that was of a unit that has been emptied since, nothing of what the empty unit went through, and goes on.
func TestReceiptsOfAnEmptiedUnit(t *testing.T) {
	s := open(t)
	ids := record(t, s, numbered("A", 5)...)
	bundle(t, s, noon, ids)
	for _, id := range ids {
		require.NoError(t, s.Cancel(t.Context(), id, platform, "all of it", noon))
	}
	seal(t, s, unitsOf(t, s)[0].ID)
	record(t, s, "B")
	var kinds []parcel.Kind
	for _, r := range feed(t, s) {
		kinds = append(kinds, r.Kind)
	}
	count := map[parcel.Kind]int{}
	for _, kind := range kinds {
		count[kind]++
	}
	require.Equal(t, map[parcel.Kind]int{"cleared": 6, "bundled": 5, "cancelled": 5}, count)
	require.Equal(t, parcel.KindCleared, kinds[15])
}

func TestUnroutedIsToldOnce(t *testing.T) {
	s := open(t)
	ids := record(t, s, "A")
	for range 2 {
		_, err := s.MarkUnrouted(t.Context(), loadsOf(ids), noon)
		require.NoError(t, err)
	}
	receipts := feed(t, s)
	require.Len(t, receipts, 2)
	require.Equal(t, parcel.KindUnrouted, receipts[1].Kind)
	require.NotEmpty(t, receipts[1].Reasons[0].Explanation)
	listed, err := s.Parcels(t.Context(), parcel.Query{Unrouted: true, Limit: 10})
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.True(t, listed[0].Unrouted)
}

func TestOneOfTwoOfficersClaimsACase(t *testing.T) {
	s := open(t)
	id := record(t, s, "Y1")[0]
	desk := review.NewDesk(s, func() time.Time { return noon })
	officers := []review.Officer{{ID: 10, Name: "Li"}, {ID: 11, Name: "Wang"}}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range officers {
		wg.Go(func() { _, errs[i] = desk.Claim(t.Context(), id, officers[i]) })
	}
	wg.Wait()
	first, other := 0, 1
	if errs[0] != nil {
		first, other = 1, 0
	}
	require.NoError(t, errs[first])
	require.Equal(t, fault.Conflict, fault.KindOf(errs[other]))
	require.ErrorContains(t, errs[other], officers[first].Name, "who holds it is told")
	_, err := desk.Decide(t.Context(), id, review.Decision{Officer: officers[other].ID, Name: officers[other].Name, Action: review.Release, Reason: "mine"})
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	c, err := desk.Decide(t.Context(), id, review.Decision{Officer: officers[first].ID, Name: officers[first].Name, Action: review.Release, Reason: "papers are in order"})
	require.NoError(t, err)
	require.Equal(t, review.Closed, c.State)
	p, err := s.Parcel(t.Context(), id, nil)
	require.NoError(t, err)
	require.Equal(t, parcel.Cleared, p.Status)
	require.Equal(t, "papers are in order", p.History[2].Why)

	decided, _, err := s.DecidedAfter(t.Context(), event.Position{}, 10)
	require.NoError(t, err)
	require.Equal(t, []parcel.Kind{"held", "cleared"}, []parcel.Kind{decided[0].Parcels[0].Kind, decided[1].Parcels[0].Kind}, "downstream at once")
}

func TestASanctionsHitTakesTwoOfficers(t *testing.T) {
	s := open(t)
	id := record(t, s, "H1")[0]
	desk := review.NewDesk(s, func() time.Time { return noon })
	decide := func(officer account.ID, name string) (review.Case, error) {
		return desk.Decide(t.Context(), id, review.Decision{Officer: officer, Name: name, Action: review.Release, Reason: "another person"})
	}
	c, err := decide(10, "Li")
	require.NoError(t, err)
	require.Equal(t, review.Open, c.State)
	require.Equal(t, parcel.Held, c.Status)
	_, err = decide(10, "Li")
	require.Equal(t, fault.Conflict, fault.KindOf(err), "the second officer may not be the first")
	c, err = decide(11, "Wang")
	require.NoError(t, err)
	require.Equal(t, parcel.Cleared, c.Status)
}

func TestNextGivesEachOfficerAnotherCaseMostUrgentFirst(t *testing.T) {
	s := open(t)
	record(t, s, "Y1", "H1", "Y2")
	desk := review.NewDesk(s, func() time.Time { return noon })
	first, err := desk.Next(t.Context(), review.Officer{ID: 10, Name: "Li"})
	require.NoError(t, err)
	require.Equal(t, "H1", first.OrderNo, "red before yellow")
	second, err := desk.Next(t.Context(), review.Officer{ID: 11, Name: "Wang"})
	require.NoError(t, err)
	require.NotEqual(t, first.Parcel, second.Parcel)
	cases, err := s.Cases(t.Context(), review.Query{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, "H1", cases[0].OrderNo)
	rest, err := s.Cases(t.Context(), review.Query{Limit: 2, After: review.PlaceOf(cases[1])})
	require.NoError(t, err)
	require.Len(t, rest, 1)
}

func TestACarriersScanCountsOnce(t *testing.T) {
	s := open(t)
	bundle(t, s, noon, record(t, s, "A"))
	id := unitsOf(t, s)[0].ID
	scan := consignment.Event{ID: "scan-1", Type: consignment.EventSealed, Classifier: "actual", OccurredAt: noon, RecordedAt: noon, Leg: -1, By: "carrier"}
	for range 2 {
		_, err := s.ChangeUnits(t.Context(), consignment.Selection{ID: &id}, consignment.Scan(scan))
		require.NoError(t, err)
	}
	events, err := s.ConsignmentEvents(t.Context(), id)
	require.NoError(t, err)
	sealed := 0
	for _, e := range events {
		if e.Type == consignment.EventSealed {
			sealed++
		}
	}
	require.Equal(t, 1, sealed)
	require.Len(t, feed(t, s), 3, "cleared, bundled, sealed")
}

func TestLeadIsHeldByOneAtATime(t *testing.T) {
	s := open(t)
	led, err := s.Lead(t.Context(), "relay", func(ctx context.Context) error {
		other, err := s.Lead(ctx, "relay", func(context.Context) error { return errors.New("two lead") })
		require.NoError(t, err)
		require.False(t, other)
		return s.SavePosition(ctx, "relay", event.Position{Tx: 5, Seq: 7})
	})
	require.NoError(t, err)
	require.True(t, led)
	require.NoError(t, s.SavePosition(t.Context(), "relay", event.Position{Tx: 5, Seq: 6}))
	at, err := s.Position(t.Context(), "relay")
	require.NoError(t, err)
	require.Equal(t, event.Position{Tx: 5, Seq: 7}, at, "a position never goes back")
	led, err = s.Lead(t.Context(), "relay", func(context.Context) error { return nil })
	require.NoError(t, err)
	require.True(t, led, "the lead was given up")
}

// Officer and platform change a held parcel at once: whatever wins, the feed tells it in the order in which it came to be.
func TestTheFeedTellsAParcelsChangesInTheirOrder(t *testing.T) {
	s := open(t)
	desk := review.NewDesk(s, func() time.Time { return noon })
	for _, id := range record(t, s, numbered("Y", 40)...) {
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := desk.Decide(t.Context(), id, review.Decision{Officer: 10, Name: "Li", Action: review.Release, Reason: "in order"})
			if err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := s.Cancel(t.Context(), id, platform, "race", noon); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		p, err := s.Parcel(t.Context(), id, nil)
		require.NoError(t, err)
		require.Equal(t, parcel.Cancelled, p.Status)
		require.Equal(t, parcel.KindCancelled, p.History[len(p.History)-1].Kind)
	}
	last := map[parcel.ID]parcel.Kind{}
	for _, r := range feed(t, s) {
		last[r.ParcelID] = r.Kind
	}
	for id, kind := range last {
		require.Equal(t, parcel.KindCancelled, kind, id)
	}
}
