package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

const asYAML = "Content-Type: application/yaml"

// rulesText is a rule set in YAML; options are pairs of text to be replaced.
func rulesText(options ...string) string {
	return strings.NewReplacer(options...).Replace(`# what an analyst writes
name: export of Xian
office: "9001"
direction: export
sampling: {random: 0}
rules:
- id: goods.lamps
  category: description
  each: item
  when: heading == "9405"
  lane: yellow
  score: 0.5
  field: hs_code
  value: hs
  because: {en: "Lamps: {hs}.", zh: "灯具：{hs}。"}
  source: a test
- id: value.high
  category: value
  each: parcel
  when: value > 100000
  lane: red
  score: 1
  field: /goods_value
  because: {en: "worth {value}", zh: "价值{value}"}
  source: a test
`)
}

// drafted keeps a draft.
func (h *house) drafted(t testing.TB, options ...string) (path string, set api.RuleSet) {
	t.Helper()
	a := h.post(t, account.Officer, "/v1/rulesets", rulesText(options...), asYAML)
	set = got[api.RuleSet](t, 201, a)
	require.Equal(t, "/v1/rulesets/"+set.ID, a.header.Get("Location"))
	return "/v1/rulesets/" + set.ID, set
}

// From a draft to what is in force and on to what was, with two people, and all of it told.
func TestTheLifeOfARuleSet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path, draft := h.drafted(t)
	require.Equal(t, "draft", draft.Status)
	require.Equal(t, "officer", draft.CreatedBy)
	require.Equal(t, "0.5", draft.Document.Rules[0].Score)
	require.Len(t, draft.Hash, 64)
	require.Contains(t, draft.Warnings, "no rule of category sanctions, as sanctions.name is in the built-in set: with this set in force nothing is held for it")

	require.Equal(t, "shadow", got[api.RuleSet](t, 200, h.post(t, account.Officer, path+"/shadow", "")).Status)
	h.call(t, account.Officer, "PUT", path, rulesText(), asYAML).refused(t, 409, "status_forbids")
	h.post(t, account.Officer, path+"/shadow", "").refused(t, 409, "status_forbids")

	proposed := got[api.RuleSet](t, 202, h.post(t, account.Officer, path+"/activate", ""))
	require.Equal(t, "shadow", proposed.Status)
	require.Equal(t, "officer", *proposed.ProposedBy)
	h.post(t, account.Officer, path+"/activate", "").refused(t, 409, "second_person_needed")
	active := got[api.RuleSet](t, 200, h.post(t, account.Admin, path+"/activate", ""))
	require.Equal(t, "active", active.Status)
	h.post(t, account.Admin, path+"/activate", "").refused(t, 409, "status_forbids")

	next, second := h.drafted(t, "100000", "200000")
	require.Equal(t, 202, h.post(t, secondOfficer, next+"/activate", "").status)
	require.Equal(t, "active", got[api.RuleSet](t, 200, h.post(t, account.Officer, next+"/activate", "")).Status)
	was := got[api.RuleSet](t, 200, h.get(t, account.Officer, path))
	require.Equal(t, "retired", was.Status)
	var kinds []string
	for _, e := range was.Events {
		kinds = append(kinds, e.Kind+" "+e.By)
	}
	require.Equal(t, []string{"created officer", "shadowed officer", "proposed officer", "activated admin", "retired officer"}, kinds)
	require.Equal(t, second.ID, was.Events[4].ReplacedBy)
	for _, step := range []string{"shadow", "activate", "retire"} {
		h.post(t, account.Officer, path+"/"+step, "").refused(t, 409, "status_forbids")
	}
	for query, want := range map[string]int{"": 2, "status=active": 1, "office=9001&status=retired": 1, "office=5100": 0, "direction=export": 2} {
		require.Len(t, walk[api.RuleSetHead](t, h, account.Officer, "/v1/rulesets?"+query, 1), want, query)
	}
	unknown := "/v1/rulesets/rs_" + strings.Repeat("a", 26)
	h.get(t, account.Officer, unknown).refused(t, 404, "ruleset_not_found")
	h.post(t, account.Officer, unknown+"/activate", "").refused(t, 404, "ruleset_not_found")
	h.get(t, account.Officer, "/v1/rulesets/rs_x").refused(t, 404, "not_found")
}

// Two officers who change one draft cannot write over each other unseen, and a change ends a proposal.
func TestADraftIsChangedByWhoSawIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path, _ := h.drafted(t)
	seen := h.get(t, account.Officer, path).header.Get("ETag")
	require.Equal(t, 202, h.post(t, secondOfficer, path+"/activate", "").status)
	h.call(t, account.Officer, "PUT", path, rulesText(), asYAML, "If-Match: "+seen).refused(t, 412, "ruleset_changed")

	seen = h.get(t, account.Officer, path).header.Get("ETag")
	a := h.call(t, account.Officer, "PUT", path, rulesText("100000", "5"), asYAML, "If-Match: "+seen)
	changed := got[api.RuleSet](t, 200, a)
	require.Nil(t, changed.ProposedBy)
	require.Equal(t, 2, changed.Revision)
	require.Equal(t, 200, h.call(t, secondOfficer, "PUT", path, rulesText("100000", "6"), asYAML, "If-Match: "+a.header.Get("ETag")).status)
	h.call(t, account.Officer, "PUT", path, rulesText("100000", "7"), asYAML, "If-Match: "+a.header.Get("ETag")).refused(t, 412, "ruleset_changed")
	require.Equal(t, 200, h.call(t, account.Officer, "PUT", path, rulesText("100000", "7"), asYAML, "If-Match: *").status)
	require.Equal(t, 202, h.post(t, account.Officer, path+"/activate", "").status, "the proposal has to be made anew")
	require.Equal(t, 304, h.get(t, account.Officer, path, "If-None-Match: "+h.get(t, account.Officer, path).header.Get("ETag")).status)
}

// A broken draft is told of every flaw, and is not kept.
func TestABrokenDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.post(t, account.Officer, "/v1/rulesets", rulesText("value > 100000", "value >\n    threshold", `heading == "9405"`, `listed("hs.watched", hs)`, `"9001"`, `"9001!"`), asYAML)
	a.refused(t, 422, "invalid_ruleset")
	errors := a.problem(t).Errors
	require.Len(t, errors, 3)
	require.Equal(t, "/office", errors[0].Pointer)
	require.Equal(t, api.FieldError{
		Pointer: "/rules/0/when", Code: "rule.invalid", Rule: "goods.lamps", Line: 1, Column: 8,
		Detail: `goods.lamps: line 1, column 8: there is no list "hs.watched"`,
	}, errors[1])
	require.Equal(t, []any{"/rules/1/when", "value.high", 1, 9}, []any{errors[2].Pointer, errors[2].Rule, errors[2].Line, errors[2].Column})

	for _, share := range []string{"-1", "101", "0.005", "1e400", `"5"`} {
		a := h.post(t, account.Officer, "/v1/rulesets", rulesText("random: 0", "random: "+share), asYAML)
		a.refused(t, 422, "invalid_request")
		require.Equal(t, []api.FieldError{{
			Pointer: "/sampling/random", Code: "random.range", Detail: "a percentage is a number from 0 to 100 with up to two decimals",
		}}, a.problem(t).Errors, share)
	}

	for name, c := range map[string]struct {
		body, header string
		status       int
		code         string
	}{
		"no YAML":           {"rules: [", asYAML, 400, "malformed_yaml"},
		"a member twice":    {"name: a\nname: b", asYAML, 400, "malformed_yaml"},
		"no JSON":           {"{", "Content-Type: application/json", 400, "malformed_json"},
		"a list":            {"- a", asYAML, 422, "invalid_request"},
		"an unknown member": {rulesText("value: hs", "colour: red"), asYAML, 422, "invalid_request"},
		"no per cent":       {rulesText("random: 0", "random: 101"), asYAML, 422, "invalid_request"},
		"XML":               {"<rules/>", "Content-Type: application/xml", 415, "unsupported_media_type"},
		"too much":          {"#" + strings.Repeat("x", 3<<20), asYAML, 413, "body_too_large"},
		"nothing":           {"{}", asYAML, 422, "invalid_ruleset"},
	} {
		t.Run(name, func(t *testing.T) {
			h.post(t, account.Officer, "/v1/rulesets", c.body, c.header).refused(t, c.status, c.code)
		})
	}
	require.Empty(t, walk[api.RuleSetHead](t, h, account.Officer, "/v1/rulesets?", 1))
	path, _ := h.drafted(t)
	h.call(t, account.Officer, "PUT", path, rulesText("value > 100000", "valu > 1"), asYAML).refused(t, 422, "invalid_ruleset")
	require.Equal(t, 1, got[api.RuleSet](t, 200, h.get(t, account.Officer, path)).Revision)
}

// The document that is described is the one that is read and kept.
func TestRuleSetDocumentIsInStep(t *testing.T) {
	t.Parallel()
	kept := members(reflect.TypeFor[screening.Document](), "")
	for _, shape := range []reflect.Type{reflect.TypeFor[api.RuleSetRequest](), reflect.TypeFor[api.RuleSetDocument]()} {
		described := members(shape, "")
		for _, lane := range []string{"red", "yellow", "blue"} { // of a map there
			described = remove(described, "/sampling/expect/"+lane)
		}
		for _, day := range []string{"from", "until"} { // a time there
			kept = remove(kept, "/rules/"+day+"/")
		}
		require.ElementsMatch(t, kept, described)
	}
}

func remove(all []string, one string) (rest []string) {
	for _, name := range all {
		if name != one {
			rest = append(rest, name)
		}
	}
	return rest
}

// A backtest tells what would change lane, which parcels, and how much more officers would have to do.
func TestBacktestOverTheDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rules := screening.NewRules(screening.DefaultConfig(), screening.Basis{Set: lenient(t), Lists: watchlist.NewIndex(nil)})
	h.screener = screening.NewScreener(func() *screening.Rules { return rules }, h.store)
	ids := h.declared(t, account.Platform, numbered(0), numbered(1))
	runner := ruleset.NewRunner(h.store, func() *screening.Rules { return rules }, nil, h.clock.now, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = runner.Run(ctx) }) // it ends with its context
	defer running.Wait()
	defer cancel()

	path, draft := h.drafted(t)
	now := time.Now().UTC()
	ask, err := json.Marshal(map[string]any{"from": now.Add(-time.Hour), "to": now.Add(time.Hour), "limit": 1000})
	require.NoError(t, err)
	a := h.post(t, account.Officer, path+"/backtest", string(ask))
	b := got[api.Backtest](t, 202, a)
	require.Equal(t, "queued", b.Status)
	require.Equal(t, path+"/backtests/"+b.ID, a.header.Get("Location"))
	require.Eventually(t, func() bool {
		b = got[api.Backtest](t, 200, h.get(t, account.Officer, a.header.Get("Location")))
		return b.Status == "done"
	}, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, draft.Hash, b.Hash)
	require.Equal(t, []int{2, 2, 2}, []int{b.Done, b.Report.Parcels, b.Report.Changed})
	require.Equal(t, []api.LaneMove{{From: "green", To: "yellow", Parcels: 2}}, b.Report.Lanes)
	require.Equal(t, []api.RuleHits{{Rule: "goods.lamps", Parcels: 2}}, b.Report.Rules)
	require.Equal(t, 2.0, b.Report.ExtraHeld)
	var named []string
	for _, change := range b.Report.Changes {
		named = append(named, change.ParcelID)
	}
	require.ElementsMatch(t, ids, named)

	events := got[api.RuleSet](t, 200, h.get(t, account.Officer, path)).Events
	require.Equal(t, b.ID, events[1].Backtest)
	h.post(t, account.Officer, path+"/backtest", `{"from":"2026-11-22T00:00:00Z","to":"2026-11-21T00:00:00Z"}`).refused(t, 422, "invalid_request")
	h.post(t, account.Officer, path+"/backtest", `{"from":"yesterday","to":"today"}`).refused(t, 422, "invalid_request")
	h.get(t, account.Officer, path+"/backtests/bt_"+strings.Repeat("a", 26)).refused(t, 404, "backtest_not_found")
	h.get(t, account.Officer, path+"/backtests/x").refused(t, 404, "not_found")
}

// lenient is a set that minds nothing.
func lenient(t testing.TB) *screening.Set {
	t.Helper()
	d, err := screening.ParseDocument([]byte(rulesText(`heading == "9405"`, "false", "value > 100000", "false")))
	require.NoError(t, err)
	set, err := screening.Compile(d, nil)
	require.NoError(t, err)
	return set
}

func TestShadowOverTheDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path, draft := h.drafted(t)
	require.Nil(t, draft.Shadow)
	id, err := ruleset.ParseID(draft.ID)
	require.NoError(t, err)
	day := ruleset.ShadowDay{Day: time.Now().UTC().Truncate(24 * time.Hour), Missed: 7, Comparison: ruleset.Comparison{
		Parcels: 10, Lanes: map[ruleset.Move]int{"green green": 8, "green red": 2}, Hits: map[string]int{"goods.lamps": 2},
	}}
	before := day
	before.Day = day.Day.AddDate(0, 0, -1)
	require.NoError(t, h.store.AddShadow(t.Context(), []ruleset.ShadowCounts{{Set: id, ShadowDay: day}, {Set: id, ShadowDay: before}}))
	s := got[api.RuleSet](t, 200, h.get(t, account.Officer, path)).Shadow
	require.Equal(t, []int{20, 4, 0, 4, 14}, []int{s.Parcels, s.Changed, s.HeldBefore, s.HeldAfter, s.Missed})
	require.Equal(t, []api.LaneMove{{From: "green", To: "green", Parcels: 16}, {From: "green", To: "red", Parcels: 4}}, s.Lanes)
	require.Equal(t, []api.RuleHits{{Rule: "goods.lamps", Parcels: 4}}, s.Rules)
	require.Len(t, s.Days, 2)
	require.Equal(t, day.Day.Format(time.DateOnly), s.Days[0].Day)
}

func TestNamedLists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const path = "/v1/named-lists/hs.watched"
	h.get(t, account.Officer, path).refused(t, 404, "list_not_found")
	put := func(body string, headers ...string) answer {
		return h.call(t, account.Officer, "PUT", path, body, headers...)
	}
	first := put(`{"kind":"prefixes","items":["8507"]}`)
	require.Equal(t, 1, got[api.NamedList](t, 200, first).Version)
	require.Equal(t, 1, got[api.NamedList](t, 200, put("kind: prefixes\nitems: ['8507']", asYAML)).Version, "nothing new")
	second := got[api.NamedList](t, 200, put(`{"kind":"prefixes","items":["8507","8506"]}`, "If-Match: "+first.header.Get("ETag")))
	require.Equal(t, []int{2, 2, 2}, []int{second.Version, second.Count, len(second.Versions)})
	put(`{"kind":"prefixes","items":["1"]}`, "If-Match: "+first.header.Get("ETag")).refused(t, 412, "list_changed")
	put(`{"kind":"keywords","items":["lamp"]}`).refused(t, 409, "list_kind_fixed")
	wrong := put(`{"kind":"prefixes","items":["8507",""]}`)
	wrong.refused(t, 422, "invalid_request")
	require.Equal(t, "/items/1", wrong.problem(t).Errors[0].Pointer)
	h.call(t, account.Officer, "PUT", "/v1/named-lists/No%20Name", `{"kind":"values","items":[]}`).refused(t, 422, "invalid_request")

	old := got[api.NamedList](t, 200, h.get(t, account.Officer, path+"?version=1"))
	require.Equal(t, []string{"8507"}, old.Items)
	h.get(t, account.Officer, path+"?version=9").refused(t, 404, "list_not_found")
	h.get(t, account.Officer, path+"?version=0").refused(t, 400, "invalid_query")
	require.Equal(t, 200, h.call(t, account.Admin, "PUT", "/v1/named-lists/shops", `{"kind":"values","items":["A"]}`).status)
	lists := walk[api.NamedListHead](t, h, account.Officer, "/v1/named-lists?", 1)
	require.Equal(t, []string{"hs.watched", "shops"}, []string{lists[0].Name, lists[1].Name})

	listed := rulesText(`heading == "9405"`, `listed("hs.watched", hs)`)
	require.Equal(t, 201, h.post(t, account.Officer, "/v1/rulesets", listed, asYAML).status)
}

// Rules are the office's own: platforms and carriers see nothing of them.
func TestRulesAreTheOfficesOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path, _ := h.drafted(t)
	for _, role := range []account.Role{account.Platform, account.Carrier} {
		for _, read := range []string{"/v1/rulesets", path, "/v1/named-lists", "/v1/named-lists/x"} {
			h.get(t, role, read).refused(t, 403, "wrong_role")
		}
		for _, step := range []string{"/backtest", "/shadow", "/activate", "/retire"} {
			h.post(t, role, path+step, "{}").refused(t, 403, "wrong_role")
		}
		h.post(t, role, "/v1/rulesets", rulesText(), asYAML).refused(t, 403, "wrong_role")
		h.call(t, role, "PUT", path, rulesText(), asYAML).refused(t, 403, "wrong_role")
		h.call(t, role, "PUT", "/v1/named-lists/x", "{}").refused(t, 403, "wrong_role")
	}
}
