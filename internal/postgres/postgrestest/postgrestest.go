// Package postgrestest gives a test its own migrated database on a real PostgreSQL server.
package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// patience bounds every step: a start, a migration, a copy.
const patience = 2 * time.Minute

// Open returns the URL of a fresh database for this test, dropped when the test ends.
//
// The server is the one of ALATAW_TEST_DATABASE_URL (whose user must be allowed to create
// databases), else one that this test program starts for itself; a test fails when there is none.
// The first call migrates a template with migrate, and every database is a copy of that. So pass
// the same migrate everywhere in a package; it must close its connections before it returns, and
// nil leaves the template empty.
func Open(t testing.TB, migrate func(ctx context.Context, url string) error) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, shared.prepare(ctx, migrate))
	name := fmt.Sprintf("%s_%d", shared.template, shared.copies.Add(1))
	require.NoError(t, shared.execute(ctx, "CREATE DATABASE "+name+" TEMPLATE "+shared.template))
	t.Cleanup(func() { drop(t, name) })
	return databaseURL(shared.admin, name)
}

// Main runs the tests of a package and afterwards removes what they left: the template, and the
// server with its directory if this program started one. Use it as
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
//
// A program without it, or one that is killed, leaves a stopped server's directory, which a later
// run removes.
func Main(m *testing.M) int {
	code := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, "clean up after the tests:", err)
		return max(code, 1)
	}
	return code
}

// Execute runs one statement on the database at url, for a test that breaks or grants something.
func Execute(t testing.TB, url, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	connection, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { _ = connection.Close(ctx) }()
	_, err = connection.Exec(ctx, statement)
	require.NoError(t, err, statement)
}

func drop(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, shared.execute(ctx, "DROP DATABASE "+name+" WITH (FORCE)"))
}

// databaseURL is the address of another database of the same server. A connection string may be a
// URL or a list of key=value.
func databaseURL(server, name string) string {
	if !strings.Contains(server, "://") {
		return server + " dbname=" + name
	}
	address, err := url.Parse(server)
	if err != nil {
		return server // pgx will say what is wrong with it
	}
	address.Path = "/" + name
	return address.String()
}

// execute runs one statement on the server's own database.
func (s *server) execute(ctx context.Context, statement string) error {
	connection, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
