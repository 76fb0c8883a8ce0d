package torture

import (
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// calmly is the phase in which nothing is done to the program.
const calmly = "calm"

// phase is what the posting clients met while one kind of fault was in force.
type phase struct {
	name              string
	took              *hdrhistogram.Histogram // of 202s, in microseconds
	refusal           *hdrhistogram.Histogram // of 503s and 429s, in microseconds
	answered          int64                   // 202
	refused, cut      int64                   // 503 and 429; no answer
	withoutRetryAfter int64                   // of the refused
}

const (
	leastMicros = 1
	mostMicros  = int64(2 * time.Minute / time.Microsecond)
	digits      = 3
)

func newPhase(name string) *phase {
	return &phase{
		name: name, took: hdrhistogram.New(leastMicros, mostMicros, digits), refusal: hdrhistogram.New(leastMicros, mostMicros, digits),
	}
}

func record(h *hdrhistogram.Histogram, took time.Duration) {
	_ = h.RecordValue(min(max(took.Microseconds(), leastMicros), mostMicros)) // it is in range
}

func quantile(h *hdrhistogram.Histogram, q float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(q)) * time.Microsecond
}

// stats are the answers to POSTs.
type stats struct {
	mu       sync.Mutex
	phases   map[string]*phase
	last     time.Time     // 202
	longest  time.Duration // without a 202
	refused  int64         // orders, at the door
	posted   int64         // orders in requests that were answered 202
	repeated int64         // orders acknowledged again
}

func newStats() *stats { return &stats{phases: map[string]*phase{}} }

// answer is what came of one request.
type answer struct {
	status     int // 0: none came
	retryAfter string
	took       time.Duration
	body       []byte
	err        error
}

// note counts an answer to a POST that began in a phase.
func (s *stats) note(name string, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.phases[name]
	if !ok {
		p = newPhase(name)
		s.phases[name] = p
	}
	switch a.status {
	case statusAccepted:
		p.answered++
		record(p.took, a.took)
		s.pulse(time.Now())
	case 0:
		p.cut++
	case statusUnavailable, statusTooMany:
		p.refused++
		record(p.refusal, a.took)
		if a.retryAfter == "" {
			p.withoutRetryAfter++
		}
	}
}

// pulse notes that orders were acknowledged now.
func (s *stats) pulse(now time.Time) {
	if !s.last.IsZero() {
		s.longest = max(s.longest, now.Sub(s.last))
	}
	s.last = now
}

// lastTaken tells when orders were last acknowledged.
func (s *stats) lastTaken() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// count adds orders.
func (s *stats) count(posted, refused, repeated int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posted += posted
	s.refused += refused
	s.repeated += repeated
}

// sorted gives the phases, calm first.
func (s *stats) sorted() []*phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*phase
	for _, p := range s.phases {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *phase) int {
		switch {
		case a.name == b.name:
			return 0
		case a.name == calmly || b.name != calmly && a.name < b.name:
			return -1
		}
		return 1
	})
	return all
}

// phase gives a phase, empty when nothing was posted in it.
func (s *stats) phase(name string) *phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.phases[name]; ok {
		return p
	}
	return newPhase(name)
}

// blame says which fault is in force, so that what the clients meet can be told by its cause.
type blame struct {
	mu     sync.Mutex
	active []string
	until  time.Time // the last fault is still felt
	last   string
}

// aftermath is how long a fault that is over counts as the cause of what is slow.
const aftermath = 2 * time.Second

func (b *blame) begin(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.active = append(b.active, name)
}

func (b *blame) end(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.active, name); i >= 0 {
		b.active = slices.Delete(b.active, i, i+1)
	}
	b.until, b.last = time.Now().Add(aftermath), name
}

// now gives the fault in force that began first, else the last one while it is still felt.
func (b *blame) now() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(b.active) > 0:
		return b.active[0]
	case time.Now().Before(b.until):
		return b.last
	}
	return calmly
}
