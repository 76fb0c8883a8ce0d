package kafka_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/kafka"
)

// Consumers come and go under load, one, three, two: every record is handled, and no offset is ever committed below one
// that was committed before.
func TestNothingIsLostWhileConsumersComeAndGo(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	commits := watchCommits(e)
	client := e.client(t)
	name := topic(t, client, 6)
	got := newLedger()
	consume := func() func() {
		// Each member has a client of its own, as a process would.
		return run(t, e.client(t), kafka.Stage{Topic: name, Group: name, MaxBatch: 50, Handle: got.handle}, got.park)
	}
	publishing := publishSteadily(t, client, name, 60)
	members := func(count int) {
		_, err := e.fake.WaitGroupStable(t.Context(), name, count)
		require.NoError(t, err)
	}
	first := consume()
	members(1)
	seen := got.handled()
	eventually(t, "one consumes", func() bool { return got.handled() > seen })
	consume()
	consume()
	members(3)
	seen = got.handled()
	eventually(t, "three consume", func() bool { return got.handled() > seen })
	first()
	members(2)
	total := publishing()
	eventually(t, "all handled", func() bool { return got.handled() == total })
	caughtUp(t, client, name, name)
	require.Empty(t, commits.backwards())
	require.GreaterOrEqual(t, commits.count(), 6)
	t.Logf("%d records, %d handled again", total, again(got))
}

// An idle rebalance has nothing to commit: the library's own example commits one too far here, and loses the next record.
func TestIdleRebalancesCommitNothing(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 2)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(20, 10)))
	got := newLedger()
	stage := kafka.Stage{Topic: name, Group: name, Handle: got.handle}
	run(t, client, stage, got.park)
	caughtUp(t, client, name, name)
	commits := watchCommits(e)
	for range 2 {
		other := run(t, e.client(t), stage, got.park)
		_, err := e.fake.WaitGroupStable(t.Context(), name, 2)
		require.NoError(t, err)
		other()
		_, err = e.fake.WaitGroupStable(t.Context(), name, 1)
		require.NoError(t, err)
	}
	require.Zero(t, commits.count())
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(40, 10)))
	eventually(t, "all handled", func() bool { return got.handled() == 40 })
}

// The same from outside only, so that it can be asked of any cluster.
func TestCommittedOffsetsOnlyGrow(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 6)
	got := newLedger()
	stage := kafka.Stage{Topic: name, Group: name, MaxBatch: 20, Handle: got.handle}
	publishing := publishSteadily(t, client, name, 40)
	next := make(map[int]int64)
	grow := func() {
		lag, err := client.Lag(t.Context(), name, name)
		if err != nil {
			return // the coordinator is busy with a rebalance
		}
		for _, p := range lag.Partitions {
			require.GreaterOrEqual(t, p.Next, next[p.Partition])
			next[p.Partition] = p.Next
		}
	}
	var stops []func()
	for _, wanted := range []int{1, 3, 2} {
		for len(stops) < wanted {
			stops = append(stops, run(t, e.client(t), stage, got.park))
		}
		for len(stops) > wanted {
			stops[0]()
			stops = stops[1:]
		}
		seen := got.handled()
		eventually(t, "some are handled", func() bool {
			grow()
			return got.handled() > seen+50
		})
	}
	total := publishing()
	eventually(t, "all handled", func() bool {
		grow()
		return got.handled() == total
	})
}

// A commit that the group refuses, because it has moved on, is not insisted on: the records come again.
func TestARefusedCommitMeansRedelivery(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 1)
	refused := make(chan struct{})
	e.fake.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
		close(refused) // once: handling drops this control
		asked := req.(*kmsg.OffsetCommitRequest)
		answer := asked.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, topic := range asked.Topics {
			part := kmsg.NewOffsetCommitResponseTopicPartition()
			part.Partition, part.ErrorCode = topic.Partitions[0].Partition, 22 // ILLEGAL_GENERATION
			refusal := kmsg.NewOffsetCommitResponseTopic()
			refusal.Topic, refusal.Partitions = topic.Topic, append(refusal.Partitions, part)
			answer.Topics = append(answer.Topics, refusal)
		}
		return answer, nil, true
	})
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(5, 1)))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	<-refused
	caughtUp(t, client, name, name)
	require.Equal(t, 5, got.handled())
	require.Equal(t, 5, again(got))
}

// A stage that retries for ever must not be the one that holds up a rebalance.
func TestAStageInTroubleStillLetsGo(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 2)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(50, 25)))
	failing := make(chan struct{}, 1000)
	run(t, e.client(t), kafka.Stage{Topic: name, Group: name, Handle: func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
		failing <- struct{}{}
		return nil, errors.New("the database is down")
	}}, newLedger().park)
	<-failing
	got := newLedger()
	begun := time.Now()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	eventually(t, "the other has work", func() bool { return got.handled() > 0 })
	require.Less(t, time.Since(begun), patience/2)
}

// publishSteadily publishes small batches until it is told to stop, and then says how many records there are.
func publishSteadily(_ *testing.T, client *kafka.Client, topic string, atLeast int) (stop func() int) {
	stopping, ended := make(chan struct{}), make(chan int, 1)
	go func() {
		total := 0
		defer func() { ended <- total }()
		all := facts(100_000, 100)
		for batch := 0; ; batch++ {
			select {
			case <-stopping:
				if batch >= atLeast {
					return
				}
			default:
			}
			if client.Topic(topic).Publish(context.Background(), all[total:total+20]) != nil {
				return
			}
			total += 20
		}
	}()
	return sync.OnceValue(func() int {
		close(stopping)
		return <-ended
	})
}

func again(l *ledger) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := 0
	for _, times := range l.times {
		sum += times - 1
	}
	return sum
}

// commits are the offsets a broker was asked to commit, in order.
type commits struct {
	mu     sync.Mutex
	high   map[int32]int64
	lower  []int64
	number int
}

func watchCommits(e env) *commits {
	c := &commits{high: map[int32]int64{}}
	e.fake.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, topic := range req.(*kmsg.OffsetCommitRequest).Topics {
			for _, p := range topic.Partitions {
				if c.number++; p.Offset <= c.high[p.Partition] {
					c.lower = append(c.lower, p.Offset)
				}
				c.high[p.Partition] = max(c.high[p.Partition], p.Offset)
			}
		}
		return nil, nil, false
	})
	return c
}

func (c *commits) backwards() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lower
}

func (c *commits) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.number
}
