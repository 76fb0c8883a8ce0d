package ruleset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// Store keeps rule sets and named lists. Each method is one transaction.
type Store interface {
	// AddRuleSet stores a draft and the event that says so, and numbers it.
	AddRuleSet(ctx context.Context, s RuleSet, made Event) (RuleSet, error)
	// StepRuleSet locks the rule sets, takes the step, and stores the set and the event. Where the step puts a set in force, the one
	// in force before for the same office and direction is retired; where it retires one, its backtests are cancelled.
	// A set nobody made is a fault of kind NotFound.
	StepRuleSet(ctx context.Context, id ID, step Step) (RuleSet, error)
	RuleSet(ctx context.Context, id ID) (RuleSet, error)
	// AddBacktest stores a backtest and the step that says so; one of a set at a time.
	AddBacktest(ctx context.Context, b Backtest, step Step) (Backtest, error)
	NamedLists(ctx context.Context) ([]screening.NamedList, error) // those in force, with their items
	// PutNamedList stores the next version of a list; see Replace. seen is the version that the person saw; 0 for any.
	PutNamedList(ctx context.Context, list screening.NamedList, seen int, at Stamp) (NamedList, error)
}

// MostShadows is how many sets of an office and direction run in the shadow at once: each costs as much as the one in force.
const MostShadows = 4

// Desk is where analysts keep rule sets and lists.
type Desk struct {
	store Store
	now   func() time.Time
}

// NewDesk makes a desk.
func NewDesk(store Store, now func() time.Time) *Desk { return &Desk{store: store, now: now} }

// Draft keeps a document as a new draft. One that cannot be compiled is a fault of kind Invalid that tells every flaw.
func (d *Desk) Draft(ctx context.Context, document screening.Document, by Person) (RuleSet, error) {
	set, err := d.compile(ctx, document)
	if err != nil {
		return RuleSet{}, fmt.Errorf("draft rule set: %w", err)
	}
	s, made := New(NewID(), set, by, d.at())
	if s, err = d.store.AddRuleSet(ctx, s, made); err != nil {
		return RuleSet{}, fmt.Errorf("draft rule set: %w", err)
	}
	return s, nil
}

// Change puts another document in a draft's place. revision is the one that the person saw; 0 for any.
func (d *Desk) Change(ctx context.Context, id ID, document screening.Document, revision int, by Person) (RuleSet, error) {
	set, err := d.compile(ctx, document)
	if err != nil {
		return RuleSet{}, fmt.Errorf("change rule set: %w", err)
	}
	return d.step(ctx, id, Step{Action: Change, By: by, At: d.at(), Set: set, Revision: revision})
}

// Shadow has a set judge beside the one in force.
func (d *Desk) Shadow(ctx context.Context, id ID, by Person) (RuleSet, error) {
	return d.stepCompiled(ctx, id, RunBeside, by)
}

// Activate proposes that a set be put in force, or confirms what another person proposed.
func (d *Desk) Activate(ctx context.Context, id ID, by Person) (RuleSet, error) {
	return d.stepCompiled(ctx, id, Activate, by)
}

// Retire ends a set's life. Where it was in force, the built-in set is from then on.
func (d *Desk) Retire(ctx context.Context, id ID, by Person) (RuleSet, error) {
	return d.step(ctx, id, Step{Action: Retire, By: by, At: d.at()})
}

// Backtest has a set judge again what was judged from one moment to another.
func (d *Desk) Backtest(ctx context.Context, id ID, span Span, by Person) (Backtest, error) {
	at := d.at()
	if err := span.check(at); err != nil {
		return Backtest{}, err
	}
	found, err := d.compiled(ctx, id)
	if err != nil {
		return Backtest{}, fmt.Errorf("backtest rule set: %w", err)
	}
	b := Backtest{
		ID: NewBacktestID(), Set: id, Hash: found.Hash, Document: found.Document, Status: Queued, Span: span, Created: Stamp{By: by.Name, At: at},
	}
	step := Step{Action: TryOut, By: by, At: at, Revision: found.Revision, Details: map[string]string{"backtest": b.ID.String()}}
	if b, err = d.store.AddBacktest(ctx, b, step); err != nil {
		return Backtest{}, fmt.Errorf("backtest rule set: %w", err)
	}
	return b, nil
}

// PutList keeps a list as the next version of its name, in force within seconds. seen is the version that the person saw; 0 for any.
func (d *Desk) PutList(ctx context.Context, list screening.NamedList, seen int, by Person) (NamedList, error) {
	if err := checkList(list); err != nil {
		return NamedList{}, err
	}
	stored, err := d.store.PutNamedList(ctx, list, seen, Stamp{By: by.Name, At: d.at()})
	if err != nil {
		return NamedList{}, fmt.Errorf("put named list: %w", err)
	}
	return stored, nil
}

// at is the time, as exact as a database keeps it.
func (d *Desk) at() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

func (d *Desk) compile(ctx context.Context, document screening.Document) (*screening.Set, error) {
	lists, err := d.store.NamedLists(ctx)
	if err != nil {
		return nil, err
	}
	set, err := screening.Compile(document, screening.NewNamedLists(lists))
	if err != nil {
		return nil, Explain(document, err)
	}
	return set, nil
}

// compiled gives a set that still compiles. Lists are never taken away and keep their kind, so it is a change of the program that
// a stored set may have been broken by.
func (d *Desk) compiled(ctx context.Context, id ID) (RuleSet, error) {
	found, err := d.store.RuleSet(ctx, id)
	if err != nil {
		return found, err
	}
	_, err = d.compile(ctx, found.Document)
	return found, err
}

func (d *Desk) stepCompiled(ctx context.Context, id ID, action Action, by Person) (RuleSet, error) {
	found, err := d.compiled(ctx, id)
	if err != nil {
		return found, fmt.Errorf("%s rule set: %w", action, err)
	}
	return d.step(ctx, id, Step{Action: action, By: by, At: d.at(), Revision: found.Revision})
}

func (d *Desk) step(ctx context.Context, id ID, step Step) (RuleSet, error) {
	s, err := d.store.StepRuleSet(ctx, id, step)
	if err != nil {
		return s, fmt.Errorf("%s rule set: %w", step.Action, err)
	}
	return s, nil
}

// Stale tells that what a person saw has been changed since.
func Stale(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && (f.Code == "ruleset_changed" || f.Code == "list_changed")
}
