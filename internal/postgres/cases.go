package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

const caseColumns = `
	SELECT k.parcel_id, p.account_id, p.order_no, p.tracking_no, k.state, p.status, p.lane, p.reasons, p.express, k.opened_at,
		k.claim_officer, k.claim_name, k.claim_until, k.approval, k.decisions, k.overdue
	FROM cases k JOIN parcels p ON p.id = k.parcel_id`

// caseRow is a row of caseColumns.
type caseRow struct {
	ParcelID     [16]byte
	AccountID    int32
	OrderNo      string
	TrackingNo   string
	State        string
	Status       string
	Lane         string
	Reasons      []byte
	Express      bool
	OpenedAt     time.Time
	ClaimOfficer *int32
	ClaimName    *string
	ClaimUntil   *time.Time
	Approval     []byte
	Decisions    []byte
	Overdue      bool
}

func (r caseRow) reviewCase() (review.Case, error) {
	c := review.Case{
		Parcel: r.ParcelID, Account: account.ID(r.AccountID), OrderNo: r.OrderNo, TrackingNo: r.TrackingNo, State: review.State(r.State),
		Status: parcel.Status(r.Status), Lane: parcel.Lane(r.Lane), Express: r.Express, OpenedAt: r.OpenedAt, Overdue: r.Overdue,
	}
	if r.ClaimOfficer != nil {
		c.Claim = &review.Claim{Officer: account.ID(*r.ClaimOfficer), Name: deref(r.ClaimName), Until: deref(r.ClaimUntil)}
	}
	err := errors.Join(unmarshal(r.Reasons, &c.Reasons), unmarshal(r.Approval, &c.Approval), unmarshal(r.Decisions, &c.Decisions))
	heaviestFirst(c.Reasons)
	return c, err
}

func queryCases(ctx context.Context, q rowsQuerier, sql string, args ...any) ([]review.Case, error) {
	cases, err := collect(ctx, q, "cases", caseRow.reviewCase, sql, args...)
	if err != nil || len(cases) == 0 {
		return cases, err
	}
	ids := make([][16]byte, len(cases))
	for i := range cases {
		ids[i] = cases[i].Parcel
	}
	of, err := referralsOf(ctx, q, ids)
	for i := range cases {
		cases[i].Referrals = of[cases[i].Parcel]
	}
	return cases, err
}

// Case gives the case of a parcel.
func (s *Store) Case(ctx context.Context, id parcel.ID) (review.Case, error) {
	cases, err := queryCases(ctx, s.pool, caseColumns+` WHERE k.parcel_id = $1`, [16]byte(id))
	if err != nil {
		return review.Case{}, classify(err)
	}
	if len(cases) == 0 {
		return review.Case{}, errNoCase(id)
	}
	return cases[0], nil
}

func errNoCase(id parcel.ID) error {
	return fault.New(fault.NotFound, "review_not_found", "there is no case %s", review.CaseID(id))
}

// Cases lists the desk, the most urgent first.
func (s *Store) Cases(ctx context.Context, q review.Query) ([]review.Case, error) {
	state := q.State
	if state == "" {
		state = review.Open
	}
	if q.After == (review.Place{}) {
		q.After.Urgency = review.MostUrgent
	}
	cases, err := queryCases(ctx, s.pool, caseColumns+`
		WHERE k.state = $1 AND (k.urgency, k.opened_at, k.parcel_id) > ($2, $3, $4)
		  AND ($5 = '' OR p.lane = $5) AND ($6 = '' OR k.categories ? $6)
		  AND ($7::int IS NULL OR (k.claim_officer = $7 AND k.claim_until > now()))
		  AND (NOT $8 OR k.claim_officer IS NULL OR k.claim_until <= now())
		ORDER BY k.urgency, k.opened_at, k.parcel_id LIMIT $9`,
		string(state), q.After.Urgency, q.After.Opened, [16]byte(q.After.Parcel), string(q.Lane), string(q.Category), q.Assignee, q.Unclaim, q.Limit)
	if err != nil {
		return nil, classify(err)
	}
	return cases, nil
}

// UpdateCase applies an officer's change to a case; see review.Store.
func (s *Store) UpdateCase(ctx context.Context, id parcel.ID, change func(review.Case) (review.Case, parcel.Kind, error)) (review.Case, error) {
	var after review.Case
	err := s.inTx(ctx, "update case", func(tx pgx.Tx) error {
		if err := takeTurn(ctx, tx, id); err != nil {
			return err
		}
		// The parcel first, then its case: the order in which a cancellation locks them.
		cases, err := queryCases(ctx, tx, caseColumns+` WHERE k.parcel_id = $1 FOR UPDATE OF p, k`, [16]byte(id))
		if err != nil {
			return err
		}
		if len(cases) == 0 {
			return errNoCase(id)
		}
		after, err = saveCase(ctx, tx, cases[0], change)
		return err
	})
	return after, err
}

// NextCase applies a change to the most urgent case that nobody holds, passing over those that others just lock.
func (s *Store) NextCase(ctx context.Context, by review.Officer, now time.Time, change func(review.Case) (review.Case, parcel.Kind, error)) (review.Case, error) {
	var after review.Case
	err := s.inTx(ctx, "next case", func(tx pgx.Tx) error {
		cases, err := queryCases(ctx, tx, caseColumns+`
			WHERE k.state = 'open' AND (k.claim_officer IS NULL OR k.claim_until <= $1)
			  AND (p.status = 'held' OR k.overdue) AND (k.approval IS NULL OR (k.approval->>'officer')::int <> $2)
			ORDER BY k.urgency, k.opened_at, k.parcel_id LIMIT 1 FOR UPDATE OF p, k SKIP LOCKED`, now, int32(by.ID))
		if err != nil {
			return err
		}
		if len(cases) == 0 {
			return fault.New(fault.NotFound, "review_queue_empty", "no open case is free")
		}
		after, err = saveCase(ctx, tx, cases[0], change)
		return err
	})
	return after, err
}

// saveCase applies change to a locked case and writes what it changed.
func saveCase(ctx context.Context, tx pgx.Tx, before review.Case, change func(review.Case) (review.Case, parcel.Kind, error)) (review.Case, error) {
	c, kind, err := change(before)
	if err != nil {
		return before, err
	}
	var claim review.Claim
	var officer *int32
	if c.Claim != nil {
		claim, officer = *c.Claim, (*int32)(&c.Claim.Officer)
	}
	approval, err := optionalJSON(c.Approval)
	if err != nil {
		return before, err
	}
	decisions, err := json.Marshal(c.Decisions)
	if err != nil {
		return before, fmt.Errorf("decisions: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases SET state = $2, claim_officer = $3, claim_name = $4, claim_until = $5, approval = $6,
			decisions = CASE WHEN $7::jsonb = 'null' THEN '[]' ELSE $7::jsonb END, overdue = $8, urgency = $9 WHERE parcel_id = $1`,
		[16]byte(c.Parcel), string(c.State), officer, nullable(claim.Name), optionalTime(claim.Until), approval, decisions, c.Overdue, c.Urgency())
	if err != nil {
		return before, fmt.Errorf("case: %w", err)
	}
	if err := saveReferrals(ctx, tx, before, c); err != nil {
		return before, err
	}
	if kind == "" {
		return c, nil
	}
	return c, recordDecision(ctx, tx, c, kind)
}

// recordDecision writes what an officer's decision makes of the parcel, and the fact that says so.
func recordDecision(ctx context.Context, tx pgx.Tx, c review.Case, kind parcel.Kind) error {
	if _, err := tx.Exec(ctx, `UPDATE parcels SET status = $2 WHERE id = $1`, [16]byte(c.Parcel), string(c.Status)); err != nil {
		return fmt.Errorf("parcel: %w", err)
	}
	last := c.Decisions[len(c.Decisions)-1]
	fact := parcelFact{kind: kind, account: c.Account, parcel: c.Parcel, at: last.At, by: "officer " + last.Name, why: last.Reason}
	unit, told, err := settleUnit(ctx, tx, c, last.Name, last.Reason, last.At)
	if err != nil {
		return err
	}
	if told.Referral = askedBy(c); told.Referral != nil {
		told.Status = c.Status
	}
	if told.Status != "" {
		if fact.details, err = told.json(); err != nil {
			return err
		}
	}
	if err := insertParcelFact(ctx, tx, fact); err != nil {
		return err
	}
	if kind == parcel.KindCleared && unit != nil && unit.MissedSealing(c.Parcel) {
		return sealedMeanwhile(ctx, tx, unit, c.Parcel, last.At)
	}
	return nil
}

func optionalJSON[T any](v *T) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
