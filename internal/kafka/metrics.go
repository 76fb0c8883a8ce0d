package kafka

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are labelled by stage (the consumer group) or topic: both are few and fixed.
type metrics struct {
	published   *prometheus.CounterVec
	unpublished *prometheus.CounterVec
	publish     *prometheus.HistogramVec

	consumed   *prometheus.CounterVec
	parked     *prometheus.CounterVec
	lost       *prometheus.CounterVec
	batch      *prometheus.HistogramVec
	handle     *prometheus.HistogramVec
	retries    *prometheus.CounterVec
	rebalances *prometheus.CounterVec
	stalled    *prometheus.CounterVec

	lag    *prometheus.GaugeVec
	lagAge *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	auto := promauto.With(reg)
	seconds := prometheus.ExponentialBuckets(0.001, 2, 14) // 1 ms to 8 s
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return auto.NewCounterVec(prometheus.CounterOpts{Name: "alataw_kafka_" + name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return auto.NewHistogramVec(prometheus.HistogramOpts{Name: "alataw_kafka_" + name, Help: help, Buckets: buckets}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return auto.NewGaugeVec(prometheus.GaugeOpts{Name: "alataw_kafka_" + name, Help: help}, labels)
	}
	return &metrics{
		published:   counter("published_total", "Records stored on all in-sync replicas.", "topic"),
		unpublished: counter("unpublished_total", "Records whose publishers were told no, by the kind of fault.", "topic", "kind"),
		publish:     histogram("publish_seconds", "Time of a publish call, failed ones too.", seconds, "topic"),
		consumed:    counter("consumed_total", "Records handled or parked, and committed.", "stage"),
		parked:      counter("parked_total", "Records set aside because they cannot be handled.", "stage"),
		lost:        counter("lost_total", "Records that retention or a broken log took before the stage had read them.", "stage"),
		batch:       histogram("batch_records", "Records in a batch.", prometheus.ExponentialBuckets(1, 4, 7), "stage"),
		handle:      histogram("handle_seconds", "Time of one call of a stage's handler.", seconds, "stage"),
		retries:     counter("retries_total", "Failed tries of a step that are tried again: handle, park or commit.", "stage", "step"),
		rebalances:  counter("rebalances_total", "Times the partitions of a stage were shared out anew.", "stage"),
		stalled:     counter("stalled_total", "Times a partition was found to stand still: the stage is rebuilt, then gives up.", "stage"),
		lag:         gauge("lag_records", "Records a group has not handled yet.", "topic", "group", "partition"),
		lagAge:      gauge("lag_age_seconds", "Age of the oldest record a group has not handled yet.", "topic", "group"),
	}
}

// stageMetrics are the metrics of one stage, at zero from the start so that a rate has a beginning.
type stageMetrics struct {
	consumed, parked, lost, rebalances prometheus.Counter
	batch, handle                      prometheus.Observer
	retries                            map[step]prometheus.Counter
}

func (m *metrics) stage(name string) stageMetrics {
	retries := make(map[step]prometheus.Counter, len(steps))
	for _, step := range steps {
		retries[step] = m.retries.WithLabelValues(name, string(step))
	}
	return stageMetrics{
		consumed:   m.consumed.WithLabelValues(name),
		parked:     m.parked.WithLabelValues(name),
		lost:       m.lost.WithLabelValues(name),
		rebalances: m.rebalances.WithLabelValues(name),
		batch:      m.batch.WithLabelValues(name),
		handle:     m.handle.WithLabelValues(name),
		retries:    retries,
	}
}
