package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/watchlist"
)

// stand is what a part is measured on: a throw-away database, and the service as a process of its own, so that what it uses can be
// told from what posting uses.
type stand struct {
	dir      string
	database *embedded.Postgres
	store    *postgres.Store // the bench's own way into the database
	keys     demoKeys
	service  *child
	brokers  []string
	meter    bench.Meter
}

// standTimeout is how long a statement of the bench's own may take: baselines read whole tables.
const standTimeout = 15 * time.Minute

// onStand does work on a stand of its own, and takes it down.
func (r *benchRun) onStand(ctx context.Context, roles []string, preload int64, work func(context.Context, *stand) error) (err error) {
	dir, err := os.MkdirTemp(r.dir, "stand-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	s := &stand{dir: filepath.Join(dir, "data")}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, s.close(stop), embedded.Discard(stop, s.dir), embedded.Discard(stop, s.queueDir()))
	}()
	if err := s.startDatabase(ctx, r); err != nil {
		return err
	}
	if preload > 0 {
		r.say("storing %d parcels", preload)
		if err := s.store.Preload(ctx, preload, time.Now()); err != nil {
			return err
		}
	}
	if err := s.startService(ctx, r, roles); err != nil {
		return err
	}
	return work(ctx, s)
}

// startDatabase starts an empty database with our schema, our keys and the lists to screen against. It keeps statistics of
// statements where the installation can.
func (s *stand) startDatabase(ctx context.Context, r *benchRun) (err error) {
	cfg := embedded.PostgresConfig{Dir: s.dir, BinDir: r.cfg.PostgresBin, Settings: map[string]string{
		"shared_preload_libraries": postgres.StatementStatistics, postgres.StatementStatistics + ".track": "all",
	}}
	if s.database, err = embedded.StartPostgres(ctx, cfg); err != nil && ctx.Err() == nil {
		cfg.Settings = nil // without the extension
		s.database, err = embedded.StartPostgres(ctx, cfg)
	}
	if err != nil {
		return err
	}
	url := s.database.URL(embedded.Database)
	if _, err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	if s.store, err = postgres.Open(ctx, postgres.Config{URL: url, MaxConnections: 8, Timeout: standTimeout}, time.Now); err != nil {
		return err
	}
	if s.keys, err = ensureKeys(ctx, s.store, s.dir); err != nil {
		return err
	}
	return s.importLists(ctx, r.cmd)
}

// importLists puts the sample's denied party on a list, and the publishers' lists that were named.
func (s *stand) importLists(ctx context.Context, c benchCmd) error {
	entries, report, err := watchlist.Parse(watchlist.Custom, []watchlist.File{sampleDenied()})
	if err != nil {
		return err
	}
	imports := []watchlist.Import{watchlist.NewImport(entries, report, "bench", 100)}
	given := c.Lists
	if len(c.Sdn) > 0 {
		given = append(slices.Clone(given), watchlist.OFAC+"="+strings.Join(c.Sdn, ","))
	}
	for _, g := range given {
		source, files, _ := strings.Cut(g, "=")
		list, err := readList(source, strings.Split(files, ","))
		if err != nil {
			return err
		}
		imports = append(imports, list)
	}
	for _, list := range imports {
		if _, err := s.store.ReplaceList(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// sampleDenied is a list of the one party that generated orders go to.
func sampleDenied() watchlist.File {
	return watchlist.File{Name: "bench", Reader: strings.NewReader("name\n" + load.SampleDeniedName + "\n")}
}

// queueDir is where the service keeps its embedded queue: two programs cannot have one data directory.
func (s *stand) queueDir() string { return s.dir + "-queue" }

func (s *stand) startService(ctx context.Context, r *benchRun, roles []string) (err error) {
	env := []string{"DATABASE_URL=" + s.database.URL(embedded.Database), "RATE_LIMIT=0", "KAFKA_MAX_LAG=0"}
	if r.cmd.Broker == "apache" {
		s.brokers = r.cfg.Kafka.Brokers
		env = append(env, "KAFKA_BROKERS="+strings.Join(s.brokers, ","), "KAFKA_REPLICATION=1", "KAFKA_MIN_INSYNC=1")
	} else {
		env = append(env, "KAFKA_BROKERS=")
	}
	s.service, err = startChild(ctx, filepath.Join(r.dir, "service-"+strings.Join(roles, "-")+".log"), env, "serve",
		"--data-dir", s.queueDir(), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--roles", strings.Join(roles, ","))
	if err != nil {
		return fmt.Errorf("start the service: %w", err)
	}
	if at, ok := readWhereabouts(s.queueDir()); ok {
		s.brokers = at.Brokers
	}
	s.meter = bench.Meter{Service: s.service.pid(), Postmaster: s.database.PID(), Load: os.Getpid(), Broker: r.cmd.BrokerPID, Now: time.Now}
	return nil
}

// queue opens the service's queue, with a topic of its own, for a baseline. What the client has to say goes to a file in dir with the
// topic's name. The caller closes both, the queue first.
func (s *stand) queue(ctx context.Context, dir, topic string) (*kafka.Client, *os.File, error) {
	log, err := os.Create(filepath.Join(dir, topic+".log"))
	if err != nil {
		return nil, nil, err
	}
	queue, err := kafka.New(kafka.Config{Brokers: s.brokers, Replication: 1, MinInsync: 1}, newLogger("warn", log), newRegistry())
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	if err := queue.CreateTopics(ctx, kafka.Topic{Name: topic}); err != nil {
		return nil, nil, errors.Join(err, queue.Close(context.WithoutCancel(ctx)), log.Close())
	}
	return queue, log, nil
}

// posting is how the load posts to the service.
func (s *stand) posting(r *benchRun) load.Config {
	return load.Config{URL: s.service.url(), Key: s.keys[account.Platform], Workers: r.cmd.Workers, Batch: r.cmd.Batch}
}

func (s *stand) close(ctx context.Context) error {
	var errs []error
	if s.service != nil {
		errs = append(errs, s.service.stop(ctx))
	}
	if s.store != nil {
		s.store.Close()
	}
	if s.database != nil {
		errs = append(errs, s.database.Stop(ctx))
	}
	return errors.Join(errs...)
}
