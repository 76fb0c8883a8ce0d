package torture

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// OwnQueue is one embedded broker in a process of its own.
type OwnQueue struct {
	broker  *process
	address string
}

// NewQueue makes a queue of one broker, which program runs when it is called with args. It listens at address, and prints
// "serves" and the address when it does. Its log is a file.
func NewQueue(program string, args []string, address, logs string) *OwnQueue {
	return &OwnQueue{address: address, broker: &process{name: "queue", program: program, args: args, logs: logs}}
}

// Brokers implements Queue.
func (q *OwnQueue) Brokers() []string { return []string{q.address} }

// Killable implements Queue.
func (q *OwnQueue) Killable() int { return 1 }

// Up implements Queue.
func (q *OwnQueue) Up(int) bool { return q.broker.running() != nil }

// PID implements Queue.
func (q *OwnQueue) PID(int) int {
	if l := q.broker.running(); l != nil {
		return l.cmd.Process.Pid
	}
	return 0
}

// Kill implements Queue.
func (q *OwnQueue) Kill(context.Context, int) error {
	q.broker.kill()
	return nil
}

// Start implements Queue.
func (q *OwnQueue) Start(ctx context.Context, _ ...int) error {
	if q.broker.running() == nil {
		if _, err := q.broker.begin(true); err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return q.broker.serving(ctx)
}

// Refuse makes the broker refuse records, or take them again: it listens to signals.
func (q *OwnQueue) Refuse(refuse bool) error {
	if refuse {
		return q.broker.tell(syscall.SIGUSR1)
	}
	return q.broker.tell(syscall.SIGUSR2)
}

// Close ends the broker.
func (q *OwnQueue) Close() error {
	q.broker.close(grace)
	return nil
}

// FixedQueue is a cluster that the run may not touch.
type FixedQueue []string

var errNotOurs = errors.New("this cluster is not ours to stop")

// Brokers implements Queue.
func (f FixedQueue) Brokers() []string { return f }

// Killable implements Queue.
func (FixedQueue) Killable() int { return 0 }

// Up implements Queue.
func (FixedQueue) Up(int) bool { return true }

// PID implements Queue.
func (FixedQueue) PID(int) int { return 0 }

// Kill implements Queue.
func (FixedQueue) Kill(context.Context, int) error { return errNotOurs }

// Start implements Queue.
func (FixedQueue) Start(context.Context, ...int) error { return errNotOurs }
