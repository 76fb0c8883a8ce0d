package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// migrated counts how often the template was migrated.
var migrated atomic.Int32

func migrate(ctx context.Context, url string) error {
	migrated.Add(1)
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	_, err = connection.Exec(ctx, "CREATE TABLE things (name text); INSERT INTO things VALUES ('seeded')")
	return err
}

func names(t *testing.T, url string) []string {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	defer pool.Close()
	rows, err := pool.Query(t.Context(), "SELECT name FROM things ORDER BY name")
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer connection.Close(context.Background())
	_, err = connection.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func TestEveryTestHasItsOwnMigratedDatabase(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			url := Open(t, migrate)
			require.Equal(t, []string{"seeded"}, names(t, url))
			execute(t, url, "INSERT INTO things VALUES ('added')")
			require.Equal(t, []string{"added", "seeded"}, names(t, url))
		})
	}
}

func TestTemplateIsMigratedOnce(t *testing.T) {
	one, other := Open(t, migrate), Open(t, migrate)
	require.NotEqual(t, one, other)
	require.EqualValues(t, 1, migrated.Load())
}

func TestDatabaseIsDroppedEvenWhenItsConnectionsAreOpen(t *testing.T) {
	var url string
	t.Run("leaves a connection open", func(t *testing.T) {
		url = Open(t, migrate)
		_, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
	})
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

func TestFailedMigrationFailsEveryTest(t *testing.T) {
	broken := server{}
	t.Setenv(urlVariable, Open(t, migrate))
	failing := func(context.Context, string) error { return errors.New("column misspelt") }
	for range 2 {
		require.ErrorContains(t, broken.prepare(t.Context(), failing), "column misspelt")
	}
	require.NoError(t, broken.close())
}

func TestServerOfTheEnvironmentIsUsedAndLeftClean(t *testing.T) {
	t.Setenv(urlVariable, Open(t, migrate))
	other := server{}
	require.NoError(t, other.prepare(t.Context(), migrateElsewhere))
	require.Nil(t, other.own)
	template := databaseURL(other.admin, other.template)
	require.Equal(t, []string{"elsewhere"}, names(t, template))
	require.NoError(t, other.close())
	_, err := pgx.Connect(t.Context(), template)
	require.ErrorContains(t, err, "does not exist")
}

func migrateElsewhere(ctx context.Context, url string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	_, err = connection.Exec(ctx, "CREATE TABLE things (name text); INSERT INTO things VALUES ('elsewhere')")
	return err
}

// TestProgramCleansUp runs one of these tests as a program of its own: nothing stays behind.
func TestProgramCleansUp(t *testing.T) {
	temp, err := os.MkdirTemp("", "alataw-test-")
	require.NoError(t, err)
	defer os.RemoveAll(temp)
	require.NoError(t, os.Chmod(temp, 0o755))
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program, "-test.run", "^TestTemplateIsMigratedOnce$")
	command.Env = append(withoutURL(os.Environ()), "TMPDIR="+temp)
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestNextProgramRemovesWhatAKilledOneLeft(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	left, young, used := filepath.Join(temp, dirPattern+"1"), filepath.Join(temp, dirPattern+"2"), filepath.Join(temp, dirPattern+"3")
	for _, dir := range []string{left, young, used} {
		broker, err := embedded.StartBroker(embedded.BrokerConfig{Dir: dir})
		require.NoError(t, err)
		if dir == used {
			defer broker.Close()
		} else {
			require.NoError(t, broker.Close())
		}
	}
	past := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(left, past, past))
	require.NoError(t, os.Chtimes(used, past, past))

	sweep(t.Context())
	require.NoDirExists(t, left)
	require.DirExists(t, young)
	require.DirExists(t, filepath.Join(used, "kafka"))
}

func withoutURL(environ []string) []string {
	var kept []string
	for _, setting := range environ {
		if !strings.HasPrefix(setting, urlVariable+"=") {
			kept = append(kept, setting)
		}
	}
	return kept
}

func TestDatabaseURL(t *testing.T) {
	for server, want := range map[string]string{
		"postgres://u:p@host:5432/db?sslmode=disable": "postgres://u:p@host:5432/other?sslmode=disable",
		"postgres://u:p@/db?host=%2Frun%2Fpg":         "postgres://u:p@/other?host=%2Frun%2Fpg",
		"host=/run/pg user=u dbname=db":               "host=/run/pg user=u dbname=db dbname=other",
	} {
		config, err := pgx.ParseConfig(databaseURL(server, "other"))
		require.NoError(t, err)
		require.Equal(t, "other", config.Database)
		require.Equal(t, want, databaseURL(server, "other"))
	}
}
