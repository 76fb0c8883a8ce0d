package parcel

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

// Decided is the fact that it is settled what may become of a parcel. It carries what bundling needs, and nothing personal.
type Decided struct {
	ID          ID         `json:"-"`
	Account     account.ID `json:"account"`
	Kind        Kind       `json:"kind"`
	Destination string     `json:"destination"` // ISO 3166-1 alpha-2
	Express     bool       `json:"express,omitempty"`
	Weight      Grams      `json:"weight_g"`
	Volume      int64      `json:"volume_cm3"`
	At          time.Time  `json:"-"`
}

// The type and the schema version of Decided in the queue.
const (
	DecidedType   = "org.alataw.parcel.decided"
	DecidedSchema = 1
)

// Envelope wraps the fact for the queue. name is its place in the log of facts; facts of one key stay in order.
func (d Decided) Envelope(name, key string) (event.Envelope, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return event.Envelope{}, fmt.Errorf("decided parcel: %w", err)
	}
	return event.Envelope{
		ID: name, Type: DecidedType, Source: "/facts", Subject: d.ID.String(), Time: d.At,
		Schema: DecidedSchema, ContentType: "application/json", Key: []byte(key), Data: data,
	}, nil
}

// OpenDecided reads the fact back.
func OpenDecided(e event.Envelope) (Decided, error) {
	if e.Type != DecidedType || e.Schema != DecidedSchema {
		return Decided{}, fault.New(fault.Invalid, "unknown_schema", "%s version %d is not known here", e.Type, e.Schema)
	}
	id, err := ParseID(e.Subject)
	if err != nil {
		return Decided{}, fault.Wrap(err, fault.Invalid, "wrong_subject", "%q names no parcel", e.Subject)
	}
	d := Decided{ID: id, At: e.Time}
	if err := json.Unmarshal(e.Data, &d); err != nil {
		return Decided{}, fault.Wrap(err, fault.Malformed, "malformed_json", "the record's data cannot be read")
	}
	if d.Weight <= 0 || d.Volume <= 0 || len(d.Destination) != 2 {
		return Decided{}, fault.New(fault.Invalid, "invalid_record", "weight, volume and destination are needed")
	}
	return d, nil
}
