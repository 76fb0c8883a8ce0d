package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/postgres"
)

// ground is what the house stands on: a queue and a database, the embedded ones or those that the configuration names.
type ground struct {
	queue    kafka.Config
	database postgres.Config
	embedded bool // at least one of them is ours
	lock     *embedded.DirLock
	broker   *embedded.Broker
	server   *embedded.Postgres
	dir      string
}

// whereabouts is what a running process leaves in its data directory for the commands that join it. It holds a password: mode 0600.
type whereabouts struct {
	PID         int      `json:"pid"`
	URL         string   `json:"url"`
	DatabaseURL string   `json:"database_url"`
	Brokers     []string `json:"brokers"`
}

const whereaboutsName = "run.json"

// shortSession is the shortest a queue allows: the embedded one remembers the members of a killed process, and gives their
// partitions to the next only after it.
const shortSession = 6 * time.Second

// prepare starts what the configuration leaves to us, under the data directory's lock.
func prepare(ctx context.Context, cfg *Config, log *slog.Logger) (_ *ground, err error) {
	g := &ground{queue: cfg.Kafka, database: cfg.Database, dir: cfg.DataDir}
	ownQueue, ownDatabase := len(cfg.Kafka.Brokers) == 0, cfg.Database.URL == ""
	if g.embedded = ownQueue || ownDatabase; !g.embedded {
		return g, nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close(context.WithoutCancel(ctx)))
		}
	}()
	if g.lock, err = embedded.Lock(cfg.DataDir); err != nil {
		return g, err
	}
	if ownDatabase {
		if err := g.startDatabase(ctx, cfg, log); err != nil {
			return g, err
		}
	}
	if ownQueue {
		labelled(ctx, "broker", func(context.Context) {
			g.broker, err = embedded.StartBroker(embedded.BrokerConfig{Dir: cfg.DataDir, Port: cfg.QueuePort, Sync: cfg.QueueSync, Log: log})
		})
		if err != nil {
			return g, err
		}
		g.queue = onOneBroker(g.queue, g.broker.Addr())
	}
	return g, nil
}

// onOneBroker is a configuration for the embedded broker. A partition for each processor is enough for one process; each more
// is one more fsync for every post.
func onOneBroker(queue kafka.Config, address ...string) kafka.Config {
	queue.Brokers, queue.Replication, queue.MinInsync = address, 1, 1
	if queue.Partitions == 0 {
		queue.Partitions = min(6, max(2, runtime.GOMAXPROCS(0)))
	}
	if queue.SessionTimeout == 0 {
		queue.SessionTimeout = shortSession
	}
	return queue
}

func (g *ground) startDatabase(ctx context.Context, cfg *Config, log *slog.Logger) (err error) {
	g.server, err = embedded.StartPostgres(ctx, embedded.PostgresConfig{Dir: cfg.DataDir, BinDir: cfg.PostgresBin, Log: log})
	if err != nil {
		return err
	}
	g.database.URL = g.server.URL(embedded.Database)
	applied, err := postgres.Migrate(ctx, g.database.URL)
	if len(applied) > 0 {
		log.InfoContext(ctx, "database migrated", "versions", applied)
	}
	return err
}

// lost is closed when the embedded database has ended by itself; nil when there is none.
func (g *ground) lost() <-chan struct{} {
	if g.server == nil {
		return nil
	}
	return g.server.Done()
}

// announce writes where this process is to be found, whole or not at all.
func (g *ground) announce(url string) error {
	if !g.embedded {
		return nil
	}
	return writePrivate(filepath.Join(g.dir, whereaboutsName),
		whereabouts{PID: os.Getpid(), URL: url, DatabaseURL: g.database.URL, Brokers: g.queue.Brokers})
}

// close stops what was started, the queue after the database: nothing in either waits for the other.
func (g *ground) close(ctx context.Context) error {
	var errs []error
	if g.server != nil {
		errs = append(errs, g.server.Stop(ctx))
	}
	if g.broker != nil {
		errs = append(errs, g.broker.Close())
	}
	if g.lock != nil {
		if err := os.Remove(filepath.Join(g.dir, whereaboutsName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		errs = append(errs, g.lock.Release())
	}
	return errors.Join(errs...)
}

// join gives the ground for a command: of the process that runs on the data directory, or, when none does, our own for a moment.
func join(ctx context.Context, cfg *Config, log *slog.Logger) (*ground, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.DataDir); cfg.Database.URL == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no data directory %s: name the service's with --data-dir, or its database with DATABASE_URL", cfg.DataDir)
	}
	g, err := prepare(ctx, cfg, log)
	if !errors.Is(err, embedded.ErrInUse) {
		return g, err
	}
	at, found := readWhereabouts(cfg.DataDir)
	if !found {
		return nil, fmt.Errorf("the service on this directory is just starting; try again in a moment: %w", err)
	}
	g = &ground{queue: cfg.Kafka, database: cfg.Database}
	if len(g.queue.Brokers) == 0 {
		g.queue = onOneBroker(g.queue, at.Brokers...)
	}
	if g.database.URL == "" {
		g.database.URL = at.DatabaseURL
	}
	return g, nil
}

func readWhereabouts(dir string) (at whereabouts, found bool) {
	raw, err := os.ReadFile(filepath.Join(dir, whereaboutsName))
	if err != nil {
		return at, false
	}
	return at, json.Unmarshal(raw, &at) == nil
}

// writePrivate writes a file that only its owner reads, whole or not at all.
func writePrivate(path string, content any) error {
	raw, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	next := path + ".new"
	if err := os.WriteFile(next, append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// openStore opens the database for a command and checks that its schema is this program's.
func openStore(ctx context.Context, g *ground) (*postgres.Store, error) {
	if err := postgres.CheckSchema(ctx, g.database.URL); err != nil {
		return nil, err
	}
	return postgres.Open(ctx, g.database, time.Now)
}
