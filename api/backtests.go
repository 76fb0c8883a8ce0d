package api

import (
	"maps"
	"math"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/ruleset"
)

// BacktestRequest asks what a rule set would have made of stored parcels.
type BacktestRequest struct {
	From  string `json:"from" binding:"required" format:"date-time" example:"2026-11-21T00:00:00Z"` // judged then or later,
	To    string `json:"to" binding:"required" format:"date-time" example:"2026-11-22T00:00:00Z"`   // and before then
	Limit *int   `json:"limit" extensions:"x-nullable" minimum:"1" maximum:"10000000" default:"100000" example:"100000"`
} //	@name	BacktestRequest

// Backtest is a rule set over stored parcels, as far as it has got.
type Backtest struct {
	ID        string         `json:"id" example:"bt_cbmqkhnqktt3tcu3ejcy3stofu"`
	RuleSetID string         `json:"ruleset_id" example:"rs_cbmqkhnqktt3tcu3ejcy3stofu"`
	Hash      string         `json:"hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"` // of the document that it judges by
	Status    string         `json:"status" enums:"queued,running,done,failed,cancelled" example:"done"`
	From      string         `json:"from" format:"date-time" example:"2026-11-21T00:00:00Z"`
	To        string         `json:"to" format:"date-time" example:"2026-11-22T00:00:00Z"`
	Limit     int            `json:"limit" example:"100000"`
	Total     int            `json:"total" example:"18400"` // parcels to be judged
	Done      int            `json:"done" example:"18400"`  // of them, so far
	CreatedBy string         `json:"created_by" example:"customs-1"`
	CreatedAt string         `json:"created_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	StartedAt *string        `json:"started_at" format:"date-time" extensions:"x-nullable"`
	EndedAt   *string        `json:"ended_at" format:"date-time" extensions:"x-nullable"`
	Error     *string        `json:"error" extensions:"x-nullable"` // why it failed
	Report    BacktestReport `json:"report"`
} //	@name	Backtest

func (b Backtest) location() string { return "/v1/rulesets/" + b.RuleSetID + "/backtests/" + b.ID }

// BacktestReport is what a backtest has found so far.
type BacktestReport struct {
	Parcels    int           `json:"parcels" example:"18400"`  // judged
	Changed    int           `json:"changed" example:"52"`     // of them, on another lane
	HeldBefore int           `json:"held_before" example:"92"` // as they were judged
	HeldAfter  int           `json:"held_after" example:"130"` // by these rules
	ExtraHeld  float64       `json:"extra_held_per_day" example:"38"`
	Unkept     int           `json:"unkept" example:"0"` // parcels whose declaration is not kept any longer
	Lanes      []LaneMove    `json:"lanes"`              // parcels that stay and that change
	Rules      []RuleHits    `json:"rules"`              // of these rules, the most hits first
	Changes    []LaneChange  `json:"changes"`            // the first hundred parcels on another lane
	Days       []BacktestDay `json:"days"`
	Seconds    float64       `json:"seconds" example:"4.2"` // spent judging
} //	@name	BacktestReport

// LaneChange is a parcel that a rule set puts on another lane.
type LaneChange struct {
	ParcelID string   `json:"parcel_id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	From     string   `json:"from" enums:"green,blue,yellow,red" example:"green"`
	To       string   `json:"to" enums:"green,blue,yellow,red" example:"yellow"`
	Before   []string `json:"rules_before" example:"random.sample"` // that hit it when it was judged
	Rules    []string `json:"rules" example:"value.high"`           // that hit it now, of these
} //	@name	LaneChange

// BacktestDay is what officers had to do on a day (UTC), and what they would have had to.
type BacktestDay struct {
	Day        string `json:"day" format:"date" example:"2026-11-21"`
	Parcels    int    `json:"parcels" example:"18400"`
	HeldBefore int    `json:"held_before" example:"92"`
	HeldAfter  int    `json:"held_after" example:"130"`
} //	@name	BacktestDay

func backtestOf(b ruleset.Backtest) Backtest {
	return Backtest{
		ID: b.ID.String(), RuleSetID: b.Set.String(), Hash: b.Hash, Status: string(b.Status), From: instant(b.Span.From), To: instant(b.Span.To),
		Limit: b.Span.Most, Total: b.Total, Done: b.Done, CreatedBy: b.Created.By, CreatedAt: instant(b.Created.At),
		StartedAt: instantOrNull(b.Started), EndedAt: instantOrNull(b.Ended), Error: textOrNull(b.Why), Report: reportOf(&b.Report),
	}
}

func reportOf(r *ruleset.Report) BacktestReport {
	out := BacktestReport{
		Parcels: r.Parcels, Changed: r.Changed(), Unkept: r.Unkept, Lanes: lanesOf(&r.Comparison), Rules: hitsOf(&r.Comparison),
		Changes: convert(r.Changes, laneChangeOf), Seconds: float64(r.Millis) / 1000, Days: []BacktestDay{},
	}
	out.HeldBefore, out.HeldAfter = r.Held()
	for _, day := range slices.Sorted(maps.Keys(r.Days)) {
		load := r.Days[day]
		out.Days = append(out.Days, BacktestDay{day, load.Parcels, load.Held, load.Would})
	}
	if len(r.Days) > 0 {
		out.ExtraHeld = math.Round(100*float64(out.HeldAfter-out.HeldBefore)/float64(len(r.Days))) / 100
	}
	return out
}

func laneChangeOf(l ruleset.LaneChange) LaneChange {
	return LaneChange{
		ParcelID: l.Parcel.String(), From: string(l.From), To: string(l.To), Before: append([]string{}, l.Before...), Rules: append([]string{}, l.Rules...),
	}
}

const defaultBacktest = 100_000 // parcels

// backtestRuleSet has a rule set judge stored parcels.
//
//	@Summary		Backtest a rule set
//	@Description	Judges the parcels of a period again, by these rules and what was sent before each of them then. It runs in the background; ask for it at Location.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			id		path		string			true	"id of the rule set"
//	@Param			request	body		BacktestRequest	true	"the period"
//	@Success		202		{object}	Backtest
//	@Header			202		{string}	Location	"where it is"
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		412		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/rulesets/{id}/backtest [post]
func (d *door) backtestRuleSet(c *gin.Context) (any, error) {
	id, err := ruleSetID(c)
	if err != nil {
		return nil, err
	}
	request, err := readRequest[BacktestRequest](d, c)
	if err != nil {
		return nil, err
	}
	var f form
	span := ruleset.Span{From: f.time("from", request.From), To: f.time("to", request.To), Most: defaultBacktest}
	if err := f.err(); err != nil {
		return nil, err
	}
	if request.Limit != nil {
		span.Most = *request.Limit
	}
	b, err := d.deps.Rules.Backtest(c.Request.Context(), id, span, person(c))
	if err != nil {
		return nil, staleOr(err)
	}
	return backtestOf(b), nil
}

// getBacktest answers with one backtest.
//
//	@Summary	Get a backtest
//	@Tags		rulesets
//	@Security	bearer
//	@Param		id				path		string	true	"id of the rule set"
//	@Param		backtest_id		path		string	true	"id of the backtest"
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	Backtest
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success	304				"you have it"
//	@Failure	404				{object}	Problem
//	@Failure	503				{object}	Problem
//	@Router		/v1/rulesets/{id}/backtests/{backtest_id} [get]
func (d *door) getBacktest(c *gin.Context) (any, error) {
	id, err := ruleSetID(c)
	if err != nil {
		return nil, err
	}
	backtest, err := ruleset.ParseBacktestID(c.Param("backtest_id"))
	if err != nil {
		return nil, noSuch("backtest")
	}
	found, err := d.deps.RuleSets.Backtest(c.Request.Context(), id, backtest)
	if err != nil {
		return nil, err
	}
	return backtestOf(found), nil
}
