package torture

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// counts counts by name.
type counts struct {
	mu sync.Mutex
	by map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.by[name]++
}

// tally is what became of the parcels.
type tally struct {
	known, acked, verdicts, cleared, held, bundled, unrouted, cancelled, conflicts, decided int
}

func (t *tally) add(e *entry) {
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	t.known++
	count(&t.acked, e.acked)
	count(&t.verdicts, e.verdict())
	count(&t.cleared, e.told&cleared != 0)
	count(&t.held, e.told&held != 0)
	count(&t.bundled, e.told&bundled != 0)
	count(&t.unrouted, e.told&unrouted != 0)
	count(&t.cancelled, e.told&cancelled != 0)
	count(&t.conflicts, e.told&conflict != 0)
	count(&t.decided, e.told&held != 0 && e.told&(cleared|detained|returned) != 0)
}

// summarize prints what was done, measured and found.
func (r *run) summarize(drained time.Duration) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	t, s := &r.tally, r.stats
	row := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	row("\nacknowledged\t%d orders\t%d again, %d refused at the door, %d stored without an answer", t.acked, s.repeated, s.refused, t.known-t.acked)
	row("verdicts\t%d\tof the %d that were cleared %d are bundled and %d unrouted", t.verdicts, t.cleared, t.bundled, t.unrouted)
	row("held\t%d\t%d of them decided by officers", t.held, t.decided)
	row("cancelled\t%d\tconflicts told for %d", t.cancelled, t.conflicts)
	row("units\t%d\tfeed lines walked twice: %d, contents compared: %d, commits sampled: %d", r.units, r.lines, r.contents, r.commits)
	row("longest time without a 202\t%.2f s\tbacklog drained %.2f s after the last fault and order", s.longest.Seconds(), drained.Seconds())
	row("\nfault\ttimes\n\t")
	for _, name := range slices.Sorted(maps.Keys(r.did.by)) {
		row("%s\t%d", name, r.did.by[name])
	}
	_ = w.Flush() // into memory
	r.phases(w)
	r.verdict(w)
	_ = w.Flush()
	r.out.text(text.String())
}

// phases prints what the posting clients met, by cause.
func (r *run) phases(w *tabwriter.Writer) {
	fmt.Fprintf(w, "\nPOST while\t202\tp50\tp99\tmost\t503/429\tp99\tmost\tno answer\n")
	for _, p := range r.stats.sorted() {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%d\t%s\t%s\t%d\n", p.name, p.answered,
			brief(quantile(p.took, 50)), brief(quantile(p.took, 99)), brief(quantile(p.took, 100)),
			p.refused, brief(quantile(p.refusal, 99)), brief(quantile(p.refusal, 100)), p.cut)
	}
}

func brief(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// verdict prints the claims, and whether promises were kept.
func (r *run) verdict(w *tabwriter.Writer) {
	fmt.Fprintln(w)
	r.claims(w)
	fmt.Fprintf(w, "lost\t%d\n", r.guard.of("lost")+r.guard.of("drain"))
	fmt.Fprintf(w, "doubled\t%d\n", r.guard.of("doubled"))
	for _, kind := range r.guard.kinds() {
		if kind != "lost" && kind != "doubled" {
			fmt.Fprintf(w, "violations: %s\t%d\n", kind, r.guard.of(kind))
		}
	}
	fmt.Fprintf(w, "seed\t%d\t%s in all\n", r.cfg.Seed, time.Since(r.began).Round(time.Second))
}

const (
	refusalBound = 2 * time.Second
	// refusalSlack is what a busy machine adds to a refusal, whose two seconds are up inside the process.
	refusalSlack = 500 * time.Millisecond
)

// claims prints what is measured and promised: how orders are taken while the database is away, and refused while the queue is.
func (r *run) claims(w *tabwriter.Writer) {
	claim := func(holds bool, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		fmt.Fprintf(w, "%s\t%s\n", map[bool]string{true: "holds", false: "DOES NOT HOLD"}[holds], text)
		if !holds && r.cfg.Strict {
			r.guard.violated("claims", "%s", text)
		}
	}
	calm, away, out := r.stats.phase(calmly), r.stats.phase(databaseAway), r.stats.phase(queueAway)
	usual, then := quantile(calm.took, 99), quantile(away.took, 99)
	claim(away.refused+away.cut == 0 && then <= 2*usual, "database away: %d × 202, %d refused; p99 %s against %s in calm, %.1f times",
		away.answered, away.refused+away.cut, brief(then), brief(usual), float64(then)/float64(max(1, usual)))
	longest := quantile(out.refusal, 100)
	claim(longest <= refusalBound+refusalSlack && out.withoutRetryAfter == 0 && out.cut == 0,
		"queue away: %d × 503 in at most %s, %d of them without Retry-After, %d without an answer", out.refused, brief(longest), out.withoutRetryAfter, out.cut)
}
