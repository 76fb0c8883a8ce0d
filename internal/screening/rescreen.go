package screening

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// Sheet is where declarations of one batch lie together; sheets are in the order in which batches began to be judged.
type Sheet struct {
	Batch int64
	Sheet int
}

// Leaf is one stored declaration and its place.
type Leaf struct {
	Sheet
	Leaf     int
	Document parcel.Document
}

// Phase is how far looking for what a list has added is.
type Phase string

// The phases. First come the parcels that are stored, newest first, for those are likeliest to be here still. Closing is for those that
// were judged with the list before while the new one was being put in force.
const (
	Stored  Phase = "stored"
	Closing Phase = "closing"
	Done    Phase = "done"
)

// Rescreening is looking for what a version of a list has added. Its progress is kept, so that whoever comes next goes on.
type Rescreening struct {
	ID         int64 // of the list's version
	Source     string
	Version    string
	ImportedAt time.Time
	Since      time.Time // parcels screened from here on
	Phase      Phase
	At         *Sheet // the one looked at last; nil before the first of a phase
}

// Closing covers what was judged around the moment at which a list came into force: processes learn of it within a second or two, and
// a batch under way is judged to its end by the rules it began with.
const (
	closingBefore = time.Minute
	closingAfter  = 2 * time.Minute
	closingWait   = 3 * time.Minute // by then such a batch has been stored, or given up
)

// Span gives from when to when parcels of the phase were screened.
func (r Rescreening) Span() (from, to time.Time) {
	if r.Phase == Closing {
		return r.ImportedAt.Add(-closingBefore), r.ImportedAt.Add(closingAfter)
	}
	return r.Since, r.ImportedAt.Add(closingWait)
}

// due tells whether there is anything to do now.
func (r Rescreening) due(now time.Time) bool {
	return r.Phase != Closing || !now.Before(r.ImportedAt.Add(closingWait))
}

// Counts are what a rescreening has done: parcels looked at; of them held, given a reason more, and found with their unit departed.
type Counts struct {
	Parcels, Held, Added, Departed int64
}

// Outcome is what screening again made of a parcel.
type Outcome string

// The outcomes.
const (
	HeldNow    Outcome = "held"     // it was cleared, and is held now
	MoreKnown  Outcome = "added"    // it was held, and has a reason more; or the reasons are of a lane that holds nothing
	NothingNew Outcome = "known"    // its reasons say so already
	TooLate    Outcome = "departed" // its unit has departed; what was found is kept all the same
	Over       Outcome = "over"     // it is refused, detained, returned or cancelled
)

// Again is a stored parcel that is to be judged once more, with what it was judged by.
type Again struct {
	Subject
	Past    Past
	Damaged bool // what it declared cannot be read: somebody has to look
}

// RescreenStore keeps what has to be screened again, and how far that is.
type RescreenStore interface {
	// Rescreenings gives what is not done, begun for every list that came into force since it was last asked, and compared with the
	// version whose rescreening was last done. What a newer version has overtaken is left.
	Rescreenings(ctx context.Context, now, since time.Time) ([]Rescreening, error)
	// Additions gives the names a version of a list has that the one before it had not.
	Additions(ctx context.Context, id int64) (watchlist.List, error)
	// Leaves gives the declarations of the next sheets of a rescreening, going back in time, and the last sheet of them; nil at the end.
	Leaves(ctx context.Context, r Rescreening, sheets int) ([]Leaf, *Sheet, error)
	// SaveRescreening keeps how far a rescreening is, and adds to how many parcels it has looked at. It gives all it has done so far.
	SaveRescreening(ctx context.Context, r Rescreening, parcels int, now time.Time) (Counts, error)
	// ParcelsAt gives the parcels whose declarations lie at leaves, as they were judged.
	ParcelsAt(ctx context.Context, leaves []Leaf) ([]Again, error)
	// AddReasons adds to a parcel's reasons those it has not, and holds it when it has to be; the rescreening (0 for none) counts it.
	AddReasons(ctx context.Context, id parcel.ID, found []parcel.Reason, rescreening int64, now time.Time) (Outcome, error)
	// Answered gives parcels about which a question was answered and which were not judged again since.
	Answered(ctx context.Context, most int) ([]Again, error)
	// AddAnswered is AddReasons for such a parcel, which then is judged again.
	AddAnswered(ctx context.Context, id parcel.ID, found []parcel.Reason, now time.Time) (Outcome, error)
}

// Rescreener screens stored parcels again: when a list has new names, and when a platform has answered.
// One at a time works in a database; whoever comes next goes on where the one before ended.
type Rescreener struct {
	rules  func() *Rules
	store  RescreenStore
	window time.Duration
	now    func() time.Time
	found  func(Outcome)

	names map[int64]*watchlist.Index // of the rescreenings under way
}

// NewRescreener makes a rescreener. rules gives those in force, nil until they are known. Parcels screened longer than window ago are
// left. found is told of each parcel that was judged again.
func NewRescreener(rules func() *Rules, store RescreenStore, window time.Duration, now func() time.Time, found func(Outcome)) *Rescreener {
	return &Rescreener{rules: rules, store: store, window: window, now: now, found: found, names: map[int64]*watchlist.Index{}}
}

// sheetsAtOnce is how much is looked at between two rests: 2,048 parcels, some milliseconds' work and two megabytes.
const sheetsAtOnce = 64

// Step is what a step of a rescreener did.
type Step struct {
	Parcels  int
	Unread   int          // of them, declarations that cannot be read: somebody has to look
	Pending  int          // lists whose names are still looked for
	Finished *Rescreening // what ended with this step
	Counts   Counts       // of what the step was about, from its beginning
}

// Step looks at the next parcels of what is to be screened again. Doing it again after a crash does nothing twice.
func (r *Rescreener) Step(ctx context.Context) (Step, error) {
	rules, now := r.rules(), r.now().UTC()
	if rules == nil {
		return Step{}, nil
	}
	pending, err := r.store.Rescreenings(ctx, now, now.Add(-r.window))
	if err != nil {
		return Step{}, fmt.Errorf("rescreenings: %w", err)
	}
	r.forget(pending)
	step := Step{Pending: len(pending)}
	var failed []error // what fails keeps nothing behind it waiting
	for _, job := range pending {
		if !job.due(now) {
			continue
		}
		err := r.look(ctx, rules, job, &step)
		if err == nil {
			break
		}
		failed = append(failed, fmt.Errorf("screen %s@%s again: %w", job.Source, job.Version, err))
	}
	return step, errors.Join(failed...)
}

// forget lets go of the names of what is not under way any more.
func (r *Rescreener) forget(pending []Rescreening) {
	under := map[int64]bool{}
	for _, job := range pending {
		under[job.ID] = true
	}
	for id := range r.names {
		if !under[id] {
			delete(r.names, id)
		}
	}
}

func (r *Rescreener) look(ctx context.Context, rules *Rules, job Rescreening, step *Step) error {
	names, err := r.namesOf(ctx, job)
	if err != nil {
		return err
	}
	var leaves []Leaf
	var last *Sheet
	if names.Names() > 0 { // a version that only takes names off has nothing to be looked for
		if leaves, last, err = r.store.Leaves(ctx, job, sheetsAtOnce); err != nil {
			return err
		}
	}
	if step.Unread, err = r.judge(ctx, rules.Added(names), job.ID, leaves); err != nil {
		return err
	}
	step.Parcels, job.At = len(leaves), last
	switch {
	case names.Names() == 0 || last == nil && job.Phase == Closing:
		job.Phase = Done
	case last == nil:
		job.Phase = Closing
	}
	if step.Counts, err = r.store.SaveRescreening(ctx, job, len(leaves), r.now().UTC()); err != nil {
		return err
	}
	if job.Phase == Done {
		step.Finished = &job
		step.Pending--
	}
	return nil
}

func (r *Rescreener) namesOf(ctx context.Context, job Rescreening) (*watchlist.Index, error) {
	if names, ok := r.names[job.ID]; ok {
		return names, nil
	}
	list, err := r.store.Additions(ctx, job.ID)
	if err != nil {
		return nil, err
	}
	r.names[job.ID] = watchlist.NewIndex([]watchlist.List{list})
	return r.names[job.ID], nil
}

// judge judges the parcels of leaves that have a name of those looked for, and tells how many declarations it could not read: one that
// is damaged must not keep all behind it from being looked at.
func (r *Rescreener) judge(ctx context.Context, added Added, id int64, leaves []Leaf) (unread int, err error) {
	var met []Leaf
	for _, leaf := range leaves {
		d, err := parcel.Read(leaf.Document)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			unread++
			continue
		}
		if added.Meets(&d) {
			met = append(met, leaf)
		}
	}
	if len(met) == 0 {
		return unread, nil
	}
	again, err := r.store.ParcelsAt(ctx, met)
	if err != nil {
		return unread, err
	}
	for i := range again {
		reasons := added.Reasons(&again[i].Subject, again[i].Past)
		if len(reasons) == 0 {
			continue
		}
		outcome, err := r.store.AddReasons(ctx, again[i].ID, reasons, id, r.now().UTC())
		if err != nil {
			return unread, err
		}
		r.found(outcome)
	}
	return unread, nil
}

// answeredAtOnce is how many answered parcels are judged again between two looks at the lists.
const answeredAtOnce = 50

// Answered judges parcels again about which a platform has answered, by all rules in force and by what was sent before them when they
// were declared. It tells how many, and of how many the declaration cannot be read: those stay as they are.
func (r *Rescreener) Answered(ctx context.Context) (looked, damaged int, err error) {
	rules := r.rules()
	if rules == nil {
		return 0, 0, nil
	}
	answered, err := r.store.Answered(ctx, answeredAtOnce)
	if err != nil {
		return 0, 0, fmt.Errorf("answered parcels: %w", err)
	}
	for i := range answered {
		a := &answered[i]
		if a.Damaged {
			damaged++
		}
		var reasons []parcel.Reason
		if a.Document != nil {
			reasons = rules.Judge(&a.Subject, a.Past).Reasons
		}
		outcome, err := r.store.AddAnswered(ctx, a.ID, reasons, r.now().UTC())
		if err != nil {
			return i, damaged, fmt.Errorf("judge answered parcel: %w", err)
		}
		r.found(outcome)
	}
	return len(answered), damaged, nil
}
