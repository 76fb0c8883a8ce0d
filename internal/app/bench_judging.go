package app

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// judging measures screening by itself: in this process, on one processor, without queue and database. Orders are read batch by batch
// and forgotten, so that what stays in memory is what a service has in it: lists, rules and what was learned.
type judging struct {
	*benchRun
	profiles screening.Profiles
	refused  int64 // orders that the door would refuse
	told     string
}

// judgedQuick is how many orders are judged with --quick.
const judgedQuick = 10_000

// judging is measured before all else, while the process holds nothing.
func (r *benchRun) judging(ctx context.Context) error {
	if slices.Contains(r.cmd.Orders, load.Stdin) {
		r.say("%s: left out, because orders are read more than once and these come from the standard input", partJudging)
		return nil
	}
	defer asOneProcessor()()
	j := &judging{benchRun: r}
	if err := j.learn(ctx); err != nil {
		return fmt.Errorf("learn profiles: %w", err)
	}
	if err := j.throughput(ctx); err != nil {
		return err
	}
	return j.latency(ctx)
}

// asOneProcessor leaves the program one processor and gives it the service's garbage collector, until that is undone.
func asOneProcessor() (undo func()) {
	processors, limit, percent := runtime.GOMAXPROCS(1), debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	relaxCollector()
	return func() {
		runtime.GOMAXPROCS(processors)
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}

// throughput reads the orders, and reads and judges them: the difference is judging, what it leaves to the garbage collector counted.
func (j *judging) throughput(ctx context.Context) error {
	rules, err := j.rules()
	if err != nil {
		return err
	}
	loaded := liveHeap()
	j.say("%s: reading alone", partJudging)
	read, n, err := j.pass(ctx, func([]parcel.Declared) error { return nil })
	if err != nil {
		return err
	}
	store := &nowhere{}
	screener := screening.NewScreener(func() *screening.Rules { return rules }, store)
	j.say("%s: reading and judging, by %s", partJudging, j.told)
	both, _, err := j.pass(ctx, func(batch []parcel.Declared) error {
		_, err := screener.Screen(ctx, batch)
		return err
	})
	if err != nil {
		return err
	}
	resident := bench.RSS(os.Getpid())
	j.addRates(read, both, n, store)
	j.addMemory(resident, loaded, liveHeap())
	runtime.KeepAlive(rules)
	return nil
}

// pass reads all orders, hands them over in batches, and tells what that took.
func (j *judging) pass(ctx context.Context, visit func([]parcel.Declared) error) (used bench.Used, n int64, err error) {
	meter := bench.Meter{Service: os.Getpid(), Now: time.Now}
	runtime.GC()
	before := meter.Read()
	n, err = j.batches(ctx, visit)
	return meter.Read().Since(before), n, err
}

// addRates adds what one processor judges in a second of its time, which stands whoever else uses the machine; by the clock, where the
// system does not tell that time.
func (j *judging) addRates(read, both bench.Used, n int64, store *nowhere) {
	took := func(u bench.Used) time.Duration { return u.Parts[bench.ServicePart] }
	if !both.Known {
		j.say("%s: by the clock: this system has no /proc to tell processor time", partJudging)
		took = func(u bench.Used) time.Duration { return u.Wall }
	}
	perSecond := func(took time.Duration) float64 { return float64(n) / took.Seconds() }
	figure := bench.Figure{Part: partJudging, Name: "orders judged, one processor", Value: perSecond(took(both) - took(read)), Unit: "parcels/s", Aim: "≥ 10,000"}
	figure = figure.Against("reading the same orders", perSecond(took(read))).At(both, n)
	figure.Comments = []string{
		j.told, store.String(), fmt.Sprintf("%d orders are no parcels and were left out; what was sent before is not looked up", j.refused),
		"SERVICE and ALL are of reading and judging",
	}
	j.add(figure)
}

func (j *judging) addMemory(resident int64, loaded, after uint64) {
	const mib = 1 << 20
	if resident == 0 {
		resident = int64(after) // not measured here: what is live is the least that it can be
	}
	j.add(bench.Figure{Part: partJudging, Name: "memory with lists and profiles", Value: float64(resident) / mib, Unit: "MiB", Aim: "< 300",
		Comments: []string{fmt.Sprintf("live after a collection: %.0f MiB when loaded, %.0f when all is judged", float64(loaded)/mib, float64(after)/mib)}})
}

// liveHeap is what is live, in bytes.
func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// latency judges the same orders one by one, by rules that remember nothing of them.
func (j *judging) latency(ctx context.Context) error {
	rules, err := j.rules()
	if err != nil {
		return err
	}
	screener := screening.NewScreener(func() *screening.Rules { return rules }, &nowhere{})
	j.say("%s: one by one", partJudging)
	var took []time.Duration
	if _, err := j.batches(ctx, func(batch []parcel.Declared) error {
		for i := range batch {
			began := time.Now()
			if _, err := screener.Screen(ctx, batch[i:i+1]); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		return nil
	}); err != nil {
		return err
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(share*float64(len(took)-1))].Seconds() * 1000 }
	figure := bench.Figure{Part: partJudging, Name: "one judgement p99", Value: at(0.99), Unit: "ms", Aim: "< 1"}
	figure.Comments = []string{fmt.Sprintf("p50 %.3f ms, p99 %.3f, p99.9 %.3f, longest %.3f, collections and other programs' turns among them", at(0.5), at(0.99), at(0.999), at(1))}
	j.add(figure)
	return nil
}
