package torture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// databaseAway stops the database in order and starts it again when the outage is over.
func (r *run) databaseAway(ctx context.Context, f fault) error {
	if err := r.site.Database.Stop(ctx); err != nil {
		return err
	}
	pause(ctx, f.lasts)
	return r.site.Database.Start(context.WithoutCancel(ctx))
}

// disturb does something to the connections to the database.
func (r *run) disturb(ctx context.Context, f fault) error {
	var err error
	switch f.kind {
	case databaseSlow:
		err = r.proxy.slow(40*time.Millisecond, 30*time.Millisecond)
	case databaseCut:
		err = r.proxy.cut()
	default:
		err = r.proxy.swallow()
	}
	pause(ctx, f.lasts)
	r.proxy.heal(context.WithoutCancel(ctx))
	return err
}

// killDatabase sends the database's first process a signal, and starts it again.
func (r *run) killDatabase(ctx context.Context, f fault, s syscall.Signal) error {
	if err := syscall.Kill(r.site.Database.PID(), s); err != nil {
		return err
	}
	pause(ctx, f.lasts/2)
	return r.reviveDatabase(context.WithoutCancel(ctx))
}

// reviveDatabase starts the database again when it has ended.
func (r *run) reviveDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return errors.Join(r.site.Database.Gone(ctx), r.site.Database.Start(ctx))
}

// killSession kills one of the database's processes: the others are started again by the first, after recovery.
func (r *run) killSession(ctx context.Context, f fault) (string, error) {
	children := family(r.site.Database.PID())[1:]
	if len(children) == 0 {
		return "none was found", nil
	}
	err := syscall.Kill(children[int(f.roll)%len(children)], syscall.SIGKILL)
	pause(ctx, f.lasts)
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return "it had just ended", nil
	}
	return "", err
}

// Sizes past which no file may grow while a disk is full.
const (
	fullBeforeLog   = 1 << 20  // less than one segment of the database's log: it cannot write at all
	fullBeforeTable = 17 << 20 // more than one: it can write its log, and not let a table grow
	fullBeforeQueue = 64 << 10
)

// fillDatabase lets the database meet the end of its disk.
func (r *run) fillDatabase(ctx context.Context, f fault) (string, error) {
	size := uint64(fullBeforeLog)
	if f.roll%2 == 0 {
		size = fullBeforeTable
	}
	pid := r.site.Database.PID()
	if err := fill(pid, size); err != nil {
		return "", err
	}
	pause(ctx, f.lasts)
	detail := fmt.Sprintf("no file over %d MiB", size>>20)
	if err := unfill(pid); errors.Is(err, syscall.ESRCH) || r.site.Database.PID() == 0 {
		return detail + "; it ended", r.reviveDatabase(context.WithoutCancel(ctx))
	}
	return detail, nil
}

// queueAway takes all brokers away, and measures how long after their return an order is taken again.
func (r *run) queueAway(ctx context.Context, f fault) (string, error) {
	if r.site.Queue.Killable() == 0 {
		return "not ours to stop", nil
	}
	if r.site.Queue.Killable() > 1 {
		r.forgetting.Store(true)
		defer r.forgetting.Store(false)
	}
	var errs []error
	var all []int
	for n := range r.site.Queue.Killable() {
		errs = append(errs, r.site.Queue.Kill(ctx, n))
		all = append(all, n)
	}
	pause(ctx, f.lasts)
	errs = append(errs, r.site.Queue.Start(context.WithoutCancel(ctx), all...))
	back := time.Now()
	within, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for r.stats.lastTaken().Before(back) {
		if !pause(within, 5*time.Millisecond) {
			break
		}
	}
	detail := fmt.Sprintf("orders are taken %d ms after it is back", time.Since(back).Milliseconds())
	if r.forgetting.Load() {
		pause(ctx, 2*aftermath)
	}
	return detail, errors.Join(errs...)
}

// killBroker kills one broker and starts it again.
func (r *run) killBroker(ctx context.Context, f fault) error {
	n := int(f.roll) % r.site.Queue.Killable()
	if err := r.site.Queue.Kill(ctx, n); err != nil {
		return err
	}
	pause(ctx, f.lasts/2)
	return r.site.Queue.Start(context.WithoutCancel(ctx), n)
}

// fillBroker lets a broker meet the end of its disk, and starts it anew when there is room again.
func (r *run) fillBroker(ctx context.Context, f fault) (string, error) {
	n := int(f.roll) % r.site.Queue.Killable()
	pid := r.site.Queue.PID(n)
	if pid == 0 {
		return "not on this machine", nil
	}
	r.forgetting.Store(true)
	defer r.forgetting.Store(false)
	if err := fill(pid, fullBeforeQueue); err != nil {
		return "", err
	}
	pause(ctx, f.lasts)
	return "", errors.Join(unfill(pid), r.killBroker(ctx, f))
}

// freezeBroker lets a broker's connections stand and nobody answer on them.
func (r *run) freezeBroker(ctx context.Context, f fault) (string, error) {
	pid := r.site.Queue.PID(int(f.roll) % r.site.Queue.Killable())
	if pid == 0 {
		return "not on this machine", nil
	}
	err := syscall.Kill(pid, syscall.SIGSTOP)
	pause(ctx, f.lasts)
	return "", errors.Join(err, syscall.Kill(pid, syscall.SIGCONT))
}

// refuser is a queue that can be made to refuse records as a cluster does that has too few replicas in sync.
type refuser interface{ Refuse(refuse bool) error }

func (r *run) refuse(ctx context.Context, f fault) error {
	queue, able := r.site.Queue.(refuser)
	if !able {
		return errNotOurs
	}
	err := queue.Refuse(true)
	pause(ctx, f.lasts)
	return errors.Join(err, queue.Refuse(false))
}

// calm ends every fault and sees to it that everything runs.
func (r *run) calm(ctx context.Context) {
	r.proxy.heal(ctx)
	if r.site.Database.PID() == 0 {
		r.guard.check("faults", r.reviveDatabase(ctx))
	}
	var down []int
	for n := range r.site.Queue.Killable() {
		if !r.site.Queue.Up(n) {
			down = append(down, n)
		}
	}
	if len(down) > 0 {
		r.guard.check("faults", r.site.Queue.Start(ctx, down...))
	}
	r.guard.check("recovery", r.house.ensure(ctx))
	r.out.line("all faults are over")
}
