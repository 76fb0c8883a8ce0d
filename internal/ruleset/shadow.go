package ruleset

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// ShadowDay is what a set in the shadow came to on a day (UTC).
type ShadowDay struct {
	Day time.Time
	Comparison
	Missed int // parcels that were not compared, because screening had the machine for itself
}

// ShadowCounts are counts of one set on one day, to be added to what is stored.
type ShadowCounts struct {
	Set ID
	ShadowDay
}

// ShadowStore adds counts to those stored, in one transaction.
type ShadowStore interface {
	AddShadow(ctx context.Context, counts []ShadowCounts) error
}

// Shadower has the sets in the shadow judge what was judged, behind it, and counts the differences. It holds nothing up: what it
// has no time for it leaves out, and counts as missed. What it has counted within the last second is lost with the process.
type Shadower struct {
	store ShadowStore
	rules func() *screening.Rules
	sets  func() []Shade
	busy  func() bool
	now   func() time.Time
	log   *slog.Logger

	queue   chan judgedBatch
	waiting atomic.Int64 // parcels in the queue
	missed  atomic.Int64
	every   time.Duration // between stores
}

// judgedBatch is a batch with the verdicts it was given, and the rules then.
type judgedBatch struct {
	rules    *screening.Rules
	subjects []screening.Subject
	verdicts []screening.Verdict
}

const (
	mostBatches = 64
	mostWaiting = 4_000 // parcels; some 15 MB
)

// NewShadower makes a shadower. rules gives what is in force, nil until that is known, sets what runs in the shadow. busy tells that
// screening is behind, and is to have the machine for itself; nil for never.
func NewShadower(store ShadowStore, rules func() *screening.Rules, sets func() []Shade, busy func() bool, now func() time.Time, log *slog.Logger) *Shadower {
	if busy == nil {
		busy = func() bool { return false }
	}
	return &Shadower{
		store: store, rules: rules, sets: sets, busy: busy, now: now, log: log, queue: make(chan judgedBatch, mostBatches), every: time.Second,
	}
}

// Shadow hands over a batch that is stored, with its verdicts: verdicts[i] is that of subjects[i]. It returns at once, and neither
// of them is changed; the caller does not change them either.
func (s *Shadower) Shadow(_ context.Context, subjects []screening.Subject, verdicts []screening.Verdict) {
	rules := s.rules()
	if rules == nil || len(subjects) == 0 || len(s.sets()) == 0 {
		return
	}
	n := int64(len(subjects))
	if s.waiting.Add(n) > mostWaiting || s.busy() {
		s.waiting.Add(-n)
		s.missed.Add(n)
		return
	}
	select {
	case s.queue <- judgedBatch{rules, subjects, verdicts}:
	default:
		s.waiting.Add(-n)
		s.missed.Add(n)
	}
}

// Run judges and stores until ctx ends.
func (s *Shadower) Run(ctx context.Context) error {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	counts := shadowBook{}
	for {
		select {
		case <-ctx.Done():
			return s.last(ctx, counts)
		case batch := <-s.queue:
			s.judge(ctx, batch, counts)
		case <-tick.C:
			if err := s.flush(ctx, counts); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "shadow counts not stored, trying again", "error", err.Error())
			}
		}
	}
}

// last stores what is counted when the process stops; what waits is left.
func (s *Shadower) last(ctx context.Context, counts shadowBook) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.flush(ctx, counts); err != nil {
		s.log.WarnContext(ctx, "last shadow counts not stored", "error", err.Error())
	}
	return nil
}

// shadowBook is what is counted and not stored yet.
type shadowBook map[shadowKey]*ShadowCounts

type shadowKey struct {
	set ID
	day int64 // since 1970
}

func (b shadowBook) of(set ID, at time.Time) *ShadowCounts {
	day := at.UTC().Truncate(24 * time.Hour)
	key := shadowKey{set, day.Unix() / 86400}
	if b[key] == nil {
		b[key] = &ShadowCounts{Set: set, ShadowDay: ShadowDay{Day: day}}
	}
	return b[key]
}

func (s *Shadower) judge(ctx context.Context, batch judgedBatch, counts shadowBook) {
	defer s.waiting.Add(-int64(len(batch.subjects)))
	for _, shade := range s.sets() {
		count := counts.of(shade.ID, s.now())
		verdicts, err := beside(batch, shade.Set)
		if err != nil {
			s.log.ErrorContext(ctx, "shadow rules panicked", "ruleset", shade.ID.String(), "error", err.Error())
			count.Errors += len(batch.subjects)
			continue
		}
		for i := range verdicts {
			count.add(batch.verdicts[i].ByRules(), &verdicts[i])
		}
	}
}

// beside judges a batch by another set; a panic is our bug, and the shadow's alone.
func beside(batch judgedBatch, set *screening.Set) (verdicts []screening.Verdict, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	pasts := make([]screening.Past, len(batch.verdicts))
	for i := range batch.verdicts {
		pasts[i] = batch.verdicts[i].Past
	}
	return batch.rules.With(set).JudgeAgain(batch.subjects, pasts), nil
}

// flush stores what is counted. What cannot be stored stays counted.
func (s *Shadower) flush(ctx context.Context, counts shadowBook) error {
	if missed := s.missed.Swap(0); missed > 0 {
		for _, shade := range s.sets() {
			counts.of(shade.ID, s.now()).Missed += int(missed)
		}
	}
	if len(counts) == 0 {
		return nil
	}
	all := make([]ShadowCounts, 0, len(counts))
	for _, count := range counts {
		all = append(all, *count)
	}
	if err := s.store.AddShadow(ctx, all); err != nil {
		return fmt.Errorf("store shadow counts: %w", err)
	}
	clear(counts)
	return nil
}

// Held counts the parcels that a comparison's two sides hold.
func (c *Comparison) Held() (then, now int) {
	for _, from := range parcel.Lanes {
		for _, to := range parcel.Lanes {
			n := c.Lanes[MoveOf(from, to)]
			if from.Holds() {
				then += n
			}
			if to.Holds() {
				now += n
			}
		}
	}
	return then, now
}
