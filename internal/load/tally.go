package load

import (
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// phase is what a run is at.
type phase int

const (
	phaseReading phase = iota // the receipts of earlier runs
	phasePosting
	phaseDeciding // all is posted, receipts are awaited
	phaseDone
)

// The latencies told apart: 1 µs to an hour, to three digits.
const (
	longestLatency = int64(time.Hour / time.Microsecond)
	latencyDigits  = 3
)

// tally counts a run, for the report at its end and the progress on the way. It is used by many goroutines.
type tally struct {
	mu    sync.Mutex
	now   func() time.Time
	phase phase

	began, answeredLast, ended time.Time

	posted, accepted, known, refused, bytes int64

	refusedBy map[string]int64
	retries   map[string]int64
	trouble   string // the last retry's error, until an answer comes
	latency   *hdrhistogram.Histogram
}

func newTally(now func() time.Time) *tally {
	return &tally{
		now: now, refusedBy: map[string]int64{}, retries: map[string]int64{},
		latency: hdrhistogram.New(1, longestLatency, latencyDigits),
	}
}

func (t *tally) enter(p phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = p
	switch p {
	case phasePosting:
		t.began = t.now()
		t.answeredLast = t.began
	case phaseDone:
		t.ended = t.now()
	default:
	}
}

// answered counts a batch's answer. Known are the parcels new to this run that were decided in an earlier one.
func (t *tally) answered(a *answer, b batch, known int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answeredLast = t.now()
	t.posted += int64(b.n)
	t.accepted += a.accepted
	t.refused += a.refused
	t.known += known
	t.bytes += int64(len(b.body))
	for code, n := range a.refusedBy {
		t.refusedBy[strings.Clone(code)] += n
	}
	took := t.answeredLast.Sub(b.due).Microseconds()
	_ = t.latency.RecordValue(min(max(1, took), longestLatency)) // in range by construction
}

func (t *tally) retry(reason string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.trouble = ""
		return
	}
	t.retries[reason]++
	t.trouble = err.Error()
}

// report sums up. The ledger is nil when receipts were not followed.
func (t *tally) report(l *ledger, cfg Config) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := Report{
		Posted: t.posted, Accepted: t.accepted, Refused: t.refused, RefusedBy: maps.Clone(t.refusedBy),
		Bytes: t.bytes, Elapsed: t.answeredLast.Sub(t.began), Retries: maps.Clone(t.retries),
		Latency: latencyOf(t.latency), Batch: cfg.Batch, Followed: l != nil,
	}
	if r.Elapsed > 0 {
		r.Rate = float64(r.Posted) / r.Elapsed.Seconds()
	}
	if l == nil {
		return r
	}
	accepted, decided := l.standing()
	r.Distinct, r.Known, r.Undecided, r.Kinds = accepted, t.known, accepted-decided, l.byKind()
	if !t.ended.IsZero() {
		r.Drain = max(0, t.ended.Sub(t.answeredLast))
	}
	return r
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	at := func(percent float64) time.Duration {
		return time.Duration(h.ValueAtQuantile(percent)) * time.Microsecond
	}
	return Latency{
		Count: h.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9),
		Max: time.Duration(h.Max()) * time.Microsecond,
	}
}

// count prints a number with its thousands apart: 135,853.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
