package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// run is one run of the client.
type run struct {
	cfg    Config
	source Source
	shape  shape
	client *client
	tally  *tally
	ledger *ledger // nil when receipts are not followed
}

func newRun(cfg Config, source Source) *run {
	r := &run{cfg: cfg, source: source, shape: shapeOf(cfg), tally: newTally(cfg.Now)}
	if cfg.Follow {
		r.ledger = newLedger()
	}
	r.client = &client{
		http: &http.Client{Transport: cfg.Transport}, base: cfg.URL, key: cfg.Key,
		patience: cfg.Patience, now: cfg.Now, trouble: r.tally.retry,
	}
	return r
}

func (r *run) run(ctx context.Context) error {
	if r.ledger == nil {
		return errors.Join(r.post(ctx))
	}
	f := &follower{client: r.client, ledger: r.ledger, told: r.cfg.Told}
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	return r.postAndFollow(ctx, f)
}

// errSettled ends a follower that has nothing left to wait for.
var errSettled = errors.New("every accepted parcel is decided")

// postAndFollow posts while the follower reads, then waits until the follower has all, or the time for it is up.
func (r *run) postAndFollow(ctx context.Context, f *follower) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	posted, followed := make(chan struct{}), make(chan error, 1)
	go func() { // waited for below
		err := f.follow(ctx, posted, r.settled)
		if err != nil {
			stop(err) // without receipts the run has no end: posting stops too
		}
		followed <- err
	}()
	broken, err := r.post(ctx)
	if err != nil {
		stop(err)
		<-followed //nolint:errcheck // the first error is the one to tell
		return errors.Join(broken, err)
	}
	close(posted)
	if r.settled() {
		stop(errSettled)
	}
	late := time.AfterFunc(r.cfg.DecideTimeout, func() { stop(ErrUndecided) })
	defer late.Stop()
	return errors.Join(broken, r.ending(<-followed))
}

// settled tells whether every parcel accepted so far is decided. It means the end only after the last post.
func (r *run) settled() bool {
	accepted, decided := r.ledger.standing()
	return accepted == decided
}

// ending tells what it means that the follower stopped.
func (r *run) ending(err error) error {
	r.tally.enter(phaseDone)
	switch {
	case errors.Is(err, errSettled):
		return nil
	case errors.Is(err, ErrUndecided):
		accepted, decided := r.ledger.standing()
		return fmt.Errorf("%w: %d of %d, %s after the last answer", ErrUndecided, accepted-decided, accepted, r.cfg.DecideTimeout)
	default:
		return err
	}
}
