package postgres

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// judging gives rules over no lists and the built-in set.
func judging() *screening.Rules {
	return screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 20},
		screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(nil)})
}

// runBacktests runs a runner until the backtest has ended.
func runBacktests(t *testing.T, s *Store, b ruleset.Backtest) ruleset.Backtest {
	t.Helper()
	rules := judging()
	return runBacktestsBy(t, s, b, func() *screening.Rules { return rules })
}

// runBacktestsBy is runBacktests by these rules in force.
func runBacktestsBy(t *testing.T, s *Store, b ruleset.Backtest, rules func() *screening.Rules) ruleset.Backtest {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	runner := ruleset.NewRunner(s, rules, nil, time.Now, slog.New(slog.DiscardHandler))
	var running sync.WaitGroup
	running.Go(func() { _ = runner.Run(ctx) }) // it ends with its context
	defer running.Wait()
	defer cancel()
	require.Eventually(t, func() bool {
		var err error
		b, err = s.Backtest(t.Context(), b.Set, b.ID)
		require.NoError(t, err)
		return b.Ended != nil
	}, 30*time.Second, 10*time.Millisecond)
	return b
}

var today = ruleset.Span{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour), Most: 1000}

// stored waits until n verdicts can be read: a fact is read when every transaction before it has ended, in other tests too.
func stored(t *testing.T, s *Store, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		got, err := s.CountJudged(t.Context(), today)
		require.NoError(t, err)
		return got == n
	}, 30*time.Second, 10*time.Millisecond)
}

// dearer is an order of 50 EUR instead of 10.
var dearer = []string{`"goods_value":"10.00"`, `"goods_value":"50.00"`, `"unit_price":"5.00"`, `"unit_price":"25.00"`}

func recordDear(t *testing.T, s *Store, orderNos ...string) (ids []parcel.ID) {
	t.Helper()
	var subjects []screening.Subject
	for _, no := range orderNos {
		subject := subject(t, no, 0, dearer...)
		subjects, ids = append(subjects, subject), append(ids, subject.ID)
	}
	_, err := s.Record(t.Context(), subjects, judge)
	require.NoError(t, err)
	return ids
}

// A backtest tells what would change lane, which, by which rule, and what officers would have to do.
func TestBacktest(t *testing.T) {
	t.Parallel()
	s := open(t)
	record(t, s, "A-1", "A-2", "A-3")
	held := record(t, s, "H-1") // by what judged it, and worth little
	dear := recordDear(t, s, "A-4", "A-5")
	stored(t, s, 6)
	draft := drafted(t, s)
	b, err := rulesDesk(s).Backtest(t.Context(), draft.ID, today, li)
	require.NoError(t, err)
	_, err = rulesDesk(s).Backtest(t.Context(), draft.ID, today, li)
	require.Equal(t, "backtest_running", refusal(t, err))
	_, err = rulesDesk(s).Change(t.Context(), draft.ID, ruled(t, "100", "1000000"), 0, li)
	require.NoError(t, err)

	b = runBacktests(t, s, b)
	require.Equal(t, ruleset.Done, b.Status)
	require.Equal(t, []int{6, 6, 6, 3}, []int{b.Total, b.Done, b.Report.Parcels, b.Report.Changed()})
	require.Equal(t, draft.Hash, b.Hash, "it judges by what the draft was when it was asked for")
	require.Equal(t, map[ruleset.Move]int{"green green": 3, "green yellow": 2, "red green": 1}, b.Report.Lanes)
	require.Equal(t, map[string]int{"value.high": 2}, b.Report.Hits)
	require.Len(t, b.Report.Changes, 3)
	require.Contains(t, b.Report.Changes, ruleset.LaneChange{Parcel: dear[0], From: parcel.Green, To: parcel.Yellow, Rules: []string{"value.high"}, Before: []string{}})
	require.Contains(t, b.Report.Changes, ruleset.LaneChange{Parcel: held[0], From: parcel.Red, To: parcel.Green, Before: []string{"sanctions.name"}})
	for _, load := range b.Report.Days {
		require.Equal(t, ruleset.Load{Parcels: 6, Held: 1, Would: 2}, load)
	}
}

// A process dies amid a backtest; the next one goes on where it was, and counts nothing twice.
func TestABacktestSurvivesItsProcess(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, batch := range []string{"A", "B", "C", "D"} {
		record(t, s, numbered(batch, 3)...)
	}
	stored(t, s, 12)
	b, err := rulesDesk(s).Backtest(t.Context(), drafted(t, s).ID, today, li)
	require.NoError(t, err)
	taken, ok, err := s.TakeBacktest(t.Context(), noon)
	require.NoError(t, err)
	require.True(t, ok)
	judged, next, err := s.JudgedAfter(t.Context(), today, event.Position{})
	require.NoError(t, err)
	require.Len(t, judged, 6)
	taken.Done, taken.Total, taken.After = 6, 12, next
	taken.Report.Comparison = ruleset.Comparison{Parcels: 6, Lanes: map[ruleset.Move]int{"green green": 6}}
	taken.Report.Hits, taken.Report.Days = map[string]int{}, map[string]ruleset.Load{}
	on, err := s.SaveBacktest(t.Context(), taken)
	require.NoError(t, err)
	require.True(t, on)

	b = runBacktests(t, s, b)
	require.Equal(t, []int{12, 12}, []int{b.Done, b.Report.Parcels})
	require.Equal(t, map[ruleset.Move]int{"green green": 12}, b.Report.Lanes)
}

// While screening is behind, a backtest waits.
func TestABacktestGivesWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	record(t, s, numbered("A", 3)...)
	stored(t, s, 3)
	b, err := rulesDesk(s).Backtest(t.Context(), drafted(t, s).ID, today, li)
	require.NoError(t, err)
	var asked, busy atomic.Int64
	busy.Store(1)
	rules := judging()
	runner := ruleset.NewRunner(s, func() *screening.Rules { return rules }, func() bool { asked.Add(1); return busy.Load() > 0 }, time.Now, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = runner.Run(ctx) }) // it ends with its context
	defer running.Wait()
	defer cancel()
	at := func(done int) func() bool {
		return func() bool {
			b, err = s.Backtest(t.Context(), b.Set, b.ID)
			require.NoError(t, err)
			return asked.Load() > 1 && b.Status != ruleset.Queued && b.Done == done
		}
	}
	require.Eventually(t, at(0), 20*time.Second, 10*time.Millisecond)
	busy.Store(0)
	require.Eventually(t, at(3), 20*time.Second, 10*time.Millisecond)
}

func TestABacktestEndsItsProcessAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	b, err := rulesDesk(s).Backtest(t.Context(), drafted(t, s).ID, today, li)
	require.NoError(t, err)
	for range 5 {
		_, ok, err := s.TakeBacktest(t.Context(), noon)
		require.NoError(t, err)
		require.True(t, ok)
	}
	b = runBacktests(t, s, b)
	require.Equal(t, ruleset.Failed, b.Status)
	require.NotEmpty(t, b.Why)
	_, err = rulesDesk(s).Backtest(t.Context(), b.Set, today, li)
	require.NoError(t, err, "it can be asked for again")
}

// What an older program took is judged again, though this one's rules for declarations are stricter.
func TestABacktestReadsWhatWouldNotBeTakenToday(t *testing.T) {
	t.Parallel()
	s := open(t)
	old := subject(t, "A-1", 0)
	old.Document = bytes.Replace(old.Document, []byte(`"currency":"EUR"`), []byte(`"currency":"DEM"`), 1)
	_, err := parcel.Read(old.Document)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	_, err = s.Record(t.Context(), []screening.Subject{old, subject(t, "A-2", 0)}, judge)
	require.NoError(t, err)
	stored(t, s, 2)
	b, err := rulesDesk(s).Backtest(t.Context(), drafted(t, s).ID, today, li)
	require.NoError(t, err)
	b = runBacktests(t, s, b)
	require.Equal(t, ruleset.Done, b.Status)
	require.Equal(t, 2, b.Report.Parcels)

	changed := subject(t, "A-1", 0)
	changed.Fingerprint[0]++
	tally, err := s.Record(t.Context(), []screening.Subject{changed}, judge)
	require.NoError(t, err, "nor does it keep a conflict from being told")
	require.Equal(t, 1, tally.Conflicts)
}

// A backtest that fails amid its work keeps what it had found.
func TestAFailedBacktestKeepsWhatItFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, batch := range []string{"A", "B", "C"} {
		record(t, s, numbered(batch, 3)...)
	}
	stored(t, s, 9)
	b, err := rulesDesk(s).Backtest(t.Context(), drafted(t, s).ID, today, li)
	require.NoError(t, err)
	rules, asked := judging(), 0
	b = runBacktestsBy(t, s, b, func() *screening.Rules {
		if asked++; asked > 1 {
			panic("rules that cannot be had")
		}
		return rules
	})
	require.Equal(t, ruleset.Failed, b.Status)
	require.Equal(t, []int{9, 6, 6}, []int{b.Total, b.Done, b.Report.Parcels})
	require.Equal(t, map[ruleset.Move]int{"green green": 6}, b.Report.Lanes)
}

func TestABacktestIsBoundedAndCancelled(t *testing.T) {
	t.Parallel()
	s := open(t)
	record(t, s, numbered("A", 5)...)
	stored(t, s, 5)
	draft := drafted(t, s)
	span := today
	span.Most = 3
	b, err := rulesDesk(s).Backtest(t.Context(), draft.ID, span, li)
	require.NoError(t, err)
	require.Equal(t, 3, runBacktests(t, s, b).Report.Parcels)

	b, err = rulesDesk(s).Backtest(t.Context(), draft.ID, today, li)
	require.NoError(t, err)
	taken, _, err := s.TakeBacktest(t.Context(), noon)
	require.NoError(t, err)
	_, err = rulesDesk(s).Retire(t.Context(), draft.ID, li)
	require.NoError(t, err)
	on, err := s.SaveBacktest(t.Context(), taken)
	require.NoError(t, err)
	require.False(t, on, "whoever runs it is told to stop")
	b, err = s.Backtest(t.Context(), draft.ID, b.ID)
	require.NoError(t, err)
	require.Equal(t, ruleset.Cancelled, b.Status)
	_, err = rulesDesk(s).Backtest(t.Context(), draft.ID, today, li)
	require.Equal(t, "status_forbids", refusal(t, err))
	_, err = rulesDesk(s).Backtest(t.Context(), draft.ID, ruleset.Span{From: noon, To: noon}, li)
	require.Equal(t, "invalid_request", refusal(t, err))
}

// A set in the shadow judges what was judged, and what it would have done is counted by the day.
func TestShadow(t *testing.T) {
	t.Parallel()
	s := open(t)
	set := drafted(t, s)
	_, err := rulesDesk(s).Shadow(t.Context(), set.ID, li)
	require.NoError(t, err)
	loaded, err := s.Rules(t.Context())
	require.NoError(t, err)
	sets, err := loaded.Compile("", screening.Export)
	require.NoError(t, err)
	rules := judging()
	shadower := ruleset.NewShadower(s, func() *screening.Rules { return rules }, func() []ruleset.Shade { return sets.Shadow }, nil, time.Now, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = shadower.Run(ctx) }) // it ends with its context
	for _, no := range []string{"A", "B"} {
		subjects := []screening.Subject{subject(t, no+"-1", 0), subject(t, no+"-2", 0, dearer...)}
		shadower.Shadow(t.Context(), subjects, judge(subjects, nil))
	}
	huge := make([]screening.Subject, 10_000)
	shadower.Shadow(t.Context(), huge, make([]screening.Verdict, len(huge)))
	var days []ruleset.ShadowDay
	require.Eventually(t, func() bool {
		days, err = s.ShadowDays(t.Context(), set.ID, 10)
		require.NoError(t, err)
		return len(days) > 0 && days[0].Parcels == 4 && days[0].Missed > 0
	}, 20*time.Second, 20*time.Millisecond)
	cancel()
	running.Wait()
	require.Equal(t, 10_000, days[0].Missed, "what there is no time for holds nothing up")
	require.Equal(t, map[ruleset.Move]int{"green green": 2, "green yellow": 2}, days[0].Lanes)
	require.Equal(t, map[string]int{"value.high": 2}, days[0].Hits)

	require.NoError(t, s.AddShadow(t.Context(), []ruleset.ShadowCounts{{Set: set.ID, ShadowDay: days[0]}}))
	twice, err := s.ShadowDays(t.Context(), set.ID, 10)
	require.NoError(t, err)
	require.Equal(t, 8, twice[0].Parcels, "processes add to each other's counts")

	for range ruleset.MostShadows - 1 {
		_, err = rulesDesk(s).Shadow(t.Context(), drafted(t, s).ID, li)
		require.NoError(t, err)
	}
	_, err = rulesDesk(s).Shadow(t.Context(), drafted(t, s).ID, li)
	require.Equal(t, "too_many_shadows", refusal(t, err))
}
