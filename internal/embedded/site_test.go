package embedded

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func requireRefused(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	defer db.Close()
	require.Error(t, db.PingContext(deadline(t)))
}

func TestDatabaseBehindAClosedDirectory(t *testing.T) {
	t.Parallel()
	closed, system := passableDir(t), filepath.Join(passableDir(t), "system")
	require.NoError(t, os.Chmod(closed, 0o700))
	cfg := PostgresConfig{Dir: filepath.Join(closed, "data"), Settings: throwAway, system: system}
	p := open(t, cfg)
	execute(t, p.URL(Database), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	require.NoError(t, p.Stop(deadline(t)))
	if root() {
		require.Equal(t, p.site.home, moved(t, cfg.Dir))
		require.Equal(t, system, filepath.Dir(p.site.home))
		require.NoDirExists(t, filepath.Join(cfg.Dir, "pg"))
	} else {
		require.DirExists(t, filepath.Join(cfg.Dir, "pg"), "our own directories are never closed to us")
	}

	again := open(t, cfg)
	require.Equal(t, "7", execute(t, again.URL(Database), "SELECT n FROM kept"))
	require.ErrorIs(t, Discard(deadline(t), cfg.Dir), ErrInUse)
	require.NoError(t, again.Stop(deadline(t)))
	require.NoError(t, Discard(deadline(t), cfg.Dir))
	require.NoDirExists(t, cfg.Dir)
	require.NoDirExists(t, p.site.data())
}

func TestDatabaseWhoseDataDirectoryWasDeletedIsSetAside(t *testing.T) {
	t.Parallel()
	dir, elsewhere := passableDir(t), passableDir(t)
	s := site{dir: dir, home: elsewhere}
	require.NoError(t, os.Mkdir(s.data(), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(s.data(), "PG_VERSION"), []byte("15\n"), 0o600))

	aside, err := s.setAsideStray()
	require.NoError(t, err)
	require.NoDirExists(t, s.data())
	require.FileExists(t, filepath.Join(aside, "pg", "PG_VERSION"), "it is kept")

	require.NoError(t, os.Mkdir(s.data(), 0o700))
	require.NoError(t, s.recordLocation())
	aside, err = s.setAsideStray()
	require.NoError(t, err)
	require.Empty(t, aside, "one that pg.location names is not a stray")
}

func TestMovedDatabaseThatIsGoneIsNotReplaced(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pg.location"), []byte("/nonexistent/alataw\n"), 0o600))
	_, err := StartPostgres(deadline(t), PostgresConfig{Dir: dir})
	require.ErrorContains(t, err, "/nonexistent/alataw/pg, which is gone")
	require.NoDirExists(t, filepath.Join(dir, "pg"))
}

func TestDatabaseThatItsUserCanNoLongerReachIsNotReplaced(t *testing.T) {
	t.Parallel()
	parent := passableDir(t)
	cfg := PostgresConfig{Dir: filepath.Join(parent, "data"), Settings: throwAway, system: passableDir(t)}
	require.NoError(t, open(t, cfg).Stop(deadline(t)))
	require.NoError(t, os.Chmod(parent, 0o700))
	if !root() {
		open(t, cfg)
		return
	}
	_, err := StartPostgres(deadline(t), cfg)
	require.ErrorContains(t, err, "chmod o+x "+parent)
	require.Empty(t, moved(t, cfg.Dir))
}

func TestDatabaseRunsAsItsOwner(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	info, err := os.Stat(p.site.data())
	require.NoError(t, err)
	uid := info.Sys().(*syscall.Stat_t).Uid
	require.NotZero(t, uid, "never root")
	status, err := os.Stat(filepath.Join(p.socket, ".s.PGSQL.5432"))
	require.NoError(t, err)
	require.Equal(t, uid, status.Sys().(*syscall.Stat_t).Uid)
	if !root() {
		return
	}
	require.NoError(t, os.Chown(dir, 0, 0))
	again, err := accountFor(p.site.data())
	require.NoError(t, err)
	require.Equal(t, uid, again.uid)
	_, err = accountFor(dir)
	require.ErrorContains(t, err, "belongs to root")
}

func TestOtherUsersReachNeitherSocketNorPassword(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	p := open(t, PostgresConfig{Dir: dir, Settings: throwAway})
	secret, err := os.Stat(filepath.Join(dir, "pg.password"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), secret.Mode().Perm())
	socket, err := os.Stat(p.socket)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), socket.Mode().Perm())
	if root() {
		other := startChild(t, "dial", filepath.Join(p.socket, ".s.PGSQL.5432"), stranger(t))
		require.True(t, other.lines.Scan())
		require.Contains(t, other.lines.Text(), "permission denied")
	}

	address, err := url.Parse(p.URL(Database))
	require.NoError(t, err)
	address.User = url.UserPassword("alataw", "guess")
	requireRefused(t, address.String())
	address.User = url.User("alataw")
	requireRefused(t, address.String())
}

func TestSocketOfALongPath(t *testing.T) {
	t.Parallel()
	long := filepath.Join(passableDir(t), strings.Repeat("long-name/", 10))
	first := open(t, PostgresConfig{Dir: filepath.Join(long, "a"), Settings: throwAway})
	second := open(t, PostgresConfig{Dir: filepath.Join(long, "b"), Settings: throwAway})
	require.NotEqual(t, first.socket, second.socket)
	for _, p := range []*Postgres{first, second} {
		require.Equal(t, "1", execute(t, p.URL(Database), "SELECT 1"))
		require.True(t, p.site.ownsPrivately(p.socket))
		require.NoError(t, p.Stop(deadline(t)))
		require.NoDirExists(t, p.socket)
	}
	again := open(t, PostgresConfig{Dir: filepath.Join(long, "a"), Settings: throwAway})
	require.Equal(t, first.socket, again.socket)
}

func TestSocketDirectoryOfSomebodyElseIsAvoided(t *testing.T) {
	user, err := accountFor("")
	require.NoError(t, err)
	s := site{home: "/" + strings.Repeat("long-name/", 11), user: user}
	base := passableDir(t)
	t.Setenv("TMPDIR", base)
	t.Setenv("XDG_RUNTIME_DIR", "")
	wanted, err := s.socketDir(defaultPort)
	require.NoError(t, err)
	require.Equal(t, base, filepath.Dir(wanted))

	require.NoError(t, os.Remove(wanted))
	elsewhere := passableDir(t)
	require.NoError(t, os.Symlink(elsewhere, wanted))
	got, err := s.socketDir(defaultPort)
	require.NoError(t, err)
	require.NotEqual(t, wanted, got)
	require.Equal(t, base, filepath.Dir(got))
	require.True(t, s.ownsPrivately(got))
}
