// Package screening decides what may pass: it judges declared parcels by rules and records the verdicts. The judging is pure.
package screening

import (
	"context"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Window is how far back a consignee's parcels count together.
const Window = 24 * time.Hour

// Subject is a declared parcel with what screening computes of it before any rule runs.
type Subject struct {
	parcel.Declared
	Consignee   int64 // names the person and address the parcel goes to, as far as spelling allows
	Address     int64 // names the address alone
	Fen         int64 // the goods' value in hundredths of a yuan, as it is stored; 0 when the currency has no rate
	Fingerprint parcel.Fingerprint
}

// Verdict is what screening says of one parcel, and why.
type Verdict struct {
	Status  parcel.Status // Cleared or Held
	Lane    parcel.Lane
	Reasons []parcel.Reason
	Version string // of the rules that judged
	Past    Past   // that they judged by, what stands earlier in the batch counted
}

// Past is what has been sent before within Window, the judged parcel not counted.
type Past struct {
	Parcels      int   `json:"parcels,omitempty"` // to its consignee
	Fen          int64 `json:"fen,omitempty"`
	ThereParcels int   `json:"there_parcels,omitempty"` // to its address, those to its consignee counted too
	ThereFen     int64 `json:"there_fen,omitempty"`
	Reused       bool  `json:"reused,omitempty"` // another parcel had its tracking number within TrackingWindow
}

// TrackingWindow is how long a tracking number stays with one parcel.
const TrackingWindow = 180 * 24 * time.Hour

// Judge judges new parcels of one batch. pasts[i] is what is stored of subjects[i]'s consignee; what stands before it in
// the batch is for the judge to add.
type Judge func(subjects []Subject, pasts []Past) []Verdict

// Tally counts what became of a batch.
type Tally struct {
	Judged    int // new parcels, stored with their verdict
	Held      int
	Repeated  int // known parcels declared again with the same content: nothing changes
	Conflicts int // known parcels declared again with other content: the platform is told
}

// Store keeps verdicts.
type Store interface {
	// Record stores the new ones of subjects with the verdicts that judge gives them, the cases of held ones and all facts,
	// in one transaction. Subjects already stored are not judged again: a repeat changes nothing, other content is a conflict.
	Record(ctx context.Context, subjects []Subject, judge Judge) (Tally, error)
}

// Screener takes batches of declared parcels through the rules into the store.
type Screener struct {
	rules func() *Rules
	store Store
	tell  func(ctx context.Context, subjects []Subject, verdicts []Verdict)
}

// NewScreener makes a screener. rules gives the rules in force, nil until they are known; it is asked once for each batch.
func NewScreener(rules func() *Rules, store Store) *Screener {
	return &Screener{rules: rules, store: store}
}

// Tell has the screener tell of each batch, once it is stored, what was judged and how: verdicts[i] is that of subjects[i]. tell must
// return at once, and changes neither. It is set before the first batch.
func (s *Screener) Tell(tell func(ctx context.Context, subjects []Subject, verdicts []Verdict)) {
	s.tell = tell
}

// Screen judges and records one batch. Calling it again with the same batch changes nothing.
//
// Until the rules are known it is fault.Unavailable: nothing is judged by less than all of them.
func (s *Screener) Screen(ctx context.Context, batch []parcel.Declared) (Tally, error) {
	rules := s.rules()
	if rules == nil {
		return Tally{}, fault.New(fault.Unavailable, "rules_unknown", "the rules in force are not known yet")
	}
	subjects := make([]Subject, len(batch))
	for i := range batch {
		subjects[i] = subjectOf(batch[i])
		subjects[i].Fen = rules.worth(&subjects[i]).fen
	}
	hearing := rules.Hear(subjects)
	var judged []Subject
	var verdicts []Verdict
	tally, err := s.store.Record(ctx, subjects, func(fresh []Subject, pasts []Past) []Verdict {
		judged, verdicts = fresh, hearing.Judge(fresh, pasts)
		return verdicts
	})
	if err != nil {
		return Tally{}, fmt.Errorf("record verdicts: %w", err)
	}
	if s.tell != nil && tally.Judged > 0 && tally.Judged == len(judged) { // else it was stored at another try, by another process
		s.tell(ctx, judged, verdicts)
	}
	return tally, nil
}
