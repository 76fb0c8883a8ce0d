package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
)

// Record stores a batch's verdicts in one transaction; see screening.Store. A batch that comes twice finds its parcels stored.
//
// The addresses' locks make what one consignee or address was sent exact, also while several screeners work: whoever judges a
// parcel to an address sees all that were judged before. They are taken in order, so nobody waits in a circle.
func (s *Store) Record(ctx context.Context, subjects []screening.Subject, judge screening.Judge) (screening.Tally, error) {
	var tally screening.Tally
	err := s.verdictTrust.run("parcels_pkey", func(look bool) (repeats int, err error) {
		tally, err = s.record(ctx, subjects, judge, look)
		return tally.Repeated + tally.Conflicts, err
	})
	return tally, err
}

// record is Record; unless it looks, it takes no subject for stored, and fails when one is.
func (s *Store) record(ctx context.Context, subjects []screening.Subject, judge screening.Judge, look bool) (tally screening.Tally, err error) {
	err = s.inTx(ctx, "record verdicts", func(tx pgx.Tx) error {
		batch, known, err := lockAndFind(ctx, tx, subjects, look)
		if err != nil {
			return err
		}
		sorted := sortOut(subjects, known)
		verdicts, err := judgeFresh(ctx, tx, sorted.fresh, judge)
		if err != nil {
			return err
		}
		now := s.now().UTC().Truncate(time.Microsecond) // what the database keeps, for it finds a docket's month
		if err := copyVerdicts(ctx, tx, batch, sorted.fresh, verdicts, now); err != nil {
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

// lockAndFind locks the batch's addresses, numbers the batch, and, when it is to look, gives the fingerprints of parcels that
// are stored, in one round trip.
func lockAndFind(ctx context.Context, tx pgx.Tx, subjects []screening.Subject, look bool) (number int64, known map[parcel.ID]parcel.Fingerprint, err error) {
	known = make(map[parcel.ID]parcel.Fingerprint, len(subjects))
	var ids [][16]byte
	addresses := make([]int64, len(subjects))
	for i := range subjects {
		addresses[i] = subjects[i].Address
		if look {
			ids = append(ids, subjects[i].ID)
		}
	}
	slices.Sort(addresses)
	var batch pgx.Batch
	batch.Queue(`SELECT count(pg_advisory_xact_lock(k)), nextval('batches_seq') FROM unnest($1::bigint[]) k`, slices.Compact(addresses))
	batch.Queue(`SELECT id, fingerprint FROM parcels WHERE id = ANY($1)`, ids)
	results := tx.SendBatch(ctx, &batch)
	defer results.Close()
	var locked int64
	if err := results.QueryRow().Scan(&locked, &number); err != nil {
		return 0, nil, fmt.Errorf("lock addresses: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return 0, nil, fmt.Errorf("known parcels: %w", err)
	}
	var id, content [16]byte
	_, err = pgx.ForEachRow(rows, []any{&id, &content}, func() error { known[id] = content; return nil })
	if err != nil {
		return 0, nil, fmt.Errorf("known parcels: %w", err)
	}
	return number, known, results.Close()
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

// judgeFresh reads what was sent before and has the fresh subjects judged.
func judgeFresh(ctx context.Context, tx pgx.Tx, fresh []screening.Subject, judge screening.Judge) ([]screening.Verdict, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	pasts, err := readPasts(ctx, tx, fresh)
	if err != nil {
		return nil, fmt.Errorf("pasts: %w", err)
	}
	return judge(fresh, pasts), nil
}

// readPasts reads in one round trip what was sent to the subjects' addresses within the window, and which of their tracking
// numbers were used before. Consignee and address are counted by one descent of one index: who has the same consignee has the
// same address. The limit keeps the second look-up a look-up for each number: as a semi-join it reads the whole register.
func readPasts(ctx context.Context, tx pgx.Tx, fresh []screening.Subject) ([]screening.Past, error) {
	addresses, consignees, since := make([]int64, len(fresh)), make([]int64, len(fresh)), make([]time.Time, len(fresh))
	numbers, used := make([]string, len(fresh)), make([]time.Time, len(fresh))
	for i := range fresh {
		s := &fresh[i]
		addresses[i], consignees[i], since[i] = s.Address, s.Consignee, s.ReceivedAt.Add(-screening.Window)
		numbers[i], used[i] = s.Declaration.TrackingNo, s.ReceivedAt.Add(-screening.TrackingWindow)
	}
	var batch pgx.Batch
	batch.Queue(`
		SELECT s.place, c.parcels, c.fen, c.there, c.there_fen
		FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) WITH ORDINALITY s(address, consignee, since, place)
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE p.consignee = s.consignee) AS parcels,
				coalesce(sum(p.fen) FILTER (WHERE p.consignee = s.consignee), 0)::bigint AS fen,
				count(*) AS there, coalesce(sum(p.fen), 0)::bigint AS there_fen
			FROM parcels p WHERE p.address = s.address AND p.received_at > s.since) c
		WHERE c.there > 0`, addresses, consignees, since)
	batch.Queue(`
		SELECT s.place FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY s(number, since, place)
		CROSS JOIN LATERAL (SELECT FROM parcels p WHERE p.tracking_no = s.number AND p.received_at > s.since LIMIT 1) used`, numbers, used)
	results := tx.SendBatch(ctx, &batch)
	defer results.Close()
	pasts := make([]screening.Past, len(fresh))
	var place int64
	var past screening.Past
	rows, err := results.Query()
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&place, &past.Parcels, &past.Fen, &past.ThereParcels, &past.ThereFen}, func() error { pasts[place-1] = past; return nil })
	}
	if err != nil {
		return nil, err
	}
	if rows, err = results.Query(); err == nil {
		_, err = pgx.ForEachRow(rows, []any{&place}, func() error { pasts[place-1].Reused = true; return nil })
	}
	if err != nil {
		return nil, err
	}
	return pasts, results.Close()
}

// copyVerdicts writes a batch's parcels, what they declared, their facts, and the cases of held ones.
func copyVerdicts(ctx context.Context, tx pgx.Tx, batch int64, fresh []screening.Subject, verdicts []screening.Verdict, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	if err := copyParcels(ctx, tx, batch, fresh, verdicts, now); err != nil {
		return err
	}
	if err := copyDockets(ctx, tx, batch, fresh, now); err != nil {
		return err
	}
	if err := copyVerdictFacts(ctx, tx, fresh, verdicts, now); err != nil {
		return err
	}
	return copyCases(ctx, tx, fresh, verdicts, now)
}

func copyParcels(ctx context.Context, tx pgx.Tx, batch int64, fresh []screening.Subject, verdicts []screening.Verdict, now time.Time) error {
	rows := newRowBuffer(len(fresh), 320, "parcels",
		"id", "account_id", "order_no", "tracking_no", "status", "lane", "express", "destination", "weight_g", "volume_cm3",
		"consignee", "address", "fen", "fingerprint", "batch", "leaf", "reasons", "past", "rules", "received_at", "screened_at")
	for i := range fresh {
		s, v := &fresh[i], &verdicts[i]
		reasons, err := reasonsJSON(v.Reasons)
		if err != nil {
			return fmt.Errorf("reasons: %w", err)
		}
		past, err := pastJSON(v.Past)
		if err != nil {
			return fmt.Errorf("past: %w", err)
		}
		d := &s.Declaration
		rows.row()
		rows.uuid(s.ID)
		rows.integer(int(s.Account))
		rows.text(d.OrderNo)
		rows.text(d.TrackingNo)
		rows.text(string(v.Status))
		rows.text(string(v.Lane))
		rows.boolean(d.Service == parcel.Express)
		rows.text(d.Consignee.Address.Country)
		rows.bigint(int64(d.GrossWeight))
		rows.bigint(d.VolumeCM3())
		rows.bigint(s.Consignee)
		rows.bigint(s.Address)
		rows.bigint(s.Fen)
		rows.uuid(s.Fingerprint)
		rows.bigint(batch)
		rows.integer(i)
		rows.jsonb(reasons)
		rows.jsonb(past)
		rows.text(v.Version)
		rows.time(s.ReceivedAt)
		rows.time(now)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
		return fmt.Errorf("parcels: %w", err)
	}
	return nil
}

// byScreening is who says a verdict; facts_parcel leaves such facts out, because the parcel tells them itself.
const byScreening = "screening"

// copyVerdictFacts tells each verdict once for all parcels of a platform that the batch gives it to, and counts the verdicts by lane.
func copyVerdictFacts(ctx context.Context, tx pgx.Tx, fresh []screening.Subject, verdicts []screening.Verdict, now time.Time) error {
	type key struct {
		account account.ID
		status  parcel.Status
	}
	told := map[key][]int{}
	var order []key
	for i := range fresh {
		k := key{fresh[i].Account, verdicts[i].Status}
		if told[k] == nil {
			order = append(order, k)
		}
		told[k] = append(told[k], i)
	}
	rows := newRowBuffer(len(order), 64+48*len(fresh), "facts", "kind", "account_id", "parcels", "decided", "at", "by")
	var err error
	if rows.with, err = laneCount(tx, verdicts, now); err != nil {
		return err
	}
	var decided []byte
	for _, k := range order {
		rows.row()
		rows.text(string(k.status))
		rows.integer(int(k.account))
		rows.uuids(len(told[k]), func(n int) [16]byte { return fresh[told[k][n]].ID })
		decided = decided[:0]
		for _, i := range told[k] {
			decided = parcel.AppendDecided(decided, decidedOf(&fresh[i]))
		}
		rows.bytes(decided)
		rows.time(now)
		rows.text(byScreening)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	return nil
}

func decidedOf(s *screening.Subject) *parcel.Decided {
	d := &s.Declaration
	return &parcel.Decided{
		ID: s.ID, Account: s.Account, Destination: d.Consignee.Address.Country, Express: d.Service == parcel.Express,
		Weight: d.GrossWeight, Volume: d.VolumeCM3(),
	}
}

// reasonsJSON gives nil for none: most parcels have none, and NULL takes no room.
func reasonsJSON(reasons []parcel.Reason) ([]byte, error) {
	if len(reasons) == 0 {
		return nil, nil
	}
	return json.Marshal(reasons)
}

// pastJSON gives nil for nobody was sent anything, which is so of most.
func pastJSON(past screening.Past) ([]byte, error) {
	if past == (screening.Past{}) {
		return nil, nil
	}
	return json.Marshal(past)
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
	rows := newRowBuffer(len(held), 128, "cases", "parcel_id", "state", "urgency", "categories", "opened_at")
	for _, i := range held {
		categories, err := json.Marshal(categoriesOf(verdicts[i].Reasons))
		if err != nil {
			return fmt.Errorf("categories: %w", err)
		}
		rows.row()
		rows.uuid(fresh[i].ID)
		rows.text(string(review.Open))
		rows.integer(review.Urgency(fresh[i].Declaration.Service == parcel.Express, verdicts[i].Lane))
		rows.jsonb(categories)
		rows.time(now)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
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
		fields, err := differences(ctx, tx, c)
		if err != nil {
			return fmt.Errorf("stored declaration: %w", err)
		}
		details, err := json.Marshal(conflictDetails{Fields: fields})
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

// differences gives the fields in which a declaration differs from the stored one; none when that is not kept any longer.
func differences(ctx context.Context, tx pgx.Tx, c *screening.Subject) ([]string, error) {
	var place leafPlace
	err := tx.QueryRow(ctx, `SELECT batch, leaf, screened_at FROM parcels WHERE id = $1`, [16]byte(c.ID)).Scan(&place.batch, &place.leaf, &place.filed)
	if err != nil {
		return nil, err
	}
	stored, err := readDeclarations(ctx, tx, []leafPlace{place})
	if err != nil || stored[0] == nil {
		return nil, err
	}
	first, err := readStored(stored[0])
	if err != nil {
		return nil, err
	}
	return parcel.Differences(&first, &c.Declaration), nil
}

// conflictDetails is the details column of a conflict.
type conflictDetails struct {
	Fields []string `json:"fields"`
}
