package publisher

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// Store keeps lists; see postgres.Store.
type Store interface {
	ListsInForce(ctx context.Context) ([]watchlist.Edition, error)
	ReplaceList(ctx context.Context, in watchlist.Import) (imported bool, err error)
	ConfirmList(ctx context.Context, source string) error
}

// Outcome is what became of a refresh, fit for a metric's label.
type Outcome string

// The outcomes. Whatever but Imported leaves the list in force as it is.
const (
	Imported    Outcome = "imported"
	Unchanged   Outcome = "unchanged"
	Refused     Outcome = "refused"     // the file is cut, malformed, or has shrunk too much
	Unreachable Outcome = "unreachable" // the publisher does not answer with a file
	Failed      Outcome = "failed"      // we could not store it
)

// Outcomes are all of them.
var Outcomes = []Outcome{Imported, Unchanged, Refused, Unreachable, Failed}

// Refresher keeps the lists in force as their publishers have them.
type Refresher struct {
	client    *Client
	store     Store
	sources   []Source
	every     time.Duration
	maxShrink int
	now       func() time.Time
	log       *slog.Logger
	observe   func(source string, outcome Outcome)
}

// NewRefresher makes a refresher of a configuration that Validate found nothing wrong with. observe is told of every refresh.
func NewRefresher(cfg Config, store Store, now func() time.Time, log *slog.Logger, observe func(source string, outcome Outcome)) (*Refresher, error) {
	sources, err := cfg.Sources()
	if err != nil {
		return nil, err
	}
	return &Refresher{
		client: NewClient(cfg.Timeout), store: store, sources: sources, every: cfg.Every, maxShrink: cfg.MaxShrink, now: now, log: log, observe: observe,
	}, nil
}

// Sources are the lists that are refreshed.
func (r *Refresher) Sources() []Source { return r.sources }

const (
	lookEvery  = 10 * time.Second // whether a list is due: somebody else may have refreshed it
	firstRetry = time.Minute      // after trouble; twice as long each time, up to the usual interval
)

// Run refreshes each list when it is due, until ctx ends: when it was last checked longer ago than the interval, by whichever process, give
// or take a tenth, so that installations do not all ask at once.
func (r *Refresher) Run(ctx context.Context) error {
	plans := make([]plan, len(r.sources))
	for i := range plans {
		plans[i].wait = r.jittered(r.every)
	}
	for ctx.Err() == nil {
		editions, err := r.store.ListsInForce(ctx)
		if err != nil {
			return err
		}
		for i, source := range r.sources {
			if at := EditionOf(editions, source.Name); plans[i].due(at, r.now()) {
				outcome, _ := r.Refresh(ctx, source, at)
				plans[i].next(outcome, r.now(), r.jittered(r.every))
			}
		}
		pause(ctx, min(lookEvery, r.every/4))
	}
	return nil
}

// plan says when a list is due.
type plan struct {
	wait    time.Duration // since it was last checked
	retryAt time.Time     // not before, after trouble
	retry   time.Duration
}

func (p *plan) due(in *watchlist.Edition, now time.Time) bool {
	return !now.Before(p.retryAt) && (in == nil || now.Sub(in.CheckedAt) >= p.wait)
}

func (p *plan) next(outcome Outcome, now time.Time, usual time.Duration) {
	p.wait = usual
	if outcome == Imported || outcome == Unchanged {
		p.retry, p.retryAt = 0, time.Time{}
		return
	}
	p.retry = min(max(2*p.retry, firstRetry), usual)
	p.retryAt = now.Add(p.retry)
}

func (r *Refresher) jittered(d time.Duration) time.Duration {
	return d - d/10 + time.Duration(rand.Int64N(int64(d/5)+1))
}

// EditionOf finds the version of a source that is in force; nil when there is none.
func EditionOf(editions []watchlist.Edition, source string) *watchlist.Edition {
	for i := range editions {
		if editions[i].Source == source {
			return &editions[i]
		}
	}
	return nil
}

// Refresh fetches one list, unless its servers say that it is the one in force, and puts it in force. in is the version in force, nil for none.
// What goes wrong is logged and told, and changes nothing.
func (r *Refresher) Refresh(ctx context.Context, source Source, in *watchlist.Edition) (Outcome, error) {
	began := r.now()
	names, err := r.refresh(ctx, source, in)
	outcome := outcomeOf(names, err)
	if ctx.Err() != nil {
		return outcome, ctx.Err()
	}
	r.observe(source.Name, outcome)
	log := r.log.With("source", source.Name, "outcome", string(outcome), "took", r.now().Sub(began).String())
	if err != nil {
		log.WarnContext(ctx, "list not refreshed, the one before stays in force", "error", err.Error())
		return outcome, err
	}
	log.InfoContext(ctx, "list refreshed", "names", names)
	return outcome, nil
}

func outcomeOf(names int, err error) Outcome {
	switch {
	case err == nil && names > 0:
		return Imported
	case err == nil:
		return Unchanged
	}
	switch kind := fault.KindOf(err); {
	case kind == fault.Invalid:
		return Refused
	case kind == fault.Unavailable && isPublishers(err):
		return Unreachable
	}
	return Failed
}

// isPublishers tells a publisher's silence from our database's.
func isPublishers(err error) bool {
	code, _ := fault.Describe(err)
	return code == "publisher_unreachable"
}

// refresh gives how many names were put in force, 0 when those in force are the publisher's.
func (r *Refresher) refresh(ctx context.Context, source Source, in *watchlist.Edition) (names int, err error) {
	var since []watchlist.Origin
	if in != nil {
		since = in.Origins
	}
	fetched, err := r.client.Fetch(ctx, source, since)
	if err != nil {
		return 0, err
	}
	if fetched == nil {
		return 0, r.store.ConfirmList(ctx, source.Name)
	}
	list := watchlist.NewImport(fetched.Entries, fetched.Report, "refresh", r.maxShrink)
	list.Origins = fetched.Origins
	imported, err := r.store.ReplaceList(ctx, list)
	if err != nil || !imported {
		return 0, err
	}
	return len(fetched.Entries), nil
}

// pause returns after d or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
