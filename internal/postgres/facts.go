package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// settled is the SQL for facts that no running transaction can still slip in before: those of transactions older than every
// running one. Readers of the log use nothing else (docs/adr/0005).
const settled = `tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`

// parcelFact is a fact about one parcel.
type parcelFact struct {
	kind    parcel.Kind
	account account.ID
	parcel  parcel.ID
	at      time.Time
	by, why string
	details []byte
}

func insertParcelFact(ctx context.Context, tx pgx.Tx, f parcelFact) error {
	_, err := tx.Exec(ctx, `INSERT INTO facts (kind, account_id, parcel_id, at, by, why, details) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		string(f.kind), int32(f.account), [16]byte(f.parcel), f.at, f.by, nullable(f.why), f.details)
	if err != nil {
		return fmt.Errorf("fact %s: %w", f.kind, err)
	}
	return nil
}

// Decisions is what one fact of the log decides about parcels.
type Decisions struct {
	Position event.Position
	Parcels  []parcel.Decided
}

// DecidedAfter gives the decisions about parcels that follow a position in the log, of limit facts at the most, and the
// position to go on from.
func (s *Store) DecidedAfter(ctx context.Context, after event.Position, limit int) ([]Decisions, event.Position, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT f.tx, f.seq, f.kind, f.at, f.decided, p.id, p.account_id, p.destination, p.express, p.weight_g, p.volume_cm3
		FROM (SELECT tx, seq, kind, at, parcel_id, decided FROM facts WHERE (tx, seq) > ($1, $2) AND `+settled+` ORDER BY tx, seq LIMIT $3) f
		LEFT JOIN parcels p ON p.id = f.parcel_id AND f.kind = ANY($4) ORDER BY f.tx, f.seq`,
		after.Tx, after.Seq, limit, decisionKinds)
	if err != nil {
		return nil, after, classify(fmt.Errorf("decided parcels: %w", err))
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByName[decisionRow])
	if err != nil {
		return nil, after, classify(fmt.Errorf("decided parcels: %w", err))
	}
	var decisions []Decisions
	for _, f := range facts {
		after = event.Position{Tx: f.Tx, Seq: f.Seq}
		parcels, err := f.parcels()
		if err != nil {
			return nil, after, fmt.Errorf("decided parcels of fact %s: %w", after, err)
		}
		if len(parcels) > 0 {
			decisions = append(decisions, Decisions{after, parcels})
		}
	}
	return decisions, after, nil
}

// decisionRow is a fact of the log: a verdict carries what it decides about, packed; another decision names one parcel.
type decisionRow struct {
	Tx, Seq     int64
	Kind        string
	At          time.Time
	Decided     []byte
	ID          *[16]byte
	AccountID   *int32
	Destination *string
	Express     *bool
	WeightG     *int64
	VolumeCm3   *int64 `db:"volume_cm3"`
}

func (f decisionRow) parcels() ([]parcel.Decided, error) {
	if f.ID == nil {
		return parcel.UnpackDecided(f.Decided, parcel.Kind(f.Kind), f.At)
	}
	return []parcel.Decided{{
		ID: *f.ID, Account: account.ID(*f.AccountID), Kind: parcel.Kind(f.Kind), Destination: *f.Destination,
		Express: *f.Express, Weight: parcel.Grams(*f.WeightG), Volume: *f.VolumeCm3, At: f.At,
	}}, nil
}

// decisionKinds are the facts that settle what may become of a parcel.
var decisionKinds = []string{
	string(parcel.KindCleared), string(parcel.KindHeld), string(parcel.KindRefused), string(parcel.KindCancelled),
	string(parcel.KindDetained), string(parcel.KindReturned),
}

// Position gives how far a reader of the log has got.
func (s *Store) Position(ctx context.Context, reader string) (event.Position, error) {
	var p event.Position
	err := s.pool.QueryRow(ctx, `
		SELECT coalesce(max(tx), 0), coalesce(max(seq), 0) FROM positions WHERE reader = $1`, reader).Scan(&p.Tx, &p.Seq)
	if err != nil {
		return p, classify(fmt.Errorf("position of %s: %w", reader, err))
	}
	return p, nil
}

// SavePosition records how far a reader has got. It never goes back.
func (s *Store) SavePosition(ctx context.Context, reader string, p event.Position) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO positions (reader, tx, seq) VALUES ($1, $2, $3)
		ON CONFLICT (reader) DO UPDATE SET tx = excluded.tx, seq = excluded.seq
		WHERE (positions.tx, positions.seq) < (excluded.tx, excluded.seq)`, reader, p.Tx, p.Seq)
	if err != nil {
		return classify(fmt.Errorf("save position of %s: %w", reader, err))
	}
	return nil
}

// Lead runs work while this process is the only one that leads in name; ok is false when another leads.
// The lead is a session's lock: it ends with the connection, and with it the context given to work.
func (s *Store) Lead(ctx context.Context, name string, work func(ctx context.Context) error) (ok bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, classify(fmt.Errorf("lead %s: %w", name, err))
	}
	defer conn.Release()
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended($1, 0))`, "alataw."+name).Scan(&ok); err != nil || !ok {
		return false, wrapLead(name, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lost := make(chan struct{})
	go func() { // notices that the connection, and so the lead, is gone
		defer close(lost)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
			if _, err := conn.Exec(ctx, `SELECT 1`); err != nil {
				cancel(fmt.Errorf("lead %s lost: %w", name, err))
				return
			}
		}
	}()
	err = work(ctx)
	cancel(nil)
	<-lost
	unlock, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // the next one need not wait for the session to end
	defer done()
	if _, e := conn.Exec(unlock, `SELECT pg_advisory_unlock(hashtextextended($1, 0))`, "alataw."+name); e != nil {
		_ = conn.Conn().Close(unlock) // a session that may still hold the lock must not go back to the pool
	}
	return true, err
}

func wrapLead(name string, err error) error {
	if err == nil {
		return nil
	}
	return classify(fmt.Errorf("lead %s: %w", name, err))
}
