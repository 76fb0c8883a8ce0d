package ruleset

import (
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// Status is where a rule set stands in its life.
type Status string

// The statuses, in their order. A set may leave some out, and never goes back.
const (
	Draft   Status = "draft"   // it may be changed
	Shadow  Status = "shadow"  // it judges beside the one in force, and decides nothing
	Active  Status = "active"  // it judges; one of an office and direction
	Retired Status = "retired" // it is kept for those who ask why
)

// Statuses are all statuses.
var Statuses = []Status{Draft, Shadow, Active, Retired}

// Action is what people do with a rule set.
type Action string

// The actions.
const (
	Change    Action = "change"
	TryOut    Action = "backtest"
	RunBeside Action = "shadow"
	Activate  Action = "activate"
	Retire    Action = "retire"
)

// after tells what each action makes of a set. What is not here cannot be done.
var after = map[Status]map[Action]Status{
	Draft:  {Change: Draft, TryOut: Draft, RunBeside: Shadow, Activate: Active, Retire: Retired},
	Shadow: {TryOut: Shadow, Activate: Active, Retire: Retired},
	Active: {TryOut: Active, Retire: Retired},
}

// Kind is what happened to a rule set.
type Kind string

// The kinds of events.
const (
	Created   Kind = "created"
	Changed   Kind = "changed"
	Backtests Kind = "backtested"
	Shadowed  Kind = "shadowed"
	Proposed  Kind = "proposed"
	Activated Kind = "activated"
	Retires   Kind = "retired"
)

// kinds tells the event of each action that is done.
var kinds = map[Action]Kind{Change: Changed, TryOut: Backtests, RunBeside: Shadowed, Activate: Activated, Retire: Retires}

// Event is something that happened to a rule set. It is never changed.
type Event struct {
	Kind Kind
	Hash string // of the document then
	Stamp
	Details map[string]string // e.g. the set that took its place
}

// Step is one action of one person.
type Step struct {
	Action   Action
	By       Person
	At       time.Time
	Set      *screening.Set    // what a change changes the draft into
	Revision int               // that the person saw; 0 for any
	Details  map[string]string // to be kept with the event
}

// New makes a draft.
func New(id ID, set *screening.Set, by Person, at time.Time) (RuleSet, Event) {
	stamp := Stamp{By: by.Name, At: at}
	s := RuleSet{ID: id, Status: Draft, Revision: 1, Document: set.Document(), Hash: set.Hash(), Created: stamp, Changed: stamp}
	return s, Event{Kind: Created, Hash: s.Hash, Stamp: stamp}
}

// Take is the one transition of a rule set's life. A step that cannot be taken is a fault of kind Conflict and changes nothing.
//
// Putting a set in force takes two people: the first one's step proposes it, the step of another does it. A change of the draft
// ends the proposal, so that nobody confirms what the first has not seen.
func (s RuleSet) Take(step Step) (RuleSet, Event, error) {
	next, ok := after[s.Status][step.Action]
	if !ok {
		return s, Event{}, fault.New(fault.Conflict, "status_forbids", "a rule set that is %s cannot take the step %s", s.Status, step.Action)
	}
	if step.Revision != 0 && step.Revision != s.Revision {
		return s, Event{}, fault.New(fault.Conflict, "ruleset_changed", "the draft was changed by %s since you read it", s.Changed.By)
	}
	kind, stamp := kinds[step.Action], Stamp{By: step.By.Name, At: step.At}
	switch {
	case step.Action == Change:
		s.Document, s.Hash, s.Revision, s.Proposal = step.Set.Document(), step.Set.Hash(), s.Revision+1, nil
	case step.Action == Activate && s.Proposal == nil:
		next, kind, s.Proposal = s.Status, Proposed, &Proposal{By: step.By, At: step.At}
	case step.Action == Activate && s.Proposal.By.ID == step.By.ID:
		return s, Event{}, fault.New(fault.Conflict, "second_person_needed", "you proposed it; another officer or admin must confirm")
	}
	if s.Status != next || step.Action == Change {
		s.Status, s.Changed = next, stamp
	}
	return s, Event{Kind: kind, Hash: s.Hash, Stamp: stamp, Details: step.Details}, nil
}
