package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/ruleset"
)

// Verdicts stand in the log of facts, some hundred parcels to a fact, in an order that nothing slips in behind. So a period is
// walked there: it needs no index that every parcel would have to pay for.
const verdictFacts = ` FROM facts WHERE by = 'screening' AND at >= $1 AND at < $2 AND ` + settled

// CountJudged counts the parcels that were judged in a period.
func (s *Store) CountJudged(ctx context.Context, span ruleset.Span) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce(sum(coalesce(cardinality(parcels), 1)), 0)`+verdictFacts, span.From, span.To).Scan(&n)
	if err != nil {
		return 0, classify(fmt.Errorf("count judged parcels: %w", err))
	}
	return n, nil
}

// judgedFacts is how many facts are read at once: one of a batch's cleared parcels, one of its held ones, for each platform.
const judgedFacts = 2

// JudgedAfter gives the parcels of the next facts of a period; see ruleset.Jobs.
func (s *Store) JudgedAfter(ctx context.Context, span ruleset.Span, after event.Position) ([]ruleset.Judged, event.Position, error) {
	ids, next, err := parcelsTold(ctx, s.pool, "verdicts", verdictFacts+` AND (tx, seq) > ($3, $4) ORDER BY tx, seq LIMIT $5`,
		after, span.From, span.To, after.Tx, after.Seq, judgedFacts)
	if err != nil || len(ids) == 0 {
		return nil, next, err
	}
	judged, err := s.judged(ctx, ids)
	if err != nil {
		return nil, after, classify(err)
	}
	return judged, next, nil
}

// parcelsTold gives the parcels that the facts of a page are about, in their order, and the position of the last fact; the position after which
// the page begins when it is empty or there is trouble, which is classified. from is what follows the columns of a SELECT.
func parcelsTold(ctx context.Context, q rowsQuerier, what, from string, after event.Position, args ...any) (ids [][16]byte, next event.Position, err error) {
	type fact struct {
		Tx, Seq int64
		Parcels [][16]byte
	}
	facts, err := collect(ctx, q, what, asRead[fact], `SELECT tx, seq, coalesce(parcels, ARRAY[parcel_id]) AS parcels`+from, args...)
	if err != nil {
		return nil, after, classify(err)
	}
	for _, f := range facts {
		ids = append(ids, f.Parcels...)
		after = event.Position{Tx: f.Tx, Seq: f.Seq}
	}
	return ids, after, nil
}

// judgedRow is a parcel with its verdict.
type judgedRow struct {
	ID         [16]byte
	AccountID  int32
	Lane       string
	Rules      []string
	Past       []byte
	Batch      int64
	Leaf       int
	ReceivedAt time.Time
	ScreenedAt time.Time
}

// judged gives parcels by their ids, in the order of ids.
func (s *Store) judged(ctx context.Context, ids [][16]byte) ([]ruleset.Judged, error) {
	rows, err := collect(ctx, s.pool, "judged parcels", asRead[judgedRow], `
		SELECT p.id, p.account_id, coalesce(p.verdict->>'lane', p.lane) AS lane,
			ARRAY(SELECT DISTINCT r->>'rule' FROM jsonb_array_elements(CASE WHEN p.verdict IS NULL THEN p.reasons ELSE p.verdict->'reasons' END) r) AS rules, p.past,
			p.batch, p.leaf, p.received_at, p.screened_at
		FROM unnest($1::uuid[]) WITH ORDINALITY w(id, place) JOIN parcels p ON p.id = w.id ORDER BY w.place`, ids)
	if err != nil {
		return nil, err
	}
	places := make([]leafPlace, len(rows))
	for i, r := range rows {
		places[i] = leafPlace{r.Batch, r.Leaf, r.ScreenedAt}
	}
	documents, err := readDeclarations(ctx, s.pool, places)
	if err != nil {
		return nil, err
	}
	judged := make([]ruleset.Judged, len(rows))
	for i, r := range rows {
		if judged[i], err = r.judged(documents[i]); err != nil {
			return nil, fmt.Errorf("parcel %s: %w", parcel.ID(r.ID), err)
		}
	}
	return judged, nil
}

func (r judgedRow) judged(document []byte) (ruleset.Judged, error) {
	j := ruleset.Judged{ScreenedAt: r.ScreenedAt, Lane: parcel.Lane(r.Lane), Rules: r.Rules, Kept: document != nil}
	j.ID, j.Account, j.ReceivedAt, j.Document = r.ID, account.ID(r.AccountID), r.ReceivedAt, document
	if err := unmarshal(r.Past, &j.Past); err != nil {
		return j, fmt.Errorf("past: %w", err)
	}
	if document == nil {
		return j, nil
	}
	var err error
	j.Declaration, err = readStored(document)
	return j, err
}
