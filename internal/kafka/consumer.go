package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

// Record is a fact read from a topic. When Broken is set (a *fault.Error of kind Invalid) the headers are
// not those of a fact, and of the envelope only Key and Data hold; such a record is parked, never handled.
type Record struct {
	event.Envelope
	Topic     string // in full, with Config.Prefix
	Partition int
	Offset    int64
	Headers   []event.Header
	Broken    error
}

// Parked is a record that cannot be handled, and why.
type Parked struct {
	Record Record
	Err    error
}

// Park stores records durably, once for each topic, partition and offset: it is called again after a crash or an error.
type Park func(ctx context.Context, bad []Parked) error

// Stage is one step of the pipeline: what is done with the records of a topic.
type Stage struct {
	Topic, Group string
	MaxBatch     int           // records at most in a batch; 0 is 1,000
	Linger       time.Duration // how long a batch waits for more after its first record; 0 is 10 ms
	Timeout      time.Duration // how long one call of Handle or of the park may take; 0 is 1 min

	// Handle does a batch, all of one partition in order of offset, and gives back those that cannot be done; the
	// others are done when it returns nil. It sees a record more than once after a crash, a rebalance or an error.
	//
	// An error of kind Invalid or Malformed, or a panic, says that some record is at fault: the batch is handed again in
	// halves until that one is found and parked. Any other error is our own trouble: the batch is handed again, for
	// ever. ctx ends at Timeout, and some seconds after a shutdown or rebalance begins, so that what was begun can be
	// finished.
	Handle func(ctx context.Context, batch []Record) ([]Parked, error)

	Tracer trace.Tracer // of the batches' spans; nil for none
}

const (
	defaultMaxBatch = 1000
	defaultLinger   = 10 * time.Millisecond
	defaultTimeout  = time.Minute // two of the database's longest statements

	// rejoinPause keeps generations that end as they begin (a topic deleted under us) from spinning.
	rejoinPause = 200 * time.Millisecond
	// joinBackoff follows a failed attempt to join; kafka-go's own is 5 s.
	joinBackoff = time.Second
	// watchInterval is how soon partitions added to the topic are shared out.
	watchInterval = 5 * time.Second
	// readerTimeout bounds the end of a reader.
	readerTimeout = 5 * time.Second
)

// Run consumes until ctx ends, then finishes and commits the batches in hand and leaves the group. Several may run for one
// group, in this process and others; each partition is one's at a time. Offsets are committed only after a batch is
// handled and its bad records are parked, and only forwards.
//
// A partition with records to read that stands still for Config.StallTimeout has the consumer rebuilt: membership, connections, readers.
// When it stands still for as long once more, Run gives up. While Handle or the park fails, or the cluster is away, nothing is rebuilt or
// given up. Run returns nil unless the stage is wrong, a partition stands still, or it could not be stopped in time.
func (c *Client) Run(ctx context.Context, s Stage, park Park) error {
	if s.Topic == "" || s.Group == "" || s.Handle == nil || park == nil {
		return errors.New("kafka stage: topic, group, handler and park are needed")
	}
	s.Topic, s.Group = c.named(s.Topic), c.named(s.Group)
	s.MaxBatch = orElse(s.MaxBatch, defaultMaxBatch)
	s.Linger = orElse(s.Linger, defaultLinger)
	s.Timeout = orElse(s.Timeout, defaultTimeout)
	log := c.log.With("stage", s.Group, "topic", s.Topic)
	w := &worker{client: c, stage: s, park: park, metrics: c.metrics.stage(c.label(s.Group)), log: log, dog: newWatchdog(c, s, log)}
	c.awaitTopic(ctx, s)
	for ctx.Err() == nil {
		if err := w.live(ctx); err != nil {
			return fmt.Errorf("kafka stage %s: %w", s.Group, err)
		}
	}
	return nil
}

// live is the life of one consumer, which ends with ctx or when the watchdog says so. Nil: another may begin.
func (w *worker) live(ctx context.Context) error {
	wires := newWires(w.client.dial)
	defer wires.cut()
	w.dialer = w.client.dialerOver(wires)
	group, err := kafka.NewConsumerGroup(w.client.groupConfig(w.stage, w.dialer))
	if err != nil {
		return err
	}
	living, end := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { end(w.dog.watch(living)) })
	w.follow(living, group)
	watching.Wait()
	err = w.leave(group, wires)
	if found := context.Cause(living); ctx.Err() == nil && !errors.Is(found, errStalled) {
		return errors.Join(found, err)
	}
	return err
}

// leave ends the generation and waits for its partitions to finish and commit.
func (w *worker) leave(group *kafka.ConsumerGroup, wires *wires) error {
	err := closeWithin(w.client.cfg.grace()+w.client.cfg.coordinatorTimeout()+dialTimeout, group.Close)
	if err == nil {
		return nil
	}
	wires.cut() // what waits for a broker ends now; what waits for a handler that hangs does not
	if closeWithin(time.Second, group.Close) == nil {
		return nil
	}
	return fmt.Errorf("leave the group: %w", err)
}

func (c *Client) groupConfig(s Stage, dialer *kafka.Dialer) kafka.ConsumerGroupConfig {
	return kafka.ConsumerGroupConfig{
		ID:                     s.Group,
		Topics:                 []string{s.Topic},
		Brokers:                c.cfg.Brokers,
		Dialer:                 dialer,
		StartOffset:            kafka.FirstOffset,
		SessionTimeout:         c.cfg.SessionTimeout,
		HeartbeatInterval:      c.cfg.SessionTimeout / 20, // also how soon we hear of a rebalance
		RebalanceTimeout:       c.cfg.SessionTimeout,
		JoinGroupBackoff:       joinBackoff,
		WatchPartitionChanges:  true,
		PartitionWatchInterval: watchInterval,
		Timeout:                c.cfg.coordinatorTimeout(), // a join is awaited for the rebalance timeout more
		ErrorLogger:            c.brokerWords(),
	}
}

// coordinatorTimeout bounds a word with the group's coordinator. A join must be awaited for longer than a session and a rebalance
// together: for so long a broker may wait for members that are dead, and who gives up before it leaves one more of them behind.
func (c Config) coordinatorTimeout() time.Duration { return c.SessionTimeout + 2*time.Second }

// grace is how long a batch in hand may last after its generation ended. There are no heartbeats in that time, so past the
// session timeout the partition belongs to somebody else and the commit would be refused.
func (c Config) grace() time.Duration { return c.SessionTimeout * 4 / 5 }

// awaitTopic holds a stage back while its topic is missing: a reader that starts before its topic never sees it.
func (c *Client) awaitTopic(ctx context.Context, s Stage) {
	for failures := 1; ; failures++ {
		asked, cancel := context.WithTimeout(ctx, askTimeout)
		_, err := c.awaitLeaders(asked, s.Topic, 1)
		cancel()
		if err == nil || ctx.Err() != nil {
			return
		}
		c.log.WarnContext(ctx, "stage waits for its topic", "stage", s.Group, "topic", s.Topic, "error", err)
		if !pause(ctx, backoff(failures)) {
			return
		}
	}
}

// brokerWords gives what kafka-go says of its troubles to our log, as details.
func (c *Client) brokerWords() kafka.LoggerFunc {
	return func(format string, args ...any) { c.log.Debug("kafka-go", "message", fmt.Sprintf(format, args...)) }
}

func closeWithin(limit time.Duration, shut func() error) error {
	shutting := make(chan error, 1)
	go func() { shutting <- shut() }()
	select {
	case err := <-shutting:
		return err
	case <-time.After(limit):
		return fmt.Errorf("not done after %s", limit)
	}
}

// open makes a record of a message.
func open(m kafka.Message) Record {
	r := Record{Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Headers: fromKafka(m.Headers)}
	var err error
	if r.Envelope, err = event.Open(m.Key, m.Value, r.Headers); err != nil {
		r.Broken = fault.Wrap(err, fault.Invalid, "invalid_record", "the record's headers are not those of a fact")
	}
	return r
}
