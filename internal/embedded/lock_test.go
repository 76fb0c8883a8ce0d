package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLockIsRefusedWhileAnotherProcessHoldsIt(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	holder := startChild(t, "lock", dir, nil)
	require.True(t, holder.lines.Scan())
	require.Equal(t, "locked", holder.lines.Text())

	_, err := Lock(dir)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "process "+strconv.Itoa(holder.Process.Pid))

	holder.kill()
	lock, err := Lock(dir)
	require.NoError(t, err, "the lock of a killed process is free")
	require.NoError(t, lock.Release())
}

func TestLockIsRefusedTwiceInOneProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := Lock(dir)
	require.NoError(t, err)
	_, err = Lock(dir)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, strconv.Itoa(os.Getpid()))

	require.NoError(t, first.Release())
	require.NoError(t, first.Release(), "releasing again does nothing")
	second, err := Lock(dir)
	require.NoError(t, err)
	require.NoError(t, second.Release())
}

func TestLockNeedsADirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Lock(file)
	require.ErrorContains(t, err, file+" is not a directory")
}

func TestNewDataDirectoryIsClosedToListing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	lock, err := Lock(dir)
	require.NoError(t, err)
	require.NoError(t, lock.Release())
	info, err := os.Stat(dir)
	require.NoError(t, err)
	if root() {
		require.Equal(t, os.FileMode(0o711), info.Mode().Perm())
	} else {
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	}
}

// A lock that is given back is free at once, also while other goroutines fork children that inherit its file for a moment.
func TestReleasedLockIsFreeWhileChildrenAreForked(t *testing.T) {
	t.Parallel()
	dir := passableDir(t)
	ctx, stop := context.WithCancel(t.Context())
	var forking sync.WaitGroup
	for range 4 {
		forking.Go(func() {
			for ctx.Err() == nil {
				_ = exec.CommandContext(ctx, "true").Run() // only its fork matters
			}
		})
	}
	for range 300 {
		lock, err := Lock(dir)
		require.NoError(t, err)
		require.NoError(t, lock.Release())
	}
	stop()
	forking.Wait()
}
