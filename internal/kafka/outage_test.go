package kafka_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

// answerTime is how long a publish may take with the cluster down: the write timeout and a little.
const answerTime = 2500 * time.Millisecond

func requireUnavailable(t *testing.T, begun time.Time, err error) {
	t.Helper()
	require.Less(t, time.Since(begun), answerTime)
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.Unavailable, f.Kind)
	require.Equal(t, "queue_unavailable", f.Code)
	require.GreaterOrEqual(t, f.RetryAfter, time.Second)
}

func TestPublishAsksForEveryReplica(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	var acks atomic.Value
	e.fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		acks.Store(req.(*kmsg.ProduceRequest).Acks)
		return nil, nil, false
	})
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	require.EqualValues(t, -1, acks.Load())
	require.EqualValues(t, 1, e.fake.PartitionInfo(name, 0).HighWatermark)
}

func TestPublishOfNothing(t *testing.T) {
	t.Parallel()
	client := env{brokers: []string{"127.0.0.1:1"}, replication: 1}.client(t)
	require.NoError(t, client.Topic("any").Publish(t.Context(), nil))
}

func TestARefusalByTheBrokerIsNeverSuccess(t *testing.T) {
	t.Parallel()
	for _, refusal := range []*kerr.Error{kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut, kerr.TopicAuthorizationFailed, kerr.NotLeaderForPartition, kerr.UnknownServerError} {
		t.Run(refusal.Message, func(t *testing.T) {
			t.Parallel()
			e := newFake(t)
			client, registry := open(t, e.config())
			name := topic(t, client, 1)
			handle := e.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: refusal, Count: -1})
			begun := time.Now()
			requireUnavailable(t, begun, client.Topic(name).Publish(t.Context(), facts(1, 1)))
			require.EqualValues(t, 1, metric(t, registry, "alataw_kafka_unpublished_total"))
			handle.Remove()
			eventually(t, "well again", func() bool { return client.Topic(name).Publish(t.Context(), facts(1, 1)) == nil })
		})
	}
}

func TestAPassingRefusalIsHiddenFromThePublisher(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 1)
	e.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition, Count: 2})
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
}

func TestATooLargeFactIsToldSo(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	noise := make([]byte, 1_000_000)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	large, fits := fact("large", "k"), fact("fits", "k")
	large.Data, fits.Data = noise, noise[:895_000]
	err = client.Topic(name).Publish(t.Context(), []event.Envelope{fact("small", "k"), large})
	require.Equal(t, fault.TooLarge, fault.KindOf(err))
	require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{fits}))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	require.Equal(t, map[string]int{string(fits.Data): 1}, got.times, "of the refused batch nothing was sent")
}

// The broker goes away under a producer and a stage, and comes back: both go on without a restart.
func TestABrokerThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker, err := embedded.StartBroker(embedded.BrokerConfig{Dir: dir})
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(broker.Addr())
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	client := env{brokers: []string{broker.Addr()}, replication: 1}.client(t)
	name := topic(t, client, 3)
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(100, 10)))
	caughtUp(t, client, name, name)
	require.NoError(t, client.Ping(t.Context()))

	require.NoError(t, broker.Close())
	begun := time.Now()
	requireUnavailable(t, begun, client.Topic(name).Publish(t.Context(), facts(10, 10)))
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Ping(t.Context())))
	_, err = client.Lag(t.Context(), name, name)
	require.Error(t, err)

	broker, err = embedded.StartBroker(embedded.BrokerConfig{Dir: dir, Port: number})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, broker.Close()) })
	eventually(t, "ping", func() bool { return client.Ping(t.Context()) == nil })
	eventually(t, "publish", func() bool { return client.Topic(name).Publish(t.Context(), facts(200, 10)) == nil })
	eventually(t, "all handled", func() bool { return got.handled() == 200 })
	caughtUp(t, client, name, name)
}

func TestWithNoBrokerAtAll(t *testing.T) {
	t.Parallel()
	client := env{brokers: []string{"127.0.0.1:1"}, replication: 1}.client(t)
	begun := time.Now()
	requireUnavailable(t, begun, client.Topic("any").Publish(t.Context(), facts(1, 1)))
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Ping(t.Context())))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Error(t, client.CreateTopics(ctx, kafka.Topic{Name: "any"}))
}

// A network that swallows everything is worse than one that refuses: nothing ever fails by itself.
func TestABrokerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	client, err := kafka.New(env{brokers: []string{newHole(t)}, replication: 1}.config(), logger(), prometheus.NewRegistry())
	require.NoError(t, err)
	begun := time.Now()
	requireUnavailable(t, begun, client.Topic("any").Publish(t.Context(), facts(1, 1)))
	begun = time.Now()
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Ping(t.Context())))
	require.Less(t, time.Since(begun), answerTime)
	require.NoError(t, client.Close(t.Context()))
}

// The same after a time of good service, with more waiting than there is room for.
func TestABrokerThatFallsSilentUnderLoad(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	var silent atomic.Bool
	e.fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		return nil, nil, silent.Load() // handled, and never answered
	})
	client, err := kafka.New(e.config(), logger(), prometheus.NewRegistry())
	require.NoError(t, err)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	silent.Store(true)
	var publishers sync.WaitGroup
	errs, took := make([]error, 100), make([]time.Duration, 100)
	for i := range errs {
		publishers.Go(func() {
			large := fact("large", "k")
			large.Data = bytes.Repeat([]byte("x"), 890_000) // 89 MB in all
			begun := time.Now()
			errs[i] = client.Topic(name).Publish(context.Background(), []event.Envelope{large})
			took[i] = time.Since(begun)
		})
	}
	publishers.Wait()
	for i, err := range errs {
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Less(t, took[i], answerTime)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	require.ErrorIs(t, client.Close(ctx), context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 5*time.Second)
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Topic(name).Publish(t.Context(), facts(1, 1))), "closed")
}

func TestACallerWhoLeavesIsNotKept(t *testing.T) {
	t.Parallel()
	client := env{brokers: []string{newHole(t)}, replication: 1}.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := client.Topic("any").Publish(ctx, facts(1, 1))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}

// newHole gives the address of a server that takes connections and says nothing.
func newHole(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
		for _, conn := range conns {
			conn.Close()
		}
	})
	return listener.Addr().String()
}
