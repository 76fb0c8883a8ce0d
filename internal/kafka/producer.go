package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

const (
	// batchTimeout is how long a lone record waits for company; kafka-go's own is a second.
	batchTimeout = 2 * time.Millisecond
	batchSize    = 1000
	// maxRecordBytes, key and headers included, stays below the mebibyte brokers take by default, so
	// that a batch is never refused for its size.
	maxRecordBytes = 900_000
	// With the cluster down a batch fails after 0.1+0.4+0.5+0.5 s of patience: inside the write timeout of 1.8 s,
	// and past the election of a new leader.
	writeAttempts       = 5
	firstWriteBackoff   = 100 * time.Millisecond
	longestWriteBackoff = 500 * time.Millisecond
	// maxWaitingBytes bounds what callers who gave up leave behind for the writer to retry.
	maxWaitingBytes = 64 << 20

	retryAfter = time.Second
)

// newWriter is the one place that makes a kafka.Writer: its zero value asks for no acknowledgement at all.
func newWriter(addr net.Addr, line kafka.RoundTripper, timeout time.Duration) *kafka.Writer {
	return &kafka.Writer{
		Addr:            addr,
		Transport:       line,
		Balancer:        &kafka.Hash{}, // facts of one key stay in one partition, so in order
		RequiredAcks:    kafka.RequireAll,
		BatchTimeout:    batchTimeout,
		BatchSize:       batchSize,
		BatchBytes:      maxRecordBytes,
		Compression:     kafka.Lz4, // of what costs little: smaller than snappy on orders, at no more time
		MaxAttempts:     writeAttempts,
		WriteBackoffMin: firstWriteBackoff,
		WriteBackoffMax: longestWriteBackoff,
		ReadTimeout:     timeout,
		WriteTimeout:    timeout,
	}
}

// Producer publishes to one topic.
type Producer struct {
	client *Client
	topic  string
	took   prometheus.Observer
}

// Topic gives the producer of a topic, which must exist (CreateTopics).
func (c *Client) Topic(name string) *Producer { return c.producer(c.named(name)) }

func (c *Client) producer(name string) *Producer {
	c.metrics.unpublished.WithLabelValues(c.label(name), fault.Unavailable.String()) // at zero, so that a rate has a beginning
	return &Producer{client: c, topic: name, took: c.metrics.publish.WithLabelValues(c.label(name))}
}

// Publish stores facts; nil means every one is on all in-sync replicas. It answers within Config.WriteTimeout, whatever the cluster does.
//
// Otherwise the error is a *fault.Error: TooLarge when a fact is over 900 kB, and nothing was sent; else
// Unavailable, and any of the facts may be stored already or still come: publish them again, consumers
// take a fact once. Key and Data must not be changed afterwards, whatever the answer.
//
// Order is promised to one who waits for nil before the next call: facts of a key are then stored for the first time in the order
// of those calls, and within a call in the order given as long as no call fails. After an error there is none: of a call with more
// than 1,000 facts or 900 kB for one partition a later part may be stored although an earlier one was not, and what was given up
// may arrive after what was published since. A fact may be stored twice, also when the answer was nil. Calls at the same
// time are in no order.
func (p *Producer) Publish(ctx context.Context, facts []event.Envelope) (err error) {
	ctx, span := p.beginSend(ctx, len(facts))
	defer func() { endSpan(span, err) }()
	carried := traceHeaders(ctx)
	messages := make([]kafka.Message, len(facts))
	for i, fact := range facts {
		messages[i] = kafka.Message{Topic: p.topic, Key: fact.Key, Value: fact.Data, Headers: toKafka(fact.Headers(), carried...)}
	}
	return p.publish(ctx, messages)
}

// Republish puts a parked record back on its topic as it was; topic is Record.Topic. Errors as for Publish.
func (c *Client) Republish(ctx context.Context, topic string, key, value []byte, headers []event.Header) error {
	message := kafka.Message{Topic: topic, Key: key, Value: value, Headers: toKafka(headers)}
	return c.producer(topic).publish(ctx, []kafka.Message{message})
}

func (p *Producer) publish(ctx context.Context, messages []kafka.Message) error {
	if len(messages) == 0 {
		return nil
	}
	timer := prometheus.NewTimer(p.took)
	defer timer.ObserveDuration()
	err := classify(p.client.write(ctx, messages))
	p.client.remember(err)
	if err == nil {
		p.client.metrics.published.WithLabelValues(p.client.label(p.topic)).Add(float64(len(messages)))
		return nil
	}
	p.client.metrics.unpublished.WithLabelValues(p.client.label(p.topic), fault.KindOf(err).String()).Add(float64(len(messages)))
	return fmt.Errorf("publish to %s: %w", p.topic, err)
}

// write hands messages to the shared writer and waits, at most the write timeout. The writer goes on with
// them after that and cannot be told to stop, so what it holds is counted until it lets go: with the cluster
// down for an hour, that bound is what keeps memory flat and the return quick.
func (c *Client) write(ctx context.Context, messages []kafka.Message) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.WriteTimeout)
	defer cancel()
	weight := weigh(messages)
	if err := c.room.Acquire(ctx, weight); err != nil {
		return fmt.Errorf("the writer's queue is full: %w", err)
	}
	written := make(chan error, 1)
	// Client.Close waits for this goroutine, inside the writer's own Close.
	go func() {
		defer c.room.Release(weight)
		written <- c.writer.WriteMessages(context.WithoutCancel(ctx), messages...)
	}()
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func weigh(messages []kafka.Message) int64 {
	var bytes int64
	for i := range messages {
		bytes += int64(len(messages[i].Key)+len(messages[i].Value)) + 512 // headers and the message itself
	}
	return min(bytes, maxWaitingBytes)
}

// classify turns the words of kafka-go into ours. All but an oversized record is worth another try later:
// a missing topic or permission is the operator's trouble, not the publisher's mistake.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if several, ok := errors.AsType[kafka.WriteErrors](err); ok {
		err = firstOf(several)
	}
	if errors.Is(err, kafka.MessageSizeTooLarge) {
		return fault.Wrap(err, fault.TooLarge, "fact_too_large", "a fact is larger than the %d bytes the queue takes", maxRecordBytes)
	}
	return unavailable(err)
}

func unavailable(cause error) error {
	e := fault.Wrap(cause, fault.Unavailable, "queue_unavailable", "the queue does not answer")
	e.RetryAfter = retryAfter
	return e
}

func firstOf(several kafka.WriteErrors) error {
	for _, err := range several {
		if err != nil {
			return fmt.Errorf("%d of %d records: %w", several.Count(), len(several), err)
		}
	}
	return several
}

// toKafka gives the headers of a fact, and behind them those that carry its trace.
func toKafka(headers []event.Header, more ...kafka.Header) []kafka.Header {
	out := make([]kafka.Header, len(headers), len(headers)+len(more))
	for i, h := range headers {
		out[i] = kafka.Header(h)
	}
	return append(out, more...)
}

func fromKafka(headers []kafka.Header) []event.Header {
	out := make([]event.Header, len(headers))
	for i, h := range headers {
		out[i] = event.Header(h)
	}
	return out
}
