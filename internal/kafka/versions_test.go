package kafka_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/kafka"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenRequests = "testdata/requests.golden"

// What we send, by name and version. The test that fails here after an upgrade of kafka-go, or of ours, is the first to know; the next
// one says whether Apache Kafka takes it.
func TestTheRequestsWeSend(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string]bool{}
	e := newFake(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "plain", "secret"), kfake.Superuser("SCRAM-SHA-512", "scram", "secret"))
	e.fake.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		sent[fmt.Sprintf("%s %d", kmsg.NameForKey(req.Key()), req.GetVersion())] = true
		return nil, nil, false
	})
	for mechanism, user := range map[string]string{"PLAIN": "plain", "SCRAM-SHA-512": "scram"} {
		cfg := e.config()
		cfg.SASLMechanism, cfg.User, cfg.Password = mechanism, user, "secret"
		journey(t, cfg)
	}
	mu.Lock()
	defer mu.Unlock()
	var lines []string
	for line := range sent {
		lines = append(lines, line+"\n")
	}
	slices.Sort(lines)
	got := strings.Join(lines, "")
	if *update {
		require.NoError(t, os.WriteFile(goldenRequests, []byte(got), 0o600))
	}
	golden, err := os.ReadFile(goldenRequests)
	require.NoError(t, err)
	require.Equal(t, string(golden), got)
}

// journey does everything a client can do: topics made, altered and widened; facts published and taken by two members of a group, of which
// one leaves; lag, and whether the cluster is there.
func journey(t *testing.T, cfg kafka.Config) {
	client, _ := open(t, cfg)
	other, _ := open(t, cfg)
	name := topic(t, client, 2)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 4}))
	got := newLedger()
	stage := kafka.Stage{Topic: name, Group: name, Handle: got.handle}
	run(t, client, stage, got.park)
	leave := run(t, other, stage, got.park)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(100, 20)))
	eventually(t, "all handled", func() bool { return got.handled() == 100 })
	leave()
	caughtUp(t, client, name, name)
	require.NoError(t, client.Ping(t.Context()))
}

// Every request we send is one that every release of Apache Kafka in the table takes. A release that drops one shows here, when its
// column is added, before it shows at a port.
func TestApacheKafkaTakesWhatWeSend(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile(goldenRequests)
	require.NoError(t, err)
	releases, ranges := apacheRanges(t)
	for line := range strings.Lines(string(golden)) {
		var name string
		var version int
		_, err := fmt.Sscanf(line, "%s %d", &name, &version)
		require.NoError(t, err, line)
		require.Len(t, ranges[name], len(releases), "%s is not in the table of what Apache Kafka takes", name)
		for i, release := range releases {
			var least, most int
			_, err := fmt.Sscanf(ranges[name][i], "%d-%d", &least, &most)
			require.NoError(t, err, name)
			require.True(t, least <= version && version <= most, "Apache Kafka %s takes %s %d to %d, we send %d", release, name, least, most, version)
		}
	}
}

// apacheRanges reads the table: the releases, and for each request its range in each of them.
func apacheRanges(t *testing.T) (releases []string, ranges map[string][]string) {
	table, err := os.ReadFile("testdata/apache.ranges")
	require.NoError(t, err)
	ranges = map[string][]string{}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "#":
		case "request":
			releases = fields[1:]
		default:
			ranges[fields[0]] = fields[1:]
		}
	}
	require.NotEmpty(t, releases)
	return releases, ranges
}
