package load

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Walked is what walkers read of the receipts.
type Walked struct {
	Receipts int64
	Elapsed  time.Duration
}

// Walk reads the receipts feed in full pages with so many walkers, each from the start to the end, for longest at the most.
func Walk(ctx context.Context, cfg Config, walkers int, longest time.Duration) (Walked, error) {
	cfg.Workers = walkers
	if err := cfg.Validate(); err != nil {
		return Walked{}, fmt.Errorf("walk: %w", err)
	}
	cfg = cfg.withDefaults()
	c := &client{
		http: &http.Client{Transport: cfg.Transport}, base: cfg.URL, key: cfg.Key,
		patience: cfg.Patience, now: cfg.Now, trouble: func(string, error) {},
	}
	began := cfg.Now()
	var read atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range walkers {
		group.Go(func() error {
			f := &follower{client: c}
			for cfg.Now().Sub(began) < longest {
				n, err := f.page(ctx, 0)
				read.Add(int64(n))
				if err != nil || n < pageLimit {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Walked{}, fmt.Errorf("walk: %w", err)
	}
	return Walked{Receipts: read.Load(), Elapsed: cfg.Now().Sub(began)}, nil
}
