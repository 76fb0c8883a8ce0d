package parcel

import (
	"time"

	"github.com/alataw/alataw/internal/account"
)

// Parcel is a declared parcel and what has become of it, as a caller may see it.
type Parcel struct {
	ID            ID
	Account       account.ID
	OrderNo       string
	TrackingNo    string
	Service       Service
	Destination   string // ISO 3166-1 alpha-2
	Weight        Grams
	Volume        int64  // cubic centimetres
	Status        Status // the consignment's progress included
	Lane          Lane
	Reasons       []Reason // the heaviest first
	Verdict       *Verdict // what screening said at first; nil while nothing has been added to it since
	Unrouted      bool     // cleared, and no route serves its destination
	ConsignmentID string   // "" when it is in none
	Document      Document // the declaration as the platform wrote it; nil when it is not kept any longer
	ReceivedAt    time.Time
	ScreenedAt    time.Time
	History       []Change
	Referrals     []Referral // what officers asked, the oldest first; of a single parcel
}

// Verdict is what screening said of a parcel when it first came, of one that has been screened again since.
type Verdict struct {
	Lane    Lane     `json:"lane"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Change is one step of a parcel's history: who did what, when and why.
type Change struct {
	Kind   Kind
	Status Status
	At     time.Time
	By     string // "screening", "bundling", "dispatch", "platform", or an officer's account
	Why    string
}

// Kind names what happened to a parcel, in facts and receipts.
type Kind string

// The kinds of facts about parcels. Those from KindBundled on are a consignment's, told for each of its parcels.
const (
	KindCleared     Kind = "cleared"
	KindHeld        Kind = "held"
	KindRefused     Kind = "refused"
	KindConflict    Kind = "conflict"
	KindCancelled   Kind = "cancelled"
	KindUncancelled Kind = "cancellation_refused"
	KindUnrouted    Kind = "unrouted"
	KindAsked       Kind = "information_requested"
	KindAnswered    Kind = "information_given"
	KindRescreened  Kind = "rescreened" // screened again, with more reasons than before, and not held for them: it was held already, or has departed
	KindInspection  Kind = "inspection"
	KindStopped     Kind = "stopped" // an officer forbids that it is loaded or released; it stays as it is
	KindDetained    Kind = "detained"
	KindReturned    Kind = "returned"
	KindBundled     Kind = "bundled"
	KindSealed      Kind = "sealed"
	KindReleased    Kind = "released"
	KindDeparted    Kind = "departed"
	KindArrived     Kind = "arrived"
)

// StatusAfter is the status a fact of kind k leaves its parcel in; ok is false for kinds that change none.
func (k Kind) StatusAfter() (status Status, ok bool) {
	switch k {
	case KindCleared, KindUnrouted:
		return Cleared, true
	case KindHeld, KindAnswered:
		return Held, true
	case KindAsked:
		return InformationRequested, true
	case KindRefused, KindCancelled, KindInspection, KindDetained, KindReturned,
		KindBundled, KindSealed, KindReleased, KindDeparted, KindArrived:
		return Status(k), true
	case KindConflict, KindUncancelled, KindRescreened, KindStopped:
		return "", false
	}
	return "", false
}

// Receipt is one line of a platform's feed: a fact about one of its parcels.
type Receipt struct {
	Sequence string // names the line; grows along the feed
	ParcelID ID
	OrderNo  string
	Kind     Kind
	Status   Status
	Reasons  []Reason
	Fields   []string  // of a conflict: JSON pointers of the fields that differ from what is stored
	Referral *Referral // of information_requested, inspection and stopped: what is asked; nil for what was asked before referrals were kept
	At       time.Time
}
