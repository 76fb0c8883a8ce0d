// Package review is the officers' desk: held parcels, who has claimed them, and what may be decided by whom.
package review

import (
	"slices"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// ClaimTime is how long a claim lasts; deciding or claiming again within it renews nothing that another could wait for.
const ClaimTime = 15 * time.Minute

const idPrefix = "rev_"

// CaseID names the case of a held parcel. A parcel has one case, opened again when it is held again.
func CaseID(id parcel.ID) string { return idPrefix + id.Base() }

// ParseCaseID reads what CaseID printed.
func ParseCaseID(s string) (parcel.ID, error) { return parcel.ParseIDWith(idPrefix, s) }

// State is where a case stands.
type State string

// A case is open until a decision ends it; while information is asked for or the parcel is inspected it stays open.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Case is one held parcel on the desk.
type Case struct {
	Parcel     parcel.ID
	Account    account.ID
	OrderNo    string
	TrackingNo string
	State      State
	Status     parcel.Status // the parcel's
	Lane       parcel.Lane
	Reasons    []parcel.Reason
	Express    bool
	OpenedAt   time.Time
	Claim      *Claim
	Approval   *Approval // the first of two officers who must agree
	Decisions  []Decision
	Referrals  []parcel.Referral // what was asked, the oldest first
	Overdue    bool              // a question has not been answered in time
}

// Claim says who works on a case, and until when.
type Claim struct {
	Officer account.ID `json:"officer"`
	Name    string     `json:"name"`
	Until   time.Time  `json:"until"`
}

// Approval is a first officer's word where two are needed.
type Approval struct {
	Officer account.ID `json:"officer"`
	Name    string     `json:"name"`
	Reason  string     `json:"reason"`
	At      time.Time  `json:"at"`
}

// Decision is what an officer did, and why.
type Decision struct {
	Officer account.ID `json:"officer"`
	Name    string     `json:"name"`
	Action  Action     `json:"action"`
	Reason  string     `json:"reason"`
	Note    string     `json:"note,omitempty"`
	At      time.Time  `json:"at"`

	Ask      Ask    `json:"-"`                  // what is asked by it
	Referral string `json:"referral,omitempty"` // reference of what was asked by it
}

// Action is what an officer may do with a held parcel.
type Action string

// The actions.
const (
	Release            Action = "release"
	Inspect            Action = "inspect"
	RequestInformation Action = "request_information"
	Detain             Action = "detain"
	Return             Action = "return"
	Stop               Action = "stop" // forbids that it is loaded or released; one officer alone cannot end it
)

// Actions are all actions.
var Actions = []Action{Release, Inspect, RequestInformation, Detain, Return, Stop}

// outcomes tells what each action makes of the parcel, and the fact that says so.
var outcomes = map[Action]struct {
	status parcel.Status
	kind   parcel.Kind
}{
	Release:            {parcel.Cleared, parcel.KindCleared},
	Inspect:            {parcel.Inspection, parcel.KindInspection},
	RequestInformation: {parcel.InformationRequested, parcel.KindAsked},
	Detain:             {parcel.Detained, parcel.KindDetained},
	Return:             {parcel.Returned, parcel.KindReturned},
	Stop:               {"", parcel.KindStopped}, // it stays as it is
}

// Officer is who acts.
type Officer struct {
	ID   account.ID
	Name string
}

// claimedByOther gives the claim that keeps officer from acting at now.
func (c Case) claimedByOther(officer Officer, now time.Time) *Claim {
	if c.Claim == nil || c.Claim.Officer == officer.ID || !c.Claim.Until.After(now) {
		return nil
	}
	return c.Claim
}

// Take claims the case for an officer, or tells who holds it.
func (c Case) Take(officer Officer, now time.Time) (Case, error) {
	if err := c.mayAct(officer, now); err != nil {
		return c, err
	}
	c.Claim = &Claim{Officer: officer.ID, Name: officer.Name, Until: now.Add(ClaimTime)}
	return c, nil
}

// GiveBack ends an officer's own claim.
func (c Case) GiveBack(officer Officer, now time.Time) (Case, error) {
	if err := c.mayAct(officer, now); err != nil {
		return c, err
	}
	c.Claim = nil
	return c, nil
}

func (c Case) mayAct(officer Officer, now time.Time) error {
	if c.State != Open {
		return fault.New(fault.Conflict, "review_closed", "this case is decided: the parcel is %s", c.Status)
	}
	if held := c.claimedByOther(officer, now); held != nil {
		return fault.New(fault.Conflict, "review_claimed", "%s holds this case until %s", held.Name, held.Until.UTC().Format(time.RFC3339))
	}
	return nil
}

// Decide applies an officer's decision. The fact is zero where the decision waits for a second officer.
func (c Case) Decide(d Decision) (Case, parcel.Kind, error) {
	officer := Officer{ID: d.Officer, Name: d.Name}
	if err := c.mayAct(officer, d.At); err != nil {
		return c, "", err
	}
	if d.Action == Release && c.needsTwo() {
		switch {
		case c.Approval == nil:
			c.Approval = &Approval{Officer: d.Officer, Name: d.Name, Reason: d.Reason, At: d.At}
			c.Claim = nil
			c.Decisions = append(slices.Clone(c.Decisions), d)
			return c, "", nil
		case c.Approval.Officer == d.Officer:
			return c, "", fault.New(fault.Conflict, "second_officer_needed", "a sanctions hit or a stop is released by two officers, and you were the first")
		}
	}
	after := outcomes[d.Action]
	if after.status == "" {
		after.status = c.Status
	}
	if c.Status != after.status && !c.Status.CanBecome(after.status) {
		return c, "", fault.New(fault.Conflict, "status_forbids", "a parcel that is %s cannot become %s", c.Status, after.status)
	}
	c.Status = after.status
	c.Claim = nil
	c, d = c.refer(d)
	c.Decisions = append(slices.Clone(c.Decisions), d)
	if d.Action != Release {
		c.Approval = nil // whoever looks again decides anew
	}
	if _, asking := asks[d.Action]; !asking {
		c.State = Closed
		c = c.endReferrals(d.At)
	}
	return c, after.kind, nil
}

// needsTwo tells whether a release of this case takes two officers.
func (c Case) needsTwo() bool {
	return c.Stopped() || slices.ContainsFunc(c.Reasons, func(r parcel.Reason) bool { return r.Category == parcel.Sanctions })
}
