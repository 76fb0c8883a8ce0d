package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
)

// Single orders are posted by so many clients at once: flat out each waits for its answer, by the clock whoever is free posts.
const (
	singleClients = 32
	clockClients  = 256
	singleOffered = 1000 // orders a second
)

// singleFlatOut measures single orders with nothing behind the door, beside the bare door.
func (r *benchRun) singleFlatOut(ctx context.Context, s *stand) error {
	cfg := s.posting(r)
	cfg.Single, cfg.Workers = true, singleClients
	r.say("single orders flat out for %s", r.brief())
	before := s.meter.Read()
	report, err := load.Run(ctx, cfg, r.pool.Orders(lasting(r.brief())))
	if err != nil {
		return err
	}
	f := bench.Figure{Part: partSingle, Name: fmt.Sprintf("%d clients flat out, nothing behind the door", singleClients), Value: report.Rate, Unit: "orders/s", Aim: "≥ 10,000"}
	f = f.At(s.meter.Read().Since(before), report.Posted)
	f.Comments = []string{fmt.Sprintf("a POST took p50 %s, p99 %s", report.Latency.P50, report.Latency.P99)}
	bare, err := r.bareDoor(ctx, cfg)
	if err != nil {
		return err
	}
	r.add(f.Against("a bare 202 of the same server", bare.Rate))
	return nil
}

// singleByTheClock measures how long single orders take at a rate that leaves room, with all roles at work.
func (r *benchRun) singleByTheClock(ctx context.Context, s *stand) error {
	cfg := s.posting(r)
	cfg.Single, cfg.Workers, cfg.Rate = true, clockClients, singleOffered
	r.say("%d single orders a second for %s", singleOffered, r.brief())
	before := s.meter.Read()
	report, err := load.Run(ctx, cfg, r.pool.First(int(singleOffered*r.brief().Seconds())))
	if err != nil {
		return err
	}
	used := s.meter.Read().Since(before)
	if err := s.service.drain(ctx); err != nil {
		return err
	}
	bare, err := r.bareDoor(ctx, cfg)
	if err != nil {
		return err
	}
	of := fmt.Sprintf("%d/s offered, all roles", singleOffered)
	for _, q := range []struct {
		name, aim  string
		took, bare time.Duration
	}{
		{"p50", "", report.Latency.P50, bare.Latency.P50},
		{"p99", "≤ 10 ms", report.Latency.P99, bare.Latency.P99},
		{"p99.9", "", report.Latency.P999, bare.Latency.P999},
	} {
		f := bench.Figure{Part: partSingle, Name: of + ": POST " + q.name, Value: millis(q.took), Unit: "ms", Aim: q.aim}
		r.add(f.At(used, report.Posted).Against("a bare 202", millis(q.bare)))
	}
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// bareDoor puts the same load on the bare door.
func (r *benchRun) bareDoor(ctx context.Context, cfg load.Config) (report load.Report, err error) {
	key := account.NewKey()
	door, err := startChild(ctx, filepath.Join(r.dir, "bare-door.log"), []string{"ALATAW_KEY=" + key, "RATE_LIMIT=0"}, "bench-bare", "--listen", "127.0.0.1:0")
	if err != nil {
		return report, fmt.Errorf("start the bare door: %w", err)
	}
	defer func() { err = errors.Join(err, door.stop(context.WithoutCancel(ctx))) }()
	r.say("the same on a bare door")
	cfg.URL, cfg.Key = door.url(), key
	orders := r.pool.Orders(lasting(r.brief()))
	if cfg.Rate > 0 {
		orders = r.pool.First(int(cfg.Rate * r.brief().Seconds()))
	}
	return load.Run(ctx, cfg, orders)
}
