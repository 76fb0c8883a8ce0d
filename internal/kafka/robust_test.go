package kafka_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

const (
	// orderTime is how long whoever posts an order waits for an answer at most, of which a publish leaves some for the rest of the way.
	orderTime = 2 * time.Second
	// recoveryTime is how long a publisher may be told no after the trouble is over.
	recoveryTime = 10 * time.Second
)

// Three ways for a cluster to be of no use, each for a minute under load. Everybody is told in time, nobody needs a restart.
func TestPublishersAreToldInTimeAndRecover(t *testing.T) {
	t.Parallel()
	troubles := map[string]func(w *world) (mend func()){
		"the broker is gone": func(w *world) func() {
			w.cluster.Close()
			return w.start
		},
		"the network swallows everything": func(w *world) func() {
			w.swallow("9092")
			return func() { w.swallow("") }
		},
		"the network lets connections be opened, then swallows everything": func(w *world) func() {
			w.swallow("9092")
			w.cut()
			return func() { w.swallow("") }
		},
		"too few replicas": func(w *world) func() {
			return w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1}).Remove
		},
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 0)
				client := w.client()
				require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: simTopic, Partitions: simPartitions}))
				publisher := client.Topic(simTopic)
				require.NoError(t, publisher.Publish(t.Context(), facts(100, 50)))
				mend := trouble(w)
				slowest := pester(t, publisher, time.Minute)
				require.Less(t, slowest, orderTime)
				requireClosable(t, w)
				mend()
				begun := time.Now()
				for publisher.Publish(t.Context(), facts(100, 50)) != nil {
					require.Less(t, time.Since(begun), recoveryTime)
				}
				t.Logf("refused within %s, taken again after %s", slowest, time.Since(begun))
				require.NoError(t, client.Ping(t.Context()))
				require.NoError(t, client.Close(t.Context()))
			})
		})
	}
}

// pester publishes from many sides at once for a time in which all is refused, more than there is room for, and gives the longest wait.
func pester(t *testing.T, publisher *kafka.Producer, lasting time.Duration) time.Duration {
	large := fact("large", "large")
	large.Data = bytes.Repeat([]byte("x"), 800_000)
	waits, errs := make([]time.Duration, 100), make([]error, 100)
	var publishers sync.WaitGroup
	for i := range waits {
		publishers.Go(func() {
			for end := time.Now().Add(lasting); time.Now().Before(end) && errs[i] == nil; time.Sleep(time.Second) {
				begun := time.Now()
				err := publisher.Publish(context.Background(), []event.Envelope{large})
				waits[i] = max(waits[i], time.Since(begun))
				if fault.KindOf(err) != fault.Unavailable {
					errs[i] = fmt.Errorf("after %s: %w", time.Since(begun), err)
				}
			}
		})
	}
	publishers.Wait()
	var slowest time.Duration
	for i := range waits {
		require.NoError(t, errs[i], "a publish was not refused for being unavailable")
		slowest = max(slowest, waits[i])
	}
	return slowest
}

// requireClosable closes another client in the middle of the trouble, with records on their way.
func requireClosable(t *testing.T, w *world) {
	cfg := env{brokers: []string{"127.0.0.1:9092"}, replication: 1}.on(w.network)
	client, err := kafka.New(cfg, logger(), prometheus.NewRegistry())
	require.NoError(t, err)
	var publishing sync.WaitGroup
	publishing.Go(func() { _ = client.Topic(simTopic).Publish(context.Background(), facts(1, 1)) })
	time.Sleep(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begun := time.Now()
	_ = client.Close(ctx) // whether there is something to give up depends on the trouble
	require.Less(t, time.Since(begun), 5*time.Second)
	publishing.Wait()
}
