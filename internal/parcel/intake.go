package parcel

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/failpoint"
)

// Queue takes facts durably: when Publish returns nil, every one of them is on every replica the queue asks for.
type Queue interface {
	Publish(ctx context.Context, facts []event.Envelope) error
}

// Intake takes declarations at the door: it reads and checks them, and hands the good ones to the queue. It asks no database.
type Intake struct {
	queue Queue
	now   func() time.Time
}

// NewIntake makes an intake in front of a queue of declared parcels.
func NewIntake(queue Queue, now func() time.Time) *Intake { return &Intake{queue: queue, now: now} }

// Answer is what became of one order at the door: taken when Err is nil, refused with a *fault.Error otherwise.
type Answer struct {
	ID      ID
	OrderNo string // as far as it could be read
	Err     error
}

// Take reads, checks and queues the orders of one request. One bad order never sinks the others.
// The error is the queue's: then none of them may be called taken, and posting all of them again is safe.
func (in *Intake) Take(ctx context.Context, owner account.ID, request string, orders [][]byte) ([]Answer, error) {
	now := in.now().UTC()
	answers := make([]Answer, len(orders))
	good := make([]Order, 0, len(orders))
	for i, document := range orders {
		d, err := read(view(document))
		answers[i] = Answer{OrderNo: strings.Clone(d.OrderNo), Err: err}
		if err != nil {
			continue
		}
		answers[i].ID = DeriveID(owner, d.OrderNo)
		good = append(good, Order{answers[i].ID, document})
	}
	if len(good) == 0 {
		return answers, nil
	}
	if err := in.queue.Publish(ctx, DeclaredEnvelopes(owner, request, now, good)); err != nil {
		return nil, fmt.Errorf("queue declared parcels: %w", err)
	}
	failpoint.Reach(failpoint.IntakeQueued)
	return answers, nil
}
