package review

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Store keeps cases.
type Store interface {
	// UpdateCase locks a case, applies change, and saves the case, its parcel's status and the fact of kind, in one
	// transaction. A case nobody opened is a fault of kind NotFound. An empty kind is no fact.
	UpdateCase(ctx context.Context, id parcel.ID, change func(Case) (Case, parcel.Kind, error)) (Case, error)
	// NextCase locks the most urgent case that officer may take, and applies change as UpdateCase does.
	NextCase(ctx context.Context, by Officer, now time.Time, change func(Case) (Case, parcel.Kind, error)) (Case, error)
}

// Desk is where officers claim and decide cases.
type Desk struct {
	store Store
	now   func() time.Time
}

// NewDesk makes a desk.
func NewDesk(store Store, now func() time.Time) *Desk { return &Desk{store: store, now: now} }

// Claim claims a case for an officer.
func (d *Desk) Claim(ctx context.Context, id parcel.ID, by Officer) (Case, error) {
	return d.update(ctx, "claim case", id, func(c Case) (Case, parcel.Kind, error) {
		c, err := c.Take(by, d.now().UTC())
		return c, "", err
	})
}

// GiveBack ends an officer's claim.
func (d *Desk) GiveBack(ctx context.Context, id parcel.ID, by Officer) (Case, error) {
	return d.update(ctx, "give case back", id, func(c Case) (Case, parcel.Kind, error) {
		c, err := c.GiveBack(by, d.now().UTC())
		return c, "", err
	})
}

// Next claims the most urgent case that nobody holds.
func (d *Desk) Next(ctx context.Context, by Officer) (Case, error) {
	now := d.now().UTC()
	c, err := d.store.NextCase(ctx, by, now, func(c Case) (Case, parcel.Kind, error) {
		c, err := c.Take(by, now)
		return c, "", err
	})
	if err != nil {
		return c, fmt.Errorf("claim next case: %w", err)
	}
	return c, nil
}

// Decide decides a case.
func (d *Desk) Decide(ctx context.Context, id parcel.ID, decision Decision) (Case, error) {
	decision.At = d.now().UTC().Truncate(time.Microsecond) // what a database keeps: an answer says the same now and later
	if err := checkDecision(decision); err != nil {
		return Case{}, err
	}
	return d.update(ctx, "decide case", id, func(c Case) (Case, parcel.Kind, error) { return c.Decide(decision) })
}

func (d *Desk) update(ctx context.Context, what string, id parcel.ID, change func(Case) (Case, parcel.Kind, error)) (Case, error) {
	c, err := d.store.UpdateCase(ctx, id, change)
	if err != nil {
		return c, fmt.Errorf("%s: %w", what, err)
	}
	return c, nil
}

// In characters.
const maxReason, maxNote = 500, 4000

func checkDecision(d Decision) error {
	var wrong []fault.Field
	if _, ok := outcomes[d.Action]; !ok {
		wrong = append(wrong, fault.Field{Pointer: "/action", Code: "action.unknown", Detail: "the action is release, inspect, request_information, detain, return or stop"})
	}
	switch reason := strings.TrimSpace(d.Reason); {
	case reason == "":
		wrong = append(wrong, fault.Field{Pointer: "/reason", Code: "reason.required", Detail: "a reason is needed: it stays with the parcel"})
	case utf8.RuneCountInString(reason) > maxReason:
		wrong = append(wrong, fault.Field{Pointer: "/reason", Code: "reason.length", Detail: "a reason has at most 500 characters"})
	}
	if utf8.RuneCountInString(d.Note) > maxNote {
		wrong = append(wrong, fault.Field{Pointer: "/note", Code: "note.length", Detail: "a note has at most 4000 characters"})
	}
	if wrong = append(wrong, d.checkAsk(d.At)...); len(wrong) == 0 {
		return nil
	}
	err := fault.Fields(wrong)
	err.Code = "invalid_request"
	return err
}
