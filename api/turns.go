package api

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

const (
	leastWork   = 16 << 10         // bytes that a post counts for at least: a small one costs more than its bytes
	mostOfWork  = 4                // the part of all work that the largest post counts for: it must find room among others
	shareOfWork = 16               // the part of all work that one account may have under way while others post
	othersFor   = 10 * time.Second // how long an account that has posted counts as posting
	longestTurn = 5 * time.Second  // that a post waits for its turn
)

// turns lets posts be worked on, which is to be read, checked and queued, a bounded number of bytes at a time. While several
// accounts post, each has a small share of that and waits for its own posts, not for those of others; who comes next goes round
// by account. An account that is alone may have it all (docs/adr/0016).
type turns struct {
	all    int64
	now    func() time.Time
	mu     sync.Mutex
	busy   int64
	queues map[account.ID]*queue
	round  []*queue // those with posts that wait, next first
	last   *queue   // of whom the last post was
	others time.Time
}

// queue is one account's posts.
type queue struct {
	busy     int64 // bytes being worked on
	requests int   // under way, reading their bodies included
	waiting  []*turn
}

// turn is a post that waits. Its channel gets what became of it.
type turn struct {
	size int64
	done chan error
}

func newTurns(all int64, now func() time.Time) *turns {
	return &turns{all: all, now: now, queues: map[account.ID]*queue{}}
}

func (t *turns) of(id account.ID) *queue {
	q, ok := t.queues[id]
	if !ok {
		q = new(queue)
		t.queues[id] = q
	}
	return q
}

// take waits until a post of so many bytes may be worked on; give must follow when there is no error. The error is the
// context's, or that of a queue that failed meanwhile.
func (t *turns) take(ctx context.Context, id account.ID, size int64) (give func(), err error) {
	size = min(max(size, leastWork), t.all/mostOfWork)
	t.mu.Lock()
	q := t.of(id)
	give = func() { t.give(q, size) }
	if t.last != q {
		t.last, t.others = q, t.now()
	}
	if len(q.waiting) == 0 && t.fits(q, size) {
		t.begin(q, size)
		t.mu.Unlock()
		return give, nil
	}
	mine := &turn{size: size, done: make(chan error, 1)}
	if q.waiting = append(q.waiting, mine); len(q.waiting) == 1 {
		t.round = append(t.round, q)
	}
	t.mu.Unlock()
	select {
	case err := <-mine.done:
		return give, err
	case <-ctx.Done():
		return give, t.forget(ctx, q, mine)
	}
}

// fits tells whether a post may begin: the first of an account when there is room at all, others within the account's share.
func (t *turns) fits(q *queue, size int64) bool {
	share := t.all
	if t.now().Sub(t.others) < othersFor {
		share /= shareOfWork
	}
	return t.busy+size <= t.all && (q.busy == 0 || q.busy+size <= share)
}

func (t *turns) begin(q *queue, size int64) {
	q.busy += size
	t.busy += size
}

// give ends a post's work, and lets in who comes next.
func (t *turns) give(q *queue, size int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q.busy -= size
	t.busy -= size
	t.admit()
}

// admit goes round the accounts that wait until nobody more fits.
func (t *turns) admit() {
	for passed := 0; passed < len(t.round); {
		q := t.round[0]
		t.round = t.round[1:]
		if next := q.waiting[0]; t.fits(q, next.size) {
			t.begin(q, next.size)
			q.waiting = q.waiting[1:]
			next.done <- nil
			passed = 0
		} else {
			passed++
		}
		if len(q.waiting) > 0 {
			t.round = append(t.round, q)
		}
	}
}

// forget takes a post that no longer waits out of its queue. One whose turn came at the same moment gives it back.
func (t *turns) forget(ctx context.Context, q *queue, mine *turn) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(q.waiting, mine); i >= 0 {
		if q.waiting = slices.Delete(q.waiting, i, i+1); len(q.waiting) == 0 {
			i = slices.Index(t.round, q)
			t.round = slices.Delete(t.round, i, i+1)
		}
	} else if err := <-mine.done; err == nil {
		q.busy -= mine.size
		t.busy -= mine.size
	}
	t.admit()
	return context.Cause(ctx)
}

// fail ends the waiting of all: what failed one post would fail each of them, only later.
func (t *turns) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, q := range t.round {
		for _, waiting := range q.waiting {
			waiting.done <- err
		}
		q.waiting = nil
	}
	t.round = nil
}

// working tells whether an account has posts being worked on.
func (t *turns) working(id account.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of(id).busy > 0
}

// enter counts requests under way; leave must follow when there is no error. A stream counts for several.
func (t *turns) enter(id account.ID, requests, most int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.of(id)
	if q.requests+requests > most {
		return tooManyPosts("at most %d posts of an account are taken at a time; a stream counts for %d", most, streamCounts)
	}
	q.requests += requests
	return nil
}

func (t *turns) leave(id account.ID, requests int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(id).requests -= requests
}

const streamCounts = 10

// turn takes a turn for a post of so many bytes.
func (d *door) turn(ctx context.Context, id account.ID, size int) (give func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, longestTurn, errNoTurn)
	defer cancel()
	give, err = d.turns.take(ctx, id, int64(size))
	switch {
	case !errors.Is(err, errNoTurn):
		return give, err
	case d.turns.working(id):
		return give, tooManyPosts("your other posts take up all that you may have under way; come again after Retry-After seconds")
	}
	return give, busy()
}

var errNoTurn = errors.New("its turn did not come in time")

// queue hands orders to the intake. What the queue cannot take now, it cannot take of those either that wait.
func (d *door) queue(ctx context.Context, owner account.ID, request string, orders [][]byte) ([]parcel.Answer, error) {
	answers, err := d.deps.Intake.Take(ctx, owner, request, orders)
	if fault.KindOf(err) == fault.Unavailable && err != nil {
		d.turns.fail(err)
	}
	return answers, err
}

func tooManyPosts(format string, args ...any) error {
	err := fault.New(fault.TooFast, "too_many_posts", format, args...)
	err.RetryAfter = time.Second
	return err
}
