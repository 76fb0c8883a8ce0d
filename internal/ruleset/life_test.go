package ruleset_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	li   = ruleset.Person{ID: 10, Name: "Li"}
	wang = ruleset.Person{ID: 11, Name: "Wang"}
)

const text = `
name: export of Xian
office: "9001"
direction: export
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

func compiled(t require.TestingT, name string) *screening.Set {
	d, err := screening.ParseDocument([]byte(text))
	require.NoError(t, err)
	d.Name = name
	set, err := screening.Compile(d, nil)
	require.NoError(t, err)
	return set
}

func in(t require.TestingT, status ruleset.Status) ruleset.RuleSet {
	s, _ := ruleset.New(ruleset.NewID(), compiled(t, "one"), li, noon)
	s.Status = status
	return s
}

// refused checks the code of a conflict.
func refused(t require.TestingT, err error, code string) {
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	got, _ := fault.Describe(err)
	require.Equal(t, code, got)
}

func TestNew(t *testing.T) {
	set := compiled(t, "one")
	s, made := ruleset.New(ruleset.NewID(), set, li, noon)
	require.Equal(t, ruleset.Draft, s.Status)
	require.Equal(t, 1, s.Revision)
	require.Equal(t, set.Hash(), s.Hash)
	require.Equal(t, ruleset.Event{Kind: ruleset.Created, Hash: set.Hash(), Stamp: ruleset.Stamp{By: "Li", At: noon}}, made)
	read, err := ruleset.ParseID(s.ID.String())
	require.NoError(t, err)
	require.Equal(t, s.ID, read)
}

// Every action in every status: what it leads to, or that it cannot be done. Activations here are the second person's.
func TestEveryStep(t *testing.T) {
	can := map[ruleset.Status]map[ruleset.Action]ruleset.Status{
		ruleset.Draft: {
			ruleset.Change: ruleset.Draft, ruleset.TryOut: ruleset.Draft, ruleset.RunBeside: ruleset.Shadow,
			ruleset.Activate: ruleset.Active, ruleset.Retire: ruleset.Retired,
		},
		ruleset.Shadow:  {ruleset.TryOut: ruleset.Shadow, ruleset.Activate: ruleset.Active, ruleset.Retire: ruleset.Retired},
		ruleset.Active:  {ruleset.TryOut: ruleset.Active, ruleset.Retire: ruleset.Retired},
		ruleset.Retired: {},
	}
	for _, status := range ruleset.Statuses {
		for _, action := range []ruleset.Action{ruleset.Change, ruleset.TryOut, ruleset.RunBeside, ruleset.Activate, ruleset.Retire} {
			before := in(t, status)
			before.Proposal = &ruleset.Proposal{By: wang, At: noon}
			after, e, err := before.Take(ruleset.Step{Action: action, By: li, At: noon.Add(time.Hour), Set: compiled(t, "two")})
			next, ok := can[status][action]
			if !ok {
				refused(t, err, "status_forbids")
				require.Equal(t, before, after)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, next, after.Status, "%s %s", status, action)
			require.Equal(t, after.Hash, e.Hash)
			require.Equal(t, ruleset.Stamp{By: "Li", At: noon.Add(time.Hour)}, e.Stamp)
			require.Equal(t, action == ruleset.Change, before.Hash != after.Hash, "only a change changes the document")
		}
	}
}

func TestTwoPeoplePutASetInForce(t *testing.T) {
	first, e, err := in(t, ruleset.Shadow).Take(ruleset.Step{Action: ruleset.Activate, By: li, At: noon})
	require.NoError(t, err)
	require.Equal(t, ruleset.Proposed, e.Kind)
	require.Equal(t, ruleset.Shadow, first.Status)
	require.Equal(t, li, first.Proposal.By)

	_, _, err = first.Take(ruleset.Step{Action: ruleset.Activate, By: li, At: noon})
	refused(t, err, "second_person_needed")

	second, e, err := first.Take(ruleset.Step{Action: ruleset.Activate, By: wang, At: noon})
	require.NoError(t, err)
	require.Equal(t, ruleset.Activated, e.Kind)
	require.Equal(t, ruleset.Active, second.Status)
	require.Equal(t, "Wang", second.Changed.By)
	require.Equal(t, "Li", second.Proposal.By.Name, "it stays known who proposed it")
}

func TestAChangeEndsTheProposal(t *testing.T) {
	proposed, _, err := in(t, ruleset.Draft).Take(ruleset.Step{Action: ruleset.Activate, By: li, At: noon})
	require.NoError(t, err)
	changed, _, err := proposed.Take(ruleset.Step{Action: ruleset.Change, By: wang, At: noon, Set: compiled(t, "two")})
	require.NoError(t, err)
	require.Nil(t, changed.Proposal)
	require.Equal(t, 2, changed.Revision)
	again, e, err := changed.Take(ruleset.Step{Action: ruleset.Activate, By: wang, At: noon})
	require.NoError(t, err)
	require.Equal(t, ruleset.Proposed, e.Kind, "Wang is the first to propose what it is now")
	require.Equal(t, ruleset.Draft, again.Status)
}

func TestAStepOverAnothersChangeIsRefused(t *testing.T) {
	changed, _, err := in(t, ruleset.Draft).Take(ruleset.Step{Action: ruleset.Change, By: wang, At: noon, Set: compiled(t, "two"), Revision: 1})
	require.NoError(t, err)
	_, _, err = changed.Take(ruleset.Step{Action: ruleset.Change, By: li, At: noon, Set: compiled(t, "three"), Revision: 1})
	refused(t, err, "ruleset_changed")
	require.True(t, ruleset.Stale(err))
	require.ErrorContains(t, err, "Wang")
}

// Whatever people do, a set never goes back, what has left draft keeps its document, and nobody puts a set in force alone.
func TestNoSequenceOfStepsBreaksTheLife(t *testing.T) {
	one, two := compiled(t, "one"), compiled(t, "two")
	rank := map[ruleset.Status]int{ruleset.Draft: 0, ruleset.Shadow: 1, ruleset.Active: 2, ruleset.Retired: 3}
	rapid.Check(t, func(t *rapid.T) {
		s, _ := ruleset.New(ruleset.NewID(), one, li, noon)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			step := ruleset.Step{
				Action: rapid.SampledFrom([]ruleset.Action{ruleset.Change, ruleset.TryOut, ruleset.RunBeside, ruleset.Activate, ruleset.Retire}).Draw(t, "action"),
				By:     rapid.SampledFrom([]ruleset.Person{li, wang}).Draw(t, "by"), At: noon,
				Set: rapid.SampledFrom([]*screening.Set{one, two}).Draw(t, "set"), Revision: rapid.IntRange(0, 3).Draw(t, "revision"),
			}
			next, e, err := s.Take(step)
			if err != nil {
				require.Equal(t, s, next, "a refused step changes nothing")
				continue
			}
			require.GreaterOrEqual(t, rank[next.Status], rank[s.Status])
			require.True(t, s.Status == ruleset.Draft || s.Hash == next.Hash)
			if e.Kind == ruleset.Activated {
				require.NotEqual(t, s.Proposal.By, step.By)
			}
			s = next
		}
	})
}
