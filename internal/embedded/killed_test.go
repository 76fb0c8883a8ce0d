package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// actAsServer runs broker and database on dir and writes to both without end, printing each row
// and record once it is acknowledged.
func actAsServer(dir string) {
	if err := serve(context.Background(), dir); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, dir string) error {
	if _, err := Lock(dir); err != nil {
		return err
	}
	broker, err := StartBroker(BrokerConfig{Dir: dir, Sync: true})
	if err != nil {
		return err
	}
	server, err := StartPostgres(ctx, PostgresConfig{Dir: dir})
	if err != nil {
		return err
	}
	client, err := newClient(broker.Addr())
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", server.URL(Database))
	if err != nil {
		return err
	}
	if err := createTopic(ctx, client); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS written (what text PRIMARY KEY)"); err != nil {
		return err
	}
	return write(ctx, db, client)
}

func write(ctx context.Context, db *sql.DB, client *kgo.Client) error {
	for i := 0; ; i++ {
		what := fmt.Sprintf("%d/%d", os.Getpid(), i)
		if _, err := db.ExecContext(ctx, "INSERT INTO written VALUES ($1)", what); err != nil {
			return err
		}
		fmt.Println("row", what)
		if err := client.ProduceSync(ctx, &kgo.Record{Value: []byte(what)}).FirstErr(); err != nil {
			return err
		}
		fmt.Println("record", what)
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	var rows, produced []string
	for range 2 {
		server := startChild(t, "serve", dir, nil)
		for killed, seen := false, 0; server.lines.Scan(); seen++ {
			if seen == 400 {
				require.NoError(t, server.Process.Kill())
				killed = true
			}
			kind, what, _ := strings.Cut(server.lines.Text(), " ")
			require.Contains(t, []string{"row", "record"}, kind, server.lines.Text())
			require.True(t, killed || seen < 400)
			if kind == "row" {
				rows = append(rows, what)
			} else {
				produced = append(produced, what)
			}
		}
		server.kill()
	}
	require.GreaterOrEqual(t, len(rows)+len(produced), 800)

	lock, err := Lock(dir)
	require.NoError(t, err)
	defer lock.Release()
	postgres := open(t, PostgresConfig{Dir: dir})
	require.Subset(t, writtenRows(t, postgres), rows)
	broker, err := StartBroker(BrokerConfig{Dir: dir})
	require.NoError(t, err)
	defer broker.Close()
	seen := records(t, broker.Addr(), len(produced))
	for _, what := range produced {
		require.Equal(t, 1, seen[what], what)
	}
}

func writtenRows(t *testing.T, p *Postgres) []string {
	t.Helper()
	db, err := sql.Open("postgres", p.URL(Database))
	require.NoError(t, err)
	defer db.Close()
	found, err := db.QueryContext(deadline(t), "SELECT what FROM written")
	require.NoError(t, err)
	defer found.Close()
	var all []string
	for found.Next() {
		var what string
		require.NoError(t, found.Scan(&what))
		all = append(all, what)
	}
	require.NoError(t, found.Err())
	return all
}

// TestAnOrdinaryUserNeedsNoRoot runs the tests that matter most a second time as an ordinary user
// when this run is root's; another run is one already.
func TestAnOrdinaryUserNeedsNoRoot(t *testing.T) {
	t.Parallel()
	if !root() {
		require.NotZero(t, os.Geteuid())
		return
	}
	user, err := unprivileged()
	require.NoError(t, err)
	home := passableDir(t)
	program, err := os.Executable()
	require.NoError(t, err)
	tests := []string{"TestKilledProcessLosesNothing", "TestLockIsRefused", "TestDatabaseBehindAClosedDirectory", "TestFetchedProgramsServe"}
	command := exec.Command(copyForOthers(t, program), "-test.v", "-test.run", strings.Join(tests, "|"))
	require.NoError(t, user.own(home))
	command.Dir = home
	command.Env = append(os.Environ(), "TMPDIR="+home, "HOME="+home)
	command.SysProcAttr = user.attributes()
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	for _, test := range tests {
		require.Contains(t, string(output), "--- PASS: "+test)
	}
}
