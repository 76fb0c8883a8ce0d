package app

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// house is the service, built: every part, connected.
type house struct {
	cfg        *Config
	log        *slog.Logger
	reg        *prometheus.Registry
	metrics    *pipelineMetrics
	gauges     *journeyGauges
	rescreened *rescreenMetrics
	lanes      *laneMetrics
	now        func() time.Time
	tracing    *tracing

	queue *kafka.Client
	store *postgres.Store

	keyring     *postgres.Keyring
	pulse       *postgres.Pulse
	rules       atomic.Pointer[screening.Rules]
	book        *rulebook
	ratesWarned struct { // belongs to whoever refreshes the rules
		version string
		at      time.Time
	}
	shadower   *ruleset.Shadower
	lagging    atomic.Bool // screening is behind: what can wait does
	screener   *screening.Screener
	bundler    *consignment.Bundler
	dispatcher *consignment.Dispatcher
	keeper     *consignment.Keeper
	backlog    atomic.Pointer[fault.Error] // why intake refuses now; nil: it does not
	batch      int                         // parcels screened in one transaction
	desks      *semaphore.Weighted         // of screening: batches judged at once
}

// build connects the parts on a ground. It starts nothing.
func build(ctx context.Context, cfg *Config, g *ground, log *slog.Logger) (*house, error) {
	h := &house{
		cfg: cfg, log: log, reg: newRegistry(), now: time.Now, desks: semaphore.NewWeighted(int64(max(2, runtime.GOMAXPROCS(0)))),
	}
	h.metrics, h.gauges = newPipelineMetrics(h.reg), newJourneyGauges(h.reg)
	h.rescreened = newRescreenMetrics(h.reg)
	h.lanes = newLaneMetrics(h.reg)
	serveBuild(h.reg)
	h.serveRefusing()
	var err error
	if h.tracing, err = newTracing(ctx, log, h.reg); err != nil {
		return nil, err
	}
	if h.queue, err = kafka.New(g.queue, log, h.reg); err != nil {
		return nil, err
	}
	if h.store, err = postgres.Open(ctx, g.database, h.now); err != nil {
		return nil, err
	}
	servePool(h.reg, h.store.PoolState)
	h.keyring = postgres.NewKeyring(h.store, log)
	h.pulse = postgres.NewPulse(h.store)
	h.book = &rulebook{store: h.store, office: cfg.Office, log: log}
	h.shadower = ruleset.NewShadower(h.store, h.rules.Load, h.book.shadows, h.behind, h.now, log)
	h.screener = screening.NewScreener(h.rules.Load, h.store)
	h.screener.Tell(h.shadower.Shadow)
	h.bundler = consignment.NewBundler(h.store, h.now)
	h.dispatcher = consignment.NewDispatcher(h.store, h.store, h.now)
	h.keeper = consignment.NewKeeper(h.store, h.store, h.now)
	return h, nil
}

// door builds the HTTP door. closing is closed when the process begins to stop.
func (h *house) door(closing <-chan struct{}) http.Handler {
	return api.New(api.Deps{
		Intake:     parcel.NewIntake(h.queue.Topic(topicDeclared), h.now),
		Desk:       review.NewDesk(h.store, h.now),
		Dispatcher: h.dispatcher, Rules: ruleset.NewDesk(h.store, h.now), RuleSets: h.store,
		Keys: h.keyring, Parcels: h.store, Receipts: h.store, Reviews: h.store, Consignments: h.store, Lists: h.store, Rates: h.store, Pulse: h.pulse,
		HealthOnly: !h.cfg.has(roleAPI), Checks: h.checks(), Backlog: h.refusing, Closing: closing,
		Metrics: h.reg, Log: h.log, Now: h.now, Tracer: h.tracing.tracer(),
	}, h.cfg.API)
}

// checks are what /readyz asks. The door does its job without the database: orders are taken and queued, and screened when it is back.
func (h *house) checks() []api.Check {
	return []api.Check{
		{Name: "queue", Needed: true, Ask: h.queue.Ping},
		{Name: "database", Needed: !h.cfg.has(roleAPI), Ask: h.store.Ping},
	}
}

// refusing tells why intake refuses orders now.
func (h *house) refusing() error {
	if f := h.backlog.Load(); f != nil {
		return f
	}
	return nil
}

const (
	watchEvery = time.Second
	fullRetry  = 5 * time.Second

	laggingRecords = 2 * screeningRecords
)

// behind tells that screening has more to do than it does in a second or so.
func (h *house) behind() bool { return h.lagging.Load() }

// watchBacklog measures how far the stages are behind, and closes the door while that is over the limit.
func (h *house) watchBacklog(ctx context.Context) error {
	for ctx.Err() == nil {
		declared, err := h.queue.Lag(ctx, topicDeclared, h.screeningStage().Group)
		if err == nil {
			h.backlog.Store(overflow(declared.Records, h.cfg.Kafka.MaxLag))
			h.lagging.Store(declared.Records > laggingRecords)
			_, err = h.queue.Lag(ctx, topicDecided, h.bundlingStage().Group)
		}
		switch {
		case err == nil:
			h.gauges.measured.WithLabelValues("queue").SetToCurrentTime()
		case ctx.Err() == nil:
			h.log.DebugContext(ctx, "lag not measured", "error", err.Error())
		}
		wait(ctx, watchEvery)
	}
	return nil
}

func overflow(lag, most int64) *fault.Error {
	if most <= 0 || lag <= most {
		return nil
	}
	f := fault.New(fault.Unavailable, "queue_full", "%d orders wait to be screened, more than is taken; try again later", lag)
	f.RetryAfter = fullRetry
	return f
}

// close ends all connections, each within ctx.
func (h *house) close(ctx context.Context) error {
	err := h.queue.Close(ctx)
	h.store.Close()
	h.tracing.close(ctx)
	return err
}
