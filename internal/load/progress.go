package load

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	drawEvery  = 200 * time.Millisecond // on a terminal, one line drawn over itself
	printEvery = 2 * time.Second        // elsewhere, a line each time
	barWidth   = 24
	eraseLine  = "\r\x1b[K"
)

// draw shows progress until the function it gives is called, which waits for the last line to be written.
func (r *run) draw(ctx context.Context) (stop func()) {
	if r.cfg.Progress == nil {
		return func() {}
	}
	p := &painter{out: r.cfg.Progress, terminal: isTerminal(r.cfg.Progress), run: r, since: r.cfg.Now()}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.loop(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// isTerminal tells whether w draws lines for a person, or a log takes them.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// painter draws the progress of a run.
type painter struct {
	out      io.Writer
	terminal bool
	run      *run

	since  time.Time // of the last line
	posted int64     // then
}

func (p *painter) loop(ctx context.Context) {
	every := printEvery
	if p.terminal {
		every = drawEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.paint()
		case <-ctx.Done():
			if p.terminal {
				_, _ = io.WriteString(p.out, eraseLine)
			}
			return
		}
	}
}

// paint writes one line. A progress line that cannot be written is no reason to end a run.
func (p *painter) paint() {
	v := p.view()
	if p.terminal {
		_, _ = io.WriteString(p.out, eraseLine+v.line())
		return
	}
	_, _ = io.WriteString(p.out, v.line()+"\n")
}

// view is what a line shows.
type view struct {
	phase             phase
	posted, refused   int64
	accepted, decided int64   // parcels, when receipts are followed
	rate              float64 // orders a second since the last line
	done, total       int64   // of the source
	elapsed           time.Duration
	latency           Latency
	trouble           string
}

func (p *painter) view() view {
	t := p.run.tally
	t.mu.Lock()
	now := t.now()
	v := view{phase: t.phase, posted: t.posted, refused: t.refused, trouble: t.trouble, latency: latencyOf(t.latency), elapsed: now.Sub(t.began)}
	t.mu.Unlock()
	if step := now.Sub(p.since).Seconds(); step > 0 {
		v.rate = float64(v.posted-p.posted) / step
	}
	p.since, p.posted = now, v.posted
	if p.run.ledger != nil {
		v.accepted, v.decided = p.run.ledger.standing()
	}
	if m, ok := p.run.source.(Measured); ok {
		v.done, v.total = m.Far()
	}
	return v
}

func (v view) line() string {
	var b strings.Builder
	switch v.phase {
	case phaseReading:
		b.WriteString("reading the receipts of earlier runs")
	case phasePosting:
		v.posting(&b)
	case phaseDeciding, phaseDone:
		b.WriteString(bar(v.decided, v.accepted))
		fmt.Fprintf(&b, "  %s of %s parcels decided", count(v.decided), count(v.accepted))
	}
	if v.trouble != "" {
		fmt.Fprintf(&b, "  trying again: %.60s", v.trouble) // a longer line would wrap and could not be erased
	}
	return b.String()
}

func (v view) posting(b *strings.Builder) {
	if v.total > 0 {
		b.WriteString(bar(v.done, v.total) + "  ")
	}
	fmt.Fprintf(b, "%s orders  %s/s  p50 %s  p99 %s", count(v.posted), count(int64(v.rate)), brief(v.latency.P50), brief(v.latency.P99))
	if v.refused > 0 {
		fmt.Fprintf(b, "  %s refused", count(v.refused))
	}
	if v.total > 0 && v.done > 0 {
		left := time.Duration(float64(v.elapsed) * float64(v.total-v.done) / float64(v.done))
		fmt.Fprintf(b, "  ETA %s", max(0, left).Round(time.Second))
	}
}

func bar(done, total int64) string {
	part := 0.0
	if total > 0 {
		part = min(1, float64(done)/float64(total))
	}
	full := int(part * barWidth)
	return fmt.Sprintf("%3d %% [%s%s]", int(part*100), strings.Repeat("#", full), strings.Repeat(".", barWidth-full))
}
