package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
)

// lasting makes a pool's source that ends after a time.
func lasting(d time.Duration) func() bool {
	until := time.Now().Add(d)
	return func() bool { return time.Now().Before(until) }
}

// intakeAndSingle measures the door with nothing behind it: batches, and single orders.
func (r *benchRun) intakeAndSingle(ctx context.Context, s *stand) error {
	if r.wants(partIntake) {
		if err := r.intake(ctx, s); err != nil {
			return err
		}
	}
	if r.wants(partSingle) {
		return r.singleFlatOut(ctx, s)
	}
	return nil
}

func (r *benchRun) intake(ctx context.Context, s *stand) error {
	r.say("intake alone for %s", r.brief())
	before := s.meter.Read()
	report, err := load.Run(ctx, s.posting(r), r.pool.Orders(lasting(r.brief())))
	if err != nil {
		return err
	}
	used := s.meter.Read().Since(before)
	produced, err := r.bareProduce(ctx, s, r.brief())
	if err != nil {
		return err
	}
	f := bench.Figure{Part: partIntake, Name: fmt.Sprintf("batches of %d, nothing behind the door", r.cmd.Batch), Value: report.Rate, Unit: "orders/s", Aim: "≥ 100,000"}
	f.Comments = []string{fmt.Sprintf("a batch's POST took p50 %s, p99 %s", report.Latency.P50, report.Latency.P99)}
	r.add(f.At(used, report.Posted).Against("bare produce of the same bytes", produced))
	return nil
}

// bareProduce publishes orders as intake does, in the same shape and with the same acknowledgement, without reading them: orders a second.
func (r *benchRun) bareProduce(ctx context.Context, s *stand, lasts time.Duration) (rate float64, err error) {
	queue, log, err := s.queue(ctx, r.dir, bareTopic)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	defer func() { err = errors.Join(err, queue.Close(context.WithoutCancel(ctx))) }()
	r.say("bare produce for %s", lasts)
	began, more := time.Now(), lasting(lasts)
	var published, named atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range r.cmd.Workers {
		group.Go(func() error {
			for orders := r.pool.Orders(more); ; {
				facts, n, end := bareFacts(orders, &named, r.cmd.Batch)
				if err := queue.Topic(bareTopic).Publish(ctx, facts); err != nil {
					return err
				}
				published.Add(int64(n))
				if errors.Is(end, io.EOF) {
					return nil
				}
				if end != nil {
					return end
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("bare produce: %w", err)
	}
	return float64(published.Load()) / time.Since(began).Seconds(), nil
}

const bareTopic = "bench.bare"

// bareFacts packs a batch of orders as the door would, and tells how many they are.
func bareFacts(orders load.Source, named *atomic.Int64, size int) (facts []event.Envelope, n int, err error) {
	batch := make([]parcel.Order, 0, size)
	for len(batch) < size {
		var order []byte
		if order, err = orders.Next(); err != nil {
			break
		}
		batch = append(batch, parcel.Order{ID: parcel.DeriveID(1, fmt.Sprint(named.Add(1))), Document: bytes.Clone(order)})
	}
	return parcel.DeclaredEnvelopes(1, fmt.Sprint(named.Load()), time.Now(), batch), len(batch), err
}
