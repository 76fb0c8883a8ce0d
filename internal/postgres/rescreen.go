package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// rescreeningRow is a row of rescreenings with its list.
type rescreeningRow struct {
	ListID     int64
	Source     string
	Version    string
	ImportedAt time.Time
	Since      time.Time
	Phase      string
	Batch      *int64
	Sheet      *int
}

func (r rescreeningRow) rescreening() (screening.Rescreening, error) {
	job := screening.Rescreening{
		ID: r.ListID, Source: r.Source, Version: r.Version, ImportedAt: r.ImportedAt, Since: r.Since, Phase: screening.Phase(r.Phase),
	}
	if r.Batch != nil {
		job.At = &screening.Sheet{Batch: *r.Batch, Sheet: deref(r.Sheet)}
	}
	return job, nil
}

// Rescreenings begins what is to be looked for and gives what is under way; see screening.RescreenStore.
func (s *Store) Rescreenings(ctx context.Context, now, since time.Time) ([]screening.Rescreening, error) {
	var jobs []screening.Rescreening
	err := s.inTx(ctx, "rescreenings", func(tx pgx.Tx) (err error) {
		if err := beginRescreenings(ctx, tx, now, since); err != nil {
			return err
		}
		jobs, err = collect(ctx, tx, "rescreenings", rescreeningRow.rescreening, `
			SELECT r.list_id, r.source, l.version, l.imported_at, r.since, r.phase, r.batch, r.sheet
			FROM rescreenings r JOIN watchlists l ON l.id = r.list_id WHERE r.phase IN ('stored', 'closing') ORDER BY r.list_id`)
		return err
	})
	return jobs, err
}

// beginRescreenings leaves what a newer version has overtaken, for the newer one is compared with the last that was done, and begins
// what nobody has begun.
func beginRescreenings(ctx context.Context, tx pgx.Tx, now, since time.Time) error {
	var stale bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM watchlists l WHERE l.active AND NOT EXISTS (SELECT FROM rescreenings r WHERE r.list_id = l.id))`).Scan(&stale)
	if err != nil || !stale { // nearly always: it writes nothing then
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE rescreenings r SET phase = 'superseded', ended_at = $1
		WHERE r.phase IN ('stored', 'closing') AND NOT EXISTS (SELECT FROM watchlists l WHERE l.id = r.list_id AND l.active)`, now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO rescreenings (list_id, source, base_id, since, started_at)
		SELECT l.id, l.source, (SELECT max(r.list_id) FROM rescreenings r WHERE r.source = l.source AND r.phase = 'done'), $2, $1
		FROM watchlists l WHERE l.active ON CONFLICT DO NOTHING`, now, since)
	return err
}

// Additions gives the names that a version of a list has and its base has not; see screening.RescreenStore. A name that another party
// has now, or that is not weak any more, is new.
func (s *Store) Additions(ctx context.Context, id int64) (watchlist.List, error) {
	var list watchlist.List
	err := s.pool.QueryRow(ctx, `SELECT source, version FROM watchlists WHERE id = $1`, id).Scan(&list.Source, &list.Version)
	if err != nil {
		return list, classify(fmt.Errorf("list: %w", err))
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.entry, e.name, e.kind, e.program, e.country, e."primary", e.weak, e.births, e.countries
		FROM rescreenings r JOIN watchlist_entries e ON e.list_id = r.list_id
		WHERE r.list_id = $1 AND NOT EXISTS (SELECT FROM watchlist_entries b
			WHERE b.list_id = r.base_id AND b.entry = e.entry AND b.name = e.name AND b.kind = e.kind AND (e.weak OR NOT b.weak))
		ORDER BY e.entry, e.name`, id)
	if err != nil {
		return list, classify(fmt.Errorf("additions: %w", err))
	}
	words := map[string]string{}
	var e watchlist.Entry
	into := []any{&e.ID, &e.Name, &e.Kind, &e.Program, &e.Country, &e.Primary, &e.Weak, &e.Births, &e.Countries}
	_, err = pgx.ForEachRow(rows, into, func() error {
		e.List = list.Source
		list.Entries = append(list.Entries, once(e, words))
		e.Births, e.Countries = nil, nil // the next row's are read into their own
		return nil
	})
	if err != nil {
		return list, classify(fmt.Errorf("additions: %w", err))
	}
	return list, nil
}

// Leaves reads the next sheets of a rescreening, the newest first; see screening.RescreenStore. Batches are numbered as they begin, and
// are stored within seconds, so the first sheet that is clearly too old ends the walk.
func (s *Store) Leaves(ctx context.Context, r screening.Rescreening, sheets int) ([]screening.Leaf, *screening.Sheet, error) {
	from, to := r.Span()
	at := screening.Sheet{Batch: 1<<63 - 1}
	if r.At != nil {
		at = *r.At
	}
	// The month of from lets the planner pass over older ones, and keeps it from filtering its way back to the beginning.
	rows, err := s.pool.Query(ctx, `
		SELECT batch, sheet, filed_at, packing, declarations FROM dockets
		WHERE (batch, sheet) < ($1, $2) AND filed_at >= $3 AND filed_at < $4 ORDER BY batch DESC, sheet DESC LIMIT $5`,
		at.Batch, at.Sheet, startOfMonth(from), to, sheets)
	if err != nil {
		return nil, nil, classify(fmt.Errorf("sheets: %w", err))
	}
	var leaves []screening.Leaf
	var last *screening.Sheet
	var filed, newest time.Time
	var packing string
	var packed []byte
	_, err = pgx.ForEachRow(rows, []any{&at.Batch, &at.Sheet, &filed, &packing, &packed}, func() error {
		last = &screening.Sheet{Batch: at.Batch, Sheet: at.Sheet}
		if filed.After(newest) {
			newest = filed
		}
		if filed.Before(from) {
			return nil
		}
		documents, err := unpackSheet(packing, packed)
		for i, document := range documents {
			leaves = append(leaves, screening.Leaf{Sheet: at, Leaf: at.Sheet*sheetLeaves + i, Document: document})
		}
		return err
	})
	if err != nil {
		return nil, nil, classify(fmt.Errorf("sheets: %w", err))
	}
	if newest.Before(from.Add(-closingSlack)) {
		last = nil
	}
	return leaves, last, nil
}

// closingSlack is more than a transaction lasts: batches that were numbered later have not been stored earlier than by this.
const closingSlack = time.Minute

// SaveRescreening keeps how far a rescreening is; see screening.RescreenStore.
func (s *Store) SaveRescreening(ctx context.Context, r screening.Rescreening, parcels int, now time.Time) (done screening.Counts, err error) {
	var batch *int64
	var sheet *int
	if r.At != nil {
		batch, sheet = &r.At.Batch, &r.At.Sheet
	}
	err = s.pool.QueryRow(ctx, `
		UPDATE rescreenings SET phase = $2, batch = $3, sheet = $4, parcels = parcels + $5, ended_at = CASE $2 WHEN 'done' THEN $6::timestamptz END
		WHERE list_id = $1 RETURNING parcels, held, added, departed`, r.ID, string(r.Phase), batch, sheet, parcels, now).Scan(
		&done.Parcels, &done.Held, &done.Added, &done.Departed)
	if err != nil {
		return done, classify(fmt.Errorf("save rescreening: %w", err))
	}
	return done, nil
}

// againRow is a parcel that is to be judged again.
type againRow struct {
	ID         [16]byte
	AccountID  int32
	Past       []byte
	Batch      int64
	Leaf       int
	ReceivedAt time.Time
	ScreenedAt time.Time
}

const againColumns = `SELECT p.id, p.account_id, p.past, p.batch, p.leaf, p.received_at, p.screened_at FROM parcels p `

func (r againRow) again(document parcel.Document) (screening.Again, error) {
	d := parcel.Declared{ID: r.ID, Account: account.ID(r.AccountID), ReceivedAt: r.ReceivedAt, Document: document}
	if document != nil {
		var err error
		if d.Declaration, err = readStored(document); err != nil {
			return screening.Again{}, err
		}
	}
	a := screening.Again{Subject: screening.SubjectOf(d)}
	return a, unmarshal(r.Past, &a.Past)
}

// ParcelsAt gives the parcels whose declarations lie at leaves. IDs are derived from account and order number, so it needs no index of
// leaves: what a sheet does not say is only whose order it is, so every platform's order of that number is looked for.
func (s *Store) ParcelsAt(ctx context.Context, leaves []screening.Leaf) ([]screening.Again, error) {
	type place struct {
		batch int64
		leaf  int
	}
	documents := map[place]parcel.Document{}
	var ids [][16]byte
	for _, leaf := range leaves {
		d, err := readStored(leaf.Document)
		if err != nil {
			return nil, err
		}
		owners, err := s.orderIDs(ctx, parcel.Query{OrderNo: d.OrderNo})
		if err != nil {
			return nil, err
		}
		ids = append(ids, owners...)
		documents[place{leaf.Batch, leaf.Leaf}] = leaf.Document
	}
	rows, err := collect(ctx, s.pool, "parcels", asRead[againRow], againColumns+`WHERE p.id = ANY($1) ORDER BY p.batch DESC, p.leaf`, ids)
	if err != nil {
		return nil, classify(err)
	}
	var all []screening.Again
	for _, row := range rows {
		document, ok := documents[place{row.Batch, row.Leaf}]
		if !ok {
			continue // another platform's order of the same number
		}
		a, err := row.again(document)
		if err != nil {
			return nil, fmt.Errorf("parcel %s: %w", parcel.ID(row.ID), err)
		}
		all = append(all, a)
	}
	return all, nil
}

// Answered gives parcels that are to be judged again because their platform has answered, the longest waiting first. One whose declaration
// is damaged comes without it.
func (s *Store) Answered(ctx context.Context, most int) ([]screening.Again, error) {
	rows, err := collect(ctx, s.pool, "answered parcels", asRead[againRow],
		againColumns+`JOIN cases k ON k.parcel_id = p.id WHERE k.again IS NOT NULL ORDER BY k.again LIMIT $1`, most)
	if err != nil {
		return nil, classify(err)
	}
	places := make([]leafPlace, len(rows))
	for i, r := range rows {
		places[i] = leafPlace{r.Batch, r.Leaf, r.ScreenedAt}
	}
	documents, err := readDeclarations(ctx, s.pool, places)
	if err != nil {
		return nil, classify(err)
	}
	all := make([]screening.Again, len(rows))
	for i, r := range rows {
		if all[i], err = r.again(documents[i]); err == nil {
			continue
		}
		if all[i], err = r.again(nil); err != nil {
			return nil, fmt.Errorf("parcel %s: %w", parcel.ID(r.ID), err)
		}
		all[i].Damaged = true
	}
	return all, nil
}

// AddAnswered is AddReasons for a parcel of Answered, which is judged again then.
func (s *Store) AddAnswered(ctx context.Context, id parcel.ID, found []parcel.Reason, now time.Time) (screening.Outcome, error) {
	return s.addReasons(ctx, id, found, now, func(tx pgx.Tx, _ screening.Outcome) error {
		if _, err := tx.Exec(ctx, `UPDATE cases SET again = NULL WHERE parcel_id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("case: %w", err)
		}
		return nil
	})
}
