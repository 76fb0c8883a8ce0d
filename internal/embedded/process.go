package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// How long a server may take to stop before it is asked more roughly.
const (
	fastShutdown      = 30 * time.Second // SIGINT: ends sessions, writes a checkpoint
	immediateShutdown = 10 * time.Second // SIGQUIT: ends at once, recovers at the next start
)

// process is a running server.
type process struct {
	command *exec.Cmd
	done    chan struct{} // closed when it has ended
	err     error         // how it ended; to be read after done
}

// launch starts command on a thread that lives as long as the child, because the kernel ties the
// child's life to that thread, not to the process (see stopWithParent).
func launch(command *exec.Cmd) (*process, error) {
	p := &process{command: command, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			p.err = command.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// stop ends the server and waits until it has: politely at first, at once when ctx ends or the
// patience does.
func (p *process) stop(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	default:
	}
	if p.interrupt(ctx, syscall.SIGINT, fastShutdown) {
		return p.err
	}
	rough := errors.New("it did not stop in time and was ended at once; the next start recovers it")
	// The caller's patience is over, but leaving the server behind helps nobody.
	if !p.interrupt(context.WithoutCancel(ctx), syscall.SIGQUIT, immediateShutdown) {
		p.interrupt(context.WithoutCancel(ctx), syscall.SIGKILL, immediateShutdown)
	}
	return rough
}

// interrupt sends a signal and tells whether the server ended in time.
func (p *process) interrupt(ctx context.Context, signal syscall.Signal, patience time.Duration) bool {
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// command prepares one of PostgreSQL's programs to run as the database's user. held is the lock
// that says that a process of this database is alive; every one of them inherits it.
func (s site) command(ctx context.Context, held *os.File, program string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = s.home // ours may be closed to that user
	command.Env = databaseEnvironment(os.Environ())
	command.SysProcAttr = s.user.attributes()
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = immediateShutdown
	if held != nil {
		command.ExtraFiles = []*os.File{held}
	}
	return command
}

// run runs one of PostgreSQL's tools to its end. What it said is in the error when it fails.
func (s site) run(ctx context.Context, held *os.File, stdin string, program string, args ...string) (string, error) {
	runtime.LockOSThread() // the child is tied to this thread
	defer runtime.UnlockOSThread()
	command := s.command(ctx, held, program, args...)
	command.Stdin = strings.NewReader(stdin)
	output, err := command.CombinedOutput()
	said := strings.TrimSpace(string(output))
	switch {
	case err == nil:
		return said, nil
	case said == "":
		return "", fmt.Errorf("%s: %w", program, err)
	}
	return "", fmt.Errorf("%s: %w: %s", program, err, lastLines(said))
}

// databaseEnvironment keeps settings of the caller's own PostgreSQL and language out of ours.
func databaseEnvironment(environ []string) []string {
	kept := []string{"LC_ALL=C", "TZ=UTC"}
	for _, setting := range environ {
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "LANG") || name == "TZ" {
			continue
		}
		kept = append(kept, setting)
	}
	return kept
}

// lastLines is the end of a program's output, short enough for an error message.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "; ")
}
