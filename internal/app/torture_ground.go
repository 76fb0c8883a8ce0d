//go:build failpoints

package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/postgres"
)

// tortured is a database that is killed and started again.
type tortured struct {
	cfg embedded.PostgresConfig

	mu     sync.Mutex
	server *embedded.Postgres
	url    string
}

func newTortured(ctx context.Context, dir string) (*tortured, error) {
	port, err := quietPort()
	if err != nil {
		return nil, err
	}
	d := &tortured{cfg: embedded.PostgresConfig{Dir: dir, Port: port}}
	if err := d.Start(ctx); err != nil {
		return nil, err
	}
	if _, err := postgres.Migrate(ctx, d.url); err != nil {
		return nil, errors.Join(err, d.close(context.WithoutCancel(ctx)))
	}
	return d, nil
}

// Address implements torture.Database.
func (d *tortured) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.cfg.Port)) }

// at is the URL of the database behind another address.
func (d *tortured) at(address string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, err := url.Parse(d.url)
	if err != nil {
		return d.url
	}
	u.Host, u.RawQuery = address, "sslmode=disable"
	return u.String()
}

// PID implements torture.Database.
func (d *tortured) PID() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil || d.server.Err() != nil {
		return 0
	}
	return d.server.PID()
}

// Start implements torture.Database.
func (d *tortured) Start(ctx context.Context) error {
	server, err := embedded.StartPostgres(ctx, d.cfg)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.server, d.url = server, server.URL(embedded.Database)
	return nil
}

// Stop implements torture.Database.
func (d *tortured) Stop(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil {
		return nil
	}
	server := d.server
	d.server = nil
	return server.Stop(ctx)
}

// Gone implements torture.Database: a server that has ended is stopped for its lock.
func (d *tortured) Gone(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil {
		return nil
	}
	select {
	case <-d.server.Done():
	case <-ctx.Done():
		return fmt.Errorf("the database does not end: %w", context.Cause(ctx))
	}
	_ = d.server.Stop(ctx) // it says that it was not we who stopped it
	d.server = nil
	return nil
}

func (d *tortured) close(ctx context.Context) error {
	if d.PID() == 0 {
		return d.Gone(ctx)
	}
	return d.Stop(ctx)
}

// quietPort gives a port that no client's connection is given by the system: it stays free while its server is down.
func quietPort() (int, error) {
	for range 100 {
		port := 20_000 + rand.IntN(10_000)
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 30000")
}

// tortureQueueCmd runs the embedded queue by itself.
type tortureQueueCmd struct{}

// Run serves until ctx ends. SIGUSR1 makes it refuse records, SIGUSR2 take them again.
func (tortureQueueCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	broker, err := embedded.StartBroker(embedded.BrokerConfig{
		Dir: cfg.DataDir, Port: cfg.QueuePort, Sync: cfg.QueueSync, Log: newLogger(cfg.LogLevel, to.err),
	})
	if err != nil {
		return err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(told)
	fmt.Fprintf(to.out, "The queue serves %s \n", broker.Addr())
	for {
		select {
		case <-ctx.Done():
			return broker.Close()
		case s := <-told:
			broker.Refuse(s == syscall.SIGUSR1)
		}
	}
}
