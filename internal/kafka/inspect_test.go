package kafka_test

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

func TestEveryBrokerIsAskedWhereItWantsToBe(t *testing.T) {
	t.Parallel()
	e := newFake(t, kfake.NumBrokers(3))
	e.brokers = e.brokers[:1] // the rest is found
	brokers, err := e.client(t).InspectBrokers(t.Context())
	require.NoError(t, err)
	require.Len(t, brokers, 3)
	for _, b := range brokers {
		require.NoError(t, b.Err)
		require.Empty(t, b.Lacks)
		require.NotEmpty(t, b.Release)
		require.Contains(t, e.fake.ListenAddrs(), b.Address)
	}
}

func TestAReleaseIsGuessed(t *testing.T) {
	t.Parallel()
	for want, spoken := range map[string]*kversion.Versions{
		"4.1": kversion.V4_1_0(), "4.0": kversion.V4_0_0(), "3.9": kversion.V3_9_0(), "3.8": kversion.V3_8_0(), "2.8": kversion.V2_8_0(),
		"2.4 to 2.6": kversion.V2_5_0(), "before 2.4": kversion.V2_0_0(),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			brokers, err := newFake(t, kfake.MaxVersions(spoken)).client(t).InspectBrokers(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, brokers[0].Release)
			require.Equal(t, want == "before 2.4", len(brokers[0].Lacks) > 0, "%v", brokers[0].Lacks)
		})
	}
}

func TestABrokerThatHasDroppedOurRequestsIsNamed(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	e.fake.ControlKey(int16(kmsg.ApiVersions), func(r kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		answer := r.ResponseKind().(*kmsg.ApiVersionsResponse)
		for key := range int16(45) {
			k := kmsg.NewApiVersionsResponseApiKey()
			k.ApiKey, k.MaxVersion = key, 20
			if key == int16(kmsg.JoinGroup) {
				k.MinVersion = 3
			}
			if key != int16(kmsg.SyncGroup) {
				answer.ApiKeys = append(answer.ApiKeys, k)
			}
		}
		return answer, nil, true
	})
	brokers, err := e.client(t).InspectBrokers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"JoinGroup (we send 1 to 2, it takes 3 to 20)", "SyncGroup"}, brokers[0].Lacks)
}

// The versions that brokers are asked for are those that really go over the wire.
func TestBrokersAreAskedForWhatWeSend(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	var mu sync.Mutex
	sent := map[string]bool{}
	e.fake.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		sent[kmsg.NameForKey(r.Key())] = true
		return nil, nil, false
	})
	client := e.client(t)
	name := topic(t, client, 2)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 3}))
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(20, 5)))
	got := newLedger()
	stop := run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	eventually(t, "a heartbeat", func() bool { mu.Lock(); defer mu.Unlock(); return sent["Heartbeat"] })
	_, err := client.InspectGroup(t.Context(), name, name)
	require.NoError(t, err)
	_, err = client.InspectTopics(t.Context(), kafka.Topic{Name: name})
	require.NoError(t, err)
	stop()
	_, err = client.InspectBrokers(t.Context())
	require.NoError(t, err)
	mu.Lock()
	defer mu.Unlock()
	require.ElementsMatch(t, kafka.Sent(), keys(sent))
}

func keys(set map[string]bool) (all []string) {
	for key := range set {
		all = append(all, key)
	}
	return all
}

func TestNobodyAtHomeIsToldInTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never says a word
	require.NoError(t, err)
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	for _, address := range []string{silent.Addr().String(), gone.Addr().String()} {
		client := env{brokers: []string{address}, replication: 1}.client(t)
		began := time.Now()
		_, err := client.InspectBrokers(t.Context())
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		_, err = client.InspectTopics(t.Context(), kafka.Topic{Name: "any"})
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		_, err = client.InspectGroup(t.Context(), "any", "any")
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Less(t, time.Since(began), 25*time.Second)
	}
}

func TestABrokerThatCannotBeReachedWhereItSaysIsNamed(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	e.fake.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		e.fake.KeepControl()
		answer := r.ResponseKind().(*kmsg.MetadataResponse)
		for id, address := range []string{e.brokers[0], gone.Addr().String()} {
			b := kmsg.NewMetadataResponseBroker()
			b.NodeID, b.Host, b.Port = int32(id), "127.0.0.1", int32(portOf(t, address))
			answer.Brokers = append(answer.Brokers, b)
		}
		return answer, nil, true
	})
	brokers, err := e.client(t).InspectBrokers(t.Context())
	require.NoError(t, err)
	require.Len(t, brokers, 2)
	for _, b := range brokers {
		require.Equal(t, b.Address == gone.Addr().String(), b.Err != nil, b.Address)
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	resolved, err := net.ResolveTCPAddr("tcp", address)
	require.NoError(t, err)
	return resolved.Port
}

func TestATopicIsComparedWithTheConfiguration(t *testing.T) {
	t.Parallel()
	e := newFake(t, kfake.NumBrokers(3))
	cfg := e.config()
	cfg.Replication = 3
	client, _ := open(t, cfg)
	name := topicName(t)
	states, err := client.InspectTopics(t.Context(), kafka.Topic{Name: name})
	require.NoError(t, err)
	require.Equal(t, []kafka.TopicState{{Name: name, Want: kafka.TopicWant{Partitions: 6, Replication: 3, MinInsync: 2}}}, states)

	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 4}))
	states, err = client.InspectTopics(t.Context(), kafka.Topic{Name: name, Partitions: 4})
	require.NoError(t, err)
	require.Equal(t, []kafka.TopicState{{
		Name: name, Exists: true, Partitions: 4, Replication: 3, InSync: 3, MinInsync: 2, Retention: (7 * 24 * time.Hour).Milliseconds(),
		Want: kafka.TopicWant{Partitions: 4, Replication: 3, MinInsync: 2},
	}}, states)
}

func TestAGroupIsLookedAt(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 2)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(7, 3)))
	state, err := client.InspectGroup(t.Context(), name, name)
	require.NoError(t, err)
	require.Zero(t, state.Members)
	require.EqualValues(t, 7, state.Lag.Records)

	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	state, err = client.InspectGroup(t.Context(), name, name)
	require.NoError(t, err)
	require.Equal(t, "stable", strings.ToLower(state.State))
	require.Equal(t, 1, state.Members)
	require.Zero(t, state.Lag.Records)
}

func TestAnInstallationLooksAtItsOwnTopicsAndGroups(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	cfg := e.config()
	cfg.Prefix = topicName(t) + "."
	client, _ := open(t, cfg)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: "own", Partitions: 2}))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: "own", Group: "own", Handle: got.handle}, got.park)
	eventually(t, "a member", func() bool {
		state, err := client.InspectGroup(t.Context(), "own", "own")
		return err == nil && state.Members == 1
	})
	states, err := client.InspectTopics(t.Context(), kafka.Topic{Name: "own"})
	require.NoError(t, err)
	require.True(t, states[0].Exists)
	require.Equal(t, "own", states[0].Name)
	require.Equal(t, 2, states[0].Partitions)
	require.Positive(t, states[0].Retention)
}
