package kafka

import (
	"context"
	"math/rand/v2"
	"time"
)

// The backoff of a stage in trouble: 250 ms, doubling up to 10 s, each wait between half and the whole of that
// so that many processes do not come back in step.
const (
	firstBackoff   = 250 * time.Millisecond
	longestBackoff = 10 * time.Second
)

// backoff gives the wait after the given number of failures, which starts at 1.
func backoff(failures int) time.Duration {
	wait := longestBackoff
	if shift := failures - 1; shift < 6 {
		wait = min(firstBackoff<<shift, longestBackoff)
	}
	return wait/2 + rand.N(wait/2)
}

// pause waits, and tells whether ctx lasted that long.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// outlive gives a context with the values of ctx that ends only some grace after the other one: work begun before
// a shutdown or a rebalance is brought to its end instead of being torn down half way, but not for ever.
func outlive(ctx, ending context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ending, func() {
		pause(work, grace)
		cancel()
	})
	return work, func() {
		stop()
		cancel()
	}
}
