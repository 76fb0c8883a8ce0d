package embedded

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const topic = "embedded.test"

// newClient is a Kafka client of the broker, reading topic from its beginning.
func newClient(addr string) (*kgo.Client, error) {
	return kgo.NewClient(kgo.SeedBrokers(addr), kgo.DefaultProduceTopic(topic), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
}

func createTopic(ctx context.Context, client *kgo.Client) error {
	request := kmsg.NewCreateTopicsRequest()
	request.TimeoutMillis = 5000
	wanted := kmsg.NewCreateTopicsRequestTopic()
	wanted.Topic, wanted.NumPartitions, wanted.ReplicationFactor = topic, 3, 1
	request.Topics = append(request.Topics, wanted)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if code := response.Topics[0].ErrorCode; code != 0 && code != 36 { // 36: it exists
		return fmt.Errorf("create topic: error code %d", code)
	}
	return nil
}

// records reads the values that topic holds, at least until it has seen as many as wanted.
func records(t *testing.T, addr string, wanted int) map[string]int {
	t.Helper()
	client, err := newClient(addr)
	require.NoError(t, err)
	defer client.Close()
	seen := map[string]int{}
	for ctx := deadline(t); len(seen) < wanted; {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) { seen[string(r.Value)]++ })
	}
	return seen
}

func TestBrokerKeepsRecordsOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round, want := range []int{10, 20} {
		broker, err := StartBroker(BrokerConfig{Dir: dir, Sync: round == 0})
		require.NoError(t, err)
		client, err := newClient(broker.Addr())
		require.NoError(t, err)
		require.NoError(t, createTopic(deadline(t), client))
		for i := range 10 {
			record := &kgo.Record{Value: []byte(fmt.Sprintf("%d-%d", round, i))}
			require.NoError(t, client.ProduceSync(deadline(t), record).FirstErr())
		}
		client.Close()
		for value, times := range records(t, broker.Addr(), want) {
			require.Equal(t, 1, times, value)
		}
		require.NoError(t, broker.Close())
		require.NoError(t, broker.Close(), "closing again gives the same answer")
	}
}

func TestBrokerListensToThisMachineOnly(t *testing.T) {
	t.Parallel()
	broker, err := StartBroker(BrokerConfig{Dir: t.TempDir()})
	require.NoError(t, err)
	defer broker.Close()
	host, _, err := net.SplitHostPort(broker.Addr())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", host)
}

func TestBrokerHidesOrdersFromOtherUsers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker, err := StartBroker(BrokerConfig{Dir: dir})
	require.NoError(t, err)
	defer broker.Close()
	info, err := os.Stat(filepath.Join(dir, "kafka"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestSecondBrokerOnADirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker, err := StartBroker(BrokerConfig{Dir: dir})
	require.NoError(t, err)
	_, err = StartBroker(BrokerConfig{Dir: dir})
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, strconv.Itoa(os.Getpid()))
	require.NoError(t, broker.Close())
	again, err := StartBroker(BrokerConfig{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, again.Close())
}

func TestBrokerNamesATakenPort(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), takePort(t)
	_, err := StartBroker(BrokerConfig{Dir: dir, Port: port})
	require.ErrorContains(t, err, fmt.Sprintf("port %d of 127.0.0.1 is taken", port))

	broker, err := StartBroker(BrokerConfig{Dir: dir})
	require.NoError(t, err, "the directory is free again")
	require.NoError(t, broker.Close())
}

func TestBrokerRefusesADirectoryItCannotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "kafka"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kafka", "meta.json"), []byte(`{"version":9999}`), 0o600))
	_, err := StartBroker(BrokerConfig{Dir: dir})
	require.ErrorContains(t, err, "version 9999 is newer")
}

func TestBrokerLooksAtRetentionOften(t *testing.T) {
	t.Parallel()
	broker, err := StartBroker(BrokerConfig{Dir: t.TempDir()})
	require.NoError(t, err)
	defer broker.Close()
	client, err := newClient(broker.Addr())
	require.NoError(t, err)
	defer client.Close()
	request := kmsg.NewDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeBroker, "0"
	request.Resources = append(request.Resources, resource)
	response, err := request.RequestWith(deadline(t), client)
	require.NoError(t, err)
	found := map[string]string{}
	for _, config := range response.Resources[0].Configs {
		if config.Value != nil {
			found[config.Name] = *config.Value
		}
	}
	require.Equal(t, "30000", found["log.cleaner.backoff.ms"], "the default looks only once an hour")
}
