// Package event is a fact in its envelope: how what happened is named, ordered, and carried from the database to the queue.
package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Envelope is a fact on its way through the queue: CloudEvents 1.0 attributes in binary mode around the data.
type Envelope struct {
	ID          string    // with Source it names the fact: a repeated pair is the same fact
	Type        string    // reverse-DNS name, e.g. org.alataw.parcel.declared
	Source      string    // who says so
	Subject     string    // what it is about
	Time        time.Time // when it happened
	Schema      int       // version of the data's shape
	ContentType string
	Key         []byte // facts of one key stay in order
	Data        []byte
}

// Header is one header of a queued record.
type Header struct {
	Key   string
	Value []byte
}

// The header names of the CloudEvents Kafka binding, and our schema version.
const (
	headerSpec    = "ce_specversion"
	headerID      = "ce_id"
	headerType    = "ce_type"
	headerSource  = "ce_source"
	headerSubject = "ce_subject"
	headerTime    = "ce_time"
	headerSchema  = "schema_version"
	headerContent = "content-type"
)

// Headers gives the record headers of e (CloudEvents Kafka protocol binding 1.0, binary content mode).
func (e Envelope) Headers() []Header {
	return []Header{
		{headerSpec, []byte("1.0")},
		{headerID, []byte(e.ID)},
		{headerType, []byte(e.Type)},
		{headerSource, []byte(e.Source)},
		{headerSubject, []byte(e.Subject)},
		{headerTime, e.Time.UTC().AppendFormat(nil, time.RFC3339Nano)},
		{headerSchema, strconv.AppendInt(nil, int64(e.Schema), 10)},
		{headerContent, []byte(e.ContentType)},
	}
}

// Open reads an envelope back from a record. A header that cannot be read is an error: the record is not ours.
func Open(key, value []byte, headers []Header) (Envelope, error) {
	e := Envelope{Key: key, Data: value}
	var err error
	for _, h := range headers {
		switch h.Key {
		case headerID:
			e.ID = string(h.Value)
		case headerType:
			e.Type = string(h.Value)
		case headerSource:
			e.Source = string(h.Value)
		case headerSubject:
			e.Subject = string(h.Value)
		case headerContent:
			e.ContentType = string(h.Value)
		case headerTime:
			e.Time, err = time.Parse(time.RFC3339Nano, string(h.Value))
		case headerSchema:
			e.Schema, err = strconv.Atoi(string(h.Value))
		}
		if err != nil {
			return e, fmt.Errorf("header %s: %w", h.Key, err)
		}
	}
	if e.ID == "" || e.Type == "" || e.Schema == 0 || e.Time.IsZero() {
		return e, fmt.Errorf("headers: id, type, time and schema_version are needed")
	}
	return e, nil
}

// Position is a place in the log of facts. Tx is the transaction that wrote the fact and Seq its number within the log;
// a reader that only looks at transactions older than every running one never has a fact slip in behind it (docs/adr/0005).
// Sub counts within a fact that speaks of many parcels.
type Position struct {
	Tx, Seq, Sub int64
}

// String prints a position so that the order of strings is the order of positions.
func (p Position) String() string { return fmt.Sprintf("%015d-%012d-%06d", p.Tx, p.Seq, p.Sub) }

// ParsePosition reads what String printed.
func ParsePosition(s string) (Position, error) {
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return Position{}, fmt.Errorf("position %q: three numbers are needed", s)
	}
	var n [3]int64
	for i, part := range parts {
		v, err := strconv.ParseUint(part, 10, 63)
		if err != nil {
			return Position{}, fmt.Errorf("position %q: %w", s, err)
		}
		n[i] = int64(v)
	}
	return Position{Tx: n[0], Seq: n[1], Sub: n[2]}, nil
}
