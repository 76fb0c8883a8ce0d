package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what a run achieved.
type Report struct {
	Posted    int64            // orders answered: Accepted + Refused
	Accepted  int64            // orders answered "received"; one posted twice counts twice
	Refused   int64            // orders refused at the door
	RefusedBy map[string]int64 // error code → refused orders that have it; an order with two errors counts under both
	Bytes     int64            // of the request bodies answered
	Elapsed   time.Duration    // from the start of posting to the last answer
	Rate      float64          // orders a second over Elapsed
	Batch     int              // orders in a full batch
	Latency   Latency          // of the batches
	Retries   map[string]int64 // reason (a status, "network" or "cut answer") → requests sent again

	Followed  bool             // whether receipts were read; what follows is zero otherwise
	Distinct  int64            // parcels accepted: as Accepted, each once
	Known     int64            // of them, those decided in an earlier run
	Kinds     map[string]int64 // kind of receipt → parcels accepted that it came for, until all were decided; of cleared, held and refused the first only
	Undecided int64            // parcels accepted that no verdict came for
	Drain     time.Duration    // from the last answer until all were decided, or until waiting ended
}

// Latency is how long batches took, each with its repetitions: from the moment the clock wanted it posted, or, without
// a rate, from its posting.
type Latency struct {
	Count                    int64
	P50, P90, P99, P999, Max time.Duration
}

// Print writes the report for people: about a dozen lines, the last of which tell the accept rate and the drain time.
func (r Report) Print(w io.Writer) error {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s "+format+"\n", append([]any{name}, args...)...)
	}
	row("posted", "%11s orders, %.1f MB, in %s: %s/s", count(r.Posted), float64(r.Bytes)/1e6, seconds(r.Elapsed), count(int64(r.Rate)))
	row("accepted", "%11s %s", count(r.Accepted), share(r.Accepted, r.Posted))
	row("refused", "%11s %s", count(r.Refused), share(r.Refused, r.Posted))
	for _, e := range ranked(r.RefusedBy) {
		row("", "%11s   %s", count(e.n), e.name)
	}
	l := r.Latency
	row("latency", "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s, of %s batches of %d",
		brief(l.P50), brief(l.P90), brief(l.P99), brief(l.P999), brief(l.Max), count(l.Count), r.Batch)
	if len(r.Retries) > 0 {
		var parts []string
		for _, e := range ranked(r.Retries) {
			parts = append(parts, count(e.n)+" × "+e.name)
		}
		row("sent again", "%s", strings.Join(parts, ", "))
	}
	r.printFollowed(row)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) printFollowed(row func(name, format string, args ...any)) {
	if !r.Followed {
		return
	}
	decided := r.Distinct - r.Undecided
	row("decided", "%11s of %s parcels", count(decided), count(r.Distinct))
	for _, e := range ranked(r.Kinds) {
		row("", "%11s   %s", count(e.n), e.name)
	}
	if again := r.Accepted - r.Distinct; again > 0 {
		row("repeated", "%11s orders named a parcel accepted before", count(again))
	}
	if r.Known > 0 {
		row("known", "%11s parcels were decided in an earlier run", count(r.Known))
	}
	if r.Undecided > 0 {
		row("undecided", "%11s parcels, %s after the last answer", count(r.Undecided), seconds(r.Drain))
		return
	}
	row("drained", "%11s after the last answer", seconds(r.Drain))
}

type entry struct {
	name string
	n    int64
}

// ranked sorts counts, the largest first.
func ranked(counts map[string]int64) []entry {
	var entries []entry
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		entries = append(entries, entry{name, counts[name]})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(b.n, a.n) })
	return entries
}

func share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%6.2f %%", 100*float64(part)/float64(whole))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// brief prints a latency with three digits or so.
func brief(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%dms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1e3)
	}
}
