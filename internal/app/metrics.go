package app

import (
	"fmt"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/publisher"
	"github.com/alataw/alataw/internal/watchlist"
)

// docs/metrics.md lists every metric that is served, and a test holds it to that.

func newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// pipelineMetrics count what the stages do, by typed outcomes.
type pipelineMetrics struct {
	screened *prometheus.CounterVec
	verdicts prometheus.Histogram
	bundled  *prometheus.CounterVec
	units    *prometheus.CounterVec
	relayed  prometheus.Counter
	leads    prometheus.Gauge
	lists    *prometheus.CounterVec
}

func newPipelineMetrics(reg prometheus.Registerer) *pipelineMetrics {
	with := promauto.With(reg)
	m := &pipelineMetrics{
		screened: with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_parcels_screened_total", Help: "Declared parcels screened, by outcome."}, []string{"outcome"}),
		verdicts: with.NewHistogram(prometheus.HistogramOpts{
			Name: "alataw_verdict_delay_seconds", Help: "Time from an order's receipt at the door to its verdict being stored.",
			Buckets: []float64{.005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
		bundled: with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_parcels_bundled_total", Help: "Cleared parcels bundled, by outcome."}, []string{"outcome"}),
		units:   with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_units_total", Help: "Loading units, by what was done."}, []string{"done"}),
		relayed: with.NewCounter(prometheus.CounterOpts{Name: "alataw_facts_relayed_total", Help: "Decisions carried from the database to the queue."}),
		leads:   with.NewGauge(prometheus.GaugeOpts{Name: "alataw_relay_leads", Help: "1 while this process leads the relay."}),
		lists:   with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_list_refreshes_total", Help: "Times a publisher was asked for news of its list, by outcome."}, []string{"source", "outcome"}),
	}
	for _, source := range watchlist.Sources { // from the start, so that the first refusal is an increase
		for _, outcome := range publisher.Outcomes {
			m.lists.WithLabelValues(source, string(outcome))
		}
	}
	for _, outcome := range []string{"cleared", "held", "repeated", "conflict"} {
		m.screened.WithLabelValues(outcome)
	}
	for _, outcome := range []string{"bundled", "unrouted", "passed"} {
		m.bundled.WithLabelValues(outcome)
	}
	for _, done := range []string{"opened", "sealed", "released"} {
		m.units.WithLabelValues(done)
	}
	return m
}

func (m *pipelineMetrics) observeRefresh(source string, outcome publisher.Outcome) {
	m.lists.WithLabelValues(source, string(outcome)).Inc()
}

// buildInfo is what runs, as far as the compiler knew.
type buildInfo struct{ version, revision, language string }

func readBuild() buildInfo {
	b := buildInfo{"unknown", "unknown", "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.version, b.language = info.Main.Version, info.GoVersion
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.revision = setting.Value
		}
	}
	return b
}

// String names the release, "v0.3.0", or as exactly as the compiler knew what is none: "v0.0.0-20261122114637-5a6b4a8e8c47".
func (b buildInfo) String() string {
	if b.version == "(devel)" && b.revision != "unknown" {
		return fmt.Sprintf("%s %.12s", b.version, b.revision)
	}
	return b.version
}

func serveBuild(reg prometheus.Registerer) {
	b := readBuild()
	promauto.With(reg).NewGauge(prometheus.GaugeOpts{
		Name: "alataw_build_info", Help: "Always 1: what runs.",
		ConstLabels: prometheus.Labels{"version": b.version, "revision": b.revision, "go": b.language},
	}).Set(1)
}

// servePool tells how the connections to the database are used, whenever somebody asks.
func servePool(reg prometheus.Registerer, state func() postgres.PoolState) {
	with := promauto.With(reg)
	gauge := func(name, help, in string, value func(postgres.PoolState) float64) {
		opts := prometheus.GaugeOpts{Name: "alataw_database_" + name, Help: help}
		if in != "" {
			opts.ConstLabels = prometheus.Labels{"state": in}
		}
		with.NewGaugeFunc(opts, func() float64 { return value(state()) })
	}
	counter := func(name, help string, value func(postgres.PoolState) float64) {
		with.NewCounterFunc(prometheus.CounterOpts{Name: "alataw_database_" + name, Help: help}, func() float64 { return value(state()) })
	}
	const connections = "Connections of this process to the database, by state."
	gauge("connections", connections, "idle", func(p postgres.PoolState) float64 { return float64(p.Idle) })
	gauge("connections", connections, "used", func(p postgres.PoolState) float64 { return float64(p.Used) })
	gauge("connections", connections, "opening", func(p postgres.PoolState) float64 { return float64(p.Opening) })
	gauge("connections_max", "Connections this process opens at the most.", "", func(p postgres.PoolState) float64 { return float64(p.Max) })
	counter("acquires_total", "Times a connection was taken from the pool.", func(p postgres.PoolState) float64 { return float64(p.Acquires) })
	counter("waits_total", "Times a connection had to be waited for.", func(p postgres.PoolState) float64 { return float64(p.Waits) })
	counter("wait_seconds_total", "Time spent waiting for a connection.", func(p postgres.PoolState) float64 { return p.Waited.Seconds() })
}
