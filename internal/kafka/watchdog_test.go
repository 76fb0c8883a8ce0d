package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/kafka"
)

// stallTimeout is the setting's default, which the tests leave alone.
const stallTimeout = time.Minute

// silence is how long a connection may owe an answer.
const silence = 15 * time.Second

// watched is a running stage in virtual time, and what it logged.
type watched struct {
	client   *kafka.Client
	registry *prometheus.Registry
	topic    string
	log      *words
	end      context.CancelFunc
	ended    chan error
}

// watch makes a topic with some facts and runs a stage on it.
func watch(t *testing.T, cfg kafka.Config, partitions int, handle func(context.Context, []kafka.Record) ([]kafka.Parked, error)) *watched {
	w := &watched{registry: prometheus.NewRegistry(), log: &words{}, ended: make(chan error, 1), topic: "watched"}
	var err error
	w.client, err = kafka.New(cfg, slog.New(slog.NewTextHandler(w.log, nil)), w.registry)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.client.Close(context.Background())) })
	require.NoError(t, w.client.CreateTopics(t.Context(), kafka.Topic{Name: w.topic, Partitions: partitions}))
	ctx, cancel := context.WithCancel(context.Background())
	w.end = cancel
	done := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-done
	})
	go func() {
		defer close(done)
		w.ended <- w.client.Run(ctx, kafka.Stage{Topic: w.topic, Group: "watched", Handle: handle}, newLedger().park)
	}()
	return w
}

func (w *watched) publish(t *testing.T) {
	t.Helper()
	require.NoError(t, w.client.Topic(w.topic).Publish(t.Context(), facts(100, 20)))
}

// stop ends the stage, which must be well.
func (w *watched) stop(t *testing.T) {
	t.Helper()
	w.end()
	require.NoError(t, <-w.ended)
}

// failure gives what the stage gave up with.
func (w *watched) failure(t *testing.T) error {
	t.Helper()
	select {
	case err := <-w.ended:
		return err
	case <-time.After(10 * stallTimeout):
		require.Fail(t, "the stage does not give up", w.log.all())
		return nil
	}
}

// words are what was logged.
type words struct {
	mu sync.Mutex
	bytes.Buffer
}

func (w *words) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Buffer.Write(line)
}

func (w *words) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.String()
}

// spoil has the broker give rubbish for one partition, as a broken segment would, and lets the others be.
func spoil(e env, topic string, partition int32) {
	e.fake.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		asked := req.(*kmsg.FetchRequest)
		if len(asked.Topics) == 0 || asked.Topics[0].Topic != topic || asked.Topics[0].Partitions[0].Partition != partition {
			return nil, nil, false
		}
		part := kmsg.NewFetchResponseTopicPartition()
		part.Partition, part.HighWatermark, part.LastStableOffset = partition, 1000, 1000
		part.RecordBatches = bytes.Repeat([]byte{2}, 200)
		found := kmsg.NewFetchResponseTopic()
		found.Topic, found.Partitions = topic, append(found.Partitions, part)
		answer := asked.ResponseKind().(*kmsg.FetchResponse)
		answer.Topics = append(answer.Topics, found)
		return answer, nil, true
	})
}

// One partition of four cannot be read. The stage is rebuilt, and then gives up by name, while the others go on until then.
func TestAPartitionThatCannotBeReadEndsTheStage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		n.slowness.Store(int64(20 * time.Millisecond)) // kafka-go asks for such a segment again and again, without a pause
		spoil(e, "watched", 2)
		got := newLedger()
		w := watch(t, e.on(n), 4, got.handle)
		w.publish(t)
		begun := time.Now()
		err := w.failure(t)
		require.ErrorContains(t, err, "partition 2 of watched makes no progress at offset")
		require.InDelta(t, 2*stallTimeout, time.Since(begun), float64(30*time.Second))
		require.EqualValues(t, 2, metric(t, w.registry, "alataw_kafka_stalled_total"))
		require.Contains(t, w.log.all(), "the stage is rebuilt")
		require.Regexp(t, `giving up" stage=watched topic=watched partition=2 offset=-?\d+ lag=\d+`, w.log.all())
		lag, err := w.client.Lag(t.Context(), w.topic, "watched")
		require.NoError(t, err)
		for _, p := range lag.Partitions {
			require.Equal(t, p.Partition == 2, p.Records > 0)
		}
	})
}

// A partition is rebuilt for once, not for ever: one that moves again may stand still again much later.
func TestARebuildThatHelpsIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		got := newLedger()
		w := watch(t, e.on(n), 1, got.handle)
		for round := range 3 {
			seen := got.handled()
			e.fake.ControlKey(int16(kmsg.OffsetCommit), refuseCommits(e, int(1+metric(t, w.registry, "alataw_kafka_stalled_total")), w))
			require.NoError(t, w.client.Topic(w.topic).Publish(t.Context(), facts(10*(round+1), 1)))
			time.Sleep(3 * stallTimeout)
			require.Greater(t, got.handled(), seen)
			require.EqualValues(t, round+1, metric(t, w.registry, "alataw_kafka_stalled_total"))
		}
		w.stop(t)
	})
}

// refuseCommits refuses the group's commits until the stage was found to stand still so many times.
func refuseCommits(e env, until int, w *watched) func(kmsg.Request) (kmsg.Response, error, bool) {
	return func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		families, err := w.registry.Gather()
		if err != nil {
			return nil, err, true
		}
		for _, family := range families {
			if family.GetName() == "alataw_kafka_stalled_total" && int(family.GetMetric()[0].GetCounter().GetValue()) >= until {
				e.fake.DropControl()
				return nil, nil, false
			}
		}
		asked := req.(*kmsg.OffsetCommitRequest)
		answer := asked.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, topic := range asked.Topics {
			refusal := kmsg.NewOffsetCommitResponseTopic()
			refusal.Topic = topic.Topic
			for _, p := range topic.Partitions {
				part := kmsg.NewOffsetCommitResponseTopicPartition()
				part.Partition, part.ErrorCode = p.Partition, 30 // GROUP_AUTHORIZATION_FAILED
				refusal.Partitions = append(refusal.Partitions, part)
			}
			answer.Topics = append(answer.Topics, refusal)
		}
		return answer, nil, true
	}
}

// One broker of two is out of our reach, and of ours only: the cluster keeps it as the leader of a partition. Somewhere else the stage can
// read it, so this process must let go.
func TestALeaderOutOfReachEndsTheStage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t, kfake.Ports(9092, 9093))
		near := e.fake.CoordinatorFor("watched")
		far := 1 - near
		e.brokers = e.fake.ListenAddrs()[near : near+1]
		got := newLedger()
		w := watch(t, e.on(n), 4, got.handle)
		w.publish(t)
		time.Sleep(10 * time.Second)
		for partition := range int32(4) {
			require.NoError(t, e.fake.MoveTopicPartition(w.topic, partition, near))
		}
		require.NoError(t, e.fake.MoveTopicPartition(w.topic, 1, far))
		n.swallow(portIn(e.fake.ListenAddrs()[far]))
		begun := time.Now()
		require.ErrorContains(t, w.failure(t), "partition 1 of watched makes no progress")
		require.Less(t, time.Since(begun), 3*stallTimeout)
	})
}

// A handler that ends with nothing, not even its context, cannot be rebuilt around: only the end of the process cures it.
func TestAHandlerThatHangsEndsTheStage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		hang := make(chan struct{})
		defer close(hang)
		w := watch(t, e.on(n), 2, func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
			<-hang
			return nil, nil
		})
		w.publish(t)
		begun := time.Now()
		require.ErrorContains(t, w.failure(t), "leave the group")
		require.Less(t, time.Since(begun), 3*stallTimeout)
	})
}

// A handler is given so much time, and no more.
func TestAHandlerHasATimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		got := newLedger()
		var once sync.Once
		w := watch(t, e.on(n), 1, func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
			begun := time.Now()
			once.Do(func() { <-ctx.Done() })
			if ctx.Err() != nil {
				require.Equal(t, time.Minute, time.Since(begun))
				return nil, ctx.Err()
			}
			return got.handle(ctx, batch)
		})
		w.publish(t)
		time.Sleep(2 * time.Minute)
		require.Equal(t, 100, got.handled())
		require.Zero(t, metric(t, w.registry, "alataw_kafka_stalled_total"))
		w.stop(t)
	})
}

// Connections that swallow everything, while new ones are well: a firewall has forgotten them. The stage goes on by itself.
func TestSilentConnectionsAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		got := newLedger()
		w := watch(t, e.on(n), 4, got.handle)
		w.publish(t)
		time.Sleep(10 * time.Second)
		for _, conn := range n.some(rand.New(rand.NewPCG(1, 1)), 1, false) {
			conn.silent.Store(true)
		}
		for w.client.Topic(w.topic).Publish(t.Context(), facts(300, 20)) != nil {
			time.Sleep(time.Second)
		}
		time.Sleep(2 * silence)
		require.Equal(t, 300, got.handled())
		require.Zero(t, metric(t, w.registry, "alataw_kafka_stalled_total"))
		w.stop(t)
	})
}

// The database is away for an hour, with orders waiting. That is no reason to end the process, which has nothing to be cured of.
func TestAnHourWithoutADatabaseEndsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		got, away := newLedger(), time.Now().Add(time.Hour)
		w := watch(t, e.on(n), 4, func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
			if time.Now().Before(away) {
				if batch[0].Partition%2 == 0 { // it refuses some, and lets others wait
					<-ctx.Done()
				}
				return nil, errors.New("the database is down")
			}
			return got.handle(ctx, batch)
		})
		w.publish(t)
		time.Sleep(time.Hour + 2*time.Minute)
		require.Equal(t, 100, got.handled())
		require.Zero(t, metric(t, w.registry, "alataw_kafka_stalled_total"))
		w.stop(t)
	})
}

// An idle stage stands still by right, and so does one whose cluster is away for an hour with records unread.
func TestNeitherIdlenessNorAnAbsentClusterEndsAnything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		got := newLedger()
		w := watch(t, e.on(n), 4, got.handle)
		w.publish(t)
		time.Sleep(10 * stallTimeout)
		require.Equal(t, 100, got.handled())

		n.swallow("9092")
		n.cut()
		time.Sleep(time.Hour)
		n.swallow("")
		require.Eventually(t, func() bool { return w.client.Topic(w.topic).Publish(t.Context(), facts(200, 20)) == nil }, time.Minute, time.Second)
		time.Sleep(stallTimeout)
		require.Equal(t, 200, got.handled())
		require.Zero(t, metric(t, w.registry, "alataw_kafka_stalled_total"))
		w.stop(t)
	})
}
