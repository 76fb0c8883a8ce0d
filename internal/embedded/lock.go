package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrInUse says that another process holds the lock that was asked for.
var ErrInUse = errors.New("in use")

// DirLock is the exclusive right to a directory. The kernel takes it back when the process ends,
// however it ends, so a lock is never stale.
type DirLock struct {
	file *os.File
}

// Lock takes the exclusive lock of dir, creating dir when it is missing. The error wraps ErrInUse
// and names the directory and the process that holds it when another process, or this one, has it
// already.
func Lock(dir string) (*DirLock, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return lock, nil
}

// Release gives the lock back. The file stays: removing it would let two processes lock two
// different files of the same name. Releasing twice does nothing.
func (l *DirLock) Release() error {
	// Closing alone is not enough: a child that is just being forked holds the open file until it execs, and the lock with it.
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN) // on a closed file it does nothing
	if err := l.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("release lock: %w", err)
	}
	return nil
}

// lockFile locks the file at path, creating it when it is missing, and writes this process's id
// into it for those who come second.
func lockFile(path string) (*DirLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(file); err != nil {
		holder := readHolder(file)
		file.Close()
		if errors.Is(err, ErrInUse) {
			return nil, fmt.Errorf("%w by %s", ErrInUse, holder)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := writeHolder(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &DirLock{file: file}, nil
}

// flock tries once; ErrInUse when somebody else holds the lock.
func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrInUse
		}
		return err
	}
}

func writeHolder(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readHolder names the process that wrote its id into a lock file. The id is missing for the
// instant between locking and writing.
func readHolder(file *os.File) string {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return "a process that is just starting"
	}
	return "process " + pid
}
