package torture

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// crowd is everybody who speaks with the program.
type crowd struct {
	*run
	platforms []*platform
	walkers   []*walker
	officers  []*officer
	carrier   *carrier

	stopActors, stopWalkers context.CancelFunc
	actors, walking         sync.WaitGroup
}

func newCrowd(r *run) (*crowd, error) {
	c := &crowd{run: r}
	dice := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(r.cfg.Seed, n)) }
	for n := range r.cfg.Platforms {
		p, err := newPlatform(r, n)
		if err != nil {
			return nil, err
		}
		w := &walker{platform: p}
		w.examine = w.enter
		c.platforms, c.walkers = append(c.platforms, p), append(c.walkers, w)
	}
	var prefixes []string
	for _, p := range c.platforms {
		prefixes = append(prefixes, p.prefix)
	}
	for n, key := range r.site.Keys.Officers {
		c.officers = append(c.officers, &officer{run: r, dice: dice(10 + uint64(n)), caller: newCaller(r.house, key, n), prefixes: prefixes})
	}
	c.carrier = &carrier{run: r, dice: dice(20), units: map[string]int{}}
	return c, nil
}

// enter brings in everybody but those who post.
func (c *crowd) enter(ctx context.Context) {
	acting, stopActors := context.WithCancel(ctx)
	walking, stopWalkers := context.WithCancel(ctx)
	c.stopActors, c.stopWalkers = stopActors, stopWalkers
	for _, p := range c.platforms {
		c.actors.Go(func() { p.runErrands(acting) })
	}
	for _, o := range c.officers {
		c.actors.Go(func() { o.work(acting) })
	}
	c.actors.Go(func() { (&planner{c.run, max(3*time.Second, c.cfg.Duration/20)}).plan(acting) })
	c.actors.Go(func() { c.carrier.follow(acting) })
	for _, w := range c.walkers {
		c.walking.Go(func() { w.follow(walking) })
	}
}

// post posts everything. It returns when every order has its answer.
func (c *crowd) post(ctx context.Context) error {
	var posting sync.WaitGroup
	errs := make([]error, len(c.platforms))
	for i, p := range c.platforms {
		posting.Go(func() { errs[i] = p.post(ctx) })
	}
	posting.Wait()
	return errors.Join(errs...)
}

// rest ends what changes anything; the feeds are still followed.
func (c *crowd) rest() {
	c.stopActors()
	c.actors.Wait()
}

// leave ends the rest.
func (c *crowd) leave() {
	c.stopWalkers()
	c.walking.Wait()
}
