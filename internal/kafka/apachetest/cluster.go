package apachetest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"
)

// start fetches what is missing, formats and starts the brokers, and waits for them. After an error nothing is left.
func start(ctx context.Context, o Options) (_ *Cluster, err error) {
	java, err := install(ctx)
	if err != nil {
		return nil, err
	}
	sweep()
	dir, err := os.MkdirTemp("", dirPattern)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, secured: len(o.Users) > 0}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, c.lastWords())
			_ = c.close() // the error before it counts
		}
	}()
	if c.secured {
		if err := makeCertificates(dir); err != nil {
			return c, fmt.Errorf("certificates: %w", err)
		}
	}
	if err := c.plan(java, o); err != nil {
		return c, err
	}
	if err := c.format(ctx, o.Users); err != nil {
		return c, err
	}
	for _, b := range c.brokers {
		if err := b.start(); err != nil {
			return c, err
		}
	}
	return c, c.awaitReady(ctx)
}

// install makes sure that there is a Java and all of Kafka's jars.
func install(ctx context.Context) (runtime, error) {
	program, err := findJava(ctx)
	if err != nil {
		return runtime{}, err
	}
	jars := parseJars(pinned)
	cache := cacheDir(version(jars))
	if err := fetch(ctx, repository(), cache, jars); err != nil {
		return runtime{}, err
	}
	return runtime{program: program, classPath: classPath(cache, jars)}, nil
}

// plan chooses ports and writes each broker's settings.
func (c *Cluster) plan(java runtime, o Options) error {
	count := max(1, o.Brokers)
	for id := 1; id <= count; id++ {
		b := &broker{id: id, java: java, dir: filepath.Join(c.dir, fmt.Sprint("broker-", id))}
		if err := os.Mkdir(b.dir, 0o700); err != nil {
			return err
		}
		c.brokers = append(c.brokers, b)
	}
	ports, err := freePorts(count * len(listeners))
	if err != nil {
		return err
	}
	for i, b := range c.brokers {
		copy(b.ports[:], ports[i*len(listeners):])
	}
	for _, b := range c.brokers {
		if err := os.WriteFile(b.settings(), []byte(c.properties(b, o)), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(b.logging(), []byte(logging), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// format prepares the brokers' storage, with the users in it that SCRAM knows.
func (c *Cluster) format(ctx context.Context, users map[string]string) error {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return err
	}
	args := []string{"format", "--cluster-id=" + base64.RawURLEncoding.EncodeToString(id)} // one argument: an ID may begin with a dash
	for name, password := range users {
		for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512"} {
			args = append(args, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, name, password))
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, b := range c.brokers {
		group.Go(func() error {
			said, err := b.tool(ctx, "kafka.tools.StorageTool", append(args[:len(args):len(args)], "--config", b.settings())...)
			if err != nil {
				return fmt.Errorf("format broker %d: %w: %s", b.id, err, said)
			}
			return nil
		})
	}
	return group.Wait()
}

const readyPoll = 50 * time.Millisecond

// awaitReady returns when every broker that runs answers by Kafka's protocol and knows all the others that run. It gives up
// when one of them ends.
func (c *Cluster) awaitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		err := c.ready(ctx)
		if err == nil {
			return nil
		}
		for _, b := range c.brokers {
			if b.ended() {
				return fmt.Errorf("broker %d has ended by itself", b.id)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the brokers are not ready: %w", err)
		}
	}
}

func (c *Cluster) ready(ctx context.Context) error {
	alive := c.Alive()
	for _, id := range alive {
		members, err := c.brokers[id-1].members(ctx)
		if err != nil {
			return fmt.Errorf("broker %d: %w", id, err)
		}
		for _, other := range alive {
			if !members[other] {
				return fmt.Errorf("broker %d does not know broker %d yet", id, other)
			}
		}
	}
	return nil
}

// members asks a broker which brokers it knows. A broker is listed once the controller lets it serve.
func (b *broker) members(ctx context.Context) (map[int]bool, error) {
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(b.address(plaintext)), Transport: transport, Timeout: 2 * time.Second}
	if _, err := client.ApiVersions(ctx, &kafka.ApiVersionsRequest{}); err != nil {
		return nil, err
	}
	answer, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{}})
	if err != nil {
		return nil, err
	}
	known := map[int]bool{}
	for _, member := range answer.Brokers {
		known[member.ID] = true
	}
	return known, nil
}
