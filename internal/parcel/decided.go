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
	ID          ID         `json:"id"`
	Account     account.ID `json:"account"`
	Kind        Kind       `json:"kind"`
	Destination string     `json:"destination"` // ISO 3166-1 alpha-2
	Express     bool       `json:"express,omitempty"`
	Weight      Grams      `json:"weight_g"`
	Volume      int64      `json:"volume_cm3"`
	At          time.Time  `json:"-"`
}

// The type and the schema version of decided parcels in the queue. A record carries all parcels of one route that one fact
// decides about; in version 1 the subject was the one parcel it carried.
const (
	DecidedType   = "org.alataw.parcel.decided"
	DecidedSchema = 2
)

// decidedData is the data of a record of decided parcels.
type decidedData struct {
	Parcels []Decided `json:"parcels"`
}

// DecidedEnvelope wraps what was decided at one time for the queue. name is its place in the log of facts; facts of one key
// stay in order.
func DecidedEnvelope(name, key string, decided []Decided) (event.Envelope, error) {
	data, err := json.Marshal(decidedData{decided})
	if err != nil {
		return event.Envelope{}, fmt.Errorf("decided parcels: %w", err)
	}
	return event.Envelope{
		ID: name, Type: DecidedType, Source: "/facts", Subject: key, Time: decided[0].At,
		Schema: DecidedSchema, ContentType: "application/json", Key: []byte(key), Data: data,
	}, nil
}

// OpenDecided reads the parcels back. Records of version 1, which an upgrade may find in the queue, are still read.
func OpenDecided(e event.Envelope) ([]Decided, error) {
	if e.Type != DecidedType || e.Schema < 1 || e.Schema > DecidedSchema {
		return nil, fault.New(fault.Invalid, "unknown_schema", "%s version %d is not known here", e.Type, e.Schema)
	}
	var data decidedData
	var into any = &data
	if e.Schema == 1 {
		data.Parcels = make([]Decided, 1)
		into = &data.Parcels[0]
		if err := data.Parcels[0].ID.UnmarshalText([]byte(e.Subject)); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "wrong_subject", "%q names no parcel", e.Subject)
		}
	}
	if err := json.Unmarshal(e.Data, into); err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "malformed_json", "the record's data cannot be read")
	}
	if len(data.Parcels) == 0 {
		return nil, fault.New(fault.Invalid, "invalid_record", "a decision is about one parcel at least")
	}
	for i := range data.Parcels {
		d := &data.Parcels[i]
		d.At = e.Time
		if d.ID == (ID{}) || d.Weight <= 0 || d.Volume <= 0 || len(d.Destination) != 2 {
			return nil, fault.New(fault.Invalid, "invalid_record", "id, weight, volume and destination of each parcel are needed")
		}
	}
	return data.Parcels, nil
}
