package app

import (
	"context"
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// What lanes lack to the shares that a rule set expects is worked out from the verdicts of a day, from time to time, and at once when another
// set is put in force. Every process of the role screen does so, one at a time: what one has done leaves nothing for the next.
const (
	lanesLead   = "lanes"
	lanesEvery  = 5 * time.Minute
	lanesLook   = 2 * time.Second // whether another set is in force
	lanesWindow = 24 * time.Hour
	mostActive  = 500 // sets in force; one of an office and direction
)

// laneMetrics show the shares of this process's office. They are 0 where its set expects none.
type laneMetrics struct{ expected, reached, drawn, lacking *prometheus.GaugeVec }

func newLaneMetrics(reg prometheus.Registerer) *laneMetrics {
	with := promauto.With(reg)
	gauge := func(name, help string) *prometheus.GaugeVec {
		return with.NewGaugeVec(prometheus.GaugeOpts{Name: "alataw_lane_" + name, Help: help}, []string{"lane"})
	}
	m := &laneMetrics{
		expected: gauge("expected_share", "Share of parcels that the rule set in force expects for the lane, 0 to 1."),
		reached:  gauge("share", "Share of the parcels of 24 hours that got the lane, what was drawn counted."),
		drawn:    gauge("drawn_share", "Share of the parcels of 24 hours that were drawn so that the lane gets its expected share."),
		lacking:  gauge("lacking_share", "Share of the parcels of 24 hours that the lane lacked to its expected share, what was drawn and what heavier lanes had beyond theirs counted."),
	}
	m.show(screening.Sampling{}, screening.Counted{})
	return m
}

func (m *laneMetrics) show(s screening.Sampling, c screening.Counted) {
	reached := c.Reached()
	lacking, total := s.Lacking(reached), float64(max(1, reached.Total()))
	for _, lane := range []parcel.Lane{parcel.Red, parcel.Yellow, parcel.Blue} {
		name := string(lane)
		m.expected.WithLabelValues(name).Set(float64(s.Expect[lane]) / float64(screening.All))
		m.reached.WithLabelValues(name).Set(float64(reached[lane]) / total)
		m.drawn.WithLabelValues(name).Set(float64(c.Drawn[lane]) / total)
		m.lacking.WithLabelValues(name).Set(lacking[lane])
	}
}

// topUpLanes works out what lanes lack until ctx ends.
func (h *house) topUpLanes(ctx context.Context) error {
	var state string // of the rule sets when it was last worked out
	var worked time.Time
	for ctx.Err() == nil {
		now, err := h.store.RulesState(ctx)
		if rules := h.rules.Load(); rules != nil { // known a moment later
			now += " " + rules.Set.Hash()
		}
		if err == nil && (now != state || time.Since(worked) >= lanesEvery) {
			var led bool
			if led, err = h.store.Lead(ctx, lanesLead, h.topUpSets); led && err == nil {
				state, worked = now, time.Now()
			}
		}
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "what lanes lack is not worked out, trying again", "error", err.Error())
		}
		wait(ctx, lanesLook)
	}
	return nil
}

// topUpSets works out what lanes lack to the shares that each set in force expects.
func (h *house) topUpSets(ctx context.Context) error {
	if err := h.store.FoldLaneCounts(ctx, h.now()); err != nil {
		return err
	}
	sets, err := h.store.RuleSets(ctx, ruleset.Query{Status: ruleset.Active, Limit: mostActive})
	if err != nil {
		return err
	}
	for i := range sets {
		if err := h.topUpSet(ctx, &sets[i].Document); err != nil {
			return err
		}
	}
	return h.showLanes(ctx)
}

// topUpSet puts what is drawn for a set in force when that changes.
func (h *house) topUpSet(ctx context.Context, d *screening.Document) error {
	if len(d.Sampling.Expect) == 0 {
		return nil
	}
	counted, err := h.countedFor(ctx, d)
	if err != nil {
		return err
	}
	before, err := h.store.LaneTopUpInForce(ctx, d.Hash())
	if err != nil {
		return err
	}
	topUp := d.Sampling.TopUp(counted.Lanes, before.TopUp)
	if maps.Equal(topUp, before.TopUp) {
		return nil
	}
	h.log.InfoContext(ctx, "lanes are topped up otherwise", "office", d.Office, "set", d.Name, "draws", topUpText(topUp), "parcels", counted.Lanes.Total())
	return h.store.AddLaneTopUp(ctx, postgres.LaneTopUp{
		SetHash: d.Hash(), Office: d.Office, Direction: d.Direction, TopUp: topUp, Counted: counted.Lanes, At: h.now().UTC(),
	})
}

func (h *house) countedFor(ctx context.Context, d *screening.Document) (screening.Counted, error) {
	all, err := h.store.CountedLanes(ctx, d.Office, d.Direction, h.now().Add(-lanesWindow))
	return screening.CountedFor(d.Hash(), all), err
}

// showLanes shows the shares of what judges in this process.
func (h *house) showLanes(ctx context.Context) error {
	rules := h.rules.Load()
	if rules == nil {
		return nil
	}
	d := rules.Set.Document()
	counted, err := h.countedFor(ctx, &d)
	if err != nil {
		return err
	}
	h.lanes.show(d.Sampling, counted)
	return nil
}

// topUpText says what is drawn: "4.5 % of the green into yellow".
func topUpText(topUp map[parcel.Lane]screening.Percent) (text string) {
	for _, lane := range parcel.Lanes {
		if points := topUp[lane]; points > 0 {
			if text != "" {
				text += ", "
			}
			text += points.String() + " % of the green into " + string(lane)
		}
	}
	return orNone(text)
}
