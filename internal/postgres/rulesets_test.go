package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
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

// A list of rule sets is read without their rules, for a page of whole documents may be a gigabyte.
func TestHeadsOfRuleSets(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := drafted(t, s)
	heads, err := s.RuleSets(t.Context(), ruleset.Query{Limit: 9, Heads: true})
	require.NoError(t, err)
	whole, err := s.RuleSets(t.Context(), ruleset.Query{Limit: 9})
	require.NoError(t, err)
	require.Len(t, heads, 1)
	require.Equal(t, draft.Document.Rules, whole[0].Document.Rules)
	require.Empty(t, heads[0].Document.Rules)
	whole[0].Document.Rules, whole[0].Document.Sampling = nil, screening.Sampling{}
	require.Equal(t, whole, heads)
}
