package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/failpoint"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
)

// The pipeline on one page. An order's journey, one durable write for each hop:
//
//	POST /v1/parcels ── parcel.Intake ──▶ parcel.declared ── screening ──▶ database (parcel, verdict, case, fact)
//	                                                                           │
//	database (consignment, loads, facts) ◀── bundling ── parcel.decided ◀── relay
//	     │
//	     └── dispatch, 7×24: seal, release ──▶ database (facts) ──▶ the feeds
//
// An officer's decision is a fact like a verdict, and takes the same way from there.
const (
	topicDeclared = "parcel.declared" // keyed by slots of parcels: what is declared first counts
	topicDecided  = "parcel.decided"  // keyed by route: one writer for each route's units
)

// sizeBatches fits screening's batches to the database's table of locks: each parcel of a batch locks its address, every
// partition may have a batch under way, and half the table is left to others. PostgreSQL's defaults give 533 on 6 partitions.
func (h *house) sizeBatches(ctx context.Context) error {
	locks, err := h.store.LockCapacity(ctx)
	if err != nil {
		return err
	}
	h.batch = min(screeningBatch, max(1, locks/2/h.cfg.Kafka.WithDefaults().Partitions))
	return nil
}

const (
	screeningBatch   = 1000 // parcels in a transaction
	screeningRecords = 500  // records handed over at once; each has the orders of one post that share a slot
)

// bundlingBatch counts records, each with the parcels of a route that one screening batch cleared. One writer loads a whole
// route, and a batch costs it a dozen round trips, whatever its size.
const bundlingBatch = 32

func topics() []kafka.Topic { return []kafka.Topic{{Name: topicDeclared}, {Name: topicDecided}} }

// The consumer groups, one for each stage.
const (
	groupScreening = "screening"
	groupBundling  = "bundling"
)

func (h *house) screeningStage() kafka.Stage {
	return kafka.Stage{Topic: topicDeclared, Group: groupScreening, MaxBatch: screeningRecords, Handle: stage(parcel.OpenDeclared, h.screen), Tracer: h.tracing.tracer()}
}

func (h *house) bundlingStage() kafka.Stage {
	return kafka.Stage{Topic: topicDecided, Group: groupBundling, MaxBatch: bundlingBatch, Handle: stage(parcel.OpenDecided, h.bundle), Tracer: h.tracing.tracer()}
}

// screen takes what a batch of records declared through screening, as many parcels in a transaction as sizeBatches found good.
func (h *house) screen(ctx context.Context, declared []parcel.Declared) error {
	for batch := range slices.Chunk(declared, h.batch) {
		if err := h.screenBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) screenBatch(ctx context.Context, batch []parcel.Declared) error {
	// More at once than processors only wait for each other, and for the same addresses.
	if err := h.desks.Acquire(ctx, 1); err != nil {
		return err
	}
	tally, err := h.screener.Screen(ctx, batch)
	h.desks.Release(1)
	if err != nil {
		return err
	}
	h.observeVerdicts(ctx, batch)
	h.metrics.screened.WithLabelValues("cleared").Add(float64(tally.Judged - tally.Held))
	h.metrics.screened.WithLabelValues("held").Add(float64(tally.Held))
	h.metrics.screened.WithLabelValues("repeated").Add(float64(tally.Repeated))
	h.metrics.screened.WithLabelValues("conflict").Add(float64(tally.Conflicts))
	return nil
}

// observeVerdicts notes how long each order of a batch waited for its verdict, which is stored now. The first, which waited
// longest, is the example.
func (h *house) observeVerdicts(ctx context.Context, batch []parcel.Declared) {
	stored := h.now()
	observe(ctx, h.metrics.verdicts, stored.Sub(batch[0].ReceivedAt).Seconds())
	for i := range batch[1:] {
		h.metrics.verdicts.Observe(stored.Sub(batch[1+i].ReceivedAt).Seconds())
	}
}

func (h *house) bundle(ctx context.Context, batch []parcel.Decided) error {
	tally, err := h.bundler.Bundle(ctx, batch)
	if err != nil {
		return err
	}
	h.metrics.bundled.WithLabelValues("bundled").Add(float64(tally.Bundled))
	h.metrics.bundled.WithLabelValues("unrouted").Add(float64(tally.Unrouted))
	h.metrics.bundled.WithLabelValues("passed").Add(float64(tally.Passed))
	h.metrics.units.WithLabelValues("opened").Add(float64(tally.Units))
	return nil
}

func (h *house) dispatched(report consignment.Report) {
	h.metrics.units.WithLabelValues("sealed").Add(float64(report.Sealed))
	h.metrics.units.WithLabelValues("released").Add(float64(report.Released))
}

// stage opens the facts of a batch's records and hands them to a step of the journey. A record that cannot be opened is parked
// with its fault; what could be read of it goes on.
func stage[T any](open func(event.Envelope) ([]T, error), handle func(context.Context, []T) error) func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
	return func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		var facts []T
		var bad []kafka.Parked
		for _, record := range batch {
			opened, err := open(record.Envelope)
			if err != nil {
				bad = append(bad, kafka.Parked{Record: record, Err: err})
			}
			facts = append(facts, opened...)
		}
		if len(facts) == 0 {
			return bad, nil
		}
		if len(batch) > 1 || len(facts) == 1 {
			return bad, handle(ctx, facts)
		}
		atFault, err := oneByOne(ctx, facts, handle)
		if atFault != nil {
			bad = append(bad, kafka.Parked{Record: batch[0], Err: atFault})
		}
		return bad, err
	}
}

// oneByOne hands over the facts of a single record; when one of them is at fault, each of them, so that the others go on.
// Replaying the record later does nothing twice.
func oneByOne[T any](ctx context.Context, facts []T, handle func(context.Context, []T) error) (atFault, err error) {
	if err := kafka.Guard(func() error { return handle(ctx, facts) }); !kafka.AtFault(err) {
		return nil, err
	}
	for i := range facts {
		switch err := kafka.Guard(func() error { return handle(ctx, facts[i:i+1]) }); {
		case kafka.AtFault(err):
			atFault = err
		case err != nil:
			return nil, err
		}
	}
	return atFault, nil
}

// park stores what a stage could not handle.
func (h *house) park(ctx context.Context, bad []kafka.Parked) error {
	records := make([]postgres.Parked, len(bad))
	for i, b := range bad {
		code, detail := fault.Describe(b.Err)
		records[i] = postgres.Parked{
			Topic: b.Record.Topic, Partition: b.Record.Partition, Offset: b.Record.Offset,
			Key: b.Record.Key, Value: b.Record.Data, Headers: b.Record.Headers, Code: code, Detail: detail,
		}
	}
	return h.store.Park(ctx, records)
}

// The relay carries decisions from the log of facts to the queue, in order. One process leads at a time; a crash between
// publishing and saving the position publishes again, which bundling passes over.
const (
	relayName  = "relay"
	relayBatch = 16 // facts, each about the parcels of a screening batch
	relayIdle  = 20 * time.Millisecond
	relayRetry = time.Second
)

func (h *house) relay(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := h.store.Lead(ctx, relayName, h.carry); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "relay stopped, trying again", "error", err.Error())
		}
		wait(ctx, relayRetry)
	}
	return nil
}

// carry relays until ctx ends or something fails.
func (h *house) carry(ctx context.Context) error {
	h.metrics.leads.Set(1)
	defer h.metrics.leads.Set(0)
	at, err := h.store.Position(ctx, relayName)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		decisions, next, err := h.store.DecidedAfter(ctx, at, relayBatch)
		if err != nil {
			return err
		}
		if next == at {
			wait(ctx, relayIdle)
			continue
		}
		if err := h.relaying(ctx, func(ctx context.Context) error { return h.publishDecided(ctx, decisions) }); err != nil {
			if fault.KindOf(err) != fault.Unavailable {
				return err
			}
			h.log.WarnContext(ctx, "queue does not take decisions, trying again", "error", err.Error())
			wait(ctx, relayRetry)
			continue
		}
		failpoint.Reach(failpoint.RelayPublished)
		if err := h.store.SavePosition(ctx, relayName, next); err != nil {
			return err
		}
		for _, d := range decisions {
			h.metrics.relayed.Add(float64(len(d.Parcels)))
		}
		at = next
	}
	return nil
}

func (h *house) publishDecided(ctx context.Context, decisions []postgres.Decisions) error {
	var facts []event.Envelope
	for _, d := range decisions {
		byRoute := map[string][]parcel.Decided{}
		for _, decided := range d.Parcels {
			key := h.bundler.RouteOf(ctx, decided.Destination)
			if key == "" {
				key = "to " + decided.Destination
			}
			byRoute[key] = append(byRoute[key], decided)
		}
		for _, key := range slices.Sorted(maps.Keys(byRoute)) {
			facts = append(facts, parcel.DecidedEnvelope(d.Position.String()+" "+key, key, byRoute[key]))
		}
	}
	if err := h.queue.Topic(topicDecided).Publish(ctx, facts); err != nil {
		return fmt.Errorf("relay decided parcels: %w", err)
	}
	return nil
}

// wait returns after d or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
