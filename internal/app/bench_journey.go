package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
)

// stretch is the part of a sustained run that is measured: after the warm-up, before posting ends.
type stretch struct {
	report        load.Report
	moments       []bench.Moment
	began, ended  progress
	took          time.Duration
	used          bench.Used
	wal           int64 // bytes
	shares        []bench.Share
	statements    map[string]time.Duration
	knowStatement bool
	drained       time.Duration // from the last answer until nothing was under way
}

func (m *stretch) parcels() int64 { return m.ended.settled - m.began.settled }
func (m *stretch) rate() float64  { return float64(m.parcels()) / m.took.Seconds() }

const (
	longestProfile = 30 * time.Second
	drainTimeout   = 2 * time.Minute
)

// sustain posts with a bounded backlog for a time and measures all but its first sixth. Then it waits until nothing is under way.
func (r *benchRun) sustain(ctx context.Context, s *stand, part string, lasting time.Duration) (*stretch, error) {
	r.say("%s: posting for %s with at most %d orders under way", part, lasting, r.cmd.Backlog)
	m, g := &stretch{}, newGate(s.service, part, r.cmd.Backlog)
	group, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	group.Go(func() error { return g.watch(watching) })
	group.Go(func() error {
		defer g.close()
		return m.measure(ctx, s, g, lasting)
	})
	group.Go(func() (err error) {
		defer stop()
		if m.report, err = load.Run(ctx, s.posting(r), r.pool.Orders(g.more)); err != nil {
			return err
		}
		posted := time.Now()
		err = s.service.drain(ctx)
		m.drained = time.Since(posted)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r.report.Moments = append(r.report.Moments, g.since(0)...)
	return m, nil
}

// measure reads everything at the beginning and the end of the stretch, and takes a profile in between. The stretch begins after the
// warm-up with the first parcel that has settled, and does not end before another has.
func (m *stretch) measure(ctx context.Context, s *stand, g *gate, lasting time.Duration) (err error) {
	warm := min(lasting/6, 10*time.Second)
	if m.began, err = s.service.settledBeyond(ctx, 0, warm); err != nil {
		return err
	}
	if _, _, err = s.store.StatementTimes(ctx); err != nil {
		return err
	}
	walBefore, err := s.store.WALBytes(ctx)
	if err != nil {
		return err
	}
	if m.began, err = s.service.progress(ctx); err != nil {
		return err
	}
	began, moment, before := time.Now(), g.second(), s.meter.Read()
	if m.shares, err = s.service.profile(ctx, min(longestProfile, (lasting-warm)*2/3)); err != nil {
		return err
	}
	if m.ended, err = s.service.settledBeyond(ctx, m.began.settled, lasting-warm-time.Since(began)); err != nil {
		return err
	}
	m.took, m.used, m.moments = time.Since(began), s.meter.Read().Since(before), g.since(moment)
	if m.wal, err = s.store.WALBytes(ctx); err != nil {
		return err
	}
	m.wal -= walBefore
	m.statements, m.knowStatement, err = s.store.StatementTimes(ctx)
	return err
}

// settledBeyond waits for a time, and longer where no more than n parcels have settled by then.
func (c *child) settledBeyond(ctx context.Context, n int64, least time.Duration) (p progress, err error) {
	wait(ctx, least)
	for p, err = c.progress(ctx); err == nil && p.settled <= n; p, err = c.progress(ctx) {
		wait(ctx, gateEvery/4)
	}
	return p, err
}

// drain waits until nothing is under way.
func (c *child) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	for {
		p, err := c.progress(ctx)
		if err != nil {
			return err
		}
		if p.settled >= p.taken {
			return nil
		}
		wait(ctx, gateEvery/4)
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d orders are still under way after %s", p.taken-p.settled, p.taken, drainTimeout)
		}
	}
}

// journeyAndReceipts measures the whole journey, and then the reading of the feed it has filled.
func (r *benchRun) journeyAndReceipts(ctx context.Context, s *stand) error {
	if !r.wants(partJourney) {
		if err := r.fill(ctx, s); err != nil {
			return err
		}
		return r.receipts(ctx, s)
	}
	m, err := r.sustain(ctx, s, partJourney, r.sustained())
	if err != nil {
		return err
	}
	r.empty = m.rate()
	if r.wants(partReceipts) {
		if err := r.receipts(ctx, s); err != nil {
			return err
		}
	}
	r.say("copying the same rows, bare")
	copied, took, err := s.store.CopyAgain(ctx, r.cmd.Batch)
	if err != nil {
		return err
	}
	journey := r.sustainedFigure(m, partJourney, "order → verdict → unit", "≥ 20,000").Against("bare COPY of the same rows", float64(copied)/took.Seconds())
	if r.cmd.Broker == "apache" {
		journey.Aim = "≥ 10,000"
	}
	figures := []bench.Figure{journey}
	if r.cmd.Broker == "apache" {
		name, rate, err := r.producerTest(ctx, s)
		if err != nil {
			return err
		}
		figures = append(figures, r.sustainedFigure(m, partJourney, "the same", "").Against(name, rate))
	}
	r.report.Figures = slices.Concat(figures, r.sustainedDetails(m, partJourney), r.report.Figures)
	r.costs(m, partJourney)
	return nil
}

func (r *benchRun) sustainedFigure(m *stretch, part, name, aim string) bench.Figure {
	f := bench.Figure{Part: part, Name: name, Value: m.rate(), Unit: "parcels/s", Aim: aim}.At(m.used, m.parcels())
	f.Comments = []string{fmt.Sprintf("%d posted, %d refused at the door, in batches of %d; a batch's POST took p50 %s, p99 %s; all settled %.1f s after the last answer",
		m.report.Posted, m.report.Refused, r.cmd.Batch, m.report.Latency.P50.Round(100*time.Microsecond), m.report.Latency.P99.Round(100*time.Microsecond), m.drained.Seconds())}
	return f
}

// sustainedDetails tell whether backlog and memory stayed where they were.
func (r *benchRun) sustainedDetails(m *stretch, part string) []bench.Figure {
	var memory []int64
	var most, highest int64
	for _, at := range m.moments {
		memory = append(memory, at.RSS)
		most, highest = max(most, at.RSS), max(highest, at.Backlog())
	}
	const mib = 1 << 20
	growth := bench.Slope(m.moments, func(at bench.Moment) float64 { return float64(at.Backlog()) })
	figures := []bench.Figure{
		{Part: part, Name: "backlog, growth of", Value: growth, Unit: "orders/s", Aim: "not growing",
			Comments: []string{fmt.Sprintf("at most %d orders under way, held to %d", highest, r.cmd.Backlog)}},
		{Part: part, Name: "write-ahead log", Value: float64(m.wal) / float64(max(1, m.parcels())), Unit: "bytes/parcel"},
	}
	if most == 0 {
		return figures // memory is not measured here
	}
	slope := 60 * bench.Slope(m.moments, func(at bench.Moment) float64 { return float64(at.RSS) / mib })
	return append(figures, bench.Figure{Part: part, Name: "memory of the service, half the time below", Value: float64(bench.Median(memory)) / mib, Unit: "MiB", Aim: "< 250, flat",
		Comments: []string{fmt.Sprintf("%.0f MiB at the start, %.0f at the most, %+.1f a minute", float64(memory[0])/mib, float64(most)/mib, slope)}})
}

// growth measures the journey again where many parcels are stored.
func (r *benchRun) growth(ctx context.Context, s *stand) error {
	lasting := r.sustained()
	m, err := r.sustain(ctx, s, partGrowth, lasting)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("order → verdict → unit with %d parcels stored", r.cmd.Preload)
	f := r.sustainedFigure(m, partGrowth, name, "≥ 80 %")
	if r.empty > 0 {
		f = f.Against("the same on an empty database", r.empty)
	}
	r.add(f)
	r.add(r.sustainedDetails(m, partGrowth)...)
	r.costs(m, partGrowth)
	return nil
}
