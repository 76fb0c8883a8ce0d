package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/alataw/alataw/internal/postgres"
)

// journeyGauges show how the journey stands. They keep their values while the database does not answer; measured says since when.
type journeyGauges struct {
	parked                         prometheus.Gauge
	open, sealed, held             prometheus.Gauge
	dispatch, feed, relay, blocker prometheus.Gauge
	cutoffs, listAges, listEntries *prometheus.GaugeVec
	profileAges, rateAges          *prometheus.GaugeVec
	measured                       *prometheus.GaugeVec
}

func newJourneyGauges(reg prometheus.Registerer) *journeyGauges {
	with := promauto.With(reg)
	gauge := func(name, help string) prometheus.Gauge {
		return with.NewGauge(prometheus.GaugeOpts{Name: "alataw_" + name, Help: help})
	}
	by := func(label, name, help string) *prometheus.GaugeVec {
		return with.NewGaugeVec(prometheus.GaugeOpts{Name: "alataw_" + name, Help: help}, []string{label})
	}
	return &journeyGauges{
		parked:      gauge("parked_records", "Queue records that could not be handled and wait to be replayed."),
		open:        gauge("units_open", "Loading units being loaded."),
		sealed:      gauge("units_sealed", "Loading units sealed and not released."),
		held:        gauge("units_held", "Open and sealed loading units with a hold on them."),
		dispatch:    gauge("dispatch_delay_seconds", "How long the longest-waiting unit has been due: open past its cut-off, or sealed without a hold."),
		feed:        gauge("feed_delay_seconds", "Age of the oldest committed fact that no feed shows yet."),
		relay:       gauge("relay_delay_seconds", "Age of the oldest fact that the relay may read and has not passed yet."),
		blocker:     gauge("oldest_transaction_seconds", "Age of the oldest running transaction that has written, in any database of the cluster."),
		cutoffs:     by("route", "next_cutoff_seconds", "Until the route's next cut-off."),
		listAges:    by("source", "list_age_seconds", "Since the watch list in force was imported, or last found to be what its publisher has."),
		listEntries: by("source", "list_entries", "Entries of the watch list in force."),
		profileAges: by("kind", "profile_age_seconds", "Since the profile in force was learned."),
		rateAges:    by("currency", "exchange_rate_age_seconds", "Since the day that the currency's exchange rate in force was published for."),
		measured:    by("of", "measured_timestamp_seconds", "When the gauges of the queue and of the database were last measured, in Unix seconds."),
	}
}

func (g *journeyGauges) show(state postgres.State) {
	g.parked.Set(float64(state.Parked))
	g.open.Set(float64(state.Open))
	g.sealed.Set(float64(state.Sealed))
	g.held.Set(float64(state.Held))
	g.dispatch.Set(state.DispatchDelay.Seconds())
	g.feed.Set(state.FeedDelay.Seconds())
	g.relay.Set(state.RelayDelay.Seconds())
	g.blocker.Set(state.OldestTransaction.Seconds())
	g.cutoffs.Reset() // a route may have run out of departures
	for route, until := range state.Cutoffs {
		g.cutoffs.WithLabelValues(route).Set(until.Seconds())
	}
	for kind, age := range state.Profiles {
		g.profileAges.WithLabelValues(kind).Set(age.Seconds())
	}
	for currency, age := range state.Rates {
		g.rateAges.WithLabelValues(currency).Set(age.Seconds())
	}
	for _, list := range state.Lists {
		g.listAges.WithLabelValues(list.Source).Set(list.Age.Seconds())
		g.listEntries.WithLabelValues(list.Source).Set(float64(list.Entries))
	}
}

const stateEvery = 5 * time.Second

// watchState measures how the journey stands, until ctx ends. Asking is the watch's, never a scrape's: anybody may scrape.
func (h *house) watchState(ctx context.Context) error {
	for ctx.Err() == nil {
		state, err := h.store.State(ctx, relayName)
		switch {
		case err == nil:
			h.gauges.show(state)
			h.gauges.measured.WithLabelValues("database").SetToCurrentTime()
		case ctx.Err() == nil:
			h.log.DebugContext(ctx, "state of the journey not measured", "error", err.Error())
		}
		wait(ctx, stateEvery)
	}
	return nil
}

// serveRefusing tells whether intake refuses orders because too many wait.
func (h *house) serveRefusing() {
	promauto.With(h.reg).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "alataw_intake_refusing", Help: "1 while orders are refused because screening is too far behind.",
	}, func() float64 {
		if h.backlog.Load() != nil {
			return 1
		}
		return 0
	})
}
