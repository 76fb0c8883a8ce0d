package embedded

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
	"github.com/stretchr/testify/require"
)

// nothingInstalled is the configuration of a machine without PostgreSQL.
func nothingInstalled(t *testing.T, repository string) PostgresConfig {
	t.Helper()
	dir := passableDir(t)
	t.Setenv("TMPDIR", dir) // the library leaves an empty file behind
	return PostgresConfig{
		Dir: filepath.Join(dir, "data"), CacheDir: filepath.Join(dir, "cache"), Repository: repository,
		Settings: throwAway, binDirs: []string{},
	}
}

func TestFetchedProgramsServe(t *testing.T) {
	binDir, _, err := FindPostgres(t.Context())
	require.NoError(t, err)
	repository := startRepository(t, binDir)
	cfg := nothingInstalled(t, repository.URL+"/")
	p := open(t, cfg)
	require.Equal(t, "1", execute(t, p.URL(Database), "SELECT 1"))
	require.NoError(t, p.Stop(deadline(t)))
	require.Len(t, repository.asked, 2)
	require.Contains(t, repository.asked[0], string(embeddedpostgres.V18))

	kept, err := filepath.Glob(filepath.Join(cfg.CacheDir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(cfg.CacheDir, string(embeddedpostgres.V18))}, kept, "nothing else is left over")
	info, err := os.Stat(filepath.Join(kept[0], "bin", "postgres"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm(), "every user may run it")

	open(t, cfg)
	require.Len(t, repository.asked, 2, "the second start fetches nothing")
}

func TestFetchIsRefused(t *testing.T) {
	binDir, _, err := FindPostgres(t.Context())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		checksum func([]byte) (string, int)
		want     string
	}{
		"a wrong checksum":   {func([]byte) (string, int) { return "0123", http.StatusOK }, "checksums do not match"},
		"a missing checksum": {func([]byte) (string, int) { return "", http.StatusNotFound }, "404 Not Found"},
	} {
		repository := startRepository(t, binDir)
		repository.checksum = c.checksum
		cfg := nothingInstalled(t, repository.URL)
		_, err := StartPostgres(deadline(t), cfg)
		require.ErrorIs(t, err, ErrNoPostgres, name)
		require.ErrorContains(t, err, c.want, name)
		left, err := filepath.Glob(filepath.Join(cfg.CacheDir, "*"))
		require.NoError(t, err)
		require.Empty(t, left, name)
	}
}

func TestNoPostgresSaysHowToInstallIt(t *testing.T) {
	nowhere := httptest.NewServer(http.NotFoundHandler())
	nowhere.Close()
	_, err := StartPostgres(deadline(t), nothingInstalled(t, nowhere.URL))
	require.ErrorIs(t, err, ErrNoPostgres)
	require.ErrorContains(t, err, "connection refused")
	require.ErrorContains(t, err, installAdvice())
	require.Contains(t, installAdvice(), "install")
}

func TestFetchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(deadline(t))
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		cancel()
		<-request.Context().Done()
	}))
	defer silent.Close()
	_, err := StartPostgres(ctx, nothingInstalled(t, silent.URL))
	require.ErrorIs(t, err, context.Canceled)
}

func TestLibrarysRepositoryIsKnown(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(defaultRepository(embeddedpostgres.DefaultConfig()))
	require.NoError(t, err)
	require.Equal(t, "https", address.Scheme)
	require.NotEmpty(t, address.Host)
}

func TestVersionsThatCanBeFetched(t *testing.T) {
	t.Parallel()
	for major := range 30 {
		version, err := release(major)
		if major == 0 || major >= 13 && major <= 18 {
			require.NoError(t, err, major)
			require.NotEmpty(t, version)
		} else {
			require.Error(t, err, major)
		}
	}
}
