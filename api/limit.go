package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// limits counts parcels a second for each account. There are as many limiters as accounts that ever posted to this process.
type limits struct {
	perSecond int // 0: no limit
	mu        sync.Mutex
	accounts  map[account.ID]*rate.Limiter
}

func newLimits(perSecond int) *limits {
	return &limits{perSecond: perSecond, accounts: map[account.ID]*rate.Limiter{}}
}

func (l *limits) of(id account.ID) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.accounts[id]
	if !ok {
		limiter = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		l.accounts[id] = limiter
	}
	return limiter
}

// take lets n parcels in now, or tells when to come again. A batch larger than a second's worth is let in when the whole
// second is free, and the seconds after it pay: otherwise it could never come in.
func (l *limits) take(id account.ID, now time.Time, n int) error {
	if l.perSecond == 0 || n == 0 {
		return nil
	}
	limiter := l.of(id)
	first := min(n, l.perSecond)
	if !limiter.AllowN(now, first) {
		short := float64(first) - limiter.TokensAt(now)
		err := fault.New(fault.TooFast, "too_many_parcels", "more than %d parcels a second; come again after Retry-After seconds", l.perSecond)
		err.RetryAfter = time.Duration(short / float64(l.perSecond) * float64(time.Second))
		return err
	}
	for rest := n - first; rest > 0; rest -= l.perSecond {
		limiter.ReserveN(now, min(rest, l.perSecond))
	}
	return nil
}

// await lets n parcels of a stream in when their time has come.
func (l *limits) await(ctx context.Context, id account.ID, n int) error {
	if l.perSecond == 0 {
		return nil
	}
	for n > 0 {
		part := min(n, l.perSecond)
		if err := l.of(id).WaitN(ctx, part); err != nil {
			return fmt.Errorf("wait for the account's rate: %w", err)
		}
		n -= part
	}
	return nil
}

// waits bounds the long polls an account has open.
type waits struct {
	most int
	mu   sync.Mutex
	open map[account.ID]int
}

func newWaits(most int) *waits { return &waits{most: most, open: map[account.ID]int{}} }

// enter opens one; leave must follow.
func (w *waits) enter(id account.ID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[id] >= w.most {
		return fault.New(fault.TooFast, "too_many_waits", "at most %d requests may wait at a time", w.most)
	}
	w.open[id]++
	return nil
}

func (w *waits) leave(id account.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[id]--; w.open[id] <= 0 {
		delete(w.open, id)
	}
}
