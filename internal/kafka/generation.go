package kafka

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// worker runs one stage as one member of its group.
type worker struct {
	client  *Client
	dialer  *kafka.Dialer
	dog     *watchdog
	stage   Stage
	park    Park
	metrics stageMetrics
	log     *slog.Logger
}

// follow takes part in one generation of the group after the other until ctx ends. Partitions are consumed in goroutines
// that belong to their generation: the group waits for them before it joins the next one, and when it is closed.
func (w *worker) follow(ctx context.Context, group *kafka.ConsumerGroup) {
	pace := time.NewTicker(rejoinPause)
	defer pace.Stop()
	for ctx.Err() == nil {
		generation, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, kafka.ErrGroupClosed):
			return
		case err != nil:
			w.log.WarnContext(ctx, "stage cannot join its group", "error", err)
		default:
			w.begin(ctx, generation)
		}
		select {
		case <-pace.C: // has ticked long ago unless the last generation was short
		case <-ctx.Done():
		}
	}
}

func (w *worker) begin(ctx context.Context, generation *kafka.Generation) {
	assigned := generation.Assignments[w.stage.Topic]
	w.metrics.rebalances.Inc()
	commits := &committer{generation: generation}
	w.log.InfoContext(ctx, "stage has its partitions", "generation", generation.ID, "partitions", len(assigned))
	for _, assignment := range assigned {
		// The whole generation ends when the first of its functions returns, for every partition of ours.
		generation.Start(func(ending context.Context) { w.consume(ctx, ending, commits, assignment) })
	}
}

// consume works on one partition until the generation ends.
func (w *worker) consume(ctx, ending context.Context, commits *committer, assignment kafka.PartitionAssignment) {
	if ending.Err() != nil {
		return
	}
	ending, stop := context.WithCancel(ending) // one of the library's own kind, of which children are cheap
	defer stop()
	work, release := outlive(ctx, ending, w.client.cfg.grace())
	defer release()
	p := w.open(commits, assignment)
	defer p.close()
	w.dog.adopt(p)
	defer w.dog.release(p)
	for ending.Err() == nil {
		batch, err := p.gather(ending)
		if len(batch) > 0 && ending.Err() == nil && !p.process(ending, work, batch) {
			return
		}
		if err != nil && ending.Err() == nil {
			p.mend(ending, err)
		}
	}
}

// committer commits for the partitions of a generation one after the other. They share one connection, on which kafka-go
// lets those who wait for an answer spin until it is their turn: six at once cost a quarter of the processor.
type committer struct {
	generation *kafka.Generation
	mu         sync.Mutex
}

func (c *committer) commit(topic string, partition int, next int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation.CommitOffsets(map[string]map[int]int64{topic: {partition: next}})
}
