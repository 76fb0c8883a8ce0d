package api

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel/trace"
)

// instruments are the door's metrics: rate, errors and duration for each route, and parcels.
type instruments struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	parcels  *prometheus.CounterVec
	inFlight prometheus.Gauge
	waiting  prometheus.Gauge
}

func newInstruments(registry prometheus.Registerer) *instruments {
	with := promauto.With(registry)
	i := &instruments{
		requests: with.NewCounterVec(prometheus.CounterOpts{
			Name: "alataw_http_requests_total", Help: "Requests, by route template and class of status.",
		}, []string{"method", "route", "status"}),
		duration: with.NewHistogramVec(prometheus.HistogramOpts{
			Name: "alataw_http_request_duration_seconds", Help: "Time from a request's headers to the end of its answer. Long polls count their wait.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
		parcels: with.NewCounterVec(prometheus.CounterOpts{
			Name: "alataw_http_parcels_total", Help: "Parcels declared at the door, by what became of them there.",
		}, []string{"result"}),
		inFlight: with.NewGauge(prometheus.GaugeOpts{Name: "alataw_http_requests_in_flight", Help: "Requests being served."}),
		waiting:  with.NewGauge(prometheus.GaugeOpts{Name: "alataw_http_waits", Help: "Long polls being held."}),
	}
	i.parcels.WithLabelValues("accepted")
	i.parcels.WithLabelValues("refused")
	return i
}

// boundedMethod gives OTHER for what no route takes: anybody may invent methods.
func boundedMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "DELETE":
		return method
	}
	return "OTHER"
}

// observe counts a request that has ended, and keeps its trace as an example of how long it took.
func (i *instruments) observe(route, method string, status int, took time.Duration, v *visit, in trace.SpanContext) {
	method = boundedMethod(method)
	i.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	exemplify(i.duration.WithLabelValues(method, route), took.Seconds(), in)
	i.parcels.WithLabelValues("accepted").Add(float64(v.accepted))
	i.parcels.WithLabelValues("refused").Add(float64(v.refused))
}
