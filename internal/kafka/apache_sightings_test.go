//go:build apache

package kafka_test

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/alataw/alataw/internal/kafka"
)

// sightings are the records that a stage was given, and the effects of a handler that takes each id once.
type sightings struct {
	mu      sync.Mutex
	offsets map[string]map[string]int // by id: where it stands in the log, and how often it was handed over from there
	effects map[string]int
}

func newSightings() *sightings {
	return &sightings{offsets: map[string]map[string]int{}, effects: map[string]int{}}
}

func (s *sightings) note(batch []kafka.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		id := string(r.Data)
		if s.offsets[id] == nil {
			s.offsets[id] = map[string]int{}
			s.effects[id]++
		}
		s.offsets[id][fmt.Sprintf("%d/%d", r.Partition, r.Offset)]++
	}
}

func (s *sightings) missing(acknowledged map[string]bool) (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range acknowledged {
		if s.effects[id] == 0 {
			count++
		}
	}
	return count
}

// doubled counts copies in the log beyond the first of each id, and hand-overs beyond the first of each copy.
func (s *sightings) doubled() (wire, again int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, places := range s.offsets {
		wire += len(places) - 1
		for _, times := range places {
			again += times - 1
		}
	}
	return wire, again
}

// failoverLog measures, phase by phase, the longest time that nothing was acknowledged, and nothing handled.
type failoverLog struct {
	mu     sync.Mutex
	phases []*phaseLog
}

type phaseLog struct {
	what            string
	published, done streak
	refusals        int
	from, until     time.Time
}

// streak is a row of successes: how many, when the last was, and the longest wait for one.
type streak struct {
	count   int
	last    time.Time
	longest time.Duration
}

func (s *streak) add(count int, now time.Time) {
	s.count += count
	s.longest = max(s.longest, now.Sub(s.last))
	s.last = now
}

func newFailoverLog() *failoverLog { return &failoverLog{} }

// begin opens a phase. A wait that began before it counts from its beginning.
func (f *failoverLog) begin(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.phases = append(f.phases, &phaseLog{what: what, from: now, published: streak{last: now}, done: streak{last: now}})
}

func (f *failoverLog) note(what func(*phaseLog, time.Time)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.phases) > 0 {
		now := time.Now()
		current := f.phases[len(f.phases)-1]
		current.until = now
		what(current, now)
	}
}

func (f *failoverLog) acknowledged(count int) {
	f.note(func(p *phaseLog, now time.Time) { p.published.add(count, now) })
}

func (f *failoverLog) handled(count int) {
	f.note(func(p *phaseLog, now time.Time) { p.done.add(count, now) })
}

func (f *failoverLog) refused() { f.note(func(p *phaseLog, _ time.Time) { p.refusals++ }) }

func (f *failoverLog) totals() (published, handled int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.phases {
		published += p.published.count
		handled += p.done.count
	}
	return published, handled
}

// String is a table.
func (f *failoverLog) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "\n%-24s %8s %12s %12s %9s %20s %20s", "phase", "seconds", "acknowledged", "handled", "refusals", "longest without ack", "longest unhandled")
	for _, p := range f.phases {
		fmt.Fprintf(&text, "\n%-24s %8.1f %12d %12d %9d %20s %20s", p.what, p.until.Sub(p.from).Seconds(), p.published.count, p.done.count, p.refusals,
			p.published.longest.Round(time.Millisecond), p.done.longest.Round(time.Millisecond))
	}
	return text.String()
}
