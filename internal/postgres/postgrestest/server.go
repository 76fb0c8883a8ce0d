package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alataw/alataw/internal/embedded"
)

// urlVariable names the server to use instead of starting one.
const urlVariable = "ALATAW_TEST_DATABASE_URL"

// dirPattern names the directories of servers that test programs start.
const dirPattern = "alataw-postgrestest-"

// shared is the one server of this test program: starting and migrating one takes seconds, copying
// a database a few hundredths.
var shared server

// server is a PostgreSQL server with a template database.
type server struct {
	once     sync.Once
	err      error
	admin    string // URL of a database to connect to for creating others
	template string
	copies   atomic.Int64

	own *embedded.Postgres // nil when the server is somebody else's
	dir string
}

// prepare starts the server and migrates the template, the first time it is called.
func (s *server) prepare(ctx context.Context, migrate func(ctx context.Context, url string) error) error {
	s.once.Do(func() { s.err = s.start(ctx, migrate) })
	return s.err
}

func (s *server) start(ctx context.Context, migrate func(ctx context.Context, url string) error) error {
	s.admin = os.Getenv(urlVariable)
	if s.admin == "" {
		if err := s.launch(ctx); err != nil {
			return fmt.Errorf("tests need PostgreSQL, installed or at %s: %w", urlVariable, err)
		}
	}
	// Others may be using the same server.
	template := "alataw_test_" + strings.ToLower(rand.Text()[:8])
	if err := s.execute(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	s.template = template
	if migrate == nil {
		return nil
	}
	if err := migrate(ctx, databaseURL(s.admin, template)); err != nil {
		return fmt.Errorf("migrate the template database: %w", err)
	}
	return nil
}

// launch starts a server that is fast and forgets everything when the machine stops.
func (s *server) launch(ctx context.Context) error {
	sweep(ctx)
	dir, err := os.MkdirTemp("", dirPattern)
	if err != nil {
		return err
	}
	if os.Geteuid() == 0 { // then the server runs as another user, who must get to its part of it
		if err := os.Chmod(dir, 0o711); err != nil {
			return err
		}
	}
	s.dir = dir
	s.own, err = embedded.StartPostgres(ctx, embedded.PostgresConfig{Dir: dir, Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
		"shared_buffers": "128MB", "max_connections": "200",
	}})
	if err != nil {
		return err
	}
	s.admin = s.own.URL("postgres")
	return nil
}

// sweep removes the directories of servers whose programs did not come to removing them. One that
// is in use is refused by its lock; a very young one may not have taken it yet.
func sweep(ctx context.Context) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPattern+"*")) // the pattern is well-formed
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = embedded.Discard(ctx, dir) // another user's, or in use: not ours to remove
		}
	}
}

// close removes what start made.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	if s.own == nil && s.template != "" {
		errs = append(errs, s.execute(ctx, "DROP DATABASE "+s.template+" WITH (FORCE)"))
	}
	if s.own != nil {
		errs = append(errs, s.own.Stop(ctx))
	}
	if s.dir != "" {
		errs = append(errs, embedded.Discard(ctx, s.dir))
	}
	return errors.Join(errs...)
}
