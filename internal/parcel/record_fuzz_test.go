package parcel

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

// record is a queue record's parts as a fuzzer varies them.
type record struct {
	id, kind, source, subject, at, schema string
	key, data                             []byte
}

func (r record) headers() []event.Header {
	return []event.Header{
		{Key: "ce_id", Value: []byte(r.id)}, {Key: "ce_type", Value: []byte(r.kind)}, {Key: "ce_source", Value: []byte(r.source)},
		{Key: "ce_subject", Value: []byte(r.subject)}, {Key: "ce_time", Value: []byte(r.at)}, {Key: "schema_version", Value: []byte(r.schema)},
	}
}

func recordOf(e event.Envelope) record {
	r := record{key: e.Key, data: e.Data}
	into := map[string]*string{"ce_id": &r.id, "ce_type": &r.kind, "ce_source": &r.source, "ce_subject": &r.subject, "ce_time": &r.at, "schema_version": &r.schema}
	for _, h := range e.Headers() {
		if text := into[h.Key]; text != nil {
			*text = string(h.Value)
		}
	}
	return r
}

// fuzzRecords opens records made from seeds: what is not a fact is told as a fault of the record, which parks it; one that is
// opened goes round through the queue unchanged, as replaying a parked one does.
func fuzzRecords(f *testing.F, seeds []event.Envelope, open func(*testing.T, event.Envelope) error) {
	for _, seed := range seeds {
		r := recordOf(seed)
		f.Add(r.id, r.kind, r.source, r.subject, r.at, r.schema, r.key, r.data)
		f.Add(r.id, r.kind, strings.ToUpper(r.source), r.subject+"a", "0000-01-01T00:00:00Z", "2", []byte(nil), r.data[:len(r.data)/2])
	}
	f.Fuzz(func(t *testing.T, id, kind, source, subject, at, schema string, key, data []byte) {
		r := record{id, kind, source, subject, at, schema, key, data}
		e, err := event.Open(r.key, r.data, r.headers())
		if err != nil {
			return
		}
		again, err := event.Open(e.Key, e.Data, e.Headers())
		if e.Time.Year() > 0 { // a zone may carry the first hours of the year 0 out of what RFC 3339 prints
			require.NoError(t, err)
			require.True(t, e.Time.Equal(again.Time))
			again.Time = e.Time
			require.Equal(t, e, again)
		}
		if err := open(t, e); err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid, fault.Malformed, fault.TooLarge}, fault.KindOf(err), "%v", err)
		}
	})
}

func FuzzOpenDeclared(f *testing.F) {
	d, err := Read([]byte(example))
	require.NoError(f, err)
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	id := DeriveID(7, d.OrderNo)
	one := Order{id, []byte(example)}
	seeds := DeclaredEnvelopes(7, "req", noon, []Order{one, one})
	seeds = append(seeds, event.Envelope{
		ID: "req/0", Type: DeclaredType, Schema: 1, Source: "/accounts/7", Subject: id.String(), Time: noon, Key: id[:], Data: []byte(example),
	})
	fuzzRecords(f, seeds, func(t *testing.T, e event.Envelope) error {
		declared, err := OpenDeclared(e)
		if err != nil {
			return err
		}
		require.NotEmpty(t, declared)
		for _, d := range declared {
			require.Positive(t, d.Account)
			require.Equal(t, d.ID, DeriveID(d.Account, d.Declaration.OrderNo))
			again, err := OpenDeclared(DeclaredEnvelopes(d.Account, "req", d.ReceivedAt, []Order{{d.ID, d.Document}})[0])
			require.NoError(t, err)
			again[0].Posting = d.Posting
			require.Equal(t, d, again[0])
		}
		return nil
	})
}

func FuzzOpenDecided(f *testing.F) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var seeds []event.Envelope
	for _, kind := range []Kind{KindCleared, KindCancelled} {
		d := Decided{ID: DeriveID(7, "1"), Account: 7, Kind: kind, Destination: "GB", Weight: 500, Volume: 1000, At: noon}
		seeds = append(seeds, DecidedEnvelope("1-2-3", "CN-EU", []Decided{d, d}))
	}
	fuzzRecords(f, seeds, func(t *testing.T, e event.Envelope) error {
		d, err := OpenDecided(e)
		if err != nil {
			return err
		}
		require.NotEmpty(t, d)
		require.Positive(t, d[0].Weight)
		require.Positive(t, d[0].Volume)
		again, err := OpenDecided(DecidedEnvelope(e.ID, string(e.Key), d))
		require.NoError(t, err)
		require.Equal(t, d, again)
		return nil
	})
}
