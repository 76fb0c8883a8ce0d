package kafka_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
)

func TestLagCountsWhatIsNotDone(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client, registry := open(t, e.config())
	name := topic(t, client, 3)
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.Zero(t, lag.Records)
	require.Zero(t, lag.OldestAge)
	require.Len(t, lag.Partitions, 3)

	before := time.Now()
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(90, 30)))
	after := time.Now()
	eventually(t, "a second has passed", func() bool { return time.Since(after) > time.Second })
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(10, 10)))
	lag, err = client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 100, lag.Records)
	require.GreaterOrEqual(t, lag.OldestAge, time.Second)
	require.LessOrEqual(t, lag.OldestAge, time.Since(before)+time.Millisecond, "in milliseconds, as Kafka counts")
	require.EqualValues(t, 100, metric(t, registry, "alataw_kafka_lag_records"))
	require.InDelta(t, lag.OldestAge.Seconds(), metric(t, registry, "alataw_kafka_lag_age_seconds"), 0.001)

	for _, p := range lag.Partitions {
		commit(t, e, name, name, p.Partition, p.End-1)
	}
	lag, err = client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 3, lag.Records)
	require.Less(t, lag.OldestAge, time.Since(before))

	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	require.LessOrEqual(t, got.handled(), 3)
}

func TestLagIsNeverNegative(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(3, 1)))
	commit(t, e, name, name, 0, 50)
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.Zero(t, lag.Records)
	require.Zero(t, lag.OldestAge)
}

// Where retention has dropped records the group never read, they are gone, not late.
func TestLagBeginsAtTheFirstRecordThereIs(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topic(t, client, 1)
	for _, fact := range facts(10, 1) {
		require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{fact}))
	}
	require.NoError(t, e.fake.DeleteRecords(name, 0, 4))
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 6, lag.Records)
	commit(t, e, name, name, 0, 2)
	lag, err = client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 6, lag.Records)
	require.EqualValues(t, 4, lag.Partitions[0].Next)
	require.Positive(t, lag.OldestAge)
}

// A broker that has just taken a group over reads its offsets first, for seconds when there are many. Who asks meanwhile waits.
func TestLagWaitsForTheGroupToBeLoaded(t *testing.T) {
	t.Parallel()
	for _, refusal := range []*kerr.Error{kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator} {
		t.Run(refusal.Message, func(t *testing.T) {
			t.Parallel()
			e := newFake(t)
			client := e.client(t)
			name := topic(t, client, 1)
			require.NoError(t, client.Topic(name).Publish(t.Context(), facts(3, 1)))
			e.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: refusal, Count: 20})
			lag, err := client.Lag(t.Context(), name, name)
			require.NoError(t, err)
			require.EqualValues(t, 3, lag.Records)
		})
	}
}

func TestLagOfNoTopic(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	_, err := client.Lag(t.Context(), topicName(t), "any")
	require.Error(t, err)
}
