package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// batch is a request body of n orders. Due is when the clock wanted it posted, zero without a rate.
type batch struct {
	body []byte
	n    int
	due  time.Time
}

// shape is how orders are posted: where to, and what stands around and between them in a body.
type shape struct {
	path, contentType   string
	head, between, tail string
	read                func(a *answer, body []byte, n int) error
}

func shapeOf(cfg Config) shape {
	switch {
	case cfg.Single:
		return shape{path: "/v1/parcels", contentType: "application/json", read: (*answer).single}
	case cfg.Stream:
		return shape{path: "/v1/parcels/batch", contentType: "application/x-ndjson", between: "\n", tail: "\n", read: (*answer).stream}
	default:
		return shape{path: "/v1/parcels/batch", contentType: "application/json", head: `{"parcels":[`, between: `,`, tail: `]}`, read: (*answer).batch}
	}
}

// post posts the whole source. Broken is the source's error, err the posting's.
func (r *run) post(ctx context.Context) (broken, err error) {
	r.tally.enter(phasePosting)
	defer r.tally.enter(phaseDeciding)
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan batch)
	free := make(chan []byte, r.cfg.Workers+1)
	group.Go(func() error {
		defer close(batches)
		var err error
		broken, err = r.deal(ctx, batches, free)
		return err
	})
	for range r.cfg.Workers {
		group.Go(func() error { return r.work(ctx, batches, free) })
	}
	err = group.Wait()
	return broken, err
}

// deal gathers batches and hands each to a worker when it is due. The due times follow the clock alone: a batch that finds no free
// worker is late from the moment it was due.
func (r *run) deal(ctx context.Context, batches chan<- batch, free <-chan []byte) (broken, err error) {
	start, dealt := r.cfg.Now(), 0
	for broken == nil {
		var b batch
		b, broken = r.gather(free)
		if b.n == 0 {
			break
		}
		if r.cfg.Rate > 0 {
			b.due = start.Add(time.Duration(float64(dealt) / r.cfg.Rate * float64(time.Second)))
			if err := sleep(ctx, b.due.Sub(r.cfg.Now())); err != nil {
				return nil, err
			}
		}
		dealt += b.n
		select {
		case batches <- b:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if errors.Is(broken, io.EOF) {
		return nil, nil
	}
	return fmt.Errorf("orders: %w", broken), nil
}

// gather joins orders to a body, byte for byte. The error is the source's, beside the orders that came before it.
func (r *run) gather(free <-chan []byte) (batch, error) {
	var b batch
	select {
	case body := <-free:
		b.body = body[:0]
	default:
	}
	b.body = append(b.body, r.shape.head...)
	for size := r.size(); b.n < size; {
		order, err := r.source.Next()
		if err != nil {
			b.body = append(b.body, r.shape.tail...)
			return b, err
		}
		if b.n > 0 {
			b.body = append(b.body, r.shape.between...)
		}
		b.body = append(b.body, order...)
		b.n++
	}
	b.body = append(b.body, r.shape.tail...)
	return b, nil
}

// size draws the size of the next batch.
func (r *run) size() int {
	if r.cfg.Least == 0 {
		return r.cfg.Batch
	}
	return r.cfg.Least + rand.IntN(r.cfg.Batch-r.cfg.Least+1)
}

// work posts batches until there are no more.
func (r *run) work(ctx context.Context, batches <-chan batch, free chan<- []byte) error {
	var buf bytes.Buffer
	a := &answer{refusedBy: map[string]int64{}, ledger: r.ledger}
	for b := range batches {
		if b.due.IsZero() {
			b.due = r.cfg.Now()
		}
		if err := r.postBatch(ctx, b, &buf, a); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx) // the run ended elsewhere
			}
			return fmt.Errorf("post a batch of %d: %w", b.n, err)
		}
		r.record(a, b)
		select {
		case free <- b.body: // answered as a whole, so nothing reads it any more
		default:
		}
	}
	return nil
}

func (r *run) postBatch(ctx context.Context, b batch, buf *bytes.Buffer, a *answer) error {
	to := request{method: http.MethodPost, path: r.shape.path, contentType: r.shape.contentType, body: b.body}
	err := r.client.send(ctx, to, buf, func(body []byte) error { return r.shape.read(a, body, b.n) })
	if p, ok := errors.AsType[*ProblemError](err); ok && r.cfg.Single && p.Status == http.StatusUnprocessableEntity {
		a.refuse(p.Code) // what a batch tells of one of its orders
		return nil
	}
	return err
}

func (r *run) record(a *answer, b batch) {
	var known int64
	if r.ledger != nil {
		known = r.ledger.accept(a.keys)
	}
	r.tally.answered(a, b, known)
}
