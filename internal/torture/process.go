package torture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is one process of the program, started again and again.
type process struct {
	name    string
	program string
	args    []string
	env     []string
	logs    string // file
	guard   *guard

	turn sync.Mutex // held by who kills and starts it

	mu     sync.Mutex
	life   *life // nil while it is down
	url    string
	closed bool // it is not started again
}

// life is one run of a process.
type life struct {
	cmd    *exec.Cmd
	doomed bool          // somebody means it to end
	ended  chan struct{} // closed when it has
	state  *os.ProcessState
}

// restartPause is how long a supervisor takes to notice that a process has ended by itself.
const restartPause = 500 * time.Millisecond

// begin starts the process. It does not wait until it serves.
func (p *process) begin(doomed bool, extra ...string) (*life, error) {
	logs, err := os.OpenFile(p.logs, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	l := &life{doomed: doomed, ended: make(chan struct{})}
	l.cmd = exec.Command(p.program, p.args...) //nolint:noctx // it ends when it is killed, which is the point
	l.cmd.Env = append(append(os.Environ(), p.env...), extra...)
	l.cmd.Stderr = logs
	l.cmd.Stdout = &announcement{of: p, life: l}
	tie(l.cmd)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("the run is over")
	}
	started := make(chan error)
	go p.live(l, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.life = l
	return l, nil
}

// live starts a process and waits for its end, on one thread: the kernel ties the child's life to it.
func (p *process) live(l *life, started chan<- error) {
	runtime.LockOSThread()
	err := l.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = l.cmd.Wait() // the state tells
	p.mu.Lock()
	l.state = l.cmd.ProcessState
	doomed := l.doomed || p.closed
	if p.life == l {
		p.life, p.url = nil, ""
	}
	p.mu.Unlock()
	close(l.ended)
	if !doomed {
		p.guard.violated("exits", "%s ended by itself: %s; see %s", p.name, l.state, p.logs)
		time.Sleep(restartPause)
		p.turn.Lock()
		defer p.turn.Unlock()
		if p.running() == nil {
			_, err = p.begin(false)
			p.guard.check("restart", err)
		}
	}
}

func (p *process) running() *life {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life
}

// at gives the address at which it serves, "" while it does not.
func (p *process) at() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url
}

// tell sends a signal that the process lives through.
func (p *process) tell(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return nil
	}
	return p.life.cmd.Process.Signal(s)
}

// signal means the process to end. It gives the life that ends; nil when there was none.
func (p *process) signal(s syscall.Signal) *life {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.life
	if l == nil {
		return nil
	}
	l.doomed = true
	_ = l.cmd.Process.Signal(s)
	return l
}

// kill is kill -9. It returns when the process is gone.
func (p *process) kill() {
	if l := p.signal(syscall.SIGKILL); l != nil {
		<-l.ended
	}
}

// end asks the process to stop, and tells how long that took and with which exit code; over patience it is killed and code is -1.
func (p *process) end(patience time.Duration) (took time.Duration, code int) {
	began := time.Now()
	l := p.signal(syscall.SIGTERM)
	if l == nil {
		return 0, 0
	}
	select {
	case <-l.ended:
		return time.Since(began), l.state.ExitCode()
	case <-time.After(patience):
		p.kill()
		return time.Since(began), -1
	}
}

// close ends the process for good.
func (p *process) close(patience time.Duration) {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.end(patience)
}

// serving waits until the process says that it serves.
func (p *process) serving(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for p.at() == "" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not serve; see %s: %w", p.name, p.logs, context.Cause(ctx))
		case <-tick.C:
		}
	}
	return nil
}

// announcement reads from a process's standard output where it serves.
type announcement struct {
	of   *process
	life *life
	seen bytes.Buffer
	told bool
}

var addresses = regexp.MustCompile(`serves (\S+)\s`)

// Write implements io.Writer.
func (a *announcement) Write(b []byte) (int, error) {
	if a.told {
		return len(b), nil
	}
	a.seen.Write(b)
	if found := addresses.FindSubmatch(a.seen.Bytes()); found != nil {
		a.told = true
		a.of.mu.Lock()
		if a.of.life == a.life {
			a.of.url = string(found[1])
		}
		a.of.mu.Unlock()
	}
	return len(b), nil
}

func logFile(dir, name string) string { return filepath.Join(dir, name+".log") }
