package embedded

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPostgresKeepsDataOverARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passableDir(t), "data")
	first := open(t, PostgresConfig{Dir: dir})
	execute(t, first.URL(Database), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	requireSafeSettings(t, first.URL(Database))
	require.Empty(t, moved(t, dir))
	require.NoError(t, first.Stop(deadline(t)))
	require.NoError(t, first.Stop(deadline(t)), "stopping again does nothing")
	require.NoError(t, first.Err())

	second := open(t, PostgresConfig{Dir: dir})
	require.Equal(t, "7", execute(t, second.URL(Database), "SELECT n FROM kept"))
	require.NoError(t, second.Stop(deadline(t)))
	<-second.Done()
}

func requireSafeSettings(t *testing.T, url string) {
	t.Helper()
	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_wal_size": "4GB", "checkpoint_timeout": "15min",
		"max_connections": "100", "max_locks_per_transaction": "256", "timezone": "UTC", "listen_addresses": "",
		"server_encoding": "UTF8", "password_encryption": "scram-sha-256", "log_error_verbosity": "terse",
	} {
		require.Equal(t, want, execute(t, url, "SHOW "+name), name)
	}
	require.Contains(t, []string{"lz4", "on"}, execute(t, url, "SHOW wal_compression"))
}

func moved(t *testing.T, dir string) string {
	t.Helper()
	home, err := readLocation(dir)
	require.NoError(t, err)
	return home
}

func TestSecondServerOnADirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	_, err := StartPostgres(deadline(t), PostgresConfig{Dir: dir})
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, strconv.Itoa(os.Getpid()))
}

func TestDatabaseOfAnotherVersionIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.NoError(t, p.Stop(deadline(t)))
	version := filepath.Join(dir, "pg", "PG_VERSION")
	made, err := os.ReadFile(version)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(version, []byte("11\n"), 0o600))

	_, found, err := FindPostgres(t.Context())
	require.NoError(t, err)
	_, err = StartPostgres(deadline(t), PostgresConfig{Dir: dir})
	require.ErrorIs(t, err, ErrVersion)
	require.ErrorContains(t, err, "version 11 made it")
	require.ErrorContains(t, err, fmt.Sprintf("version %d is in", found))
	require.ErrorContains(t, err, filepath.Join(dir, "pg"))

	require.NoError(t, os.WriteFile(version, made, 0o600))
	again := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.Equal(t, "1", execute(t, again.URL(Database), "SELECT 1"), "nothing was touched")
}

func TestPostgresNamesATakenPort(t *testing.T) {
	t.Parallel()
	dir, port := passableDir(t), takePort(t)
	_, err := StartPostgres(deadline(t), PostgresConfig{Dir: dir, Port: port, Settings: throwAway})
	require.ErrorContains(t, err, fmt.Sprintf("port %d of 127.0.0.1 is taken", port))
}

func TestPostgresOnAPortAsksForThePassword(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	require.NoError(t, err)
	p := open(t, PostgresConfig{Dir: passableDir(t), Port: int(port), Settings: throwAway})
	address, err := url.Parse(p.URL(Database))
	require.NoError(t, err)
	query := address.Query()
	query.Set("host", "127.0.0.1")
	address.RawQuery = query.Encode()
	require.Equal(t, "1", execute(t, address.String(), "SELECT 1"))

	address.User = url.UserPassword("alataw", "guess")
	requireRefused(t, address.String())
	address.User = url.User("alataw")
	requireRefused(t, address.String())
}

func TestServerThatDiesIsReported(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.NoError(t, p.Err())
	require.NoError(t, p.process.command.Process.Kill())
	select {
	case <-p.Done():
	case <-deadline(t).Done():
		require.Fail(t, "the end of the server was not noticed")
	}
	require.ErrorContains(t, p.Err(), "killed")
	require.ErrorContains(t, p.Stop(deadline(t)), "killed")

	again := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.Equal(t, "1", execute(t, again.URL(Database), "SELECT 1"))
}

func TestBadSettingIsToldWithTheServersWords(t *testing.T) {
	t.Parallel()
	_, err := StartPostgres(deadline(t), PostgresConfig{Dir: passableDir(t), Settings: map[string]string{"fsync": "off", "max_connections": "many"}})
	require.ErrorContains(t, err, `invalid value for parameter "max_connections": "many"`)
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := StartPostgres(ctx, PostgresConfig{Dir: dir, Settings: throwAway})
	require.ErrorIs(t, err, context.Canceled)
	open(t, PostgresConfig{Dir: dir, Settings: throwAway})
}

func TestHalfMadeDatabaseIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	half := filepath.Join(dir, "pg.new", "pg")
	require.NoError(t, os.MkdirAll(half, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.Equal(t, "1", execute(t, p.URL(Database), "SELECT 1"))
	require.NoDirExists(t, filepath.Join(dir, "pg.new"))
}

func TestEarlierServerThatDoesNotStopIsNamed(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	stuck, err := claimServer(deadline(t), dir) // as the processes of a server hold it
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(deadline(t), 100*time.Millisecond)
	defer cancel()
	_, err = StartPostgres(ctx, PostgresConfig{Dir: dir, Settings: throwAway})
	require.ErrorContains(t, err, "an earlier PostgreSQL server still runs on "+filepath.Join(dir, "pg"))
	require.NoError(t, stuck.Close())
	open(t, PostgresConfig{Dir: dir, Settings: throwAway})
}

// TestServerOfAKilledProgram has a server that nobody stopped, as on a platform where the kernel
// does not: the next start stops it.
func TestServerOfAKilledProgramIsStopped(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	execute(t, p.URL(Database), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	require.NoError(t, p.owner.Release(), "the program is gone, its server is not")

	again := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	<-p.Done()
	require.Equal(t, "7", execute(t, again.URL(Database), "SELECT n FROM kept"))
}

func TestStaleProcessIDOfAnotherProgramIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.NoError(t, p.Stop(deadline(t)))
	other := sleeper(t, p.site)
	writePostmaster(t, p.site.data(), other.Process.Pid)

	again := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.Equal(t, "1", execute(t, again.URL(Database), "SELECT 1"))
	require.NoError(t, syscall.Kill(other.Process.Pid, 0), "and it is left alone")
}

func TestServerStartedByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	require.NoError(t, p.Stop(deadline(t)))
	binDir, _, err := FindPostgres(t.Context())
	require.NoError(t, err)
	byHand, err := launch(p.site.command(context.Background(), nil, filepath.Join(binDir, "postgres"),
		"-D", p.site.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+filepath.Join(dir, "pg.sock")))
	require.NoError(t, err)
	defer func() { require.NoError(t, byHand.stop(deadline(t))) }()
	require.Eventually(t, func() bool { return readPostmaster(p.site.data()).ready }, patience, pollInterval)

	_, err = StartPostgres(deadline(t), PostgresConfig{Dir: dir})
	require.ErrorContains(t, err, fmt.Sprintf("process %d, which this program did not start, already serves %s", byHand.command.Process.Pid, p.site.data()))
	require.True(t, readPostmaster(p.site.data()).ready)
}

// sleeper is some other program of the database's user.
func sleeper(t *testing.T, s site) *exec.Cmd {
	t.Helper()
	command := exec.Command("sleep", "600")
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.user.attributes().Credential}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return command
}

func writePostmaster(t *testing.T, data string, pid int) {
	t.Helper()
	lines := []string{strconv.Itoa(pid), data, "1700000000", "5432", "", "", "  5432001         0", "ready   ", ""}
	path := filepath.Join(data, "postmaster.pid")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	info, err := os.Stat(data)
	require.NoError(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	require.NoError(t, os.Chown(path, int(owner.Uid), int(owner.Gid)))
}
