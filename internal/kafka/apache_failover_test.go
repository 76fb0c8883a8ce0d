//go:build apache

package kafka_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	segment "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// Three brokers keep every record three times and acknowledge it from two on. Under load one is killed and comes back,
// another is restarted, leaders are moved by hand, consumers come and go: what was acknowledged is handled, its effect is
// there once, and no offset moves backwards. The log tells in figures how it was from outside.
func TestThreeBrokersOfWhichOneIsKilled(t *testing.T) {
	t.Parallel()
	cluster := apachetest.Start(t, apachetest.Options{Brokers: 3})
	e := env{brokers: cluster.Brokers(), replication: 3}
	client := e.client(t)
	name := topic(t, client, 6)
	l := &lasting{t: t, cluster: cluster, topic: name, admin: newAdmin(t, e), log: newFailoverLog(), seen: newSightings()}
	stage := kafka.Stage{Topic: name, Group: name, MaxBatch: 100, Handle: l.handle}
	first := run(t, e.client(t), stage, newLedger().park)
	run(t, e.client(t), stage, newLedger().park)
	watched := l.watchOffsets(client)
	published := l.publish(client, 2)

	l.phase("brokers just started", func() {})
	l.phase("steady", func() {})
	killed := l.leader(0)
	l.phase("kill -9 of a leader", func() { cluster.Kill(t, killed) })
	l.phase("a consumer more", func() { run(t, e.client(t), stage, newLedger().park) })
	l.phase("the killed one back", func() {
		cluster.Restart(t, killed)
		l.awaitReplicas()
	})
	l.phase("a consumer fewer", first)
	stopped := l.leader(1)
	l.phase("SIGTERM of a leader", func() { cluster.Stop(t, stopped) })
	l.phase("the stopped one back", func() {
		cluster.Restart(t, stopped)
		l.awaitReplicas()
	})
	l.phase("leaders moved by hand", l.moveLeaders)

	acknowledged := published()
	l.settle(client, acknowledged)
	watched()
	l.report()
}

// lasting is a load that lasts while things happen to the cluster.
type lasting struct {
	t       *testing.T
	cluster *apachetest.Cluster
	topic   string
	admin   *segment.Client
	log     *failoverLog
	seen    *sightings
}

// phase makes something happen, and lasts until the load has gone on for a while after it.
func (l *lasting) phase(what string, happen func()) {
	l.t.Helper()
	l.log.begin(what)
	happen()
	const more = 400
	published, handled := l.log.totals()
	eventually(l.t, what+": the load goes on", func() bool {
		p, h := l.log.totals()
		return p >= published+more && h >= handled+more
	})
}

// publish posts batches as platforms do, each again until it is acknowledged. The answer gives what was.
func (l *lasting) publish(client *kafka.Client, publishers int) (stop func() map[string]bool) {
	ctx, cancel := context.WithCancel(context.Background())
	var publishing sync.WaitGroup
	acknowledged := make([]map[string]bool, publishers)
	for number := range publishers {
		acknowledged[number] = map[string]bool{}
		publishing.Go(func() {
			for batch := 0; ctx.Err() == nil; batch++ {
				facts := l.batch(number, batch)
				for client.Topic(l.topic).Publish(context.Background(), facts) != nil {
					l.log.refused()
				}
				l.log.acknowledged(len(facts))
				for _, f := range facts {
					acknowledged[number][f.ID] = true
				}
			}
		})
	}
	stop = sync.OnceValue(func() map[string]bool {
		cancel()
		publishing.Wait()
		all := map[string]bool{}
		for _, some := range acknowledged {
			maps.Copy(all, some)
		}
		return all
	})
	l.t.Cleanup(func() { stop() })
	return stop
}

func (l *lasting) batch(publisher, number int) []event.Envelope {
	all := make([]event.Envelope, 20)
	for i := range all {
		id := fmt.Sprintf("%d-%d-%d", publisher, number, i)
		all[i] = fact(id, id)
	}
	return all
}

func (l *lasting) handle(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
	l.seen.note(batch)
	l.log.handled(len(batch))
	return nil, nil
}

// settle waits until every acknowledged record has had its effect, and holds what was seen against what was promised.
func (l *lasting) settle(client *kafka.Client, acknowledged map[string]bool) {
	l.t.Helper()
	eventually(l.t, "every acknowledged record is handled", func() bool { return l.seen.missing(acknowledged) == 0 })
	caughtUp(l.t, client, l.topic, l.topic)
	require.Greater(l.t, len(acknowledged), 8*400)
	for id, effects := range l.seen.effects {
		require.Equal(l.t, 1, effects, id)
	}
}

// watchOffsets looks from outside that the group's offsets only grow, until it is told to stop.
func (l *lasting) watchOffsets(client *kafka.Client) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	type step struct{ from, to int64 }
	ended, looks := make(chan []step, 1), 0
	go func() {
		next, backwards := map[int]int64{}, []step(nil)
		for ctx.Err() == nil {
			lag, err := client.Lag(ctx, l.topic, l.topic)
			if err != nil {
				continue // nobody answers for the group now
			}
			looks++
			for _, p := range lag.Partitions {
				if p.Next < next[p.Partition] {
					backwards = append(backwards, step{next[p.Partition], p.Next})
				}
				next[p.Partition] = p.Next
			}
		}
		ended <- backwards
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		require.Empty(l.t, <-ended, "offsets moved backwards")
		require.Greater(l.t, looks, 10)
	})
	l.t.Cleanup(stop)
	return stop
}

func (l *lasting) partitions() []segment.Partition {
	answer, err := l.admin.Metadata(l.t.Context(), &segment.MetadataRequest{Topics: []string{l.topic}})
	if err != nil || len(answer.Topics) != 1 {
		return nil
	}
	return answer.Topics[0].Partitions
}

func (l *lasting) leader(partition int) (id int) {
	eventually(l.t, "a leader", func() bool {
		for _, p := range l.partitions() {
			if p.ID == partition && p.Error == nil {
				id = p.Leader.ID
			}
		}
		return slices.Contains(l.cluster.Alive(), id)
	})
	return id
}

// awaitReplicas waits until every partition has all its copies in step.
func (l *lasting) awaitReplicas() {
	eventually(l.t, "all copies in step", func() bool {
		all := l.partitions()
		return len(all) == 6 && !slices.ContainsFunc(all, func(p segment.Partition) bool { return len(p.Isr) != 3 })
	})
}

// moveLeaders puts each partition's next replica first, and asks for the first to lead.
func (l *lasting) moveLeaders() {
	before := map[int]int{}
	var moves []segment.AlterPartitionReassignmentsRequestAssignment
	for _, p := range l.partitions() {
		before[p.ID] = p.Leader.ID
		next := p.Leader.ID%3 + 1
		moves = append(moves, segment.AlterPartitionReassignmentsRequestAssignment{PartitionID: p.ID, BrokerIDs: []int{next, next%3 + 1, (next+1)%3 + 1}})
	}
	require.Len(l.t, moves, 6)
	_, err := l.admin.AlterPartitionReassignments(l.t.Context(), &segment.AlterPartitionReassignmentsRequest{
		Topic: l.topic, Assignments: moves, Timeout: 5 * time.Second,
	})
	require.NoError(l.t, err)
	require.Eventually(l.t, func() bool {
		// What it could not do it says again the next time.
		_, _ = l.admin.ElectLeaders(l.t.Context(), &segment.ElectLeadersRequest{
			Topic: l.topic, Partitions: []int{0, 1, 2, 3, 4, 5}, Timeout: 5 * time.Second,
		})
		all := l.partitions()
		return len(all) == 6 && !slices.ContainsFunc(all, func(p segment.Partition) bool { return p.Leader.ID != before[p.ID]%3+1 })
	}, patience, time.Second, "every partition led by the next")
}

func newAdmin(t *testing.T, e env) *segment.Client {
	transport := &segment.Transport{MetadataTTL: 100 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	return &segment.Client{Addr: segment.TCP(e.brokers...), Transport: transport, Timeout: 10 * time.Second}
}

func (l *lasting) report() {
	l.t.Helper()
	wire, again := l.seen.doubled()
	l.t.Logf("failover log: %s\nrecords doubled on the wire %d, handed over again %d, effects doubled 0", l.log, wire, again)
}
