package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/migrations"
)

// Server is what a PostgreSQL server tells of itself.
type Server struct {
	Version     string // e.g. 17.2
	Number      int    // server_version_num: major version times 10,000 and minor
	Standby     bool   // it can only be read
	Locks       int    // all transactions together hold at the most
	Connections int    // that our role may open, all processes together
	Open        int    // that clients hold now
	Unsafe      []string
	Skew        time.Duration // its clock less ours
	Doubt       time.Duration // by which Skew may be wrong
	Size        int64         // of the database, in bytes
	Oldest      Transaction
}

// Transaction is the writing transaction that has been open for longest; of age 0 when there is none. While it is open, no feed
// shows what was written after its beginning.
type Transaction struct {
	PID   int
	Who   string // application and role
	Age   time.Duration
	State string
}

// InspectServer asks one question after the other; it changes nothing.
func (s *Store) InspectServer(ctx context.Context) (Server, error) {
	var v Server
	steps := []func(context.Context, *Server) error{s.askServer, s.askClock, s.askDurability, s.askOldest}
	for _, step := range steps {
		if err := step(ctx, &v); err != nil {
			return v, classify(fmt.Errorf("inspect server: %w", err))
		}
	}
	return v, nil
}

func (s *Store) askServer(ctx context.Context, v *Server) error {
	return s.pool.QueryRow(ctx, `
		SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(),
			current_setting('max_locks_per_transaction')::int *
				(current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int),
			current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
				- coalesce(current_setting('reserved_connections', true)::int, 0),
			(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
			pg_database_size(current_database())`).
		Scan(&v.Version, &v.Number, &v.Standby, &v.Locks, &v.Connections, &v.Open, &v.Size)
}

// askClock takes the quickest of a few answers: the shorter the way, the less the doubt.
func (s *Store) askClock(ctx context.Context, v *Server) error {
	const times = 5
	for i := range times {
		var theirs time.Time
		before := s.now()
		if err := s.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&theirs); err != nil {
			return err
		}
		doubt := s.now().Sub(before) / 2
		if i == 0 || doubt < v.Doubt {
			v.Skew, v.Doubt = theirs.Sub(before.Add(doubt)), doubt
		}
	}
	return nil
}

// askDurability names the settings with which a commit that was answered for may be gone after a crash.
func (s *Store) askDurability(ctx context.Context, v *Server) error {
	rows, err := s.pool.Query(ctx, `
		SELECT name || ' = ' || setting FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name`)
	if err != nil {
		return err
	}
	v.Unsafe, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

func (s *Store) askOldest(ctx context.Context, v *Server) error {
	o := &v.Oldest
	var seconds float64
	err := s.pool.QueryRow(ctx, `
		SELECT pid, concat_ws(' as ', nullif(application_name, ''), usename), coalesce(state, ''), extract(epoch FROM clock_timestamp() - xact_start)
		FROM pg_stat_activity
		WHERE backend_xid IS NOT NULL AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
		ORDER BY xact_start LIMIT 1`).Scan(&o.PID, &o.Who, &o.State, &seconds)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	o.Age = time.Duration(seconds * float64(time.Second))
	return err
}

// SchemaVersions tells the newest migration that the database has (0: none at all) and the newest that this program knows.
// Unlike CheckSchema it never creates the table of versions.
func (s *Store) SchemaVersions(ctx context.Context) (have, want int64, err error) {
	if want, err = newestMigration(); err != nil {
		return 0, 0, err
	}
	var there bool
	if err = s.pool.QueryRow(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there); err == nil && there {
		err = s.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	}
	if err != nil {
		return 0, 0, classify(fmt.Errorf("schema version: %w", err))
	}
	return have, want, nil
}

func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(path.Base(file))
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", file, err)
		}
		newest = max(newest, version)
	}
	if newest == 0 {
		return 0, fault.New(fault.Internal, "no_migrations", "this program was built without migrations")
	}
	return newest, nil
}
