package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

func TestEveryFactArrivesOnceAndInOrderOfItsKey(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 6)
	all := facts(3000, 40)
	for part := range 6 {
		require.NoError(t, client.Topic(name).Publish(t.Context(), all[part*500:part*500+500]))
	}
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, MaxBatch: 100, Handle: got.handle}, got.park)
	eventually(t, "all handled", func() bool { return got.handled() == len(all) })
	caughtUp(t, client, name, name)

	for id, times := range got.times {
		require.Equal(t, 1, times, id)
	}
	require.Len(t, got.byKey, 40)
	for key, ids := range got.byKey {
		require.IsIncreasing(t, ids, key)
	}
	for _, batch := range got.batches {
		require.LessOrEqual(t, len(batch), 100)
	}
	require.Empty(t, got.parked)
}

func TestARecordCarriesItsFact(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	sent := event.Envelope{
		ID: "fct_1", Type: "org.alataw.parcel.declared", Source: "/v1/parcels", Subject: "pcl_1", Time: time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC),
		Schema: 3, ContentType: "application/json", Key: []byte("pcl_1"), Data: []byte(`{"a":1}`),
	}
	require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{sent}))
	records := make(chan kafka.Record, 1)
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: func(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		records <- batch[0]
		return nil, nil
	}}, newLedger().park)
	record := <-records
	require.Equal(t, sent, record.Envelope)
	require.Equal(t, sent.Headers(), record.Headers)
	require.Equal(t, name, record.Topic)
	require.Zero(t, record.Offset)
	require.NoError(t, record.Broken)
}

func TestABatchIsHandedAgainAfterAnError(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(10, 1)))
	got := newLedger()
	var calls atomic.Int32
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		if calls.Add(1) <= 2 {
			return nil, errors.New("the database is down")
		}
		return got.handle(ctx, batch)
	}}, got.park)
	eventually(t, "all handled", func() bool { return got.handled() == 10 })
	caughtUp(t, client, name, name)
	require.GreaterOrEqual(t, calls.Load(), int32(3), "handed twice in vain; a busy machine may hand the rest in parts")
	require.Empty(t, got.parked)
}

func TestNothingIsCommittedBeforeItIsHandled(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(10, 1)))
	var calls atomic.Int32
	stop := run(t, client, kafka.Stage{Topic: name, Group: name, Handle: func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
		calls.Add(1)
		return nil, errors.New("the database is down")
	}}, newLedger().park)
	eventually(t, "tried more than once", func() bool { return calls.Load() > 1 })
	stop()
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 10, lag.Records)

	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	eventually(t, "handed to the next", func() bool { return got.handled() == 10 })
}

func TestARestartGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 3)
	first, second := newLedger(), newLedger()
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(300, 30)))
	stop := run(t, client, kafka.Stage{Topic: name, Group: name, Handle: first.handle}, first.park)
	eventually(t, "all handled", func() bool { return first.handled() == 300 })
	caughtUp(t, client, name, name)
	stop()

	require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{fact("later", "key-1")}))
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: second.handle}, second.park)
	eventually(t, "the new one is handled", func() bool { return second.handled() > 0 })
	caughtUp(t, client, name, name)
	require.Equal(t, map[string]int{"later": 1}, second.times)
}

func TestAStopFinishesAndCommitsTheBatchInHand(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(5, 1)))
	begun, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var inTime atomic.Bool
	go func() {
		ended <- client.Run(ctx, kafka.Stage{Topic: name, Group: name, Linger: time.Second, MaxBatch: 5, Handle: func(ctx context.Context, _ []kafka.Record) ([]kafka.Parked, error) {
			close(begun)
			<-release
			inTime.Store(ctx.Err() == nil)
			return nil, nil
		}}, newLedger().park)
	}()
	<-begun
	cancel()
	select {
	case <-ended:
		require.Fail(t, "the stage left its batch behind")
	case <-time.After(300 * time.Millisecond):
	}
	close(release)
	require.NoError(t, <-ended)
	require.True(t, inTime.Load(), "the handler's context outlives the stop")
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.Zero(t, lag.Records)
}

func TestAHandlerThatNeverEndsIsCutOff(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	begun := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- client.Run(ctx, kafka.Stage{Topic: name, Group: name, Handle: func(ctx context.Context, _ []kafka.Record) ([]kafka.Parked, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}}, newLedger().park)
	}()
	<-begun
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "the stage waits for ever")
	}
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 1, lag.Records)
}

func TestAStageNeedsItsParts(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	got := newLedger()
	whole := kafka.Stage{Topic: "a", Group: "b", Handle: got.handle}
	for name, broken := range map[string]func(*kafka.Stage){
		"topic":   func(s *kafka.Stage) { s.Topic = "" },
		"group":   func(s *kafka.Stage) { s.Group = "" },
		"handler": func(s *kafka.Stage) { s.Handle = nil },
	} {
		stage := whole
		broken(&stage)
		require.Error(t, client.Run(t.Context(), stage, got.park), name)
	}
	require.Error(t, client.Run(t.Context(), whole, nil))
}

// A reader that starts before its topic exists would never see it.
func TestAStageWaitsForItsTopic(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topicName(t)
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 2}))
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(20, 5)))
	eventually(t, "all handled", func() bool { return got.handled() == 20 })
}

func TestAddedPartitionsAreConsumed(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	eventually(t, "first handled", func() bool { return got.handled() == 1 })
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 4}))
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(200, 50)))
	eventually(t, "all handled", func() bool { return got.handled() == 200 })
}

// The group is past the end of a log that lost its tail: what comes next must not be skipped.
func TestALogThatLostItsTailIsReadAgain(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(10, 1)))
	commit(t, e, name, name, 0, 500)
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	eventually(t, "all handled", func() bool { return got.handled() == 10 })
	require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{fact("later", "key-1")}))
	eventually(t, "and what comes after", func() bool { return got.handled() == 11 })
}

// Retention that is shorter than the lag loses orders: nobody can bring them back, but somebody must be told.
func TestRecordsLostToRetentionAreCounted(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client, registry := open(t, e.config())
	name := topic(t, client, 1)
	for _, f := range facts(10, 1) {
		require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{f}))
	}
	commit(t, e, name, name, 0, 2)
	require.NoError(t, e.fake.DeleteRecords(name, 0, 6))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	require.Equal(t, 4, got.handled())
	require.EqualValues(t, 4, metric(t, registry, "alataw_kafka_lost_total"))
}

// Our requests stay within what Kafka 4.0 still answers (KIP-896).
func TestRequestsAreOfVersionsKafka4Answers(t *testing.T) {
	t.Parallel()
	oldest := map[kmsg.Key]int16{kmsg.Produce: 3, kmsg.Fetch: 4, kmsg.ListOffsets: 1, kmsg.OffsetCommit: 2, kmsg.OffsetFetch: 1, kmsg.JoinGroup: 2, kmsg.CreateTopics: 2}
	e := newFake(t)
	var seen [128]atomic.Bool
	var old atomic.Value
	e.fake.ControlKey(-1, func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		seen[req.Key()].Store(true)
		if key := kmsg.Key(req.Key()); req.GetVersion() < oldest[key] {
			old.Store(fmt.Sprintf("%s %d", key.Name(), req.GetVersion()))
		}
		return nil, nil, false
	})
	client := e.client(t)
	name := topic(t, client, 2)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 3}))
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(10, 5)))
	got := newLedger()
	stop := run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	stop()
	for key := range oldest {
		require.True(t, seen[key].Load(), "no %s was sent", key.Name())
	}
	require.Nil(t, old.Load())
}

func TestAnUnreadableFaultIsNotRetriedForEver(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
		return nil, fmt.Errorf("judge: %w", fault.New(fault.Malformed, "malformed", "not JSON"))
	}}, got.park)
	eventually(t, "parked", func() bool { return len(got.parkedIDs()) == 1 })
	caughtUp(t, client, name, name)
	require.Equal(t, fault.Malformed, fault.KindOf(got.parked[0].Err))
}
