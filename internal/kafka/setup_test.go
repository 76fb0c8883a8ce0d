package kafka_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	segment "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
)

// patience is how long a state may take to come about on a busy machine.
const patience = 40 * time.Second

// env is a cluster under test. Only newFake's has a fake.
type env struct {
	brokers     []string
	replication int
	fake        *kfake.Cluster
}

// newEnv gives the cluster of the run: the embedded broker in make test, Apache Kafka in make test-kafka, or the one that
// KAFKA_BROKERS names. A test takes it unless it needs what only newFake has.
func newEnv(t testing.TB) env {
	if named := os.Getenv("KAFKA_BROKERS"); named != "" {
		return env{brokers: strings.Split(named, ","), replication: 1}
	}
	return env{brokers: []string{broker(t)}, replication: 1}
}

// newFake gives the embedded broker's inside, in every run. These tests have no other way to make happen what they are about:
//   - an answer that is refused, lost or late, at the moment the test needs it: outage_test, rebalance_test;
//   - a look at the requests themselves, their versions and the order of commits: consume_test, rebalance_test, outage_test;
//   - records that are gone before they were read, which our client has no request for: consume_test, lag_test;
//   - a secured listener without Java: security_test. The same on Apache Kafka is in apache_security_test.
func newFake(t testing.TB, options ...kfake.Opt) env {
	options = append([]kfake.Opt{kfake.NumBrokers(1), kfake.DataDir(t.TempDir())}, options...)
	cluster, err := kfake.NewCluster(options...)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return env{brokers: cluster.ListenAddrs(), replication: 1, fake: cluster}
}

func (e env) config() kafka.Config {
	return kafka.Config{Brokers: e.brokers, Replication: e.replication, SessionTimeout: 6 * time.Second}
}

// client gives a client of the cluster that is closed with the test.
func (e env) client(t testing.TB) *kafka.Client {
	client, _ := open(t, e.config())
	return client
}

func open(t testing.TB, cfg kafka.Config) (*kafka.Client, *prometheus.Registry) {
	registry := prometheus.NewRegistry()
	client, err := kafka.New(cfg, logger(), registry)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close(context.Background())) })
	return client, registry
}

func logger() *slog.Logger {
	if os.Getenv("TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// topic makes a topic of the test's own, so that a real cluster can be used again and again.
func topic(t testing.TB, client *kafka.Client, partitions int) string {
	name := topicName(t)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: partitions}))
	return name
}

func topicName(t testing.TB) string {
	clean := strings.Map(func(r rune) rune {
		if r == '/' || r == '#' || r == ' ' {
			return '-'
		}
		return r
	}, t.Name())
	return fmt.Sprintf("test-%s-%d", clean, time.Now().UnixNano())
}

// fact makes a fact whose data is its id.
func fact(id, key string) event.Envelope {
	return event.Envelope{
		ID: id, Type: "org.alataw.test.happened", Source: "/test", Subject: key, Time: time.Now(),
		Schema: 1, ContentType: "text/plain", Key: []byte(key), Data: []byte(id),
	}
}

// facts makes count facts, spread over keys.
func facts(count, keys int) []event.Envelope {
	all := make([]event.Envelope, count)
	for i := range all {
		all[i] = fact(fmt.Sprintf("fact-%06d", i), fmt.Sprintf("key-%d", i%keys))
	}
	return all
}

// ledger notes what handlers and parks were given.
type ledger struct {
	mu      sync.Mutex
	times   map[string]int      // by data: how often handled
	byKey   map[string][]string // by key: data in the order of first handling
	batches [][]string
	parked  []kafka.Parked
}

func newLedger() *ledger {
	return &ledger{times: map[string]int{}, byKey: map[string][]string{}}
}

// handle is a stage's handler that does every record.
func (l *ledger) handle(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for _, r := range batch {
		id, key := string(r.Data), string(r.Key)
		ids = append(ids, id)
		if l.times[id]++; l.times[id] == 1 {
			l.byKey[key] = append(l.byKey[key], id)
		}
	}
	l.batches = append(l.batches, ids)
	return nil, nil
}

func (l *ledger) park(_ context.Context, bad []kafka.Parked) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parked = append(l.parked, bad...)
	return nil
}

// handled counts the different records handled.
func (l *ledger) handled() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.times)
}

func (l *ledger) parkedIDs() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for _, p := range l.parked {
		ids = append(ids, string(p.Record.Data))
	}
	return ids
}

// run starts a stage and gives the function that stops it; it is stopped with the test at the latest.
func run(t testing.TB, client *kafka.Client, stage kafka.Stage, park kafka.Park) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx, stage, park) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				require.NoError(t, err)
			case <-time.After(patience):
				require.Fail(t, "the stage does not stop")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func eventually(t testing.TB, what string, state func() bool) {
	t.Helper()
	require.Eventually(t, state, patience, 10*time.Millisecond, what)
}

// caughtUp waits until the group has committed everything.
func caughtUp(t testing.TB, client *kafka.Client, topic, group string) {
	t.Helper()
	eventually(t, "no lag", func() bool {
		lag, err := client.Lag(context.Background(), topic, group)
		return err == nil && lag.Records == 0
	})
}

// metric sums a counter or gauge over its labels.
func metric(t testing.TB, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	var sum float64
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// commit sets a group's offset from outside. A cluster just started may still be choosing who answers for the group.
func commit(t testing.TB, e env, topic, group string, partition int, offset int64) {
	t.Helper()
	admin := &segment.Client{Addr: segment.TCP(e.brokers...), Transport: &segment.Transport{}}
	defer admin.Transport.(*segment.Transport).CloseIdleConnections()
	eventually(t, "committed", func() bool {
		answer, err := admin.OffsetCommit(t.Context(), &segment.OffsetCommitRequest{
			GroupID: group, GenerationID: -1,
			Topics: map[string][]segment.OffsetCommit{topic: {{Partition: partition, Offset: offset}}},
		})
		return err == nil && answer.Topics[topic][0].Error == nil
	})
}
