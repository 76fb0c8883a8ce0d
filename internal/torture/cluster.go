package torture

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// cluster is the program as it runs at a port: several processes, each with some of the roles.
type cluster struct {
	doors   []*process
	workers []*process
	spare   *process // a screener that comes and goes
	queue   Queue
}

// grace is how long a process may take to stop, as it is told; a busy machine adds to it.
const (
	grace     = 10 * time.Second
	graceMore = 10 * time.Second
)

func newCluster(dir string, site Site, database string, guard *guard) *cluster {
	env := append([]string{
		"DATABASE_URL=" + site.DatabaseURL(database),
		"KAFKA_BROKERS=" + strings.Join(site.Queue.Brokers(), ","),
		"DATABASE_MAX_CONNECTIONS=10", // times the processes: less than the server takes
		"ALATAW_GRACE=" + grace.String(),
		"ALATAW_LISTEN=127.0.0.1:0",
		"ALATAW_LOG_LEVEL=warn",
		"ALATAW_DATA_DIR=" + dir,
	}, site.Environment...)
	member := func(name, roles string) *process {
		args := []string{"serve", "--roles", roles}
		if roles == "api" {
			args = append(args, "--log-level", "info") // each answer, by its request's id
		}
		return &process{name: name, program: site.Program, args: args, env: env, logs: logFile(dir, name), guard: guard}
	}
	return &cluster{
		doors: []*process{member("api-1", "api"), member("api-2", "api")},
		workers: []*process{
			member("screen-1", "screen"), member("screen-2", "screen"), member("screen-3", "screen"),
			member("bundle-1", "bundle"), member("bundle-2", "bundle"),
			member("dispatch-1", "dispatch,notify"),
		},
		spare: member("screen-4", "screen"),
		queue: site.Queue,
	}
}

// all are the processes that should always run.
func (c *cluster) all() []*process { return append(append([]*process{}, c.doors...), c.workers...) }

// start starts every process and waits until all serve.
func (c *cluster) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, p := range c.all() {
		if _, err := p.begin(false); err != nil {
			return err
		}
	}
	for _, p := range c.all() {
		if err := p.serving(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ensure starts what does not run, and waits until everything serves.
func (c *cluster) ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var errs []error
	for _, p := range c.all() {
		p.turn.Lock()
		if p.running() == nil {
			_, err := p.begin(false)
			errs = append(errs, err)
		}
		p.turn.Unlock()
		errs = append(errs, p.serving(ctx))
	}
	return errors.Join(errs...)
}

// stop ends every process.
func (c *cluster) stop() {
	var ending sync.WaitGroup
	for _, p := range append(c.all(), c.spare) {
		ending.Go(func() { p.close(grace + graceMore) })
	}
	ending.Wait()
}

// with gives the processes whose name begins so.
func (c *cluster) with(role string) []*process {
	var found []*process
	for _, p := range c.all() {
		if strings.HasPrefix(p.name, role) {
			found = append(found, p)
		}
	}
	return found
}

// door gives the address of the n-th door that is open, or of the next; "" when all are closed.
func (c *cluster) door(n int) string {
	for i := range c.doors {
		if at := c.doors[(n+i)%len(c.doors)].at(); at != "" {
			return at
		}
	}
	return ""
}

var errNoDoor = fmt.Errorf("no door is open")
