package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
)

// benchCmd measures the whole journey.
type benchCmd struct {
	Files   []string `arg:"" optional:"" help:"NDJSON files of orders; none takes generated ones."`
	Orders  int      `default:"200000" help:"Generated orders."`
	Workers int      `default:"4" help:"Batches under way at once."`
	Batch   int      `default:"500" help:"Orders in a batch."`
}

// Run measures in one run, on one machine: the journey from POST to unit with all roles, and beside it, with the same
// orders, bare produce and bare COPY. The rates depend on the machine; the ratios say how good the journey is.
func (c benchCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	dir, err := os.MkdirTemp("", "alataw-bench-")
	if err != nil {
		return err
	}
	own := *cfg
	own.DataDir, own.Listen = dir, "127.0.0.1:0"
	own.Kafka.MaxLag = 0 // a benchmark of the stages needs the backlog
	logs, err := os.Create(dir + ".log")
	if err != nil {
		return err
	}
	defer logs.Close()
	fmt.Fprintf(to.err, "log: %s\n", logs.Name())
	b := &bench{cmd: c, to: to}
	err = withService(ctx, &own, logs, func(ctx context.Context, s *service) error { return b.measure(ctx, s) })
	return errors.Join(err, embedded.Discard(context.WithoutCancel(ctx), dir))
}

// bench is one run.
type bench struct {
	cmd     benchCmd
	to      *console
	service *service
	report  load.Report
}

// source gives the run's orders from the start.
func (b *bench) source() (load.Source, func() error, error) {
	if len(b.cmd.Files) == 0 {
		return load.Sample(1, b.cmd.Orders), func() error { return nil }, nil
	}
	files, err := load.Files(b.to.in, b.cmd.Files...)
	if err != nil {
		return nil, nil, err
	}
	return files, files.Close, nil
}

func (b *bench) measure(ctx context.Context, s *service) error {
	b.service = s
	journey, cpu, err := b.journey(ctx)
	if err != nil {
		return fmt.Errorf("journey: %w", err)
	}
	produced, produceTook, err := b.bareProduce(ctx)
	if err != nil {
		return fmt.Errorf("bare produce: %w", err)
	}
	copied, copyTook, err := s.store.CopyAgain(ctx, b.cmd.Batch)
	if err != nil {
		return err
	}
	n := b.report.Accepted
	journeyRate, produceRate, copyRate := rate(n, journey), rate(produced, produceTook), rate(copied, copyTook)
	w := tabwriter.NewWriter(b.to.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "orders posted / accepted / refused\t%d / %d / %d\n", b.report.Posted, n, b.report.Refused)
	fmt.Fprintf(w, "from POST to unit\t%.0f parcels/s\t%.2f s in all\n", journeyRate, journey.Seconds())
	fmt.Fprintf(w, "  accepted (202)\t%.0f orders/s\t%.2f s\n", b.report.Rate, b.report.Elapsed.Seconds())
	fmt.Fprintf(w, "  drain: last 202 to last parcel settled\t\t%.2f s\n", (journey - b.report.Elapsed).Seconds())
	fmt.Fprintf(w, "  service and load generator, CPU\t%.1f µs/parcel\t\n", float64(cpu.Microseconds())/float64(n))
	fmt.Fprintf(w, "bare produce of the same orders\t%.0f orders/s\taccepting is %.0f %% of it\n", produceRate, 100*b.report.Rate/produceRate)
	fmt.Fprintf(w, "bare COPY of the same rows\t%.0f parcels/s\tthe journey is %.0f %% of it\n", copyRate, 100*journeyRate/copyRate)
	return w.Flush()
}

func rate(n int64, took time.Duration) float64 { return float64(n) / took.Seconds() }

// journey posts all orders flat out and waits until every accepted one is held, in a unit, or told that no route takes it.
func (b *bench) journey(ctx context.Context) (took, cpu time.Duration, err error) {
	source, done, err := b.source()
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	began, used := time.Now(), cpuTime()
	b.report, err = load.Run(ctx, load.Config{
		URL: b.service.url, Key: b.service.keys[account.Platform], Workers: b.cmd.Workers, Batch: b.cmd.Batch, Progress: b.to.err,
	}, source)
	if err != nil {
		return 0, 0, err
	}
	for {
		p, err := b.service.store.Progress(ctx)
		if err != nil {
			return 0, 0, err
		}
		if p.Held+p.Bundled+p.Unrouted >= b.report.Accepted {
			return time.Since(began), cpuTime() - used, nil
		}
		wait(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
	}
}

// bareProduce publishes the same orders to a topic of their own, as intake would, without reading them.
func (b *bench) bareProduce(ctx context.Context) (n int64, took time.Duration, err error) {
	source, done, err := b.source()
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	queue := b.service.queue
	if err := queue.CreateTopics(ctx, kafka.Topic{Name: "bench.bare"}); err != nil {
		return 0, 0, err
	}
	shared := &lockedSource{source: source}
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	var published atomic.Int64
	for range b.cmd.Workers {
		group.Go(func() error {
			for {
				facts, err := shared.batch(b.cmd.Batch)
				if len(facts) > 0 {
					if err := queue.Topic("bench.bare").Publish(ctx, facts); err != nil {
						return err
					}
					published.Add(int64(len(facts)))
				}
				if err != nil {
					return ignoreEOF(err)
				}
			}
		})
	}
	err = group.Wait()
	return published.Load(), time.Since(began), err
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// lockedSource shares a source between workers.
type lockedSource struct {
	mu     sync.Mutex
	source load.Source
	n      uint64
}

func (l *lockedSource) batch(size int) ([]event.Envelope, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	facts := make([]event.Envelope, 0, size)
	for len(facts) < size {
		order, err := l.source.Next()
		if err != nil {
			return facts, err
		}
		l.n++
		id := parcel.DeriveID(1, fmt.Sprint(l.n))
		facts = append(facts, event.Envelope{
			ID: id.String(), Type: parcel.DeclaredType, Source: "/accounts/1", Subject: id.String(), Time: time.Now(),
			Schema: parcel.DeclaredSchema, ContentType: "application/json", Key: id[:], Data: append([]byte(nil), order...),
		})
	}
	return facts, nil
}

// cpuTime is what this process has used of the processors, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
