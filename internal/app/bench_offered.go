package app

import (
	"context"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
)

// offeredAndSingle measures how long things take at rates that leave room, with all roles at work.
func (r *benchRun) offeredAndSingle(ctx context.Context, s *stand) error {
	if r.wants(partOffered) {
		if err := r.offered(ctx, s); err != nil {
			return err
		}
	}
	if r.wants(partSingle) {
		return r.singleByTheClock(ctx, s)
	}
	return nil
}

const (
	offeredLeast   = 50 // orders in the smallest batch; the largest is the bench's
	offeredClients = 64
)

// offered posts batches of all sizes by the clock: a batch's time counts from when it was due, also where no client was free.
func (r *benchRun) offered(ctx context.Context, s *stand) error {
	lasts := 2 * r.brief()
	if err := r.warm(ctx, s); err != nil {
		return err
	}
	cfg := s.posting(r)
	cfg.Rate, cfg.Workers, cfg.Least = r.cmd.Offered, offeredClients, min(offeredLeast, cfg.Batch)
	r.say("%.0f orders a second in batches of %d to %d for %s", cfg.Rate, cfg.Least, cfg.Batch, lasts)
	began, before := time.Now(), s.meter.Read()
	n, inTime := int(cfg.Rate*lasts.Seconds()), lasting(2*lasts) // a machine too slow for the rate ends all the same
	report, err := load.Run(ctx, cfg, r.pool.Orders(func() bool { n--; return n >= 0 && inTime() }))
	if err != nil {
		return err
	}
	used := s.meter.Read().Since(before)
	if err := s.service.drain(ctx); err != nil {
		return err
	}
	delays, err := s.store.VerdictDelays(ctx, began)
	if err != nil {
		return err
	}
	figure := func(name string, value float64, unit, aim string) bench.Figure {
		return bench.Figure{Part: partOffered, Name: fmt.Sprintf("%.0f/s offered: %s", cfg.Rate, name), Value: value, Unit: unit, Aim: aim}
	}
	achieved := figure("taken", report.Rate, "orders/s", "").At(used, report.Posted)
	r.add(achieved,
		figure("batch POST p50", millis(report.Latency.P50), "ms", ""),
		figure("batch POST p99", millis(report.Latency.P99), "ms", "≤ 50"),
		figure("order taken → verdict p50", millis(delays.P50), "ms", ""),
		figure("order taken → verdict p99", millis(delays.P99), "ms", "≤ 250"))
	if !used.Known {
		return nil
	}
	busy := figure("CPU of the machine", 100*used.Busy(bench.ServicePart, bench.DatabasePart, bench.BrokerPart), "%", "≤ 65")
	busy.Comments = []string{fmt.Sprintf("the load generator took %.0f %% more, other programs and the system %.0f %%",
		100*used.Busy(bench.LoadPart), 100*used.Others())}
	r.add(busy)
	return nil
}

// warm lets caches, connections and plans come to be before times are measured.
func (r *benchRun) warm(ctx context.Context, s *stand) error {
	r.say("warming up")
	if _, err := load.Run(ctx, s.posting(r), r.pool.First(20*r.cmd.Batch)); err != nil {
		return err
	}
	return s.service.drain(ctx)
}
