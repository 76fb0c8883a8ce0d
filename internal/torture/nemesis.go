package torture

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alataw/alataw/internal/failpoint"
)

// unleash does what is planned. The channel is closed when all is over.
func (r *run) unleash(ctx context.Context, s schedule) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		pause(ctx, s.calm)
		for _, f := range s.measured {
			r.suffer(ctx, f)
			pause(ctx, aftermath) // what is measured next is not to be blamed for this
		}
		began := time.Now()
		var doing sync.WaitGroup
		for _, faults := range [][]fault{s.ground, s.house} {
			doing.Go(func() {
				for _, f := range faults {
					if pause(ctx, time.Until(began.Add(f.at))) {
						r.suffer(ctx, f)
					}
				}
			})
		}
		doing.Wait()
	}()
	return over
}

// suffer does one fault, undoes it, and tells of it.
func (r *run) suffer(ctx context.Context, f fault) {
	began := time.Now()
	r.blame.begin(f.phase())
	detail, err := r.do(ctx, f)
	r.blame.end(f.phase())
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		r.guard.violated("faults", "%s: %s", f.kind, err)
	}
	r.out.line("%-36s for %4.1f s  %s", f.kind, time.Since(began).Seconds(), detail)
	r.did.add(f.kind)
}

// phase is the fault's name where what the clients met is told by cause: faults of processes are told together.
func (f fault) phase() string {
	for _, family := range []string{killed, terminated, frozen, crashed} {
		if strings.HasPrefix(f.kind, family) {
			return family + "a process"
		}
	}
	return f.kind
}

// do does one fault and undoes it. detail tells what there is to tell.
func (r *run) do(ctx context.Context, f fault) (detail string, err error) {
	switch f.kind {
	case databaseAway:
		return "", r.databaseAway(ctx, f)
	case databaseSlow, databaseCut, databaseSilent:
		return "", r.disturb(ctx, f)
	case databaseKilled:
		return "", r.killDatabase(ctx, f, syscall.SIGKILL)
	case databaseQuit:
		return "", r.killDatabase(ctx, f, syscall.SIGQUIT)
	case sessionKilled:
		return r.killSession(ctx, f)
	case databaseFull:
		return r.fillDatabase(ctx, f)
	case queueAway:
		return r.queueAway(ctx, f)
	case queueKilled:
		return "", r.killBroker(ctx, f)
	case queueFull:
		return r.fillBroker(ctx, f)
	case queueFrozen:
		return r.freezeBroker(ctx, f)
	case queueRefusing:
		return "", r.refuse(ctx, f)
	case rebalances:
		return r.rebalance(ctx, f)
	}
	switch {
	case strings.HasPrefix(f.kind, killed):
		return r.killOne(ctx, f, strings.TrimPrefix(f.kind, killed))
	case strings.HasPrefix(f.kind, frozen):
		return r.freezeOne(ctx, f, strings.TrimPrefix(f.kind, frozen))
	case strings.HasPrefix(f.kind, terminated):
		return r.terminateOne(f, strings.TrimPrefix(f.kind, terminated))
	default:
		return r.crash(ctx, f, strings.TrimPrefix(f.kind, crashed))
	}
}

// pick draws one of the processes of a role.
func (r *run) pick(f fault, role string) *process {
	all := r.house.with(role)
	return all[int(f.roll)%len(all)]
}

// killOne kills a process and starts it again a moment later.
func (r *run) killOne(ctx context.Context, f fault, role string) (string, error) {
	p := r.pick(f, role)
	p.turn.Lock()
	defer p.turn.Unlock()
	p.kill()
	pause(ctx, f.lasts/2)
	_, err := p.begin(false)
	return p.name, err
}

// freezing is longer than the queue waits for a consumer: its partitions are another's when it goes on.
const freezing = 8 * time.Second

// freezeOne stops a process in the midst of what it does, until the others believe it dead, and lets it go on.
func (r *run) freezeOne(ctx context.Context, f fault, role string) (string, error) {
	p := r.pick(f, role)
	p.turn.Lock()
	defer p.turn.Unlock()
	err := p.tell(syscall.SIGSTOP)
	pause(ctx, freezing)
	return p.name, errors.Join(err, p.tell(syscall.SIGCONT))
}

// terminateOne asks a process to stop under load: it ends within its grace, with exit code 0.
func (r *run) terminateOne(f fault, role string) (string, error) {
	p := r.pick(f, role)
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.at() == "" {
		return p.name + " was just starting", nil
	}
	took, code := p.end(grace + graceMore)
	if code != 0 || took > grace+graceMore/2 {
		r.guard.violated("shutdown", "%s took %s of its %s and ended with %d; see %s", p.name, took.Round(time.Millisecond), grace, code, p.logs)
	}
	_, err := p.begin(false)
	return p.name + " in " + took.Round(time.Millisecond).String(), err
}

// crash restarts processes so that they kill themselves at a failpoint, and starts them again when they have.
func (r *run) crash(ctx context.Context, f fault, point string) (string, error) {
	var doomed []*process
	switch point {
	case failpoint.IntakeQueued:
		doomed = []*process{r.pick(f, "api")}
	case failpoint.Committing + "screening":
		doomed = []*process{r.pick(f, "screen")}
	case failpoint.RelayPublished: // only one of them leads
		doomed = r.house.with("screen")
	case failpoint.Committing + "bundling":
		doomed = r.house.with("bundle")
	default:
		doomed = r.house.with("dispatch")
	}
	armed := failpoint.Variable + "=" + point + ":" + string('1'+rune(f.roll%3))
	crashed, err := r.arm(ctx, doomed, armed, f.lasts+failpointPatience)
	if crashed == "" {
		return "was not reached", err
	}
	r.did.add("reached " + point)
	return crashed, err
}

// failpointPatience is how long a process may take to start and to come to its failpoint.
const failpointPatience = 12 * time.Second

// arm lives through one crash of the processes, which are in nobody else's hands meanwhile. It gives the one that crashed.
func (r *run) arm(ctx context.Context, doomed []*process, armed string, patience time.Duration) (crashed string, err error) {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ended := make(chan string, len(doomed))
	var waiting sync.WaitGroup
	var errs []error
	for _, p := range doomed {
		p.turn.Lock()
		defer p.turn.Unlock()
		p.kill()
		l, err := p.begin(true, armed)
		errs = append(errs, err)
		if err != nil {
			continue
		}
		waiting.Go(func() {
			select {
			case <-l.ended:
				ended <- p.name
			case <-within.Done():
			}
		})
	}
	select {
	case crashed = <-ended:
	case <-within.Done():
	}
	cancel()
	waiting.Wait()
	for _, p := range doomed {
		p.kill()
		_, err := p.begin(false)
		errs = append(errs, err)
	}
	return crashed, errors.Join(errs...)
}

// rebalance lets a fourth screener come and go every two seconds.
func (r *run) rebalance(ctx context.Context, f fault) (string, error) {
	const beat = 2 * time.Second
	times := max(4, int(f.lasts/beat))
	p := r.house.spare
	p.turn.Lock()
	defer p.turn.Unlock()
	for n := range times {
		if n%2 == 0 {
			if _, err := p.begin(true); err != nil {
				return "", err
			}
		} else {
			p.end(grace + graceMore)
		}
		if !pause(ctx, beat) {
			break
		}
	}
	p.end(grace + graceMore)
	return "", nil
}
