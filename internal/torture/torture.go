// Package torture drives the built program from outside through crashes, outages, slow networks and full disks, and checks that
// what it promised was kept.
package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Config says how much, how long and how hard.
type Config struct {
	Parcels   int           // orders to post, of all platforms
	Duration  time.Duration // over which they are posted, and in which faults happen
	Seed      uint64        // of the schedule of faults and of what the clients do
	Platforms int           // that post
	Outage    time.Duration // how long the database is away in the outage that is measured
	Drain     time.Duration // within which everything must be settled once the faults are over
	Strict    bool          // a measured claim that does not hold is a violation too
	Dir       string        // for logs, and for the data of what the run starts
}

// Site is what the run stands on, as the house that started it provides it.
type Site struct {
	Program     string   // a build with the tag failpoints
	Environment []string // of every process, NAME=value, over what it inherits
	Keys        Keys
	Database    Database
	Queue       Queue
	DatabaseURL func(address string) string                     // the database's, reached at another host:port
	Committed   func(context.Context) (map[string]int64, error) // the next offset of each partition of each group
	Waiting     func(context.Context) (int64, error)            // records that no stage has done yet
}

// Keys are the keys that the clients speak with.
type Keys struct {
	Platforms, Officers []string
	Carrier, Admin      string
}

// Database is a PostgreSQL server that may be killed.
type Database interface {
	Address() string // host:port, always the same
	PID() int        // of its first process; 0 while it is down
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	Gone(ctx context.Context) error // cleans up after a kill, when no process of it is left
}

// Queue is a cluster of brokers, of which some may be killed.
type Queue interface {
	Brokers() []string // host:port of each, always the same
	Killable() int     // brokers from 0 that Kill and Start know
	Up(n int) bool
	PID(n int) int // 0 while it is down, and where the process is not to be told
	Kill(ctx context.Context, n int) error
	Start(ctx context.Context, all ...int) error // returns when they take records
}

// ErrViolated tells that the program broke a promise; the summary says which.
var ErrViolated = errors.New("promises were broken")

// run is one run.
type run struct {
	cfg    Config
	site   Site
	out    *printer
	began  time.Time
	ledger *ledger
	stats  *stats
	blame  *blame
	proxy  *proxy
	house  *cluster
	guard  *guard

	// The embedded broker answers for commits that a full disk does not take; killed then, it has forgotten them. And brokers that
	// were all killed at once were seen once to tell of an older commit after their return than before.
	forgetting atomic.Bool

	did      counts
	tally    tally
	commits  int   // samples
	lines    int64 // of feeds, in the second walk
	units    int
	contents int
}

// Run tortures the program and prints what it does, what it measured and what it found. The error wraps ErrViolated when a
// promise was broken; any other tells that the run itself did not get through.
func Run(ctx context.Context, cfg Config, site Site, out io.Writer) (err error) {
	r := &run{cfg: cfg, site: site, began: time.Now(), ledger: newLedger(), stats: newStats(), blame: &blame{}}
	r.out = &printer{to: out, began: r.began}
	r.out.line("seed %d: %d parcels of %d platforms in %s; logs in %s", cfg.Seed, cfg.Parcels, cfg.Platforms, cfg.Duration, cfg.Dir)
	r.guard = newGuard(r.out)
	if r.proxy, err = newProxy(site.Database.Address()); err != nil {
		return fmt.Errorf("torture: %w", err)
	}
	defer r.proxy.close()
	r.house = newCluster(cfg.Dir, site, r.proxy.address(), r.guard)
	defer r.house.stop()
	if err := r.house.start(ctx); err != nil {
		return fmt.Errorf("torture: %w", err)
	}
	if err := r.everything(ctx); err != nil {
		return fmt.Errorf("torture: %w", err)
	}
	return nil
}

// everything is the run between the start and the stop of the processes.
func (r *run) everything(ctx context.Context) error {
	crowd, err := newCrowd(r)
	if err != nil {
		return err
	}
	living, leave := context.WithCancel(ctx)
	defer leave()
	watching := r.watchCommits(living)
	crowd.enter(living)
	schedule := plan(rand.New(rand.NewPCG(r.cfg.Seed, 1)), r.cfg.Duration, r.cfg.Outage, r.kinds())
	nemesis := r.unleash(living, schedule)
	err = crowd.post(living)
	<-nemesis
	r.calm(ctx)
	crowd.rest()
	r.guard.check("posting", err)
	drained, err := r.drain(ctx)
	if err != nil && ctx.Err() == nil {
		r.guard.check("drain", err)
		r.autopsy(ctx)
	}
	crowd.leave()
	leave()
	<-watching
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.check(ctx, crowd)
	r.summarize(drained)
	if r.guard.count() > 0 {
		return fmt.Errorf("%w: %d", ErrViolated, r.guard.count())
	}
	return nil
}
