package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// lister puts versions of a list in force and has stored parcels screened again by a clock of its own.
type lister struct {
	*Store
	t        *testing.T
	ahead    time.Duration
	version  int
	outcomes map[screening.Outcome]int
}

func listing(t *testing.T, s *Store) *lister {
	return &lister{Store: s, t: t, outcomes: map[screening.Outcome]int{}}
}

func (l *lister) now() time.Time { return time.Now().Add(l.ahead) }

// deny puts a list of names in force.
func (l *lister) deny(names ...string) {
	l.t.Helper()
	l.version++
	list := watchlist.List{Source: watchlist.Custom, Version: fmt.Sprint(l.version)}
	for _, name := range names {
		list.Entries = append(list.Entries, watchlist.Entry{List: list.Source, ID: "id " + name, Name: name, Kind: watchlist.Individual, Primary: true})
	}
	_, err := l.ImportList(l.t.Context(), list)
	require.NoError(l.t, err)
}

func (l *lister) rescreener() *screening.Rescreener {
	rules := screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 20}, screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(nil)})
	return screening.NewRescreener(func() *screening.Rules { return rules }, l.Store, 60*24*time.Hour, l.now, func(o screening.Outcome) { l.outcomes[o]++ })
}

// rescreen screens again until nothing is pending, with a rescreener of its own as another process has, and gives what it finished.
func (l *lister) rescreen() (finished []screening.Step) {
	l.t.Helper()
	l.ahead += 5 * time.Minute // closing need not be waited for
	r := l.rescreener()
	for range 100 {
		step, err := r.Step(l.t.Context())
		require.NoError(l.t, err)
		if step.Finished != nil {
			finished = append(finished, step)
		}
		if step.Pending == 0 {
			return finished
		}
	}
	require.Fail(l.t, "it does not end")
	return nil
}

// named records orders of named consignees: "A Anna Listed" is order A of Anna Listed.
func named(t *testing.T, s *Store, orders ...string) []parcel.ID {
	t.Helper()
	var subjects []screening.Subject
	var ids []parcel.ID
	for _, order := range orders {
		no, name, _ := strings.Cut(order, " ")
		subjects = append(subjects, subject(t, no, 0, "Anna Example", name))
		ids = append(ids, subjects[len(subjects)-1].ID)
	}
	_, err := s.Record(t.Context(), subjects, judge)
	require.NoError(t, err)
	return ids
}

func parcelAt(t *testing.T, s *Store, id parcel.ID) parcel.Parcel {
	t.Helper()
	p, err := s.Parcel(t.Context(), id, nil)
	require.NoError(t, err)
	return p
}

func told(t *testing.T, s *Store, id parcel.ID) (lines []string) {
	t.Helper()
	for _, r := range feed(t, s) {
		if r.ParcelID == id {
			lines = append(lines, string(r.Kind)+":"+string(r.Status))
		}
	}
	return lines
}

func decided(t *testing.T, s *Store, id parcel.ID, action review.Action) {
	t.Helper()
	for officer, name := range []string{"Li", "Wang"} { // a sanctions hit is released by two
		c, err := s.Case(t.Context(), id)
		require.NoError(t, err)
		if c.State == review.Closed {
			return
		}
		_, err = review.NewDesk(s, time.Now).Decide(t.Context(), id, review.Decision{Officer: account.ID(10 + officer), Name: name, Action: action, Reason: "seen"})
		require.NoError(t, err)
	}
}

func scan(t *testing.T, s *Store, id consignment.ID, what consignment.EventType) error {
	t.Helper()
	e := consignment.Event{ID: "scan-" + string(what), Type: what, Classifier: "actual", OccurredAt: time.Now(), RecordedAt: time.Now(), Leg: -1, By: "carrier"}
	_, err := s.ChangeUnits(t.Context(), consignment.Selection{ID: &id}, consignment.Scan(e))
	return err
}

func TestAddedNamesHoldWhatIsStored(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	l.deny("Old Name")
	l.rescreen()
	ids := named(t, s, "A Anna Listed", "B Bert Innocent", "C Old Name", "H1 Anna Listed")
	l.deny("Old Name", "LISTED, Anna")
	done := l.rescreen()
	require.Len(t, done, 1)
	require.Equal(t, screening.Counts{Parcels: 8, Held: 1, Added: 1}, done[0].Counts, "four parcels, twice: while stored, and at the close")

	p := parcelAt(t, s, ids[0])
	require.Equal(t, parcel.Held, p.Status)
	require.Equal(t, parcel.Red, p.Lane)
	require.Equal(t, "id LISTED, Anna", p.Reasons[0].Matched.Entry)
	require.Equal(t, &parcel.Verdict{Lane: parcel.Green}, p.Verdict, "what screening said at first is kept")
	require.Equal(t, []parcel.Kind{"received", "cleared", "held"}, kinds(p))
	require.Equal(t, "re-screening", p.History[2].By)
	require.Contains(t, p.History[2].Why, "LISTED, Anna")
	require.Equal(t, []string{"cleared:cleared", "held:held"}, told(t, s, ids[0]))
	for _, r := range feed(t, s) {
		if r.ParcelID == ids[0] {
			require.Equal(t, r.Kind == parcel.KindHeld, len(r.Reasons) == 1, "the first verdict had no reason")
		}
	}
	c, err := s.Case(t.Context(), ids[0])
	require.NoError(t, err)
	require.Equal(t, review.Open, c.State)
	require.Equal(t, parcel.Cleared, parcelAt(t, s, ids[1]).Status)
	require.Equal(t, parcel.Cleared, parcelAt(t, s, ids[2]).Status, "only what was added is looked for")

	held := parcelAt(t, s, ids[3])
	require.Len(t, held.Reasons, 2)
	require.Equal(t, []string{"held:held", "rescreened:held"}, told(t, s, ids[3]))
	require.Len(t, held.Verdict.Reasons, 1)
	require.Zero(t, bundle(t, s, noon, ids[:1]).Bundled, "it is not loaded any more")
}

// A killed process's work is done again by the next, and does nothing twice.
func TestScreeningAgainTwiceDoesNothingTwice(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	ids := named(t, s, "A Anna Listed", "B Anna Listed", "C Anna Listed")
	bundle(t, s, noon, ids)
	l.deny("Anna Listed")
	r := l.rescreener()
	_, err := r.Step(t.Context())
	require.NoError(t, err)
	_, err = s.pool.Exec(t.Context(), `UPDATE rescreenings SET batch = NULL, sheet = NULL, phase = 'stored', parcels = 0`) // as if it had died before this was saved
	require.NoError(t, err)
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.rescreener().Step(dead)
	require.Error(t, err)
	done := l.rescreen()
	require.Equal(t, screening.Counts{Parcels: 6, Held: 3}, done[0].Counts)
	for _, id := range ids {
		require.Equal(t, []string{"cleared:cleared", "bundled:bundled", "held:held"}, told(t, s, id))
	}
	require.Len(t, unitsOf(t, s)[0].Holds, 3)
	require.Empty(t, l.rescreen())
	l.deny("Anna Listed", "Someone Else")
	l.rescreen()
	require.Equal(t, 3, count(t, s, `SELECT count(*) FROM facts WHERE kind = 'held'`))
}

func TestAHitInAUnitHoldsItUntilDecided(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	ids := named(t, s, "A Anna Listed", "B Bert Innocent", "C Carl Listed", "D Dora Late")
	bundle(t, s, noon, ids)
	unit := unitsOf(t, s)[0].ID
	l.deny("Anna Listed", "Carl Listed")
	l.rescreen()
	require.Equal(t, "held", string(parcelAt(t, s, ids[0]).Status))
	require.NotEmpty(t, parcelAt(t, s, ids[0]).ConsignmentID, "it is in its unit still")
	held := unitsOf(t, s)[0]
	require.Len(t, held.Holds, 2)
	require.Contains(t, held.Holds[0].Reason, "entry id Anna Listed of custom")
	require.Equal(t, ids[0].String(), held.Holds[0].Parcel)

	_, err := s.ChangeUnits(t.Context(), consignment.Selection{ID: &unit}, consignment.LiftHold(held.Holds[0].ID, "Li", noon))
	require.Equal(t, fault.Conflict, fault.KindOf(err), "it is not lifted by hand: %v", err)
	_, err = s.ChangeUnits(t.Context(), consignment.Selection{ID: &unit}, consignment.Seal(time.Now(), consignment.SealedByOrder))
	require.NoError(t, err)
	d := consignment.NewDispatcher(s, s, time.Now)
	_, err = d.ReleaseUnit(t.Context(), unit, "Li")
	require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
	require.Equal(t, fault.Conflict, fault.KindOf(s.Cancel(t.Context(), ids[0], platform, "too late", noon)), "its unit is sealed")

	decided(t, s, ids[0], review.Release)
	require.Len(t, unitsOf(t, s)[0].Holds, 1, "the other one's stays")
	require.Equal(t, parcel.Sealed, parcelAt(t, s, ids[0]).Status)
	require.Equal(t, []string{"cleared:cleared", "bundled:bundled", "held:held", "cleared:bundled", "sealed:sealed"}, told(t, s, ids[0]))
	require.Equal(t, []parcel.Kind{"received", "cleared", "bundled", "held", "cleared", "sealed"}, kinds(parcelAt(t, s, ids[0])))
	require.Equal(t, []string{"cleared:cleared", "bundled:bundled", "sealed:sealed"}, told(t, s, ids[1]))
	require.Equal(t, 1, bundle(t, s, noon, ids[:1]).Passed, "and is not loaded twice")

	decided(t, s, ids[2], review.Detain)
	after := unitsOf(t, s)[0]
	require.Empty(t, after.Holds)
	require.Equal(t, 3, after.Parcels)
	require.Equal(t, parcel.Detained, parcelAt(t, s, ids[2]).Status)
	require.Equal(t, []string{"cleared:cleared", "bundled:bundled", "held:held", "detained:detained"}, told(t, s, ids[2]))
	events, err := s.ConsignmentEvents(t.Context(), unit)
	require.NoError(t, err)
	var types []consignment.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	require.Equal(t, []consignment.EventType{"opened", "held", "held", "sealed", "hold_lifted", "hold_lifted", "unloaded"}, types)

	_, err = d.Tick(t.Context())
	require.NoError(t, err)
	l.deny("Anna Listed", "Carl Listed", "Dora Late")
	l.rescreen()
	require.Equal(t, parcel.Held, parcelAt(t, s, ids[3]).Status, "released is not departed")
	require.Equal(t, fault.Conflict, fault.KindOf(scan(t, s, unit, consignment.EventDeparted)))
	decided(t, s, ids[3], review.Release)
	require.Equal(t, []string{"cleared:cleared", "bundled:bundled", "sealed:sealed", "released:released", "held:held", "cleared:released"}, told(t, s, ids[3]))
	require.NoError(t, scan(t, s, unit, consignment.EventDeparted))
	l.deny("Bert Innocent")
	l.rescreen()
	require.Equal(t, parcel.Departed, parcelAt(t, s, ids[1]).Status, "what has departed is not held")
	require.Equal(t, 1, l.outcomes[screening.TooLate])
	lines := told(t, s, ids[1])
	require.Equal(t, []string{"released:released", "departed:departed", "rescreened:departed"}, lines[len(lines)-3:], "but it is known")
	require.Len(t, parcelAt(t, s, ids[1]).Reasons, 1)
}

// An officer takes a parcel out of its unit while its route is loaded: neither waits for the other, or they would wait in a circle, for
// bundling locks the route before its units.
func TestDetainingDoesNotWaitForBundling(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	id := named(t, s, "A Anna Listed")[0]
	bundle(t, s, noon, []parcel.ID{id})
	l.deny("Anna Listed")
	l.rescreen()
	unit, err := s.Consignment(t.Context(), unitsOf(t, s)[0].ID, nil)
	require.NoError(t, err)
	require.Len(t, unit.Holds, 1)

	bundling, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	defer bundling.Rollback(t.Context())
	_, err = lockRouteAndFilter(t.Context(), bundling, unit.Route, nil, false)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = review.NewDesk(s, time.Now).Decide(ctx, id, review.Decision{Officer: 10, Name: "Li", Action: review.Detain, Reason: "it is her"})
	require.NoError(t, err, "it waits for the route")
	require.Equal(t, parcel.Detained, parcelAt(t, s, id).Status)
}

func TestANewerListOvertakesAnOlder(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	ids := named(t, s, "A Anna Listed", "B Bert Listed")
	l.deny("Anna Listed")
	_, err := s.Rescreenings(t.Context(), time.Now(), noon.Add(-time.Hour))
	require.NoError(t, err)
	l.deny("Bert Listed")
	require.Len(t, l.rescreen(), 1)
	require.Equal(t, parcel.Cleared, parcelAt(t, s, ids[0]).Status, "she was taken off before anybody looked")
	require.Equal(t, parcel.Held, parcelAt(t, s, ids[1]).Status)
	decided(t, s, ids[1], review.Release)
	l.deny("Nobody")
	l.rescreen()
	l.deny("Bert Listed")
	l.rescreen()
	require.Equal(t, parcel.Cleared, parcelAt(t, s, ids[1]).Status, "what an officer has decided about an entry stands")
}

// Whoever wins, a unit with a held parcel has not departed, and the feed tells it in the order in which it happened.
func TestScreeningAgainRacesWithDeparture(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	var units []consignment.ID
	ids := map[consignment.ID]parcel.ID{}
	for i := range 12 {
		no := fmt.Sprint("A", i)
		id := named(t, s, no+" Anna Listed")[0]
		bundle(t, s, noon, []parcel.ID{id})
		for _, u := range unitsOf(t, s) {
			if _, known := ids[u.ID]; !known {
				ids[u.ID] = id
				units = append(units, u.ID)
				seal(t, s, u.ID)
			}
		}
	}
	require.Len(t, units, 12, "each in a unit of its own")
	_, err := consignment.NewDispatcher(s, s, time.Now).Tick(t.Context())
	require.NoError(t, err)
	l.deny("Anna Listed")
	var racing sync.WaitGroup
	racing.Go(func() {
		for i := range units {
			if err := scan(t, s, units[len(units)-1-i], consignment.EventDeparted); err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
	})
	racing.Go(func() { l.rescreen() })
	racing.Wait()
	for unit, id := range ids {
		p, lines := parcelAt(t, s, id), told(t, s, id)
		u, err := s.Consignment(t.Context(), unit, nil)
		require.NoError(t, err)
		last := lines[len(lines)-1]
		switch p.Status {
		case parcel.Held:
			require.Len(t, u.Holds, 1)
			require.Equal(t, "held:held", last)
		default:
			require.Equal(t, parcel.Departed, p.Status)
			require.Empty(t, u.Holds)
			require.Equal(t, []string{"departed:departed", "rescreened:departed"}, lines[len(lines)-2:])
		}
	}
}

// A declaration that is damaged in the store is told of, and keeps nothing behind it from being looked at.
func TestADamagedDeclarationIsPassedOver(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	id := named(t, s, "A Anna Listed")[0]
	damaged := subject(t, "B", 0)
	damaged.Document = []byte(`{"order_no":`)
	_, err := s.Record(t.Context(), []screening.Subject{damaged}, judge)
	require.NoError(t, err)
	l.deny("Anna Listed")
	step, err := l.rescreener().Step(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, step.Unread)
	require.Equal(t, parcel.Held, parcelAt(t, s, id).Status)
}

// A page of sheets is read, unpacked, parsed and compared in this time; what meets nothing costs nothing more.
func BenchmarkLookingForNewNames(b *testing.B) {
	s := open(b)
	const parcels = 16_384
	subjects := make([]screening.Subject, 0, 1024)
	for i := range parcels {
		next := subject(b, fmt.Sprint("A", i), 0)
		next.Address = int64(i)
		if subjects = append(subjects, next); len(subjects) == cap(subjects) {
			_, err := s.Record(b.Context(), subjects, judge)
			require.NoError(b, err)
			subjects = subjects[:0]
		}
	}
	entries := make([]watchlist.Entry, 20_000)
	for i := range entries {
		entries[i] = watchlist.Entry{List: watchlist.Custom, ID: fmt.Sprint(i), Name: fmt.Sprintf("Listed Person %d of %d", i, i%97), Kind: watchlist.Individual, Primary: true}
	}
	b.ResetTimer()
	looked := 0
	for b.Loop() {
		_, err := s.ImportList(b.Context(), watchlist.List{Source: watchlist.Custom, Version: fmt.Sprint(looked), Entries: entries})
		require.NoError(b, err)
		entries[0].Name += "x"
		_, err = s.pool.Exec(b.Context(), `TRUNCATE rescreenings`)
		require.NoError(b, err)
		rules := screening.NewRules(screening.Config{}, screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(nil)})
		r := screening.NewRescreener(func() *screening.Rules { return rules }, s, 60*24*time.Hour, time.Now, func(screening.Outcome) {})
		began := time.Now()
		_, err = r.Step(b.Context()) // reads the names
		require.NoError(b, err)
		b.Logf("the first page, with %d names: %v", len(entries), time.Since(began))
		began = time.Now()
		for n := 1; n > 0; {
			step, err := r.Step(b.Context())
			require.NoError(b, err)
			n = step.Parcels
			looked += n
		}
		b.ReportMetric(float64(looked)/time.Since(began).Seconds(), "parcels/s")
		looked = 0
	}
}
