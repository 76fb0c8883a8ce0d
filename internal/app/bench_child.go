package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is this program as another process.
type child struct {
	command *exec.Cmd
	logPath string
	done    chan struct{} // closed when it has ended
	err     error         // how; to be read after done
	at      servingAt
}

// servingAt is the line of the child's log that says where it is reached.
type servingAt struct {
	Message string `json:"msg"`
	Address string `json:"address"`
	Admin   string `json:"admin"`
}

const (
	childStarts = time.Minute
	childStops  = 40 * time.Second
)

// startChild starts this program with a command, waits until it serves, and keeps its log in a file.
func startChild(ctx context.Context, logPath string, env []string, args ...string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c := &child{command: exec.CommandContext(ctx, program, args...), logPath: logPath, done: make(chan struct{})}
	c.command.Env = append(os.Environ(), env...)
	c.command.Stderr = log
	c.command.Cancel = func() error { return c.command.Process.Signal(syscall.SIGTERM) }
	c.command.WaitDelay = childStops
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	go func() { // stop waits for it
		c.err = c.command.Wait()
		close(c.done)
	}()
	if err := c.awaitServing(ctx); err != nil {
		return nil, errors.Join(err, c.stop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// awaitServing waits for the line of the log that tells the addresses.
func (c *child) awaitServing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, childStarts)
	defer cancel()
	for {
		raw, err := os.ReadFile(c.logPath)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(raw) {
			if bytes.HasSuffix(line, []byte("\n")) && json.Unmarshal(line, &c.at) == nil && c.at.Message == servingLine {
				return nil
			}
		}
		select {
		case <-c.done:
			return fmt.Errorf("it ended: %w: %s", c.err, raw[max(0, len(raw)-500):])
		case <-ctx.Done():
			return fmt.Errorf("wait until it serves: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *child) url() string { return "http://" + c.at.Address }
func (c *child) pid() int    { return c.command.Process.Pid }

// stop asks the child to end, and makes it when it does not.
func (c *child) stop(ctx context.Context) error {
	_ = c.command.Process.Signal(syscall.SIGTERM) // it may have ended
	ctx, cancel := context.WithTimeout(ctx, childStops)
	defer cancel()
	select {
	case <-c.done:
	case <-ctx.Done():
		_ = c.command.Process.Kill()
		<-c.done
	}
	if c.err != nil {
		return fmt.Errorf("the service ended: %w", c.err)
	}
	return nil
}

// get reads an answer of one of the child's ports.
func (c *child) get(ctx context.Context, address, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// progress is how far the service says it has come, since its start.
type progress struct {
	taken, refused    int64 // orders at the door
	screened, settled int64 // settled: held, repeated, in a unit, or told that no route serves it
}

// progress reads the service's metrics.
func (c *child) progress(ctx context.Context) (p progress, err error) {
	raw, err := c.get(ctx, c.at.Address, "/metrics")
	if err != nil {
		return p, err
	}
	sums := map[string][]*int64{
		`alataw_http_parcels_total{result="accepted"}`:      {&p.taken},
		`alataw_http_parcels_total{result="refused"}`:       {&p.refused},
		`alataw_parcels_screened_total{outcome="cleared"}`:  {&p.screened},
		`alataw_parcels_screened_total{outcome="held"}`:     {&p.screened, &p.settled},
		`alataw_parcels_screened_total{outcome="repeated"}`: {&p.screened, &p.settled},
		`alataw_parcels_screened_total{outcome="conflict"}`: {&p.screened, &p.settled},
		`alataw_parcels_bundled_total{outcome="bundled"}`:   {&p.settled},
		`alataw_parcels_bundled_total{outcome="unrouted"}`:  {&p.settled},
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		for _, sum := range sums[name] {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return p, fmt.Errorf("metric %s: %w", name, err)
			}
			*sum += int64(n)
		}
	}
	return p, nil
}
