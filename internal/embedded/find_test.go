package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeServer makes a directory with programs that call themselves a version of PostgreSQL.
func fakeServer(t *testing.T, dir string, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", version)
	for _, program := range []string{"postgres", "initdb"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755))
	}
	return dir
}

func TestFindPostgresFollowsLinksInPath(t *testing.T) {
	target := fakeServer(t, filepath.Join(passableDir(t), "real"), "postgres (PostgreSQL) 17.2 (Debian 17.2-1)")
	links := passableDir(t)
	require.NoError(t, os.Symlink(filepath.Join(target, "postgres"), filepath.Join(links, "postgres")))
	t.Setenv("PATH", links+":"+os.Getenv("PATH"))
	binDir, version, err := FindPostgres(t.Context())
	require.NoError(t, err)
	require.Equal(t, target, binDir)
	require.Equal(t, 17, version)
}

func TestFindPostgresPassesOverWhatCannotServe(t *testing.T) {
	dir := passableDir(t)
	old := fakeServer(t, filepath.Join(dir, "old"), "postgres (PostgreSQL) 12.22")
	other := fakeServer(t, filepath.Join(dir, "other"), "something else")
	lone := fakeServer(t, filepath.Join(dir, "lone"), "postgres (PostgreSQL) 16.1")
	require.NoError(t, os.Remove(filepath.Join(lone, "initdb")))
	beta := fakeServer(t, filepath.Join(dir, "beta"), "postgres (PostgreSQL) 19beta1")
	t.Setenv("PATH", old+":"+other+":"+lone+":"+beta+":"+os.Getenv("PATH"))
	binDir, version, err := FindPostgres(t.Context())
	require.NoError(t, err)
	require.Equal(t, beta, binDir)
	require.Equal(t, 19, version)
}

func TestNewestInstallationIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"9.6", "15", "100"} {
		fakeServer(t, filepath.Join(dir, "v"+version, "bin"), "")
	}
	t.Chdir(dir)
	require.Equal(t, []string{"v100/bin", "v15/bin", "v9.6/bin"}, globNewestFirst("v*/bin"))
}

func TestProgramsOfTheDatabasesVersionAreChosen(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	newer := fakeServer(t, filepath.Join(dir, "a"), "postgres (PostgreSQL) 17.2")
	fitting := fakeServer(t, filepath.Join(dir, "b"), "postgres (PostgreSQL) 15.9")
	user, err := accountFor("")
	require.NoError(t, err)
	s := site{home: dir, user: user}

	found, err := s.firstMatch(deadline(t), []string{newer, fitting}, 15)
	require.NoError(t, err)
	require.Equal(t, installation{binDir: fitting, version: 15}, found)
	found, err = s.firstMatch(deadline(t), []string{newer, fitting}, 0)
	require.NoError(t, err)
	require.Equal(t, 17, found.version)
	_, err = s.firstMatch(deadline(t), []string{newer, fitting}, 16)
	require.ErrorIs(t, err, ErrVersion)
	_, err = s.firstMatch(deadline(t), nil, 16)
	require.ErrorIs(t, err, ErrNoPostgres)
}

func TestSharedBuffersTakeAQuarterOfTheMemory(t *testing.T) {
	t.Parallel()
	for memory, want := range map[uint64]string{
		0: "256MB", 512 << 20: "256MB", 2 << 30: "512MB", 4 << 30: "1024MB", 64 << 30: "1024MB",
	} {
		require.Equal(t, want, sharedBuffers(memory), memory)
	}
}
