package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/ruleset"
)

// Deps is what the door needs of the house. The stores are the database's; the interfaces keep the two walls apart.
type Deps struct {
	Intake     *parcel.Intake
	Desk       *review.Desk
	Dispatcher *consignment.Dispatcher
	Rules      *ruleset.Desk

	Keys         KeyStore
	Parcels      ParcelStore
	Receipts     ReceiptStore
	Reviews      ReviewStore
	RuleSets     RuleSetStore
	Consignments ConsignmentStore
	Lists        ListStore
	Rates        RateStore
	Pulse        Pulse

	HealthOnly bool // the process has not the role api: it answers only what asks for no key

	Checks  []Check
	Backlog func() error // a fault of kind Unavailable while the queue holds more than screening can catch up with

	Closing <-chan struct{} // closed when the process begins to stop: long polls end, what is being taken is finished

	Metrics *prometheus.Registry
	Log     *slog.Logger
	Tracer  trace.Tracer // of the requests' spans; nil for none
	Now     func() time.Time
}

// KeyStore knows the accounts behind keys. It answers from memory: intake never waits for the database.
type KeyStore interface {
	// Account gives the account of a key that is not revoked; a fault of kind Unauthenticated when there is none,
	// Unavailable while no keys could be loaded yet.
	Account(ctx context.Context, hash account.KeyHash) (account.Account, error)
}

// ParcelStore keeps parcels. An owner of nil sees every platform's; what an owner may not see is NotFound.
type ParcelStore interface {
	Parcel(ctx context.Context, id parcel.ID, owner *account.ID) (parcel.Parcel, error) // history included
	Parcels(ctx context.Context, q parcel.Query) ([]parcel.Parcel, error)               // without history
	Cancel(ctx context.Context, id parcel.ID, owner account.ID, reason string, now time.Time) error
	Inform(ctx context.Context, id parcel.ID, owner account.ID, info Information, now time.Time) (parcel.Status, error) // the parcel's after it
	Sorting(ctx context.Context, trackingNo string) (status parcel.Status, lane parcel.Lane, found bool, err error)     // of the newest parcel with this number
}

// Information is a platform's answer to an officer's request.
type Information = parcel.Information

// ReceiptStore keeps the platforms' feeds.
type ReceiptStore interface {
	// ReceiptsAfter gives what follows a position, oldest first, and the position to go on from.
	ReceiptsAfter(ctx context.Context, owner account.ID, after event.Position, limit int) ([]parcel.Receipt, event.Position, error)
}

// ReviewStore reads the desk.
type ReviewStore interface {
	Case(ctx context.Context, id parcel.ID) (review.Case, error)
	Cases(ctx context.Context, q review.Query) ([]review.Case, error)
}

// ConsignmentStore reads consignments and the timetable. Routes of nil sees all; what a carrier may not see is NotFound.
type ConsignmentStore interface {
	consignment.UnitStore
	consignment.TimetableStore
	Routes(ctx context.Context) ([]consignment.Route, error)
	Consignment(ctx context.Context, id consignment.ID, routes []string) (consignment.Consignment, error)
	ConsignmentsAfter(ctx context.Context, q consignment.Query) ([]consignment.Changed, event.Position, error)
	ConsignmentEvents(ctx context.Context, id consignment.ID) ([]consignment.Event, error)
	// ConsignmentParcels gives the parcels in places behind after.
	ConsignmentParcels(ctx context.Context, id consignment.ID, after, limit int) (places []int, parcels []parcel.Parcel, err error)
	// Manifest calls line for every parcel in order of its place.
	Manifest(ctx context.Context, id consignment.ID, line func(consignment.ManifestLine) error) error
	Departure(ctx context.Context, id consignment.DepartureID, routes []string) (consignment.Departure, error)
	Departures(ctx context.Context, q consignment.DepartureQuery) ([]consignment.Departure, error)
}

// Pulse tells long polls that there is something new. The channel is closed at the next fact of the account,
// or, for account 0, at the next change of any consignment.
type Pulse interface {
	Changed(owner account.ID) <-chan struct{}
}

// Check is one dependency that /readyz asks.
type Check struct {
	Name   string
	Needed bool // when it fails, this process cannot do its job; otherwise the job is done late
	Ask    func(ctx context.Context) error
}
