package parcel

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

// Declared is the fact that a platform declared a parcel, as it stands in the queue between intake and screening.
type Declared struct {
	ID          ID
	Account     account.ID
	ReceivedAt  time.Time
	Declaration Declaration
	Document    []byte // the declaration as the platform wrote it
	Posting     string // names this posting of it: the same order posted twice has two
}

// The type and the schema version of Declared in the queue.
const (
	DeclaredType   = "org.alataw.parcel.declared"
	DeclaredSchema = 1
)

const sourcePrefix = "/accounts/"

// declaredEnvelope wraps an order for the queue. The platform's bytes go on unchanged; name must be unique for each posting.
func declaredEnvelope(owner account.ID, id ID, name string, at time.Time, document []byte) event.Envelope {
	return event.Envelope{
		ID: name, Type: DeclaredType, Source: sourcePrefix + strconv.Itoa(int(owner)), Subject: id.String(), Time: at,
		Schema: DeclaredSchema, ContentType: "application/json", Key: id[:], Data: document,
	}
}

// OpenDeclared reads the fact back. Whatever is wrong with it is a *fault.Error that says so: the record is parked, not retried.
// The declaration's texts are parts of e.Data, which is kept as the document and must not change.
func OpenDeclared(e event.Envelope) (Declared, error) {
	if e.Type != DeclaredType || e.Schema != DeclaredSchema {
		return Declared{}, fault.New(fault.Invalid, "unknown_schema", "%s version %d is not known here", e.Type, e.Schema)
	}
	number, ours := strings.CutPrefix(e.Source, sourcePrefix)
	owner, err := strconv.ParseInt(number, 10, 32)
	if err != nil || !ours || owner < 1 {
		return Declared{}, fault.Wrap(err, fault.Invalid, "unknown_source", "%q names no account", e.Source)
	}
	d, err := read(view(e.Data))
	if err != nil {
		return Declared{}, fmt.Errorf("declaration: %w", err)
	}
	id := DeriveID(account.ID(owner), d.OrderNo)
	if id.String() != e.Subject {
		return Declared{}, fault.New(fault.Invalid, "wrong_subject", "the record says %s, its content is %s", e.Subject, id)
	}
	return Declared{ID: id, Account: account.ID(owner), ReceivedAt: e.Time, Declaration: d, Document: e.Data, Posting: e.ID}, nil
}
