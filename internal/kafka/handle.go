package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"

	"github.com/alataw/alataw/internal/failpoint"
	"github.com/alataw/alataw/internal/fault"
)

// step names what is tried again when it fails.
type step string

const (
	stepHandle step = "handle"
	stepPark   step = "park"
	stepCommit step = "commit"
)

var steps = [...]step{stepHandle, stepPark, stepCommit}

// errEnded says that the partition is no longer ours: what is not committed is somebody else's to do.
var errEnded = errors.New("the generation has ended")

// errPanicked marks a handler's panic.
var errPanicked = errors.New("panic")

// process handles a batch, parks its bad records and commits, in this order; false when the partition is no longer
// ours. work outlives ending, so that a batch begun before a shutdown is finished and committed.
func (p *partition) process(ending, work context.Context, batch []Record) bool {
	timer := prometheus.NewTimer(nil)
	p.metrics.batch.Observe(float64(len(batch)))
	p.checkGap(work, batch[0].Offset)
	bad, err := p.settle(ending, work, batch)
	first, last := batch[0].Offset, batch[len(batch)-1].Offset
	log := p.log.With("first", first, "last", last, "records", len(batch), "parked", len(bad), "took", timer.ObserveDuration())
	if err != nil {
		log.WarnContext(work, "stage gives a batch back", "error", err)
		return false
	}
	p.metrics.consumed.Add(float64(len(batch)))
	p.metrics.parked.Add(float64(len(bad)))
	for _, b := range bad {
		p.log.WarnContext(within(work, b.Record), "record parked", "offset", b.Record.Offset, "code", codeOf(b.Err))
	}
	log.DebugContext(work, "batch done")
	return true
}

// settle does what is to be done with each record of a batch and commits it; it gives those it parked.
func (p *partition) settle(ending, work context.Context, batch []Record) ([]Parked, error) {
	good, bad := sift(batch)
	refused, err := p.handle(ending, work, good)
	if err != nil {
		return nil, err
	}
	if bad = append(bad, refused...); len(bad) > 0 {
		err = p.again(ending, stepPark, nil, func() error {
			return p.call(work, func(ctx context.Context) error { return p.park(ctx, bad) })
		})
		if err != nil {
			return nil, err
		}
	}
	failpoint.Reach(failpoint.Committing + p.stage.Group)
	return bad, p.commit(ending, batch[len(batch)-1].Offset+1)
}

// checkGap cries out when the log no longer has what comes next: its retention is shorter than our lag. Our topics are neither
// compacted nor transactional, so their offsets have no other gaps.
func (p *partition) checkGap(ctx context.Context, first int64) {
	expected := p.committed.Load()
	if expected < 0 || first <= expected {
		return
	}
	p.metrics.lost.Add(float64(first - expected))
	p.log.ErrorContext(ctx, "queue lost records before they were read", "expected", expected, "found", first)
}

// sift takes out the records that are no facts. A batch without any, which is nearly every one, is not copied.
func sift(batch []Record) (good []Record, bad []Parked) {
	broken := func(r Record) bool { return r.Broken != nil }
	if !slices.ContainsFunc(batch, broken) {
		return batch, nil
	}
	for _, r := range batch {
		if broken(r) {
			bad = append(bad, Parked{Record: r, Err: r.Broken})
		} else {
			good = append(good, r)
		}
	}
	return good, bad
}

// handle gets a batch done and gives back the records that cannot be. The only error is errEnded.
func (p *partition) handle(ending, work context.Context, batch []Record) ([]Parked, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	bad, err := p.try(ending, work, batch)
	if !AtFault(err) {
		return bad, err
	}
	p.log.ErrorContext(work, "a record of the batch is at fault",
		slog.Int64("first", batch[0].Offset), slog.Int64("last", batch[len(batch)-1].Offset), slog.String("code", codeOf(err)), stackOf(err))
	return p.split(ending, work, batch, err)
}

// split halves a batch that failed until the record at fault is alone.
func (p *partition) split(ending, work context.Context, batch []Record, cause error) ([]Parked, error) {
	if len(batch) == 1 {
		return []Parked{{Record: batch[0], Err: cause}}, nil
	}
	var all []Parked
	middle := len(batch) / 2
	for _, half := range [][]Record{batch[:middle], batch[middle:]} {
		bad, err := p.try(ending, work, half)
		if AtFault(err) {
			bad, err = p.split(ending, work, half, err)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, bad...)
	}
	return all, nil
}

// try hands a batch over until it is done or at fault, or the generation ends.
func (p *partition) try(ending, work context.Context, batch []Record) ([]Parked, error) {
	var bad []Parked
	err := p.again(ending, stepHandle, AtFault, func() error {
		timer := prometheus.NewTimer(p.metrics.handle)
		defer timer.ObserveDuration()
		traced, span := p.beginBatch(work, batch)
		err := p.call(traced, func(ctx context.Context) (err error) {
			bad, err = p.stage.Handle(ctx, batch)
			return err
		})
		endSpan(span, err)
		return err
	})
	return bad, err
}

// call lets do work within the stage's time limit. So long the watchdog waits for it too, and no longer: one that does not end
// with its context hangs, and no trouble of the database's excuses that.
func (p *partition) call(work context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(work, p.stage.Timeout)
	defer cancel()
	p.excuseFor(p.stage.Timeout)
	defer p.excuseFor(0)
	return Guard(func() error { return do(ctx) })
}

// commit tells the group where to go on. It never goes back: kafka-go and Kafka would both let it.
func (p *partition) commit(ending context.Context, next int64) error {
	if next <= p.committed.Load() {
		return nil
	}
	err := p.again(ending, stepCommit, fenced, func() error { return p.commits.commit(p.stage.Topic, p.number, next) })
	if err != nil {
		return err
	}
	p.committed.Store(next)
	return nil
}

// fenced tells of a commit that comes too late: the group has moved on without us.
func fenced(err error) bool {
	return errors.Is(err, kafka.IllegalGeneration) || errors.Is(err, kafka.UnknownMemberId) ||
		errors.Is(err, kafka.RebalanceInProgress) || errors.Is(err, kafka.NotCoordinatorForGroup)
}

// again repeats do until it succeeds or fails for good, with backoff, for as long as the generation lives.
func (p *partition) again(ending context.Context, what step, forGood func(error) bool, do func() error) error {
	for failures := 1; ; failures++ {
		err := do()
		if err == nil || forGood != nil && forGood(err) {
			return err
		}
		wait := backoff(failures)
		p.log.Log(ending, level(failures), "stage tries again", "step", what, "failures", failures, "wait", wait, "error", err)
		p.metrics.retries[what].Inc()
		if what != stepCommit { // a group that takes no commit is no trouble of the handler's
			p.excuseFor(wait + time.Second)
		}
		if !pause(ending, wait) {
			return fmt.Errorf("%s: %w: %w", what, errEnded, err)
		}
	}
}

// level is an error's once retrying has taken about ten seconds.
func level(failures int) slog.Level {
	if failures > 5 {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// AtFault tells whether an error of a handler speaks of a record rather than of our own trouble: such a record is parked.
func AtFault(err error) bool {
	if errors.Is(err, errPanicked) {
		return true
	}
	kind := fault.KindOf(err)
	return kind == fault.Invalid || kind == fault.Malformed
}

// panicked is a recovered panic. It keeps a panic's text only when that is the runtime's: another may quote the record.
type panicked struct {
	text  string
	stack []byte
}

func (e *panicked) Error() string { return "panic: " + e.text }

func (e *panicked) Is(target error) bool { return target == errPanicked }

// Guard calls do and makes an error of its panic, which is at fault (AtFault).
func Guard(do func() error) (err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case runtime.Error:
			err = panicFault(value.Error())
		default:
			err = panicFault(fmt.Sprintf("%T", value))
		}
	}()
	return do()
}

func panicFault(text string) error {
	return fault.Wrap(&panicked{text: text, stack: debug.Stack()}, fault.Internal, "handler_panicked", "the handler panicked on the record")
}

// codeOf names a fault for the log without its text, which may quote the record.
func codeOf(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code
	}
	return fault.Internal.String()
}

// stackOf gives the stack of a panic for the log: there it is said once, not for every half of the batch.
func stackOf(err error) slog.Attr {
	if p, ok := errors.AsType[*panicked](err); ok {
		return slog.Group("panic", "text", p.text, "stack", string(p.stack))
	}
	return slog.Attr{}
}
