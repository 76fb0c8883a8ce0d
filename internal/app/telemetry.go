package app

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func newLogger(level string, w io.Writer) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // Validate has refused others
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}

func newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// pipelineMetrics count what the stages do, by typed outcomes.
type pipelineMetrics struct {
	screened *prometheus.CounterVec
	bundled  *prometheus.CounterVec
	units    *prometheus.CounterVec
	relayed  prometheus.Counter
	parked   prometheus.Gauge
}

func newPipelineMetrics(reg prometheus.Registerer) *pipelineMetrics {
	with := promauto.With(reg)
	m := &pipelineMetrics{
		screened: with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_parcels_screened_total", Help: "Declared parcels screened, by outcome."}, []string{"outcome"}),
		bundled:  with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_parcels_bundled_total", Help: "Cleared parcels bundled, by outcome."}, []string{"outcome"}),
		units:    with.NewCounterVec(prometheus.CounterOpts{Name: "alataw_units_total", Help: "Loading units, by what was done."}, []string{"done"}),
		relayed:  with.NewCounter(prometheus.CounterOpts{Name: "alataw_facts_relayed_total", Help: "Decisions carried from the database to the queue."}),
		parked:   with.NewGauge(prometheus.GaugeOpts{Name: "alataw_parked_records", Help: "Queue records that could not be handled and wait to be replayed."}),
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

// serveAdmin serves pprof on its own port until ctx ends. It is never on the public one.
func serveAdmin(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return serveUntil(ctx, server, listener, time.Second)
}
