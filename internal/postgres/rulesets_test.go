package postgres

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
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

var (
	li   = ruleset.Person{ID: 10, Name: "Li"}
	wang = ruleset.Person{ID: 11, Name: "Wang"}
)

// ruled gives a rule set's document; options are pairs of text to be replaced.
func ruled(t testing.TB, options ...string) screening.Document {
	t.Helper()
	text := `
name: draft
office: "9001"
direction: export
sampling: {random: 0}
rules:
- id: value.high
  category: value
  each: parcel
  when: value > 100
  lane: yellow
  score: 0.5
  field: /goods_value
  because: {en: "worth {value}", zh: "价值{value}"}
  source: a test
`
	d, err := screening.ParseDocument([]byte(strings.NewReplacer(options...).Replace(text)))
	require.NoError(t, err)
	return d
}

func rulesDesk(s *Store) *ruleset.Desk { return ruleset.NewDesk(s, time.Now) }

func drafted(t testing.TB, s *Store, options ...string) ruleset.RuleSet {
	t.Helper()
	draft, err := rulesDesk(s).Draft(t.Context(), ruled(t, options...), li)
	require.NoError(t, err)
	return draft
}

// activated puts a draft in force.
func activated(t testing.TB, s *Store, id ruleset.ID) ruleset.RuleSet {
	t.Helper()
	_, err := rulesDesk(s).Activate(t.Context(), id, li)
	require.NoError(t, err)
	active, err := rulesDesk(s).Activate(t.Context(), id, wang)
	require.NoError(t, err)
	require.Equal(t, ruleset.Active, active.Status)
	return active
}

func refusal(t testing.TB, err error) string {
	t.Helper()
	require.Error(t, err)
	code, _ := fault.Describe(err)
	return code
}

// The whole life, with what is recorded of it.
func TestTheLifeOfARuleSet(t *testing.T) {
	t.Parallel()
	s := open(t)
	desk, first := rulesDesk(s), drafted(t, s)
	changed, err := desk.Change(t.Context(), first.ID, ruled(t, "100", "200"), first.Revision, li)
	require.NoError(t, err)
	require.NotEqual(t, first.Hash, changed.Hash)
	_, err = desk.Shadow(t.Context(), first.ID, li)
	require.NoError(t, err)
	_, err = desk.Change(t.Context(), first.ID, ruled(t), 0, li)
	require.Equal(t, "status_forbids", refusal(t, err), "what has left draft never changes")
	activated(t, s, first.ID)

	second := drafted(t, s, "name: draft", "name: second", "100", "300")
	require.Greater(t, second.Number, first.Number)
	other := drafted(t, s, `"9001"`, `"5100"`)
	activated(t, s, other.ID)
	activated(t, s, second.ID)

	was, err := s.RuleSet(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, ruleset.Retired, was.Status, "one is active of an office and direction")
	require.Equal(t, changed.Hash, was.Hash)
	require.Equal(t, changed.Document, was.Document)
	events, err := s.RuleSetEvents(t.Context(), first.ID)
	require.NoError(t, err)
	var kinds []ruleset.Kind
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []ruleset.Kind{ruleset.Created, ruleset.Changed, ruleset.Shadowed, ruleset.Proposed, ruleset.Activated, ruleset.Retires}, kinds)
	require.Equal(t, map[string]string{"replaced_by": second.ID.String()}, events[5].Details)
	require.Equal(t, "Wang", events[5].By)
	require.Equal(t, []string{first.Hash, changed.Hash}, []string{events[0].Hash, events[1].Hash})

	for want, q := range map[string]ruleset.Query{
		"5100 second draft": {Limit: 9}, "5100 second": {Status: ruleset.Active, Limit: 9}, "second": {Office: "9001", Limit: 1},
		"draft": {Before: second.Number, Limit: 9, Status: ruleset.Retired},
	} {
		sets, err := s.RuleSets(t.Context(), q)
		require.NoError(t, err)
		var names []string
		for _, set := range sets {
			name := set.Document.Name
			if set.ID == other.ID {
				name = "5100"
			}
			names = append(names, name)
		}
		require.Equal(t, want, strings.Join(names, " "))
	}
}

// What cannot be done whole is not done at all: the set before stays in force, and its life untouched.
func TestAnActivationBreaksOff(t *testing.T) {
	t.Parallel()
	s := open(t)
	first, second := drafted(t, s), drafted(t, s)
	activated(t, s, first.ID)
	proposed, err := rulesDesk(s).Activate(t.Context(), second.ID, li)
	require.NoError(t, err)
	_, err = s.pool.Exec(t.Context(), `ALTER TABLE rule_set_events ADD CONSTRAINT broken CHECK (kind <> 'activated') NOT VALID`)
	require.NoError(t, err)
	_, err = rulesDesk(s).Activate(t.Context(), second.ID, wang)
	require.Error(t, err)
	loaded, err := s.Rules(t.Context())
	require.NoError(t, err)
	require.Len(t, loaded.Active, 1)
	require.Equal(t, first.ID, loaded.Active[0].ID)
	events, err := s.RuleSetEvents(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, ruleset.Activated, events[len(events)-1].Kind)

	_, err = s.pool.Exec(t.Context(), `ALTER TABLE rule_set_events DROP CONSTRAINT broken`)
	require.NoError(t, err)
	now, err := s.RuleSet(t.Context(), second.ID)
	require.NoError(t, err)
	require.Equal(t, proposed.Proposal, now.Proposal, "the proposal outlives it")
	active, err := rulesDesk(s).Activate(t.Context(), second.ID, wang)
	require.NoError(t, err)
	require.Equal(t, ruleset.Active, active.Status)
}

// Many people confirm and propose at once: one set is in force in the end, and each was put there by two.
func TestManyOfficersAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	desk := rulesDesk(s)
	var sets []ruleset.RuleSet
	for range 4 {
		sets = append(sets, drafted(t, s))
	}
	var people sync.WaitGroup
	for _, set := range sets {
		for _, by := range []ruleset.Person{li, wang, {ID: 12, Name: "Zhao"}} {
			people.Go(func() { _, _ = desk.Activate(context.Background(), set.ID, by) }) // some must be refused
		}
	}
	people.Wait()
	active, err := s.RuleSets(t.Context(), ruleset.Query{Status: ruleset.Active, Limit: 9})
	require.NoError(t, err)
	require.Len(t, active, 1)
	retired, err := s.RuleSets(t.Context(), ruleset.Query{Status: ruleset.Retired, Limit: 9})
	require.NoError(t, err)
	require.Len(t, retired, 3)
	for _, set := range sets {
		events, err := s.RuleSetEvents(t.Context(), set.ID)
		require.NoError(t, err)
		require.Equal(t, ruleset.Proposed, events[1].Kind)
		require.Equal(t, ruleset.Activated, events[2].Kind)
		require.NotEqual(t, events[1].By, events[2].By)
	}
}

// Two officers change the same draft at once: one of them is told.
func TestTwoOfficersChangeOneDraft(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := drafted(t, s)
	errs := make([]error, 2)
	var people sync.WaitGroup
	for i, by := range []ruleset.Person{li, wang} {
		document := ruled(t, "100", []string{"300", "400"}[i])
		people.Go(func() { _, errs[i] = rulesDesk(s).Change(context.Background(), draft.ID, document, draft.Revision, by) })
	}
	people.Wait()
	lost := errs[0]
	if lost == nil {
		lost = errs[1]
	}
	require.True(t, errs[0] == nil || errs[1] == nil)
	require.Equal(t, "ruleset_changed", refusal(t, lost))
	now, err := s.RuleSet(t.Context(), draft.ID)
	require.NoError(t, err)
	require.Equal(t, 2, now.Revision)
}

func TestABrokenDraftIsNotKept(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := rulesDesk(s).Draft(t.Context(), ruled(t, "value > 100", "listed('hs.watched', destination)"), li)
	require.Equal(t, "invalid_ruleset", refusal(t, err), "the list it asks is missing")
	_, err = rulesDesk(s).PutList(t.Context(), screening.NamedList{Name: "hs.watched", Kind: screening.Values, Items: []string{"DE"}}, 0, li)
	require.NoError(t, err)
	drafted(t, s, "value > 100", "listed('hs.watched', destination)")
	sets, err := s.RuleSets(t.Context(), ruleset.Query{Limit: 9})
	require.NoError(t, err)
	require.Len(t, sets, 1)
}

// What judging rests on is read at one moment, and its state changes whenever it does.
func TestRulesState(t *testing.T) {
	t.Parallel()
	s := open(t)
	desk := rulesDesk(s)
	var states []string
	note := func() {
		state, err := s.RulesState(t.Context())
		require.NoError(t, err)
		loaded, err := s.Rules(t.Context())
		require.NoError(t, err)
		require.Equal(t, state, loaded.State)
		states = append(states, state)
	}
	note()
	draft := drafted(t, s)
	_, err := desk.Change(t.Context(), draft.ID, ruled(t, "100", "200"), 0, li)
	require.NoError(t, err)
	state, err := s.RulesState(t.Context())
	require.NoError(t, err)
	require.Equal(t, states[0], state, "drafts judge nothing")
	_, err = desk.Shadow(t.Context(), draft.ID, li)
	require.NoError(t, err)
	note()
	activated(t, s, draft.ID)
	note()
	list := screening.NamedList{Name: "hs.watched", Kind: screening.Prefixes, Items: []string{"8507"}}
	for range 2 {
		list.Items = append(list.Items, "8506")
		_, err = desk.PutList(t.Context(), list, 0, li)
		require.NoError(t, err)
		note()
	}
	loaded, err := s.Rules(t.Context())
	require.NoError(t, err)
	require.Equal(t, []screening.NamedList{list}, loaded.Named)
	sets, err := loaded.Compile("9001", screening.Export)
	require.NoError(t, err)
	require.Equal(t, loaded.Active[0].Hash, sets.Active.Hash(), "what is stored is what was hashed")
	_, err = desk.Retire(t.Context(), draft.ID, li)
	require.NoError(t, err)
	note()
	for i := range states {
		require.NotContains(t, states[i+1:], states[i])
	}
}

func TestBasisIsKept(t *testing.T) {
	t.Parallel()
	s := open(t)
	require.NoError(t, s.SaveBasis(t.Context(), "builtin-0123", json.RawMessage(`{"a": 1}`)))
	require.NoError(t, s.SaveBasis(t.Context(), "builtin-0123", json.RawMessage(`{"a": 2}`)))
	basis, err := s.Basis(t.Context(), "builtin-0123")
	require.NoError(t, err)
	require.JSONEq(t, `{"a": 1}`, string(basis), "what a version was made of never changes")
	_, err = s.Basis(t.Context(), "builtin-9999")
	require.Equal(t, "basis_not_found", refusal(t, err))
}

func TestNamedListsHaveVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	desk := rulesDesk(s)
	for i, items := range [][]string{{"a"}, {"a", "b"}, {"a", "b"}, {}} {
		put, err := desk.PutList(t.Context(), screening.NamedList{Name: "shops", Kind: screening.Values, Items: items}, 0, li)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 2, 3}[i], put.Version)
	}
	_, err := desk.PutList(t.Context(), screening.NamedList{Name: "shops", Kind: screening.Values, Items: []string{"c"}}, 2, li)
	require.Equal(t, "list_changed", refusal(t, err))
	_, err = desk.PutList(t.Context(), screening.NamedList{Name: "Shops!", Kind: screening.Values}, 0, li)
	require.Equal(t, "invalid_request", refusal(t, err))
	_, err = desk.PutList(t.Context(), screening.NamedList{Name: "countries", Kind: screening.Values, Items: []string{"KP"}}, 0, wang)
	require.NoError(t, err)

	heads, err := s.NamedHeads(t.Context(), ruleset.NamedQuery{Limit: 9})
	require.NoError(t, err)
	require.Equal(t, []string{"countries", "shops"}, []string{heads[0].Name, heads[1].Name})
	require.Equal(t, []int{1, 3}, []int{heads[0].Version, heads[1].Version})
	old, err := s.NamedList(t.Context(), "shops", 2)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, old.Items)
	now, err := s.NamedList(t.Context(), "shops", 0)
	require.NoError(t, err)
	require.Equal(t, 0, now.Count)
	versions, err := s.NamedVersions(t.Context(), "shops", 2)
	require.NoError(t, err)
	require.Len(t, versions, 2)
	_, err = s.NamedList(t.Context(), "none", 0)
	require.Equal(t, "list_not_found", refusal(t, err))
}

// judging gives rules over no lists and the built-in set.
func judging() *screening.Rules {
	return screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 20},
		screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(nil)})
}

// runBacktests runs a runner until the backtest has ended.
func runBacktests(t *testing.T, s *Store, b ruleset.Backtest) ruleset.Backtest {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	rules := judging()
	runner := ruleset.NewRunner(s, func() *screening.Rules { return rules }, nil, time.Now, slog.New(slog.DiscardHandler))
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
		subjects := []screening.Subject{subject(t, no+"-1", 0), subject(t, no+"-2", 0)}
		subjects[1].Fen = 395_00
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
