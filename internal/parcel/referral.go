package parcel

import (
	"time"

	"github.com/alataw/alataw/internal/account"
)

// Referral is what an officer asks about a held parcel, or orders to be done with it: the shape of a referral of the EU's Import
// Control System 2 (ICS2), where each has a reference of its own, may point at one field, and is answered by itself.
type Referral struct {
	Reference  string       `json:"reference"` // at most 17 characters, as in ICS2
	Type       ReferralType `json:"type"`
	Text       string       `json:"text"`
	Field      string       `json:"field,omitempty"` // JSON pointer into the declaration; "" when it is about no single field
	Officer    account.ID   `json:"-"`
	AskedBy    string       `json:"-"`
	AskedAt    time.Time    `json:"-"`
	Deadline   *time.Time   `json:"deadline,omitempty"` // for the answer; nil where none is asked for
	Overdue    bool         `json:"-"`                  // the deadline passed without an answer
	Answer     *Information `json:"-"`
	AnsweredAt *time.Time   `json:"-"`
	ClosedAt   *time.Time   `json:"-"` // when a decision ended it
}

// ReferralType is what a referral asks for.
type ReferralType string

// The types of referrals. A stop is an order and no question: the parcel is neither loaded nor released, whatever its lane, and no
// officer ends it alone (ICS2 calls it "do not load").
const (
	ForDocuments   ReferralType = "documents"
	ForInformation ReferralType = "information"
	ForInspection  ReferralType = "inspection"
	Stop           ReferralType = "stop"
)

// Open tells whether a referral is neither answered nor ended.
func (r *Referral) Open() bool { return r.AnsweredAt == nil && r.ClosedAt == nil }

// Answerable tells whether the platform is asked, and has not answered.
func (r *Referral) Answerable() bool {
	return r.Open() && (r.Type == ForDocuments || r.Type == ForInformation)
}

// Information is a platform's answer to an officer's request: a text, documents named by reference, and what the declaration ought to
// have said. The declaration itself is never changed: what was declared was declared.
type Information struct {
	Referral    string       `json:"referral,omitempty"` // reference of the one that is answered; "" for all that are open
	Text        string       `json:"text"`
	Documents   []Attachment `json:"documents,omitempty"`
	Corrections []Correction `json:"corrections,omitempty"`
}

// Attachment names a document that the platform keeps ready.
type Attachment struct {
	Type      string `json:"type,omitempty"` // in the platform's words: invoice, licence, safety data sheet
	Reference string `json:"reference"`
}

// Correction is what a field of the declaration ought to have said.
type Correction struct {
	Field string `json:"field"` // JSON pointer into the declaration
	Value string `json:"value"`
}
