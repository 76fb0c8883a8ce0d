package parcel

import (
	"encoding/binary"
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

// The type and the schema version of declared parcels in the queue. A record carries what one request declared in one slot,
// each document behind its length (4 bytes, the highest first). In version 1 it carried one document, and the parcel's ID was
// its subject and its key.
const (
	DeclaredType   = "org.alataw.parcel.declared"
	DeclaredSchema = 2
)

// Slots share out parcels by the first byte of their ID, which is a hash. A slot is the key of its records: what is declared of
// one parcel stays in order, and a batch of 500 orders costs the queue 64 records instead of 500, which was a tenth of the
// journey. More partitions than slots have nothing to do.
const slots = 64

func slotOf(id ID) int { return int(id[0]) % slots }

const (
	sourcePrefix = "/accounts/"
	packedOrders = "application/vnd.alataw.declared"
	lengthBytes  = 4
	maxRecord    = 256 << 10 // where the documents of a slot are cut into several records
)

// Order is a checked declaration on its way into the queue.
type Order struct {
	ID       ID
	Document []byte
}

// DeclaredEnvelopes packs the orders of one request for the queue. The platform's bytes go on unchanged; request must be unique.
func DeclaredEnvelopes(owner account.ID, request string, at time.Time, orders []Order) []event.Envelope {
	var room [slots]int
	total := 0
	for _, o := range orders {
		room[slotOf(o.ID)] += lengthBytes + len(o.Document)
		total += lengthBytes + len(o.Document)
	}
	buf := make([]byte, total)
	var open [slots][]byte // what is filled of each slot's part of buf
	for slot, size := range room {
		open[slot], buf = buf[:0:size], buf[size:]
	}
	source := sourcePrefix + strconv.Itoa(int(owner))
	facts := make([]event.Envelope, 0, min(len(orders), slots))
	seal := func(slot int) {
		facts = append(facts, event.Envelope{
			ID: request + "/" + strconv.Itoa(len(facts)), Type: DeclaredType, Source: source, Subject: "slot/" + strconv.Itoa(slot), Time: at,
			Schema: DeclaredSchema, ContentType: packedOrders, Key: []byte{byte(slot)}, Data: open[slot],
		})
		open[slot] = open[slot][len(open[slot]):]
	}
	for _, o := range orders {
		slot := slotOf(o.ID)
		if n := len(open[slot]); n > 0 && n+lengthBytes+len(o.Document) > maxRecord {
			seal(slot)
		}
		open[slot] = binary.BigEndian.AppendUint32(open[slot], uint32(len(o.Document)))
		open[slot] = append(open[slot], o.Document...)
	}
	for slot := range open {
		if len(open[slot]) > 0 {
			seal(slot)
		}
	}
	return facts
}

// OpenDeclared reads the parcels of a record back. Whatever is wrong is a *fault.Error that says so: the record is parked, not
// retried, and the parcels that could be read go on. Their texts are parts of e.Data, which must not change.
func OpenDeclared(e event.Envelope) ([]Declared, error) {
	if e.Type != DeclaredType || e.Schema < 1 || e.Schema > DeclaredSchema {
		return nil, fault.New(fault.Invalid, "unknown_schema", "%s version %d is not known here", e.Type, e.Schema)
	}
	number, ours := strings.CutPrefix(e.Source, sourcePrefix)
	owner, err := strconv.ParseInt(number, 10, 32)
	if err != nil || !ours || owner < 1 {
		return nil, fault.Wrap(err, fault.Invalid, "unknown_source", "%q names no account", e.Source)
	}
	if e.Schema == 1 {
		d, err := openOne(account.ID(owner), e.ID, e.Time, e.Data)
		if err == nil && d.ID.String() != e.Subject {
			err = fault.New(fault.Invalid, "wrong_subject", "the record says %s, its content is %s", e.Subject, d.ID)
		}
		if err != nil {
			return nil, err
		}
		return []Declared{d}, nil
	}
	return openPacked(account.ID(owner), e)
}

func openPacked(owner account.ID, e event.Envelope) (declared []Declared, err error) {
	for rest, n := e.Data, 0; len(rest) > 0; n++ {
		if len(rest) < lengthBytes || uint64(len(rest)-lengthBytes) < uint64(binary.BigEndian.Uint32(rest)) {
			return declared, fault.New(fault.Malformed, "torn_record", "the record is cut off behind its order %d", n)
		}
		end := lengthBytes + int(binary.BigEndian.Uint32(rest))
		d, bad := openOne(owner, e.ID+"/"+strconv.Itoa(n), e.Time, rest[lengthBytes:end:end])
		switch {
		case bad == nil && len(e.Key) == 1 && slotOf(d.ID) == int(e.Key[0]):
			declared = append(declared, d)
		case bad == nil:
			err = fault.New(fault.Invalid, "wrong_slot", "order %d of the record, %s, belongs to another slot", n, d.ID)
		default:
			err = bad
		}
		rest = rest[end:]
	}
	if len(declared) == 0 && err == nil {
		err = fault.New(fault.Malformed, "empty_record", "the record carries no order")
	}
	return declared, err
}

func openOne(owner account.ID, posting string, at time.Time, document []byte) (Declared, error) {
	d, err := read(view(document))
	if err != nil {
		return Declared{}, fmt.Errorf("declaration: %w", err)
	}
	return Declared{ID: DeriveID(owner, d.OrderNo), Account: owner, ReceivedAt: at, Declaration: d, Document: document, Posting: posting}, nil
}
