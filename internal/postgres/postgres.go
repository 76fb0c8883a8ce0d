// Package postgres keeps what must outlive the process. It is the only room that knows gorm and pgx: gorm for accounts, lists
// and other small things, pgx through the same connections for the batches of the journey.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"go.opentelemetry.io/otel/trace"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Config says which database, and how many connections a process takes of it.
type Config struct {
	URL            string        `env:"DATABASE_URL" secret:"url" help:"PostgreSQL to use; empty starts the embedded one."`
	MaxConnections int           `env:"DATABASE_MAX_CONNECTIONS" default:"24" help:"Connections this process opens at the most."`
	Timeout        time.Duration `env:"DATABASE_TIMEOUT" default:"30s" help:"Longest a statement may take."`
}

// fewestConnections lets a process of the role screen work: it may lead in six things at once, the relay among them, each of which holds a
// connection as long as it leads and works by others.
const fewestConnections = 8

// Validate tells everything that is wrong with the configuration.
func (c Config) Validate() error {
	var wrong []error
	if _, err := pgxpool.ParseConfig(c.URL); c.URL != "" && err != nil {
		wrong = append(wrong, errors.New("DATABASE_URL cannot be read")) // without the text: it holds a password
	}
	if c.MaxConnections < fewestConnections {
		wrong = append(wrong, fmt.Errorf("DATABASE_MAX_CONNECTIONS must be at least %d", fewestConnections))
	}
	if c.Timeout < time.Second {
		wrong = append(wrong, errors.New("DATABASE_TIMEOUT must be at least 1s"))
	}
	return errors.Join(wrong...)
}

// Store is the database. Each of its methods is a whole unit of work.
type Store struct {
	pool *pgxpool.Pool
	gorm *gorm.DB
	sql  *sql.DB
	now  func() time.Time

	verdictTrust, loadTrust *trust
}

// Open makes the connections' pool; it does not wait for the database, which may come later.
func Open(ctx context.Context, cfg Config, now func() time.Time) (*Store, error) {
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, errors.New("DATABASE_URL cannot be read") // pgx's error may quote the password
	}
	pc.MaxConns = int32(cfg.MaxConnections)
	pc.ConnConfig.ConnectTimeout = 5 * time.Second
	pc.ConnConfig.Tracer = statements{}
	params := pc.ConnConfig.RuntimeParams
	params["application_name"] = "alataw"
	params["timezone"] = "UTC"
	params["jit"] = "off"
	params["statement_timeout"] = fmt.Sprint(cfg.Timeout.Milliseconds())
	// A plan cached while a table was empty stays in force while the table grows by a million rows before the next analyze.
	params["plan_cache_mode"] = "force_custom_plan"
	// What a batch looks up is what was stored a moment ago. At the default of 4, made for disks that turn, thousands of look-ups
	// by key are planned as reading the whole table and hashing it, which is slower and grows with the table.
	params["random_page_cost"] = "1.1"
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("database pool: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: db}), &gorm.Config{
		TranslateError: true, DisableAutomaticPing: true, SkipDefaultTransaction: true,
		NowFunc: func() time.Time { return now().UTC() },
		Logger:  logger.Discard, // errors are returned; one place logs them
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("gorm: %w", err)
	}
	return &Store{pool: pool, gorm: g, sql: db, now: now, verdictTrust: new(trust), loadTrust: new(trust)}, nil
}

// Close ends all connections.
func (s *Store) Close() {
	_ = s.sql.Close() // it only lets go of the pool
	s.pool.Close()
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		return classify(fmt.Errorf("ping database: %w", err))
	}
	return nil
}

// LockCapacity tells how many locks all transactions of the server can hold together.
func (s *Store) LockCapacity(ctx context.Context) (locks int, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT current_setting('max_locks_per_transaction')::int *
			(current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)`).Scan(&locks)
	if err != nil {
		return 0, classify(fmt.Errorf("lock capacity: %w", err))
	}
	return locks, nil
}

const attempts = 3

// inTx runs work in one transaction and classifies what goes wrong. A transaction that the database gave up for the sake of
// another (SQLSTATE class 40: deadlock, serialization) is run again: work must not keep anything of a run before.
func (s *Store) inTx(ctx context.Context, what string, work func(pgx.Tx) error) (err error) {
	ctx, span := begin(ctx, what, trace.SpanKindInternal)
	defer func() { end(span, err) }()
	for range attempts {
		if err = pgx.BeginFunc(ctx, s.pool, work); !givenUp(err) {
			break
		}
	}
	if err != nil {
		return classify(fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

// nullable gives nil for an empty text, so that the column is NULL.
func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
