package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/alataw/alataw/internal/screening"
)

// What is stored is screened again when a list has new names or a platform has answered an officer. One process leads at a time;
// how far it is, is stored, so whoever leads next goes on from there.
const (
	rescreenName  = "rescreening"
	rescreenIdle  = time.Second
	rescreenRetry = 2 * time.Second
	overdueEvery  = 10 * time.Second
)

// restFactor is how long screening again rests after each page, measured in the time that page took: it takes a fifth of one
// processor at the most, and the database as little.
const restFactor = 4

// rescreenMetrics count what screening again does.
type rescreenMetrics struct {
	looked  prometheus.Counter
	found   *prometheus.CounterVec
	pending prometheus.Gauge
}

func newRescreenMetrics(reg prometheus.Registerer) *rescreenMetrics {
	with := promauto.With(reg)
	m := &rescreenMetrics{
		looked:  with.NewCounter(prometheus.CounterOpts{Name: "alataw_parcels_looked_at_again_total", Help: "Stored parcels looked at for names that a watch list has added."}),
		found:   with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_parcels_rescreened_total", Help: "Stored parcels judged again, by outcome."}, []string{"outcome"}),
		pending: with.NewGauge(prometheus.GaugeOpts{Name: "alataw_rescreenings_pending", Help: "Versions of watch lists whose new names are still looked for among stored parcels, where this process leads that."}),
	}
	for _, outcome := range []screening.Outcome{screening.HeldNow, screening.MoreKnown, screening.NothingNew, screening.TooLate, screening.Over} {
		m.found.WithLabelValues(string(outcome))
	}
	return m
}

func (h *house) newRescreener() *screening.Rescreener {
	window := time.Duration(h.cfg.RescreenDays) * 24 * time.Hour
	return screening.NewRescreener(h.rules.Load, h.store, window, h.now, func(o screening.Outcome) { h.rescreened.found.WithLabelValues(string(o)).Inc() })
}

// rescreen screens again, whenever there is something to, while this process leads.
func (h *house) rescreen(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := h.store.Lead(ctx, rescreenName, h.rescreenAll); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "screening again stopped, trying again", "error", err.Error())
		}
		wait(ctx, rescreenRetry)
	}
	return nil
}

// rescreenAll goes on until ctx ends or something fails.
func (h *house) rescreenAll(ctx context.Context) error {
	defer h.rescreened.pending.Set(0)
	rescreener := h.newRescreener()
	var asked time.Time // for questions that are overdue
	for ctx.Err() == nil {
		if time.Since(asked) > overdueEvery {
			if _, err := h.store.MarkOverdue(ctx, h.now().UTC()); err != nil {
				return err
			}
			asked = time.Now()
		}
		answered, damaged, err := rescreener.Answered(ctx)
		if err != nil {
			return err
		}
		if damaged > 0 {
			h.log.ErrorContext(ctx, "answered parcels' declarations cannot be read, they are not judged again", "declarations", damaged)
		}
		began := time.Now()
		step, err := rescreener.Step(ctx)
		if err != nil {
			return err
		}
		h.rescreened.pending.Set(float64(step.Pending))
		h.rescreened.looked.Add(float64(step.Parcels))
		if step.Unread > 0 {
			h.log.ErrorContext(ctx, "stored declarations cannot be read, they were passed over", "declarations", step.Unread)
		}
		if job := step.Finished; job != nil {
			h.log.InfoContext(ctx, "stored parcels compared with what a list has added", "list", job.Source, "version", job.Version,
				"parcels", step.Counts.Parcels, "held", step.Counts.Held, "added", step.Counts.Added, "departed", step.Counts.Departed)
		}
		if step.Parcels == 0 && answered == 0 {
			wait(ctx, rescreenIdle)
			continue
		}
		wait(ctx, restFactor*time.Since(began))
	}
	return nil
}
