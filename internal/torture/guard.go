package torture

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// printer prints what happens, as it happens.
type printer struct {
	mu    sync.Mutex
	to    io.Writer
	began time.Time
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.to, "%7.1fs  %s\n", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}

// text prints lines without a time before them.
func (p *printer) text(lines string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(p.to, lines)
}

// shown is how many violations of one kind are printed; the others are only counted.
const shown = 5

// guard counts broken promises.
type guard struct {
	out *printer
	mu  sync.Mutex
	by  map[string]int
}

func newGuard(out *printer) *guard { return &guard{out: out, by: map[string]int{}} }

// violated notes a broken promise of some kind.
func (g *guard) violated(kind, format string, args ...any) {
	g.mu.Lock()
	g.by[kind]++
	n := g.by[kind]
	g.mu.Unlock()
	switch {
	case n <= shown:
		g.out.line("VIOLATION %s: %s", kind, fmt.Sprintf(format, args...))
	case n == shown+1:
		g.out.line("VIOLATION %s: more of the same are only counted", kind)
	}
}

// check notes an error that should not be.
func (g *guard) check(kind string, err error) {
	if err != nil {
		g.violated(kind, "%s", err)
	}
}

func (g *guard) of(kind string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.by[kind]
}

func (g *guard) count() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, of := range g.by {
		n += of
	}
	return n
}

// kinds gives the kinds of broken promises in order.
func (g *guard) kinds() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(maps.Keys(g.by))
}
