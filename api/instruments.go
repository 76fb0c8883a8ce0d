package api

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
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

// observe counts a request that has ended. Methods are bounded: what no route takes is counted as OTHER.
func (i *instruments) observe(route, method string, status int, took time.Duration, v *visit) {
	switch method {
	case "GET", "HEAD", "POST", "DELETE":
	default:
		method = "OTHER"
	}
	i.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	i.duration.WithLabelValues(method, route).Observe(took.Seconds())
	i.parcels.WithLabelValues("accepted").Add(float64(v.accepted))
	i.parcels.WithLabelValues("refused").Add(float64(v.refused))
}
