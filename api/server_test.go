package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/postgres/postgrestest"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// The accounts beside one of each role.
const (
	secondPlatform account.Role = "platform-2"
	secondOfficer  account.Role = "officer-2"
	otherCarrier   account.Role = "carrier-2" // of another route
	nobody         account.Role = "nobody"    // a key that nobody issued
)

// house is the door over a real socket, in front of a real database and a real broker.
type house struct {
	url        string
	keys       map[account.Role]string
	accounts   map[account.Role]account.Account
	broker     *embedded.Broker
	queue      *tap
	log        *lockedBuffer
	store      *postgres.Store
	screener   *screening.Screener
	bundler    *consignment.Bundler
	dispatcher *consignment.Dispatcher
	screened   int            // facts of the tap already screened
	bundled    event.Position // decisions already bundled
	registry   *prometheus.Registry
	closing    chan struct{}
	clock      *clock
}

// clock is the time, which a test may put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// tap is the queue, with what went in noted on the way.
type tap struct {
	parcel.Queue
	mu     sync.Mutex
	facts  []event.Envelope
	before func(call int) // when it is set, called before each publishing
	calls  int
}

// Publish publishes, and notes what is durable.
func (q *tap) Publish(ctx context.Context, facts []event.Envelope) error {
	q.mu.Lock()
	q.calls++
	if q.before != nil {
		q.before(q.calls)
	}
	q.mu.Unlock()
	err := q.Queue.Publish(ctx, facts)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		q.facts = append(q.facts, facts...)
	}
	return err
}

func (q *tap) taken() []event.Envelope {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]event.Envelope(nil), q.facts...)
}

// declared gives the orders in the queue.
func (q *tap) declared(t testing.TB) (all []parcel.Declared) {
	t.Helper()
	for _, fact := range q.taken() {
		declared, err := parcel.OpenDeclared(fact)
		require.NoError(t, err)
		all = append(all, declared...)
	}
	return all
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

const topic = "parcel.declared"

// newHouse builds the house. Every test has its own database and broker.
func newHouse(t testing.TB, change ...func(*api.Deps, *api.Config)) *house {
	t.Helper()
	h := &house{log: &lockedBuffer{}, registry: prometheus.NewRegistry(), closing: make(chan struct{}), clock: &clock{}}
	h.openDatabase(t)
	h.openQueue(t)
	log := slog.New(slog.NewJSONHandler(h.log, nil))
	deps := api.Deps{
		Intake: parcel.NewIntake(h.queue, h.clock.now), Desk: review.NewDesk(h.store, h.clock.now), Dispatcher: h.dispatcher, Rules: ruleset.NewDesk(h.store, h.clock.now), RuleSets: h.store,
		Keys: h.addAccounts(t, log), Parcels: h.store, Receipts: h.store, Reviews: h.store, Consignments: h.store, Lists: h.store, Rates: h.store, Pulse: h.beat(t),
		Checks: []api.Check{{Name: "database", Needed: true, Ask: h.store.Ping}}, Closing: h.closing,
		Metrics: h.registry, Log: log, Now: h.clock.now,
	}
	var cfg api.Config
	for _, c := range change {
		c(&deps, &cfg)
	}
	door := httptest.NewServer(api.New(deps, cfg))
	t.Cleanup(door.Close)
	h.url = door.URL
	return h
}

func (h *house) openDatabase(t testing.TB) {
	url := postgrestest.Open(t, func(ctx context.Context, url string) error {
		_, err := postgres.Migrate(ctx, url)
		return err
	})
	var err error
	h.store, err = postgres.Open(t.Context(), postgres.Config{URL: url, MaxConnections: 8, Timeout: 10 * time.Second}, time.Now)
	require.NoError(t, err)
	t.Cleanup(h.store.Close)
	rules := screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 20}, screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex([]watchlist.List{{
		Source: "custom", Version: "1", Entries: []watchlist.Entry{{List: "custom", ID: "1", Name: "Boris Badenov", Kind: watchlist.Individual, Primary: true}},
	}})})
	h.screener = screening.NewScreener(func() *screening.Rules { return rules }, h.store)
	h.bundler = consignment.NewBundler(h.store, h.clock.now)
	h.dispatcher = consignment.NewDispatcher(h.store, h.store, h.clock.now)
}

func (h *house) openQueue(t testing.TB) {
	var err error
	h.broker, err = embedded.StartBroker(embedded.BrokerConfig{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.broker.Close() }) // a test may have closed it
	client, err := kafka.New(kafka.Config{Brokers: []string{h.broker.Addr()}, Replication: 1, WriteTimeout: time.Second}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = client.Close(ctx) // with the broker gone there may be nothing to close
	})
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: topic, Partitions: 1}))
	h.queue = &tap{Queue: client.Topic(topic)}
}

func (h *house) addAccounts(t testing.TB, log *slog.Logger) *postgres.Keyring {
	h.keys, h.accounts = map[account.Role]string{}, map[account.Role]account.Account{}
	for _, a := range []account.Account{
		{Name: string(account.Platform), Role: account.Platform}, {Name: string(secondPlatform), Role: account.Platform},
		{Name: string(account.Carrier), Role: account.Carrier, Routes: []string{"CN-EU"}}, {Name: string(otherCarrier), Role: account.Carrier, Routes: []string{"CN-KZ"}},
		{Name: string(account.Officer), Role: account.Officer}, {Name: string(secondOfficer), Role: account.Officer},
		{Name: string(account.Admin), Role: account.Admin},
	} {
		made, err := h.store.CreateAccount(t.Context(), a)
		require.NoError(t, err)
		key := account.NewKey()
		require.NoError(t, h.store.AddKey(t.Context(), made.ID, account.Hash(key), account.Hint(key)))
		h.keys[account.Role(a.Name)], h.accounts[account.Role(a.Name)] = key, made
	}
	h.keys[nobody] = account.NewKey()
	ring := postgres.NewKeyring(h.store, log)
	require.NoError(t, ring.Load(t.Context()))
	return ring
}

// beat runs the pulse until the test ends.
func (h *house) beat(t testing.TB) *postgres.Pulse {
	pulse := postgres.NewPulse(h.store)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = pulse.Run(ctx) }) // it ends with its context
	t.Cleanup(func() { cancel(); running.Wait() })
	return pulse
}

// settle takes what was declared through screening and bundling.
func (h *house) settle(t testing.TB) {
	t.Helper()
	declared := h.queue.declared(t)
	batch := declared[h.screened:]
	h.screened = len(declared)
	tally, err := h.screener.Screen(t.Context(), batch)
	require.NoError(t, err)
	h.bundle(t, tally.Judged-tally.Held)
}

// bundle waits for so many parcels to be cleared and loads them. A fact can be read when every transaction before it has ended,
// those of other tests included.
func (h *house) bundle(t testing.TB, cleared int) {
	t.Helper()
	loaded := 0
	require.Eventually(t, func() bool {
		decisions, next, err := h.store.DecidedAfter(t.Context(), h.bundled, 10_000)
		require.NoError(t, err)
		h.bundled = next
		for _, decided := range decisions {
			_, err = h.bundler.Bundle(t.Context(), decided.Parcels)
			require.NoError(t, err)
			for _, d := range decided.Parcels {
				if d.Kind == parcel.KindCleared {
					loaded++
				}
			}
		}
		return loaded >= cleared
	}, 20*time.Second, 5*time.Millisecond)
}
