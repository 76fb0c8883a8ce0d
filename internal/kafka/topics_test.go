package kafka_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

func partitions(t *testing.T, client *kafka.Client, topic string) int {
	lag, err := client.Lag(t.Context(), topic, "any")
	require.NoError(t, err)
	return len(lag.Partitions)
}

func TestCreateTopicsRaisesPartitionsAndNeverLowersThem(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topicName(t)
	for _, step := range []struct{ ask, want int }{{2, 2}, {2, 2}, {5, 5}, {3, 5}, {0, 6}} {
		require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: step.ask}))
		require.Equal(t, step.want, partitions(t, client, name))
	}
}

// A process that starts while the cluster is away waits for it; so it must be told that this is what it is.
func TestCreateTopicsTellsThatTheClusterIsAway(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	name := topicName(t)
	client := e.client(t)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name}))
	e.fake.Close()
	for _, each := range []*kafka.Client{client, e.client(t)} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		err := each.CreateTopics(ctx, kafka.Topic{Name: name})
		require.Equal(t, fault.Unavailable, fault.KindOf(err), "%v", err)
	}
}

func TestCreateTopicsByManyAtOnce(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	name := topicName(t)
	var creating sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		client := e.client(t)
		creating.Go(func() {
			errs[i] = client.CreateTopics(context.Background(), kafka.Topic{Name: name, Partitions: i + 1})
		})
	}
	creating.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, 6, partitions(t, e.client(t), name))
}

func TestCreateTopicsSetsAndResetsTheSettings(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	client := e.client(t)
	name := topicName(t)
	setting := func(key string) string {
		value := e.fake.TopicInfo(name).Configs[key]
		require.NotNil(t, value, key)
		return *value
	}
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Config: map[string]string{"segment.bytes": "1048576"}}))
	require.Equal(t, "1", setting("min.insync.replicas"))
	require.Equal(t, "604800000", setting("retention.ms"))
	require.Equal(t, "1048576", setting("segment.bytes"))

	cfg := e.config()
	cfg.Retention = time.Hour
	client, _ = open(t, cfg)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name}))
	require.Equal(t, "3600000", setting("retention.ms"))
	require.Equal(t, "1048576", setting("segment.bytes"), "what we do not name stays")

	cfg.Retention = -1
	client, _ = open(t, cfg)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name}))
	require.Equal(t, "-1", setting("retention.ms"))
}

func TestCreateTopicsTellsWhatTheClusterCannotDo(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	cfg := e.config()
	cfg.Replication = 99
	client, _ := open(t, cfg)
	name := topicName(t)
	err := client.CreateTopics(t.Context(), kafka.Topic{Name: name})
	require.ErrorContains(t, err, "topic "+name+": create with 99 replicas")
}

// Two installations share a cluster and see nothing of each other.
func TestInstallationsShareAClusterByPrefix(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	shared := topicName(t)
	installation := func(prefix string, records int) (*kafka.Client, *ledger) {
		cfg := e.config()
		cfg.Prefix = prefix
		client, _ := open(t, cfg)
		require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: shared, Partitions: 2}))
		require.NoError(t, client.Topic(shared).Publish(t.Context(), facts(records, 5)))
		return client, newLedger()
	}
	north, inNorth := installation("north.", 20)
	south, inSouth := installation("south.", 30)
	lag, err := south.Lag(t.Context(), shared, shared)
	require.NoError(t, err)
	require.EqualValues(t, 30, lag.Records)
	refuse := func(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		return []kafka.Parked{{Record: batch[0], Err: fault.New(fault.Invalid, "invalid", "bad")}}, nil
	}
	run(t, north, kafka.Stage{Topic: shared, Group: shared, MaxBatch: 1, Handle: refuse}, inNorth.park)
	run(t, south, kafka.Stage{Topic: shared, Group: shared, Handle: inSouth.handle}, inSouth.park)
	caughtUp(t, north, shared, shared)
	caughtUp(t, south, shared, shared)
	require.Equal(t, 30, inSouth.handled())
	require.Len(t, inNorth.parkedIDs(), 20)
	bad := inNorth.parked[0].Record
	require.Equal(t, "north."+shared, bad.Topic)
	require.NoError(t, south.Republish(t.Context(), bad.Topic, bad.Key, bad.Data, bad.Headers), "a parked record names its topic in full")
	eventually(t, "it came back to where it was", func() bool { return len(inNorth.parkedIDs()) == 21 })
}
