// Package embedded starts the in-process Kafka-protocol broker and the local PostgreSQL server
// that a first run on one machine and the tests need.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What one data directory holds. The database is in pg, or where pg.location says.
const (
	lockName       = "LOCK"       // held by the program that was started on the directory
	brokerName     = "kafka"      // the broker's log segments, groups and topics
	brokerLockName = "kafka.lock" // held by the process that runs the broker
	ownerLockName  = "pg.lock"    // held by the process that runs the database
	serverLockName = "pg.server"  // held by the database's own processes
	dataName       = "pg"         // PostgreSQL's data directory
	newDataName    = "pg.new"     // the same while initdb is at work
	socketName     = "pg.sock"    // the directory of its Unix socket
	locationName   = "pg.location"
	passwordName   = "pg.password"
	logName        = "pg.log"
)

// Secrets names the files in a data directory that nobody but its owner may read.
func Secrets() []string { return []string{passwordName} }

// Discard deletes dir with all that StartBroker and StartPostgres keep for it, also the part that
// lives elsewhere (see StartPostgres). It is for throw-away runs. ErrInUse while one of them runs.
// A directory that is not there, or is none of theirs, is left alone without an error.
func Discard(ctx context.Context, dir string) error {
	if !usedBefore(dir) {
		return nil
	}
	for _, name := range []string{brokerLockName, ownerLockName} {
		lock, err := lockFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("discard %s: %w", dir, err)
		}
		defer func() { _ = lock.Release() }() // its file is deleted with the rest
	}
	home, err := homeOf(dir)
	if err != nil {
		return fmt.Errorf("discard %s: %w", dir, err)
	}
	if server, err := claimServer(ctx, home); err == nil {
		defer server.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("discard %s: %w", dir, err)
	}
	if home != dir {
		err = os.RemoveAll(home)
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// usedBefore tells whether StartBroker or StartPostgres was ever called on dir.
func usedBefore(dir string) bool {
	return exists(filepath.Join(dir, ownerLockName)) || exists(filepath.Join(dir, brokerLockName))
}

// homeOf returns the directory that holds dir's database.
func homeOf(dir string) (string, error) {
	moved, err := readLocation(dir)
	if moved == "" {
		return dir, err
	}
	return moved, err
}

// makeDir creates dir when it is missing. Root leaves it passable but not listable (0711), because
// the database runs as another user; everybody else keeps it to himself (0700). Files with secrets
// in it are 0600 either way.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, mode) // the umask may have taken more than it should
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
