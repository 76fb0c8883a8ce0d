//go:build failpoints

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/torture"
)

// faultCmds are commands of the build that is made to be tortured.
type faultCmds struct {
	Torture      tortureCmd      `cmd:"" help:"Run the program as a cluster under load and faults, and check that nothing is lost and nothing is twice."`
	TortureQueue tortureQueueCmd `cmd:"" hidden:"" help:"Run the embedded queue by itself, to be killed."`
}

// tortureCmd runs the program against itself.
type tortureCmd struct {
	Parcels   int           `default:"20000" help:"Orders to post."`
	Duration  time.Duration `default:"5m" help:"Time over which they are posted and faults happen."`
	Seed      uint64        `help:"Seed of faults and clients; 0 draws one. The same seed gives the same schedule."`
	Platforms int           `default:"3" help:"Platforms that post."`
	Outage    time.Duration `default:"1m" help:"How long the database is away in the outage that is measured; at most a sixth of the duration."`
	Drain     time.Duration `default:"3m" help:"Within which everything must be settled when the faults are over."`
	Strict    bool          `help:"Fail also when a measured claim does not hold: for a machine that does nothing else."`
	Keep      bool          `help:"Keep data and logs also when nothing is wrong."`

	Program string        `kong:"-"` // what is run; "" is this program itself
	Brokers torture.Queue `kong:"-"` // a cluster of which brokers may be killed; nil is that of the configuration
}

// Run tortures. What it started is gone when it returns; data and logs stay when a promise was broken.
func (c tortureCmd) Run(ctx context.Context, cfg *Config, to *console) (err error) {
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1_000_000)
	}
	if c.Program == "" {
		if c.Program, err = os.Executable(); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "alataw-torture-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // root's database runs as another user, who must pass
		return err
	}
	err = c.run(ctx, cfg, dir, to.out)
	if err != nil || c.Keep {
		fmt.Fprintf(to.out, "data and logs: %s; again with --seed %d\n", dir, c.Seed)
		return err
	}
	return errors.Join(embedded.Discard(context.WithoutCancel(ctx), filepath.Join(dir, "data")), os.RemoveAll(dir))
}

func (c tortureCmd) run(ctx context.Context, cfg *Config, dir string, out io.Writer) (err error) {
	data := filepath.Join(dir, "data")
	database, err := newTortured(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close(context.WithoutCancel(ctx))) }()
	queue, stopQueue, own, err := c.queue(ctx, cfg, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopQueue()) }()
	store, err := postgres.Open(ctx, postgres.Config{URL: database.at(database.Address()), MaxConnections: 4, Timeout: time.Minute}, time.Now)
	if err != nil {
		return err
	}
	defer store.Close()
	keys, err := c.keys(ctx, store)
	if err != nil {
		return err
	}
	own.Brokers = queue.Brokers()
	observer, err := kafka.New(own, slog.New(slog.DiscardHandler), newRegistry())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, observer.Close(context.WithoutCancel(ctx))) }()
	return torture.Run(ctx, torture.Config{
		Parcels: c.Parcels, Duration: c.Duration, Seed: c.Seed, Platforms: c.Platforms, Outage: min(c.Outage, c.Duration/6), Drain: c.Drain,
		Strict: c.Strict, Dir: dir,
	}, torture.Site{
		Program: c.Program, Environment: environment(own), Keys: keys, Database: database, DatabaseURL: database.at, Queue: queue,
		Committed: func(ctx context.Context) (map[string]int64, error) { return committed(ctx, observer) },
		Waiting:   func(ctx context.Context) (int64, error) { return waiting(ctx, observer) },
	}, out)
}

// queue gives the cluster that the configuration names, or one embedded broker in a process of its own.
func (c tortureCmd) queue(ctx context.Context, cfg *Config, dir string) (torture.Queue, func() error, kafka.Config, error) {
	own := cfg.Kafka
	own.SessionTimeout = shortSession
	nothing := func() error { return nil }
	if c.Brokers != nil {
		return c.Brokers, nothing, own, nil
	}
	if len(own.Brokers) > 0 {
		return torture.FixedQueue(own.Brokers), nothing, own, nil
	}
	own.Replication, own.MinInsync = 1, 1
	port, err := quietPort()
	if err != nil {
		return nil, nil, own, err
	}
	args := []string{"torture-queue", "--data-dir", filepath.Join(dir, "data"), "--queue-port", strconv.Itoa(port)}
	q := torture.NewQueue(c.Program, args, "127.0.0.1:"+strconv.Itoa(port), filepath.Join(dir, "queue.log"))
	if err := q.Start(ctx, 0); err != nil {
		return nil, nil, own, errors.Join(err, q.Close())
	}
	return q, q.Close, own, nil
}

// environment are the settings of every process: a queue as small as it is, and enough held parcels for the officers.
func environment(own kafka.Config) []string {
	own = own.WithDefaults()
	return []string{
		"KAFKA_REPLICATION=" + strconv.Itoa(own.Replication),
		"KAFKA_MIN_INSYNC=" + strconv.Itoa(own.MinInsync),
		"KAFKA_SESSION_TIMEOUT=" + own.SessionTimeout.String(),
		"SCREENING_RANDOM_BASIS_POINTS=200",
	}
}

// keys makes the accounts of everybody who will speak with the program.
func (c tortureCmd) keys(ctx context.Context, store *postgres.Store) (keys torture.Keys, err error) {
	var errs []error
	create := func(role account.Role, name string) string {
		key := account.NewKey()
		errs = append(errs, ensureKey(ctx, store, role, name, key))
		return key
	}
	for n := range c.Platforms {
		keys.Platforms = append(keys.Platforms, create(account.Platform, "shop-"+strconv.Itoa(n+1)))
	}
	keys.Officers = []string{create(account.Officer, "officer-1"), create(account.Officer, "officer-2")}
	keys.Carrier, keys.Admin = create(account.Carrier, "carrier-1"), create(account.Admin, "admin-1")
	return keys, errors.Join(errs...)
}

// committed gives where each group goes on in each partition.
func committed(ctx context.Context, observer *kafka.Client) (map[string]int64, error) {
	next := map[string]int64{}
	for topic, group := range tortureGroups {
		lag, err := observer.Lag(ctx, topic, group)
		if err != nil {
			return nil, err
		}
		for _, p := range lag.Partitions {
			next[group+"/"+strconv.Itoa(p.Partition)] = p.Next
		}
	}
	return next, nil
}

func waiting(ctx context.Context, observer *kafka.Client) (records int64, err error) {
	for topic, group := range tortureGroups {
		lag, err := observer.Lag(ctx, topic, group)
		if err != nil {
			return 0, err
		}
		records += lag.Records
	}
	return records, nil
}

var tortureGroups = map[string]string{topicDeclared: "screening", topicDecided: "bundling"}
