package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// RuleSetHead is a rule set without its rules.
type RuleSetHead struct {
	ID         string  `json:"id" example:"rs_cbmqkhnqktt3tcu3ejcy3stofu"`
	Number     int     `json:"number" example:"3"` // the version that people name
	Name       string  `json:"name" example:"export of Xian"`
	Office     string  `json:"office" example:"9001"`
	Direction  string  `json:"direction" enums:"export" example:"export"`
	Status     string  `json:"status" enums:"draft,shadow,active,retired" example:"draft"`
	Hash       string  `json:"hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"` // SHA-256 of the document
	Revision   int     `json:"revision" example:"1"`                                                            // counts changes of the draft
	ProposedBy *string `json:"proposed_by" extensions:"x-nullable"`                                             // the first of two people who put it in force
	ProposedAt *string `json:"proposed_at" format:"date-time" extensions:"x-nullable"`
	CreatedBy  string  `json:"created_by" example:"customs-1"`
	CreatedAt  string  `json:"created_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	ChangedBy  string  `json:"changed_by" example:"customs-1"`
	ChangedAt  string  `json:"changed_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
} //	@name	RuleSetHead

// RuleSet is a rule set with its rules and its life.
type RuleSet struct {
	RuleSetHead
	Document RuleSetDocument `json:"document"`
	Warnings []string        `json:"warnings"`                       // what its author may not have meant
	Events   []RuleSetEvent  `json:"events"`                         // in order
	Shadow   *RuleSetShadow  `json:"shadow" extensions:"x-nullable"` // what it came to beside the one in force
} //	@name	RuleSet

func (s RuleSet) location() string { return "/v1/rulesets/" + s.ID }

// RuleSetEvent is something that happened to a rule set.
type RuleSetEvent struct {
	Kind       string `json:"kind" enums:"created,changed,backtested,shadowed,proposed,activated,retired" example:"created"`
	By         string `json:"by" example:"customs-1"`
	At         string `json:"at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	Hash       string `json:"hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"` // of the document then
	Backtest   string `json:"backtest_id,omitempty"`
	ReplacedBy string `json:"replaced_by,omitempty"` // the rule set that was put in force in its place
} //	@name	RuleSetEvent

// proposedRuleSet waits for the second person: it is taken, not done.
type proposedRuleSet struct{ RuleSet }

func (proposedRuleSet) status() int { return http.StatusAccepted }

// RuleSetStore reads rule sets and named lists.
type RuleSetStore interface {
	RuleSet(ctx context.Context, id ruleset.ID) (ruleset.RuleSet, error)
	RuleSets(ctx context.Context, q ruleset.Query) ([]ruleset.RuleSet, error)
	RuleSetEvents(ctx context.Context, id ruleset.ID) ([]ruleset.Event, error)
	ShadowDays(ctx context.Context, id ruleset.ID, most int) ([]ruleset.ShadowDay, error) // the last days first
	Backtest(ctx context.Context, set ruleset.ID, id ruleset.BacktestID) (ruleset.Backtest, error)
	NamedHeads(ctx context.Context, q ruleset.NamedQuery) ([]ruleset.NamedList, error)
	NamedList(ctx context.Context, name string, version int) (ruleset.NamedList, error) // 0 for the version in force
	NamedVersions(ctx context.Context, name string, limit int) ([]ruleset.NamedList, error)
}

func ruleSetHeadOf(s ruleset.RuleSet) RuleSetHead {
	h := RuleSetHead{
		ID: s.ID.String(), Number: s.Number, Name: s.Document.Name, Office: s.Document.Office, Direction: string(s.Document.Direction),
		Status: string(s.Status), Hash: s.Hash, Revision: s.Revision,
		CreatedBy: s.Created.By, CreatedAt: instant(s.Created.At), ChangedBy: s.Changed.By, ChangedAt: instant(s.Changed.At),
	}
	if p := s.Proposal; p != nil {
		h.ProposedBy, h.ProposedAt = new(p.By.Name), new(instant(p.At))
	}
	return h
}

func ruleSetEventOf(e ruleset.Event) RuleSetEvent {
	return RuleSetEvent{
		Kind: string(e.Kind), By: e.By, At: instant(e.At), Hash: e.Hash, Backtest: e.Details["backtest"], ReplacedBy: e.Details["replaced_by"],
	}
}

// shadowDays is for how many days a rule set tells what it came to in the shadow.
const shadowDays = 31

// ruleSetOf gives a rule set with all that is told of it.
func (d *door) ruleSetOf(ctx context.Context, s ruleset.RuleSet) (RuleSet, error) {
	events, err := d.deps.RuleSets.RuleSetEvents(ctx, s.ID)
	if err != nil {
		return RuleSet{}, err
	}
	days, err := d.deps.RuleSets.ShadowDays(ctx, s.ID, shadowDays)
	if err != nil {
		return RuleSet{}, err
	}
	document, err := documentOf(s.Document)
	if err != nil {
		return RuleSet{}, err
	}
	return RuleSet{
		RuleSetHead: ruleSetHeadOf(s),
		Document:    document, Warnings: append([]string{}, s.Document.Warnings()...), Events: convert(events, ruleSetEventOf), Shadow: ruleSetShadowOf(days),
	}, nil
}

func person(c *gin.Context) ruleset.Person {
	who := caller(c)
	return ruleset.Person{ID: who.ID, Name: who.Name}
}

// ruleSetID reads the rule set that the path names.
func ruleSetID(c *gin.Context) (ruleset.ID, error) {
	id, err := ruleset.ParseID(c.Param("id"))
	if err != nil {
		return id, noSuch("rule set")
	}
	return id, nil
}

// listRuleSets lists rule sets, the newest first.
//
//	@Summary		List the rule sets
//	@Description	The newest first. The built-in set is in force where none of an office and direction is active.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			status		query		string	false	"of this status"	Enums(draft,shadow,active,retired)
//	@Param			office		query		string	false	"of this office"
//	@Param			direction	query		string	false	"of this direction"	Enums(export)
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Param			limit		query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success		200			{object}	Page[RuleSetHead]
//	@Failure		400			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/rulesets [get]
func (d *door) listRuleSets(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL, "status", "office", "direction", "cursor", "limit")
	want := ruleset.Query{
		Status: one(q, "status", ruleset.Statuses), Office: q.get("office"),
		Direction: one(q, "direction", []screening.Direction{screening.Export}), Limit: q.limit(), Heads: true,
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("rulesets", caller(c).ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		place, err := l.place(cursor)
		if err != nil {
			return nil, err
		}
		if want.Before, err = strconv.Atoi(place); err != nil {
			return nil, unknownCursor()
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	sets, err := d.deps.RuleSets.RuleSets(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	sets, next := cut(l, sets, limit, func(s ruleset.RuleSet) string { return strconv.Itoa(s.Number) })
	return Page[RuleSetHead]{Data: convert(sets, ruleSetHeadOf), NextCursor: next}, nil
}

// getRuleSet answers with one rule set.
//
//	@Summary		Get a rule set
//	@Description	With its document, what happened to it, and what it came to in the shadow.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id				path		string	true	"id of the rule set"
//	@Param			If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success		200				{object}	RuleSet
//	@Header			200				{string}	ETag	"names these bytes; send it as If-None-Match, or as If-Match to change them"
//	@Success		304				"you have it"
//	@Failure		404				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Router			/v1/rulesets/{id} [get]
func (d *door) getRuleSet(c *gin.Context) (any, error) {
	id, err := ruleSetID(c)
	if err != nil {
		return nil, err
	}
	found, err := d.deps.RuleSets.RuleSet(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	return d.ruleSetOf(c.Request.Context(), found)
}

// draftRuleSet keeps a new draft.
//
//	@Summary		Draft a rule set
//	@Description	In JSON, or in YAML as application/yaml. One that is wrong is not kept: 422 tells rule, line, column and what is wrong of each flaw.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			ruleset	body		RuleSetRequest	true	"the rules"
//	@Success		201		{object}	RuleSet
//	@Header			201		{string}	Location	"where it is"
//	@Header			201		{string}	ETag		"to be sent as If-Match"
//	@Failure		400		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/rulesets [post]
func (d *door) draftRuleSet(c *gin.Context) (any, error) {
	document, err := readRules[screening.Document](d, c)
	if err != nil {
		return nil, err
	}
	made, err := d.deps.Rules.Draft(c.Request.Context(), document, person(c))
	if err != nil {
		return nil, err
	}
	return d.ruleSetOf(c.Request.Context(), made)
}

// changeRuleSet puts another document in a draft's place.
//
//	@Summary		Change a draft
//	@Description	Ends a proposal. What has left draft never changes: 409. With If-Match a draft that somebody changed meanwhile is 412.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id			path		string			true	"id of the rule set"
//	@Param			If-Match	header		string			false	"ETag of the answer that you changed"
//	@Param			ruleset		body		RuleSetRequest	true	"the rules, whole"
//	@Success		200			{object}	RuleSet
//	@Header			200			{string}	ETag	"to be sent as If-Match"
//	@Failure		400			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/rulesets/{id} [put]
func (d *door) changeRuleSet(c *gin.Context) (any, error) {
	id, err := ruleSetID(c)
	if err != nil {
		return nil, err
	}
	document, err := readRules[screening.Document](d, c)
	if err != nil {
		return nil, err
	}
	revision, err := d.revisionSeen(c, id)
	if err != nil {
		return nil, err
	}
	changed, err := d.deps.Rules.Change(c.Request.Context(), id, document, revision, person(c))
	if err != nil {
		return nil, staleOr(err)
	}
	return d.ruleSetOf(c.Request.Context(), changed)
}

// revisionSeen gives the revision of the draft that If-Match names; 0 without one.
func (d *door) revisionSeen(c *gin.Context, id ruleset.ID) (int, error) {
	if c.GetHeader("If-Match") == "" {
		return 0, nil
	}
	found, err := d.deps.RuleSets.RuleSet(c.Request.Context(), id)
	if err != nil {
		return 0, err
	}
	current, err := d.ruleSetOf(c.Request.Context(), found)
	if err != nil {
		return 0, err
	}
	return found.Revision, requireMatch(c, current, "ruleset_changed", fmt.Sprintf("the rule set is not what you read; %s changed it last", found.Changed.By))
}

// shadowRuleSet has a rule set judge beside the one in force.
//
//	@Summary		Run a rule set in the shadow
//	@Description	It judges what is judged, decides nothing, and is counted by the day. It cannot be changed any more.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id	path		string	true	"id of the rule set"
//	@Success		200	{object}	RuleSet
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		409	{object}	Problem
//	@Failure		412	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/rulesets/{id}/shadow [post]
func (d *door) shadowRuleSet(c *gin.Context) (any, error) {
	return d.stepRuleSet(c, d.deps.Rules.Shadow)
}

// activateRuleSet proposes that a rule set be in force, or confirms it.
//
//	@Summary		Put a rule set in force
//	@Description	Takes two people: the first call proposes it and answers 202, the same call of another officer or admin does it and answers 200. Every process judges by it within seconds; the one in force before is retired.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id	path		string	true	"id of the rule set"
//	@Success		200	{object}	RuleSet
//	@Success		202	{object}	RuleSet
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		409	{object}	Problem
//	@Failure		412	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/rulesets/{id}/activate [post]
func (d *door) activateRuleSet(c *gin.Context) (any, error) {
	body, err := d.stepRuleSet(c, d.deps.Rules.Activate)
	if set, ok := body.(RuleSet); ok && set.Status != string(ruleset.Active) {
		return proposedRuleSet{set}, err
	}
	return body, err
}

// retireRuleSet ends a rule set's life.
//
//	@Summary		Retire a rule set
//	@Description	For ever. Where it was in force, the built-in set is from then on. Its backtest is cancelled.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id	path		string	true	"id of the rule set"
//	@Success		200	{object}	RuleSet
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		409	{object}	Problem
//	@Failure		412	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/rulesets/{id}/retire [post]
func (d *door) retireRuleSet(c *gin.Context) (any, error) {
	return d.stepRuleSet(c, d.deps.Rules.Retire)
}

// stepRuleSet takes a step in the life of the rule set that the path names.
func (d *door) stepRuleSet(c *gin.Context, step func(context.Context, ruleset.ID, ruleset.Person) (ruleset.RuleSet, error)) (any, error) {
	id, err := ruleSetID(c)
	if err != nil {
		return nil, err
	}
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	after, err := step(c.Request.Context(), id, person(c))
	if err != nil {
		return nil, staleOr(err)
	}
	return d.ruleSetOf(c.Request.Context(), after)
}
