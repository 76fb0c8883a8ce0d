package kafka_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
)

const (
	simTopic      = "simulated"
	simPartitions = 4
	simProducers  = 3
	simMembers    = 3
	// simDrain is how long everything may take to be handled once the faults are over.
	simDrain = 2 * time.Minute
	// simAnswer is how long a publish may take, whatever goes on.
	simAnswer = 2 * time.Second
)

// Producers and members of a group work through hours of injected faults, in virtual time and by our real Publish and Run. Faults follow
// from a seed: SIM_SEED=… takes one again, SIM_HOURS=… works longer. Goroutines are not scheduled by it, so a run is like another of
// its seed, not the same.
func TestSimulatedHoursOfFaults(t *testing.T) {
	t.Parallel()
	seed, hours := setting(t, "SIM_SEED", rand.Uint64()>>1), setting(t, "SIM_HOURS", 1)
	t.Logf("SIM_SEED=%d SIM_HOURS=%d", seed, hours)
	begun := time.Now()
	var report string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed)
		w.work(time.Duration(hours) * time.Hour)
		w.check()
		report = w.report()
	})
	t.Logf("%s; took %s", report, time.Since(begun).Round(10*time.Millisecond))
}

func setting(t *testing.T, name string, fallback uint64) uint64 {
	value := os.Getenv(name)
	if value == "" {
		return fallback
	}
	number, err := strconv.ParseUint(value, 10, 63)
	require.NoError(t, err, name)
	return number
}

// world is a cluster with its clients, and all that was seen of them.
type world struct {
	*network
	t        *testing.T
	dir      string
	random   *rand.Rand // of the goroutine that makes the faults
	cluster  *kfake.Cluster
	members  []func() // each stops one
	faults   map[string]int
	baseless atomic.Bool // the database is away

	mu       sync.Mutex
	acked    []string
	slowest  time.Duration // publish
	refused  int           // publishes that failed
	seen     map[string]int
	next     [simPartitions]int64 // the first offset that nobody has handled
	commits  commitJournal
	problems []string
	clients  []*prometheus.Registry
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		network: newNetwork(t), t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 0)),
		faults: map[string]int{}, seen: map[string]int{}, commits: commitJournal{high: map[int32]int64{}},
	}
	w.start()
	t.Cleanup(func() { w.cluster.Close() })
	return w
}

// start starts the broker, on what an earlier one has left.
func (w *world) start() {
	var err error
	w.cluster, err = kfake.NewCluster(kfake.Ports(9092), kfake.DataDir(w.dir), kfake.ListenFn(w.Listen))
	require.NoError(w.t, err)
	w.commits.restarted()
	cluster := w.cluster
	cluster.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		w.commits.note(req.(*kmsg.OffsetCommitRequest))
		return nil, nil, false
	})
}

func (w *world) client() *kafka.Client {
	registry := prometheus.NewRegistry()
	client, err := kafka.New(env{brokers: []string{"127.0.0.1:9092"}, replication: 1}.on(w.network), logger(), registry)
	require.NoError(w.t, err)
	w.clients = append(w.clients, registry)
	return client
}

// work lets producers and members work while faults happen, and then everything be handled in peace.
func (w *world) work(hours time.Duration) {
	ctx, stop := context.WithCancel(context.Background())
	var producing sync.WaitGroup
	client := w.client()
	require.NoError(w.t, client.CreateTopics(ctx, kafka.Topic{Name: simTopic, Partitions: simPartitions}))
	for id := range simProducers {
		producing.Go(func() { w.produce(ctx, client, id) })
	}
	for range simMembers {
		w.join()
	}
	for end := time.Now().Add(hours); time.Now().Before(end); {
		w.calm(5*time.Second, 90*time.Second)
		w.fault()
	}
	stop()
	producing.Wait()
	for len(w.members) < simMembers {
		w.join()
	}
	w.drain(client)
	for len(w.members) > 0 {
		w.part()
	}
	require.NoError(w.t, client.Close(context.Background()))
}

// drain waits until all is handled and committed.
func (w *world) drain(client *kafka.Client) {
	for begun := time.Now(); ; time.Sleep(time.Second) {
		lag, err := client.Lag(context.Background(), simTopic, simTopic)
		if err == nil && lag.Records == 0 {
			return
		}
		if time.Since(begun) > simDrain {
			w.problem("after %s there are still %d records to handle: %v", simDrain, lag.Records, err)
			return
		}
	}
}

// produce publishes small batches, each again until it is stored.
func (w *world) produce(ctx context.Context, client *kafka.Client, id int) {
	random := rand.New(rand.NewPCG(uint64(id), 1))
	for number := 0; ctx.Err() == nil; number++ {
		batch := make([]event.Envelope, 1+random.IntN(20))
		for i := range batch {
			batch[i] = fact(fmt.Sprintf("%d-%d-%d", id, number, i), fmt.Sprintf("key-%d", random.IntN(50)))
		}
		for !w.publish(client, batch) && ctx.Err() == nil {
			time.Sleep(time.Second)
		}
		time.Sleep(rand.N(10 * time.Second))
	}
}

func (w *world) publish(client *kafka.Client, batch []event.Envelope) bool {
	begun := time.Now()
	err := client.Topic(simTopic).Publish(context.Background(), batch)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slowest = max(w.slowest, time.Since(begun))
	if err != nil {
		w.refused++
		return false
	}
	for _, fact := range batch {
		w.acked = append(w.acked, fact.ID)
	}
	return true
}

// join starts a member of the group, with a client of its own as a process would have.
func (w *world) join() {
	client := w.client()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- client.Run(ctx, kafka.Stage{Topic: simTopic, Group: simTopic, MaxBatch: 50, Handle: w.handle}, w.park)
	}()
	w.members = append(w.members, func() {
		cancel()
		if err := <-ended; err != nil {
			w.problem("a member ended with: %v", err)
		}
		if err := client.Close(context.Background()); err != nil {
			w.problem("a member's client: %v", err)
		}
	})
}

// part stops the member that has been there for longest.
func (w *world) part() {
	stop := w.members[0]
	w.members = w.members[1:]
	stop()
}

// handle is the stage's handler: a store in memory, which may be away.
func (w *world) handle(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
	if w.baseless.Load() {
		return nil, fmt.Errorf("the database is away")
	}
	time.Sleep(rand.N(20 * time.Millisecond))
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, record := range batch {
		w.seen[record.ID]++
		switch next := &w.next[record.Partition]; {
		case record.Offset > *next:
			w.problems = append(w.problems, fmt.Sprintf("partition %d: offset %d is handled before %d", record.Partition, record.Offset, *next))
		case record.Offset == *next:
			*next++
		}
	}
	return nil, nil
}

func (w *world) park(_ context.Context, bad []kafka.Parked) error {
	w.problem("parked: %v", bad[0].Err)
	return nil
}

func (w *world) problem(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

// check asserts what must hold after any faults.
func (w *world) check() {
	require.Empty(w.t, w.problems)
	require.Empty(w.t, w.commits.lower, "commits that moved backwards")
	require.NotEmpty(w.t, w.acked)
	for _, id := range w.acked {
		require.Positive(w.t, w.seen[id], "%s is acknowledged and was never handled", id)
	}
	require.LessOrEqual(w.t, w.slowest, simAnswer, "the slowest publish")
	for _, registry := range w.clients {
		require.Zero(w.t, metric(w.t, registry, "alataw_kafka_stalled_total"), "no consumer was ill")
	}
}

func (w *world) report() string {
	handled, again := 0, 0
	for _, times := range w.seen {
		handled, again = handled+1, again+times-1
	}
	return fmt.Sprintf("%d facts acknowledged, %d handled, %d handled again, %d publishes refused, slowest %s, %d commits, %d clients, faults %v",
		len(w.acked), handled, again, w.refused, w.slowest, w.commits.number, len(w.clients), w.faults)
}

// commitJournal watches what the group is asked to commit.
type commitJournal struct {
	mu         sync.Mutex
	generation int32
	high       map[int32]int64
	lower      []string
	number     int
}

// restarted notes that the broker counts generations anew.
func (j *commitJournal) restarted() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.generation = 0
}

// note takes a commit. One of an older generation comes to nothing: the broker refuses it.
func (j *commitJournal) note(req *kmsg.OffsetCommitRequest) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if req.Generation < j.generation {
		return
	}
	j.generation = req.Generation
	for _, topic := range req.Topics {
		for _, p := range topic.Partitions {
			if j.number++; p.Offset < j.high[p.Partition] {
				j.lower = append(j.lower, fmt.Sprintf("partition %d: from %d to %d", p.Partition, j.high[p.Partition], p.Offset))
			}
			j.high[p.Partition] = max(j.high[p.Partition], p.Offset)
		}
	}
}
