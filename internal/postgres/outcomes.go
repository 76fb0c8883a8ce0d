package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// clearedFacts are those that cleared parcels, by screening or by an officer's word. They are walked in the order of the log, which needs
// no index of its own.
const clearedFacts = ` FROM facts WHERE kind = 'cleared' AND at >= $1 AND at < $2 AND ` + settled

// CountCleared counts the parcels that were cleared in a period.
func (s *Store) CountCleared(ctx context.Context, from, to time.Time) (n int64, err error) {
	if err = s.pool.QueryRow(ctx, `SELECT coalesce(sum(coalesce(cardinality(parcels), 1)), 0)`+clearedFacts, from, to).Scan(&n); err != nil {
		return 0, classify(fmt.Errorf("count cleared parcels: %w", err))
	}
	return n, nil
}

// ClearedSpan is a walk through the parcels that were cleared in a period: those of one fact in every so many.
type ClearedSpan struct {
	From, To time.Time
	Every    int64 // at least 1
}

// ClearedAfter gives what the parcels of the next facts of a walk declared, those that are cleared still and whose declaration is kept. The
// position has not moved at the walk's end.
func (s *Store) ClearedAfter(ctx context.Context, span ClearedSpan, after event.Position) ([]parcel.Declared, event.Position, error) {
	// Facts are numbered in turns, so every second of them may be of one kind: a hash of the number draws them evenly.
	ids, next, err := parcelsTold(ctx, s.pool, "cleared parcels", clearedFacts+`
		AND (tx, seq) > ($3, $4) AND abs(hashint8(seq)::bigint) % $5 = 0 ORDER BY tx, seq LIMIT $6`,
		after, span.From, span.To, after.Tx, after.Seq, max(1, span.Every), judgedFacts)
	if err != nil || len(ids) == 0 {
		return nil, next, err
	}
	found, err := collect(ctx, s.pool, "cleared parcels", asRead[clearedRow], `
		SELECT p.id, p.account_id, p.batch, p.leaf, p.screened_at, p.received_at FROM unnest($1::uuid[]) WITH ORDINALITY w(id, place) JOIN parcels p ON p.id = w.id
		WHERE p.status = 'cleared' ORDER BY w.place`, ids)
	if err != nil {
		return nil, after, classify(err)
	}
	places := make([]leafPlace, len(found))
	for i, r := range found {
		places[i] = leafPlace{r.Batch, r.Leaf, r.ScreenedAt}
	}
	documents, err := readDeclarations(ctx, s.pool, places)
	if err != nil {
		return nil, after, classify(err)
	}
	cleared := make([]parcel.Declared, 0, len(documents))
	for i, document := range documents {
		if document == nil {
			continue
		}
		if declaration, err := parcel.Read(document); err == nil { // what an older program took and this one does not teaches nothing
			cleared = append(cleared, parcel.Declared{
				ID: found[i].ID, Account: account.ID(found[i].AccountID), ReceivedAt: found[i].ReceivedAt, Declaration: declaration, Document: document,
			})
		}
	}
	return cleared, next, nil
}

// clearedRow is a cleared parcel, and where its declaration lies.
type clearedRow struct {
	ID         [16]byte
	AccountID  int32
	Batch      int64
	Leaf       int
	ScreenedAt time.Time
	ReceivedAt time.Time
}

// Outcome is what an officer made of a held parcel in the end, whatever held it.
type Outcome struct {
	Subject screening.Subject // as it was declared
	AtFault bool              // detained or returned; false: released
	At      time.Time         // of the decision
}

// OutcomePlace is a decided case before what it declared is read.
type OutcomePlace struct {
	AtFault  bool
	At       time.Time
	account  account.ID
	place    leafPlace
	parcel   parcel.ID
	received time.Time
}

type outcomeRow struct {
	ID         [16]byte
	AccountID  int32
	Action     string
	At         time.Time
	Batch      int64
	Leaf       int
	ScreenedAt time.Time
	ReceivedAt time.Time
}

func (r outcomeRow) outcome() (OutcomePlace, error) {
	return OutcomePlace{
		AtFault: r.Action != "release", At: r.At, account: account.ID(r.AccountID), place: leafPlace{r.Batch, r.Leaf, r.ScreenedAt}, parcel: r.ID,
		received: r.ReceivedAt,
	}, nil
}

// DecidedCases gives the cases that officers decided since a moment, the newest so many, oldest first: those released, detained or
// returned by their last decision. A case that ended otherwise, say because the order was cancelled, has no outcome.
func (s *Store) DecidedCases(ctx context.Context, since time.Time, most int) ([]OutcomePlace, error) {
	found, err := collect(ctx, s.pool, "outcomes", outcomeRow.outcome, `
		SELECT p.id, p.account_id, d.action, d.at, p.batch, p.leaf, p.screened_at, p.received_at
		FROM cases k CROSS JOIN LATERAL (SELECT k.decisions->-1->>'action' AS action, (k.decisions->-1->>'at')::timestamptz AS at) d
		JOIN parcels p ON p.id = k.parcel_id
		WHERE k.state = 'closed' AND d.action IN ('release', 'detain', 'return') AND d.at >= $1
			AND p.status IN ('cleared', 'detained', 'returned')
		ORDER BY d.at DESC, p.id LIMIT $2`, since, most)
	if err != nil {
		return nil, classify(err)
	}
	slices.Reverse(found)
	return found, nil
}

// Outcomes reads what the parcels of decided cases declared, without those that are not kept any longer.
func (s *Store) Outcomes(ctx context.Context, cases []OutcomePlace) ([]Outcome, error) {
	places := make([]leafPlace, len(cases))
	for i, c := range cases {
		places[i] = c.place
	}
	documents, err := readDeclarations(ctx, s.pool, places)
	if err != nil {
		return nil, classify(err)
	}
	outcomes := make([]Outcome, 0, len(cases))
	for i, c := range cases {
		if documents[i] == nil {
			continue
		}
		d := parcel.Declared{ID: c.parcel, Account: c.account, ReceivedAt: c.received, Document: documents[i]}
		if d.Declaration, err = parcel.Read(d.Document); err != nil {
			continue
		}
		outcomes = append(outcomes, Outcome{screening.SubjectOf(d), c.AtFault, c.At})
	}
	return outcomes, nil
}
