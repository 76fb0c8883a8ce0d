// Package kafka carries facts through a Kafka cluster: a producer whose nil means stored on every
// in-sync replica, and a consumer that handles batches at least once and parks what cannot be handled.
package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"golang.org/x/sync/semaphore"

	"github.com/alataw/alataw/internal/fault"
)

const (
	clientID = "alataw"

	// dialTimeout bounds TCP, TLS and SASL together.
	dialTimeout = 3 * time.Second
	// askTimeout bounds one question to the cluster: metadata, offsets, a ping.
	askTimeout  = 5 * time.Second
	pingTimeout = time.Second
	// metadataTTL is how long a new topic or a moved leader may go unseen; kafka-go's own is 6 s.
	metadataTTL = time.Second
	// closeTimeout bounds Close for a caller without a deadline. kafka-go's own Close waits for every
	// retry of every batch, 54 s on a dead network.
	closeTimeout = 5 * time.Second
)

// Client speaks to one cluster. Its methods may be called from many goroutines.
type Client struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics

	dial      Dial
	security  *tls.Config    // nil: none
	mechanism sasl.Mechanism // nil: none

	line    *line // producer and admin; each consumer has connections of its own
	admin   *kafka.Client
	writer  *kafka.Writer
	room    *semaphore.Weighted // bytes that may wait for the cluster
	refused atomic.Int64        // when it last refused records, in Unix nanoseconds; 0: it takes them
}

// New builds a client; it checks cfg and reads its certificates but dials nobody. Metrics are registered
// with reg, so one registry takes one client.
func New(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(cfg.Brokers) == 0 {
		return nil, errors.New("kafka: brokers: none is named")
	}
	cfg = cfg.WithDefaults()
	security, err := cfg.tlsConfig()
	if err != nil {
		return nil, fmt.Errorf("kafka: TLS: %w", err)
	}
	mechanism, err := cfg.mechanism()
	if err != nil {
		return nil, fmt.Errorf("kafka: SASL: %w", err)
	}
	c := &Client{
		cfg: cfg, log: log, metrics: newMetrics(reg), room: semaphore.NewWeighted(maxWaitingBytes),
		dial: bounded(cfg.dialer()), security: security, mechanism: mechanism,
	}
	// Two ways into the same cluster: kafka-go's writers use a Transport, its readers a Dialer (see dialerOver).
	c.line = &line{transport: &kafka.Transport{
		ClientID: clientID, Dial: c.dial, DialTimeout: dialTimeout, MetadataTTL: metadataTTL, TLS: security, SASL: mechanism,
	}}
	c.admin = &kafka.Client{Addr: kafka.TCP(cfg.Brokers...), Transport: c.line, Timeout: askTimeout}
	c.writer = newWriter(c.admin.Addr, c.line, cfg.WriteTimeout)
	if cfg.SASLMechanism == mechanismPlain && !cfg.TLS {
		log.Warn("kafka password travels in the clear: SASL PLAIN without TLS")
	}
	return c, nil
}

// named gives the cluster's name of a topic or group of ours.
func (c *Client) named(name string) string { return c.cfg.Prefix + name }

// label gives a topic or group as metrics name it: without the prefix, so that one alert fits every installation.
func (c *Client) label(name string) string { return strings.TrimPrefix(name, c.cfg.Prefix) }

// remember keeps when the cluster last refused records that it should have taken, until it takes some again.
func (c *Client) remember(err error) {
	switch {
	case err == nil:
		c.refused.Store(0)
	case fault.KindOf(err) == fault.Unavailable:
		c.refused.Store(time.Now().UnixNano())
	}
}

// refusedFor is how long after refusing records a cluster counts as unable to take them; then somebody may try again.
const refusedFor = 10 * time.Second

// Ping asks a broker whether it is there, past every cache. A cluster that answers, and took nothing of what it was last given
// (its disk is full, its replicas are gone), is not there either. The error is a *fault.Error of kind Unavailable.
func (c *Client) Ping(ctx context.Context) error {
	if at := c.refused.Load(); at > 0 && time.Since(time.Unix(0, at)) < refusedFor {
		return unavailable(errors.New("it has just refused records"))
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := insist(ctx, func() error { return c.greet(ctx) }); err != nil {
		return unavailable(c.explain(err))
	}
	return nil
}

// greet asks a broker what it can do: the first thing it answers, once it has let us in.
func (c *Client) greet(ctx context.Context) error {
	answer, err := c.admin.ApiVersions(ctx, &kafka.ApiVersionsRequest{})
	if err != nil {
		return err
	}
	return answer.Error
}

// explain says what it usually means that brokers hang up on us without a word.
func (c *Client) explain(err error) error {
	switch {
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case !c.cfg.TLS:
		return fmt.Errorf("%w: the broker hangs up; it may want TLS", err)
	case c.cfg.SASLMechanism == mechanismNone:
		return fmt.Errorf("%w: the broker hangs up; it may want a user and password by SASL", err)
	}
	return err
}

// Close sends what was published and frees the connections, until ctx ends or 5 s have passed. Then it
// gives up what is left, whose publishers were never told it is stored, and says so. Stop the stages first.
func (c *Client) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- c.writer.Close() }()
	defer c.line.transport.CloseIdleConnections()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
	}
	c.line.cut.Store(true)
	select {
	case <-closed: //nolint:errcheck // there is nobody left to act on it
	case <-time.After(c.cfg.WriteTimeout + time.Second): // an attempt under way lasts that long at most
	}
	return fmt.Errorf("close kafka client: unsent records given up: %w", context.Cause(ctx))
}

// line is the transport with a switch: once cut, every try to send fails at once, which is the only way
// to hurry a kafka-go writer that is retrying.
type line struct {
	transport *kafka.Transport
	cut       atomic.Bool
}

// RoundTrip implements kafka.RoundTripper.
func (l *line) RoundTrip(ctx context.Context, addr net.Addr, req kafka.Request) (kafka.Response, error) {
	if l.cut.Load() {
		return nil, io.ErrClosedPipe
	}
	return l.transport.RoundTrip(ctx, addr, req)
}

// insist tries again, a few times and quickly, when a connection turns out to be dead or the cluster
// asks for patience: after a broker's restart the first use of every pooled connection fails.
// While a group is given to another broker, which reads all its offsets first, it tries until ctx ends.
func insist(ctx context.Context, ask func() error) error {
	var err error
	for failures := 0; failures < 5; {
		if err = ask(); !passing(err) {
			return err
		}
		if !settling(err) {
			failures++
		}
		if !pause(ctx, 50*time.Millisecond) {
			break
		}
	}
	return err
}

// settling tells of a group of which no broker can speak yet.
func settling(err error) bool {
	return errors.Is(err, kafka.GroupLoadInProgress) || errors.Is(err, kafka.GroupCoordinatorNotAvailable) ||
		errors.Is(err, kafka.NotCoordinatorForGroup)
}

// passing tells of an error that may be gone the next time.
func passing(err error) bool {
	if code, ok := errors.AsType[kafka.Error](err); ok {
		return code.Temporary() || code == kafka.BrokerNotAvailable // kafka-go's own word for a cluster of which it reaches no broker
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
