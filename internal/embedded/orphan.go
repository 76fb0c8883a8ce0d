package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	orphanPatience = time.Minute           // for an earlier server's last checkpoint
	pollInterval   = 10 * time.Millisecond // between looks at a file or a lock
)

// claimServer waits until no process of an earlier server on home is left, and returns the lock
// that the next ones inherit. A server whose program was killed is already stopping on Linux;
// elsewhere nobody told it, so it is told here.
func claimServer(ctx context.Context, home string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(home, serverLockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err = waitForLock(ctx, file, home); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func waitForLock(ctx context.Context, file *os.File, home string) error {
	err := flock(file)
	if !errors.Is(err, ErrInUse) {
		return err
	}
	data := filepath.Join(home, dataName)
	pid := readPostmaster(data).pid
	if pid > 0 && servesFrom(pid, data) {
		_ = syscall.Kill(pid, syscall.SIGINT) // it may be gone already; the lock tells
	}
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for errors.Is(err, ErrInUse) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("an earlier PostgreSQL server%s still runs on %s: wait until it has stopped, or end it with SIGQUIT: %w",
				inParentheses(pid), data, err)
		case <-tick.C:
			err = flock(file)
		}
	}
	return err
}

func inParentheses(pid int) string {
	if pid == 0 {
		return ""
	}
	return " (process " + strconv.Itoa(pid) + ")"
}

// clearStalePID removes a postmaster.pid whose process id has since gone to another program, for
// which PostgreSQL would refuse to start. It is called with the server lock held, so no server of
// ours is alive; one that somebody started by hand is left alone.
func clearStalePID(data string) error {
	pid := readPostmaster(data).pid
	if pid == 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil // PostgreSQL sees for itself that nobody has that id
	}
	if servesFrom(pid, data) {
		return fmt.Errorf("process %d, which this program did not start, already serves %s: stop it first", pid, data)
	}
	return os.Remove(filepath.Join(data, "postmaster.pid"))
}

// postmaster is what a server says of itself in postmaster.pid.
type postmaster struct {
	pid   int
	ready bool // it takes connections
}

// readPostmaster reads the file of the server on data: the process id in the first line, the
// state in the eighth. A missing or half-written file is a server without an id.
func readPostmaster(data string) postmaster {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return postmaster{}
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid < 0 { // a single-user backend writes its id negated
		return postmaster{}
	}
	return postmaster{pid: pid, ready: len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"}
}
