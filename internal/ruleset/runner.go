package ruleset

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// Jobs keeps backtests.
type Jobs interface {
	// Lead runs work while this process is the only one that leads in name; ok is false when another leads.
	Lead(ctx context.Context, name string, work func(ctx context.Context) error) (ok bool, err error)
	BacktestWaits(ctx context.Context) (bool, error)
	// TakeBacktest gives the oldest one that is not ended, as running, and counts the try. ok is false when there is none.
	TakeBacktest(ctx context.Context, now time.Time) (b Backtest, ok bool, err error)
	// SaveBacktest stores how far a running one has got; on is false when it has been cancelled, and nothing was stored then.
	SaveBacktest(ctx context.Context, b Backtest) (on bool, err error)
	CountJudged(ctx context.Context, span Span) (int, error)
	// JudgedAfter gives some parcels of a period in the order of their verdicts, and the position to go on from; none at the end.
	JudgedAfter(ctx context.Context, span Span, after event.Position) ([]Judged, event.Position, error)
	NamedLists(ctx context.Context) ([]screening.NamedList, error)
}

// Runner runs backtests, one at a time in all processes together, at half the speed that it could.
type Runner struct {
	jobs  Jobs
	rules func() *screening.Rules
	busy  func() bool
	now   func() time.Time
	log   *slog.Logger

	idle time.Duration // between looks for work
	rest time.Duration // at the most, behind each piece
}

const (
	jobsName  = "backtests"
	mostTries = 5 // without getting on
)

// NewRunner makes a runner. rules gives what is in force, nil until that is known: all of it but the set is what backtests judge by. busy tells that
// screening is behind, and is to have the machine for itself; nil for never.
func NewRunner(jobs Jobs, rules func() *screening.Rules, busy func() bool, now func() time.Time, log *slog.Logger) *Runner {
	if busy == nil {
		busy = func() bool { return false }
	}
	return &Runner{jobs: jobs, rules: rules, busy: busy, now: now, log: log, idle: time.Second, rest: time.Second}
}

// Run runs backtests until ctx ends. One that a process left unfinished is taken up by the next where it was.
func (r *Runner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "backtests stopped, trying again", "error", err.Error())
		}
		wait(ctx, r.idle)
	}
	return nil
}

// look runs what waits, unless another process does. The lead is taken for that long only: it costs a connection.
func (r *Runner) look(ctx context.Context) error {
	waits, err := r.jobs.BacktestWaits(ctx)
	if err != nil || !waits {
		return err
	}
	_, err = r.jobs.Lead(ctx, jobsName, func(ctx context.Context) error {
		for ctx.Err() == nil {
			b, ok, err := r.jobs.TakeBacktest(ctx, r.now().UTC())
			if err != nil || !ok {
				return err
			}
			if err := r.run(ctx, &b); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// run runs one backtest to its end. What time may heal leaves it running, for the next try; anything else ends it as failed.
func (r *Runner) run(ctx context.Context, b *Backtest) error {
	if b.Tries > mostTries {
		return r.fail(ctx, b, errors.New("it ended its process again and again"))
	}
	err := r.guarded(ctx, b)
	if err == nil || ctx.Err() != nil || fault.KindOf(err) == fault.Unavailable && b.Tries < mostTries {
		return err
	}
	return r.fail(ctx, b, err)
}

func (r *Runner) fail(ctx context.Context, b *Backtest, why error) error {
	r.log.ErrorContext(ctx, "backtest failed", "backtest", b.ID.String(), "ruleset", b.Set.String(), "error", why.Error())
	b.Status, b.Why = Failed, "it could not be finished; our log says why under its id"
	if _, ok := errors.AsType[screening.FlawsError](why); ok {
		b.Why = "this program cannot compile the rule set any more"
	}
	b.Ended = new(r.now().UTC())
	_, err := r.jobs.SaveBacktest(ctx, *b)
	return err
}

// guarded turns a panic, which is our bug, into an error: a backtest must not end the process.
func (r *Runner) guarded(ctx context.Context, b *Backtest) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return r.pieces(ctx, b)
}

func (r *Runner) pieces(ctx context.Context, b *Backtest) error {
	set, err := r.compile(ctx, b)
	if err != nil {
		return err
	}
	if b.Total == 0 {
		if b.Total, err = r.jobs.CountJudged(ctx, b.Span); err != nil {
			return err
		}
		b.Total = min(b.Total, b.Span.Most)
	}
	for ctx.Err() == nil {
		if r.busy() {
			wait(ctx, r.rest)
			continue
		}
		on, took, err := r.piece(ctx, b, set)
		if err != nil || !on {
			return err
		}
		wait(ctx, min(took, r.rest))
	}
	return nil
}

func (r *Runner) compile(ctx context.Context, b *Backtest) (*screening.Set, error) {
	lists, err := r.jobs.NamedLists(ctx)
	if err != nil {
		return nil, err
	}
	return screening.Compile(b.Document, screening.NewNamedLists(lists))
}

// piece judges the next parcels and saves what they come to, together with the place to go on from: nothing counts twice.
func (r *Runner) piece(ctx context.Context, b *Backtest, set *screening.Set) (on bool, took time.Duration, err error) {
	began := r.now()
	judged, next, err := r.jobs.JudgedAfter(ctx, b.Span, b.After)
	if err != nil {
		return false, 0, err
	}
	rules := r.rules()
	if rules == nil {
		return false, 0, fault.New(fault.Unavailable, "rules_unknown", "the rules in force are not known yet")
	}
	judged = judged[:min(len(judged), b.Span.Most-b.Done)]
	b.Report.add(judged, again(rules.With(set), judged))
	b.After, b.Done = next, b.Done+len(judged)
	took = r.now().Sub(began)
	b.Report.Millis += took.Milliseconds()
	ended := len(judged) == 0 || b.Done >= b.Span.Most
	if ended {
		b.Status, b.Total, b.Ended = Done, b.Done, new(r.now().UTC())
	}
	if on, err = r.jobs.SaveBacktest(ctx, *b); err != nil {
		return false, took, err
	}
	b.Tries = 0 // as what is stored
	return on && !ended, took, nil
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
