package app

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alataw/alataw/internal/bench"
)

// gate holds the journey's load: it lets orders through while fewer than a backlog are under way, until it is closed. It knows from
// the service's own counts, a few times a second.
type gate struct {
	service *child
	part    string
	backlog int64

	mu      sync.Mutex
	moved   *sync.Cond // broadcast when room or closed changes
	issued  int64      // orders let through
	room    int64      // orders that may still pass
	closed  bool
	moments []bench.Moment
}

const (
	gateEvery   = 200 * time.Millisecond
	momentEvery = time.Second
)

func newGate(service *child, part string, backlog int64) *gate {
	g := &gate{service: service, part: part, backlog: backlog, room: backlog}
	g.moved = sync.NewCond(&g.mu)
	return g
}

// more is asked before each order: it waits for room, and says no when the gate is closed.
func (g *gate) more() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.room <= 0 && !g.closed {
		g.moved.Wait()
	}
	if g.closed {
		return false
	}
	g.room--
	g.issued++
	return true
}

// watch keeps the room and takes a moment each second, until ctx ends.
func (g *gate) watch(ctx context.Context) error {
	began, next := time.Now(), time.Duration(0)
	defer g.close()
	for ctx.Err() == nil {
		p, err := g.service.progress(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil // told to stop
			}
			return fmt.Errorf("progress: %w", err)
		}
		g.adjust(p)
		if at := time.Since(began); at >= next {
			next = at.Truncate(momentEvery) + momentEvery
			g.keep(bench.Moment{
				Part: g.part, Second: at.Seconds(), Taken: p.taken, Decided: p.screened, Settled: p.settled, RSS: bench.RSS(g.service.pid()),
			})
		}
		wait(ctx, gateEvery)
	}
	return nil
}

func (g *gate) adjust(p progress) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.room = g.backlog - (g.issued - p.refused - p.settled)
	g.moved.Broadcast()
}

// close lets no more orders through.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.moved.Broadcast()
}

func (g *gate) keep(m bench.Moment) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.moments = append(g.moments, m)
}

// second is how long the gate has been watched, in seconds, at the last moment taken.
func (g *gate) second() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.moments) == 0 {
		return 0
	}
	return g.moments[len(g.moments)-1].Second
}

// since gives the moments from a second on.
func (g *gate) since(second float64) []bench.Moment {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.IndexFunc(g.moments, func(m bench.Moment) bool { return m.Second >= second })
	return slices.Clone(g.moments[max(0, at):])
}
