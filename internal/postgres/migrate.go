package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/migrations"
)

// Migrate brings the database at url to the newest schema. Several may try at once: one does it, the others wait and find it done.
// It returns the versions it applied. The months' tables are made here too, because here the role owns the tables.
func Migrate(ctx context.Context, url string) ([]int64, error) {
	db, p, err := provider(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	results, err := p.Up(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("migrate: %w", err))
	}
	applied := make([]int64, len(results))
	for i, r := range results {
		applied[i] = r.Source.Version
	}
	s, err := Open(ctx, Config{URL: url, MaxConnections: 1, Timeout: time.Minute}, time.Now)
	if err != nil {
		return applied, err
	}
	defer s.Close()
	_, err = s.PrepareMonths(ctx, time.Now())
	return applied, err
}

// CheckSchema refuses a database that is behind or ahead of this program.
func CheckSchema(ctx context.Context, url string) error {
	db, p, err := provider(url)
	if err != nil {
		return err
	}
	defer db.Close()
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return classify(fmt.Errorf("schema version: %w", err))
	}
	if have < want {
		return fault.New(fault.Conflict, "schema_behind", "the database has schema %d, this program needs %d: run 'alataw migrate' first", have, want)
	}
	if have > want {
		return fault.New(fault.Conflict, "schema_ahead", "the database has schema %d, this program knows %d: run a newer program", have, want)
	}
	return nil
}

func provider(url string) (*sql.DB, *goose.Provider, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("DATABASE_URL cannot be read")
	}
	db := stdlib.OpenDB(*cfg)
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		db.Close()
		return nil, nil, fmt.Errorf("migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithSessionLocker(locker))
	if err != nil {
		db.Close()
		return nil, nil, fmt.Errorf("migrations: %w", err)
	}
	return db, p, nil
}
