package kafka

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	// fetchWait is how long a fetch waits for a first record. kafka-go keeps a quarter of it for the way back and
	// drops the connection when an answer is later, so a short one costs a busy machine its connections; a
	// rebalance or stop waits for it once.
	fetchWait     = 500 * time.Millisecond
	fetchMaxBytes = 2 << 20
)

// partition is one partition of a topic while it is ours.
type partition struct {
	*worker
	number    int
	commits   *committer
	reader    *kafka.Reader
	committed atomic.Int64 // where the next batch begins; nothing below it is committed again
	excuse    atomic.Int64 // until when the watchdog lets it stand still, in Unix nanoseconds
	usual     int          // records in the last batch, which the next will be like
	troubled  bool         // reading fails: said once, not at every try
	log       *slog.Logger
}

func (w *worker) open(commits *committer, assignment kafka.PartitionAssignment) *partition {
	p := &partition{
		worker: w, number: assignment.ID, commits: commits,
		log: w.log.With("partition", assignment.ID, "generation", commits.generation.ID),
	}
	p.readFrom(assignment.Offset)
	return p
}

// readFrom opens the reader at an offset, or at the first there is for kafka.FirstOffset.
func (p *partition) readFrom(offset int64) {
	p.reader = kafka.NewReader(kafka.ReaderConfig{
		Brokers:               p.client.cfg.Brokers,
		Dialer:                p.dialer,
		Topic:                 p.stage.Topic,
		Partition:             p.number,
		QueueCapacity:         2 * p.stage.MaxBatch,
		MinBytes:              1,
		MaxBytes:              fetchMaxBytes,
		MaxWait:               fetchWait,
		ReadLagInterval:       -1, // Client.Lag measures
		ReadBackoffMin:        50 * time.Millisecond,
		ReadBackoffMax:        time.Second,
		OffsetOutOfRangeError: true, // else the reader waits in silence, see startOver
		ErrorLogger:           p.client.brokerWords(),
	})
	_ = p.reader.SetOffset(offset) // only a closed reader refuses
	p.committed.Store(offset)
}

// excuseFor has the watchdog look away for a time.
func (p *partition) excuseFor(limit time.Duration) { p.excuse.Store(time.Now().Add(limit).UnixNano()) }

func (p *partition) excused() bool { return time.Now().UnixNano() < p.excuse.Load() }

// close takes up to fetchWait: kafka-go's reader does not notice before its fetch is answered.
func (p *partition) close() {
	if err := closeWithin(readerTimeout, p.reader.Close); err != nil {
		p.log.Warn("stage leaves a reader behind", "error", err)
	}
}

// gather waits for a record and takes what comes within Linger after it, up to MaxBatch. A batch and an error may come together.
func (p *partition) gather(ending context.Context) ([]Record, error) {
	message, err := p.reader.FetchMessage(ending)
	if err != nil {
		return nil, err
	}
	batch := append(make([]Record, 0, p.usual), open(message))
	lingering, cancel := context.WithTimeout(ending, p.stage.Linger)
	defer cancel()
	for len(batch) < p.stage.MaxBatch {
		message, err = p.reader.FetchMessage(lingering)
		if err != nil {
			break
		}
		batch = append(batch, open(message))
	}
	if done := lingering.Err(); done != nil && errors.Is(err, done) {
		err = nil // the time is up, which is no trouble of the reader
	}
	p.recovered(ending)
	p.usual = len(batch)
	return batch, err
}

// recovered notes that reading works.
func (p *partition) recovered(ctx context.Context) {
	if p.troubled {
		p.troubled = false
		p.log.InfoContext(ctx, "stage reads again")
	}
}

// mend deals with an error of the reader, which itself goes on trying to reach the broker.
func (p *partition) mend(ending context.Context, err error) {
	if !p.troubled {
		p.troubled = true
		p.log.WarnContext(ending, "stage cannot read", "error", err)
	}
	pause(ending, firstBackoff)
	if errors.Is(err, kafka.OffsetOutOfRange) {
		p.startOver(ending)
	}
}

// startOver begins at the first record when the group has committed past the end of the log: that log has lost its tail in
// a power cut or an unclean election. To wait, as kafka-go would, skips all that is written until the log reaches the
// old offset. Handlers take a record twice, so the beginning is the safe place.
func (p *partition) startOver(ending context.Context) {
	offset := p.committed.Load()
	all, err := p.client.bounds(ending, p.stage.Topic, []int{p.number})
	if err == nil && offset > all[p.number].last {
		p.log.ErrorContext(ending, "queue lost records: the group is past the end of the log and reads all of it again",
			"committed", offset, "first", all[p.number].first, "end", all[p.number].last)
		offset = kafka.FirstOffset
	}
	p.close()
	p.readFrom(offset)
}
