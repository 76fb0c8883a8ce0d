package postgres

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// judgedBy has every order judged by a version of the rules: those whose number begins with H are red, with Y yellow, with B blue, and
// those with D are drawn into yellow so that the lane gets its share.
func judgedBy(rules string) screening.Judge {
	lanes := map[byte]parcel.Lane{'H': parcel.Red, 'Y': parcel.Yellow, 'B': parcel.Blue, 'D': parcel.Yellow}
	return func(subjects []screening.Subject, _ []screening.Past) []screening.Verdict {
		verdicts := make([]screening.Verdict, len(subjects))
		for i := range subjects {
			v := screening.Verdict{Status: parcel.Cleared, Lane: parcel.Green, Version: rules}
			first := subjects[i].Declaration.OrderNo[0]
			if lane, ok := lanes[first]; ok {
				v.Lane = lane
				v.Reasons = []parcel.Reason{{Rule: "some.rule", Category: parcel.Value, Lane: lane}}
			}
			if first == 'D' {
				v.Reasons = []parcel.Reason{{Rule: screening.RuleExpected, Category: parcel.Random, Lane: parcel.Yellow}}
			}
			if v.Lane.Holds() {
				v.Status = parcel.Held
			}
			verdicts[i] = v
		}
		return verdicts
	}
}

// basisFor keeps a basis whose set is of an office.
func basisFor(t *testing.T, s *Store, rules, setHash, office string) {
	t.Helper()
	basis, err := json.Marshal(screening.Record{SetHash: setHash, Set: screening.Document{Office: office, Direction: screening.Export}})
	require.NoError(t, err)
	require.NoError(t, s.SaveBasis(t.Context(), rules, basis))
}

func subjectsNumbered(t *testing.T, prefix string, n int) (all []screening.Subject) {
	t.Helper()
	for _, no := range numbered(prefix, n) {
		all = append(all, subject(t, no, 0))
	}
	return all
}

func counted(t *testing.T, s *Store, office string) []screening.Counted {
	t.Helper()
	require.NoError(t, s.FoldLaneCounts(t.Context(), time.Now()))
	all, err := s.CountedLanes(t.Context(), office, screening.Export, time.Now().Add(-24*time.Hour))
	require.NoError(t, err)
	return all
}

// Every batch is delivered to two screeners, twice each, while two processes fold: each parcel counts once, by what the rules said.
func TestLanesAreCountedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	const quote = "it's the set-0123456789ab" // whatever a name may have
	basisFor(t, s, quote, "set", "9001")
	var batches [][]screening.Subject
	for _, prefix := range []string{"A", "H", "Y", "B", "D", "C"} {
		batches = append(batches, subjectsNumbered(t, prefix, 7))
	}
	mixed := append(subjectsNumbered(t, "AM", 3), subjectsNumbered(t, "DM", 2)...)
	batches = append(batches, append(mixed, mixed...))

	folding, stop := context.WithCancel(t.Context())
	var screeners, folders sync.WaitGroup
	for range 2 {
		folders.Go(func() {
			for folding.Err() == nil {
				if err := s.FoldLaneCounts(t.Context(), time.Now()); err != nil {
					t.Error(err)
					return
				}
			}
		})
		screeners.Go(func() {
			for range 2 {
				for _, batch := range batches {
					if _, err := s.Record(t.Context(), batch, judgedBy(quote)); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	screeners.Wait()
	stop()
	folders.Wait()
	require.Equal(t, []screening.Counted{{
		SetHash: "set",
		Lanes:   screening.LaneCounts{parcel.Red: 7, parcel.Yellow: 7, parcel.Blue: 7, parcel.Green: 7 + 7 + 7 + 5},
		Drawn:   screening.LaneCounts{parcel.Red: 0, parcel.Yellow: 9, parcel.Blue: 0},
	}}, counted(t, s, "9001"))
	var left int
	require.NoError(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM lane_counts`).Scan(&left))
	require.Zero(t, left, "what is folded is taken out")
}

// An office's counts are those of its sets and of the built-in one, whatever versions of the rules judged by them.
func TestLanesAreCountedBySet(t *testing.T) {
	t.Parallel()
	s := open(t)
	builtin := screening.Builtin().Document().Office
	for rules, of := range map[string][2]string{"a-1": {"a", "9001"}, "a-2": {"a", "9001"}, "b-1": {"b", "9002"}, "builtin-1": {"builtin", builtin}} {
		basisFor(t, s, rules, of[0], of[1])
		_, err := s.Record(t.Context(), subjectsNumbered(t, rules, 2), judgedBy(rules))
		require.NoError(t, err)
	}
	totals := map[string]int64{}
	for _, c := range counted(t, s, "9001") {
		totals[c.SetHash] = c.Lanes.Total()
	}
	require.Equal(t, map[string]int64{"a": 4, "builtin": 2}, totals)

	none, err := s.CountedLanes(t.Context(), "9001", screening.Export, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, none, "only what is young enough")
	require.NoError(t, s.FoldLaneCounts(t.Context(), time.Now().Add(totalsKept+time.Hour)))
	require.Empty(t, counted(t, s, "9001"), "what nobody looks at any more is taken out")
}

// A batch that is given up after it was counted is not counted.
func TestLanesOfABatchThatFailsAreNotCounted(t *testing.T) {
	t.Parallel()
	s := open(t)
	basisFor(t, s, "rules", "set", "9001")
	_, err := s.Record(t.Context(), []screening.Subject{subject(t, "A", 0)}, judgedBy("rules"))
	require.NoError(t, err)
	unstorable := subject(t, "A", 0, "Berlin", "Bonn") // a conflict, which is told last
	unstorable.Posting = "\x00"
	_, err = s.Record(t.Context(), []screening.Subject{subject(t, "B", 0), unstorable}, judgedBy("rules"))
	require.Error(t, err)
	require.Equal(t, int64(1), counted(t, s, "9001")[0].Lanes.Total())
}

func TestTheLastTopUpOfASetIsInForce(t *testing.T) {
	t.Parallel()
	s := open(t)
	none, err := s.LaneTopUpInForce(t.Context(), "set")
	require.NoError(t, err)
	require.Zero(t, none.ID)
	require.Empty(t, none.TopUp)

	first := LaneTopUp{
		SetHash: "set", Office: "9001", Direction: screening.Export, TopUp: map[parcel.Lane]screening.Percent{parcel.Yellow: 450, parcel.Red: 5},
		Counted: screening.LaneCounts{parcel.Yellow: 6, parcel.Green: 994}, At: noon,
	}
	other := first
	other.SetHash, other.TopUp = "other", map[parcel.Lane]screening.Percent{parcel.Blue: 1}
	for _, topUp := range []LaneTopUp{first, other} {
		require.NoError(t, s.AddLaneTopUp(t.Context(), topUp))
	}
	found, err := s.LaneTopUpInForce(t.Context(), "set")
	require.NoError(t, err)
	require.NotZero(t, found.ID)
	first.ID, found.At = found.ID, found.At.UTC()
	require.Equal(t, first, found)

	ended := first
	ended.TopUp, ended.At = nil, noon.Add(-time.Hour) // the order in which they were put in force decides, not the clocks
	require.NoError(t, s.AddLaneTopUp(t.Context(), ended))
	found, err = s.LaneTopUpInForce(t.Context(), "set")
	require.NoError(t, err)
	require.Greater(t, found.ID, first.ID)
	require.Empty(t, found.TopUp)
}

// Backtests and the shadow compare what rules find: what was drawn so that a lane gets its share counts as green there.
func TestDrawsAreLeftOutOfComparisons(t *testing.T) {
	t.Parallel()
	s := open(t)
	subjects := append(subjectsNumbered(t, "D", 2), subjectsNumbered(t, "Y", 1)...)
	_, err := s.Record(t.Context(), subjects, judgedBy("rules"))
	require.NoError(t, err)
	stored(t, s, 3)
	draft := drafted(t, s)
	b, err := rulesDesk(s).Backtest(t.Context(), draft.ID, today, li)
	require.NoError(t, err)
	b = runBacktests(t, s, b)
	lanes := map[ruleset.Move]int{"green green": 2, "yellow green": 1}
	require.Equal(t, lanes, b.Report.Lanes)
	require.Len(t, b.Report.Changes, 1)
	for _, load := range b.Report.Days {
		require.Equal(t, ruleset.Load{Parcels: 3, Held: 1}, load)
	}

	set, err := screening.Compile(draft.Document, nil)
	require.NoError(t, err)
	rules := judging()
	shades := func() []ruleset.Shade { return []ruleset.Shade{{ID: draft.ID, Set: set}} }
	shadower := ruleset.NewShadower(s, func() *screening.Rules { return rules }, shades, nil, time.Now, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = shadower.Run(ctx) }) // it ends with its context
	defer running.Wait()
	defer cancel()
	shadower.Shadow(t.Context(), subjects, judgedBy("rules")(subjects, nil))
	require.Eventually(t, func() bool {
		days, err := s.ShadowDays(t.Context(), draft.ID, 1)
		require.NoError(t, err)
		return len(days) == 1 && maps.Equal(lanes, days[0].Lanes)
	}, 20*time.Second, 20*time.Millisecond)
}
