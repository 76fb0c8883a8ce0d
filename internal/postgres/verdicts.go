package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
)

// Record stores a batch's verdicts in one transaction; see screening.Store. A batch that comes twice finds its parcels stored.
//
// The consignees' locks make what one consignee was sent exact, also while several screeners work: whoever judges a
// consignee's parcel sees all that were judged before. They are taken in order, so nobody waits in a circle.
func (s *Store) Record(ctx context.Context, subjects []screening.Subject, judge screening.Judge) (screening.Tally, error) {
	var tally screening.Tally
	err := s.inTx(ctx, "record verdicts", func(tx pgx.Tx) error {
		known, err := lockAndFind(ctx, tx, subjects)
		if err != nil {
			return err
		}
		sorted := sortOut(subjects, known)
		verdicts, err := judgeFresh(ctx, tx, sorted.fresh, judge)
		if err != nil {
			return err
		}
		now := s.now().UTC()
		if err := copyVerdicts(ctx, tx, sorted.fresh, verdicts, now); err != nil {
			return err
		}
		tally = screening.Tally{Judged: len(sorted.fresh), Repeated: sorted.repeated, Conflicts: len(sorted.conflicts)}
		for _, v := range verdicts {
			if v.Status == parcel.Held {
				tally.Held++
			}
		}
		return recordConflicts(ctx, tx, sorted.conflicts, now)
	})
	return tally, err
}

// lockAndFind locks the batch's consignees and gives the fingerprints of parcels that are stored, in one round trip.
func lockAndFind(ctx context.Context, tx pgx.Tx, subjects []screening.Subject) (map[parcel.ID]parcel.Fingerprint, error) {
	ids := make([][16]byte, len(subjects))
	consignees := make([]int64, len(subjects))
	for i := range subjects {
		ids[i], consignees[i] = subjects[i].ID, subjects[i].Consignee
	}
	slices.Sort(consignees)
	var batch pgx.Batch
	batch.Queue(`SELECT count(pg_advisory_xact_lock(k)) FROM unnest($1::bigint[]) k`, slices.Compact(consignees))
	batch.Queue(`SELECT id, fingerprint FROM parcels WHERE id = ANY($1)`, ids)
	results := tx.SendBatch(ctx, &batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("lock consignees: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("known parcels: %w", err)
	}
	known := map[parcel.ID]parcel.Fingerprint{}
	var id, content [16]byte
	_, err = pgx.ForEachRow(rows, []any{&id, &content}, func() error { known[id] = content; return nil })
	if err != nil {
		return nil, fmt.Errorf("known parcels: %w", err)
	}
	return known, results.Close()
}

// sorted is a batch by what is to be done with each subject.
type sorted struct {
	fresh     []screening.Subject
	repeated  int
	conflicts []screening.Subject
}

func sortOut(subjects []screening.Subject, known map[parcel.ID]parcel.Fingerprint) sorted {
	out := sorted{fresh: make([]screening.Subject, 0, len(subjects))}
	for _, subject := range subjects {
		switch content, ok := known[subject.ID]; {
		case !ok:
			known[subject.ID] = subject.Fingerprint // the next one with this ID in the batch is a repeat or a conflict
			out.fresh = append(out.fresh, subject)
		case content == subject.Fingerprint:
			out.repeated++
		default:
			out.conflicts = append(out.conflicts, subject)
		}
	}
	return out
}

// judgeFresh reads what the consignees were sent before and has the fresh subjects judged.
func judgeFresh(ctx context.Context, tx pgx.Tx, fresh []screening.Subject, judge screening.Judge) ([]screening.Verdict, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	consignees, since := make([]int64, len(fresh)), make([]time.Time, len(fresh))
	for i := range fresh {
		consignees[i], since[i] = fresh[i].Consignee, fresh[i].ReceivedAt.Add(-screening.Window)
	}
	pasts := make([]screening.Past, len(fresh))
	rows, err := tx.Query(ctx, `
		SELECT s.place, c.parcels, c.fen FROM unnest($1::bigint[], $2::timestamptz[]) WITH ORDINALITY s(consignee, since, place)
		CROSS JOIN LATERAL (SELECT count(*) AS parcels, coalesce(sum(p.fen), 0)::bigint AS fen FROM parcels p
			WHERE p.consignee = s.consignee AND p.received_at > s.since) c
		WHERE c.parcels > 0`, consignees, since)
	if err != nil {
		return nil, fmt.Errorf("consignees' past: %w", err)
	}
	var place int64
	var past screening.Past
	_, err = pgx.ForEachRow(rows, []any{&place, &past.Parcels, &past.Fen}, func() error { pasts[place-1] = past; return nil })
	if err != nil {
		return nil, fmt.Errorf("consignees' past: %w", err)
	}
	return judge(fresh, pasts), nil
}

var parcelColumns = []string{
	"id", "account_id", "order_no", "tracking_no", "status", "lane", "express", "destination", "weight_g", "volume_cm3",
	"consignee", "fen", "fingerprint", "declaration", "reasons", "rules", "received_at", "screened_at",
}

// copyVerdicts writes parcels, their facts, and the cases of held ones.
func copyVerdicts(ctx context.Context, tx pgx.Tx, fresh []screening.Subject, verdicts []screening.Verdict, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"parcels"}, parcelColumns, pgx.CopyFromSlice(len(fresh), func(i int) ([]any, error) {
		return parcelRow(&fresh[i], &verdicts[i], now)
	}))
	if err != nil {
		return fmt.Errorf("parcels: %w", err)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"facts"}, []string{"kind", "account_id", "parcel_id", "at", "by"},
		pgx.CopyFromSlice(len(fresh), func(i int) ([]any, error) {
			return []any{string(verdicts[i].Status), int32(fresh[i].Account), [16]byte(fresh[i].ID), now, byScreening}, nil
		}))
	if err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	return copyCases(ctx, tx, fresh, verdicts, now)
}

// byScreening is who says a verdict; facts_parcel leaves such facts out, because the parcel tells them itself.
const byScreening = "screening"

func parcelRow(s *screening.Subject, v *screening.Verdict, now time.Time) ([]any, error) {
	reasons, err := reasonsJSON(v.Reasons)
	if err != nil {
		return nil, err
	}
	d := &s.Declaration
	return []any{
		[16]byte(s.ID), int32(s.Account), d.OrderNo, d.TrackingNo, string(v.Status), string(v.Lane), d.Service == parcel.Express,
		d.Consignee.Address.Country, int64(d.GrossWeight), d.VolumeCM3(), s.Consignee, s.Fen, [16]byte(s.Fingerprint),
		s.Document, reasons, v.Version, s.ReceivedAt, now,
	}, nil
}

// reasonsJSON gives nil for none: most parcels have none, and NULL takes no room.
func reasonsJSON(reasons []parcel.Reason) ([]byte, error) {
	if len(reasons) == 0 {
		return nil, nil
	}
	return json.Marshal(reasons)
}

func copyCases(ctx context.Context, tx pgx.Tx, fresh []screening.Subject, verdicts []screening.Verdict, now time.Time) error {
	var held []int
	for i := range verdicts {
		if verdicts[i].Status == parcel.Held {
			held = append(held, i)
		}
	}
	if len(held) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"cases"}, []string{"parcel_id", "state", "urgency", "categories", "opened_at"},
		pgx.CopyFromSlice(len(held), func(n int) ([]any, error) {
			i := held[n]
			categories, err := json.Marshal(categoriesOf(verdicts[i].Reasons))
			urgency := review.Urgency(fresh[i].Declaration.Service == parcel.Express, verdicts[i].Lane)
			return []any{[16]byte(fresh[i].ID), string(review.Open), urgency, categories, now}, err
		}))
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return nil
}

func categoriesOf(reasons []parcel.Reason) []parcel.Category {
	categories := make([]parcel.Category, 0, len(reasons))
	for _, r := range reasons {
		categories = append(categories, r.Category)
	}
	slices.SortFunc(categories, cmp.Compare[parcel.Category])
	return slices.Compact(categories)
}

// recordConflicts tells the platforms that what they declared differs from what is stored, and in which fields.
func recordConflicts(ctx context.Context, tx pgx.Tx, conflicts []screening.Subject, now time.Time) error {
	for i := range conflicts {
		c := &conflicts[i]
		var stored []byte
		if err := tx.QueryRow(ctx, `SELECT declaration FROM parcels WHERE id = $1`, [16]byte(c.ID)).Scan(&stored); err != nil {
			return fmt.Errorf("stored declaration: %w", err)
		}
		first, err := parcel.Read(stored)
		if err != nil {
			return fmt.Errorf("stored declaration: %w", err)
		}
		details, err := json.Marshal(conflictDetails{Fields: parcel.Differences(&first, &c.Declaration)})
		if err != nil {
			return fmt.Errorf("conflict: %w", err)
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO facts (kind, account_id, parcel_id, at, by, why, details, once)
			VALUES ($1, $2, $3, $4, 'intake', 'declared again with other content', $5, $6) ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING`,
			string(parcel.KindConflict), int32(c.Account), [16]byte(c.ID), now, details, "conflict:"+c.Posting)
		if err != nil {
			return fmt.Errorf("conflict: %w", err)
		}
	}
	return nil
}

// conflictDetails is the details column of a conflict.
type conflictDetails struct {
	Fields []string `json:"fields"`
}
