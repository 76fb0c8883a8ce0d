package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

// referralRow is a row of referrals.
type referralRow struct {
	Reference  string
	ParcelID   [16]byte
	Type       string
	Text       string
	Field      string
	Officer    int32
	AskedBy    string
	AskedAt    time.Time
	Deadline   *time.Time
	Overdue    bool
	Answer     []byte
	AnsweredAt *time.Time
	ClosedAt   *time.Time
}

// referralsOf gives what was asked about parcels, the oldest first.
func referralsOf(ctx context.Context, q rowsQuerier, ids [][16]byte) (map[parcel.ID][]parcel.Referral, error) {
	rows, err := collect(ctx, q, "referrals", asRead[referralRow], `SELECT * FROM referrals WHERE parcel_id = ANY($1) ORDER BY asked_at, reference`, ids)
	if err != nil {
		return nil, err
	}
	of := map[parcel.ID][]parcel.Referral{}
	for _, r := range rows {
		referral := parcel.Referral{
			Reference: r.Reference, Type: parcel.ReferralType(r.Type), Text: r.Text, Field: r.Field, Officer: account.ID(r.Officer), AskedBy: r.AskedBy,
			AskedAt: r.AskedAt, Deadline: r.Deadline, Overdue: r.Overdue, AnsweredAt: r.AnsweredAt, ClosedAt: r.ClosedAt,
		}
		if err := unmarshal(r.Answer, &referral.Answer); err != nil {
			return nil, fmt.Errorf("answer to %s: %w", r.Reference, err)
		}
		of[r.ParcelID] = append(of[r.ParcelID], referral)
	}
	return of, nil
}

// saveReferrals writes what was asked since, and what has ended since.
func saveReferrals(ctx context.Context, tx pgx.Tx, before, after review.Case) error {
	for i, r := range after.Referrals {
		if i < len(before.Referrals) && before.Referrals[i].ClosedAt == r.ClosedAt {
			continue
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO referrals (reference, parcel_id, type, text, field, officer, asked_by, asked_at, deadline)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (reference) DO UPDATE SET closed_at = $10`,
			r.Reference, [16]byte(after.Parcel), string(r.Type), r.Text, r.Field, int32(r.Officer), r.AskedBy, r.AskedAt, r.Deadline, r.ClosedAt)
		if err != nil {
			return fmt.Errorf("referral: %w", err)
		}
	}
	return nil
}

// askedBy gives what a case's last decision has asked, nil when it has asked nothing.
func askedBy(c review.Case) *parcel.Referral {
	last := c.Decisions[len(c.Decisions)-1].Referral
	i := slices.IndexFunc(c.Referrals, func(r parcel.Referral) bool { return last != "" && r.Reference == last })
	if i < 0 {
		return nil
	}
	return &c.Referrals[i]
}

// closeReferrals ends what was asked about a parcel that its platform has taken back.
func closeReferrals(ctx context.Context, tx pgx.Tx, id parcel.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE referrals SET closed_at = $2 WHERE parcel_id = $1 AND answered_at IS NULL AND closed_at IS NULL`, [16]byte(id), now)
	if err != nil {
		return fmt.Errorf("referrals: %w", err)
	}
	return nil
}

// notStopped refuses what a stop forbids: a parcel that an officer has stopped stays where it is.
func notStopped(ctx context.Context, tx pgx.Tx, id parcel.ID) error {
	of, err := referralsOf(ctx, tx, [][16]byte{id})
	if err != nil {
		return err
	}
	if (review.Case{Referrals: of[id]}).Stopped() {
		return fault.New(fault.Conflict, "parcel_stopped", "customs have stopped this parcel: it cannot be taken back")
	}
	return nil
}

// Inform records a platform's answer to an officer's questions: to the one it names, or to all that are open. When none is open any
// more, the parcel goes back to the desk. It is screened again in any case, and the parcel's status is given.
func (s *Store) Inform(ctx context.Context, id parcel.ID, owner account.ID, info parcel.Information, now time.Time) (parcel.Status, error) {
	var status parcel.Status
	details, err := json.Marshal(info)
	if err != nil {
		return "", fmt.Errorf("information: %w", err)
	}
	err = s.inTx(ctx, "record information", func(tx pgx.Tx) error {
		p, err := lockParcel(ctx, tx, id, &owner)
		if err != nil {
			return err
		}
		if p.status != parcel.InformationRequested {
			return fault.New(fault.Conflict, "status_forbids", "nobody waits for information about a parcel that is %s", p.seen())
		}
		left, err := answer(ctx, tx, id, info.Referral, details, now)
		if err != nil {
			return err
		}
		status = parcel.Held
		if left {
			status = parcel.InformationRequested
		}
		if _, err := tx.Exec(ctx, `UPDATE parcels SET status = $2 WHERE id = $1`, [16]byte(id), string(status)); err != nil {
			return fmt.Errorf("parcel: %w", err)
		}
		_, err = tx.Exec(ctx, `
			UPDATE cases SET again = $2, overdue = EXISTS (SELECT FROM referrals r
				WHERE r.parcel_id = $1 AND r.overdue AND r.answered_at IS NULL AND r.closed_at IS NULL) WHERE parcel_id = $1`, [16]byte(id), now)
		if err != nil {
			return fmt.Errorf("case: %w", err)
		}
		if err := placeCase(ctx, tx, id); err != nil {
			return err
		}
		told, err := parcelDetails{Status: status, Answer: &info}.json()
		if err != nil {
			return err
		}
		return insertParcelFact(ctx, tx, parcelFact{
			kind: parcel.KindAnswered, account: owner, parcel: id, at: now, by: "platform", why: info.Text, details: told,
		})
	})
	return status, err
}

// answer writes an answer to the questions it is about, and tells whether another is still open. One that was never asked, or is not
// open any more, is a fault.Conflict.
func answer(ctx context.Context, tx pgx.Tx, id parcel.ID, reference string, answer []byte, now time.Time) (left bool, err error) {
	of, err := referralsOf(ctx, tx, [][16]byte{id})
	if err != nil {
		return false, err
	}
	var answered []string
	for _, r := range of[id] {
		switch {
		case !r.Answerable():
		case reference == "" || r.Reference == reference:
			answered = append(answered, r.Reference)
		default:
			left = true
		}
	}
	if len(answered) == 0 && reference != "" {
		return false, fault.New(fault.Conflict, "referral_not_open", "no question %s about this parcel waits for an answer", reference)
	}
	_, err = tx.Exec(ctx, `UPDATE referrals SET answer = $2, answered_at = $3 WHERE reference = ANY($1)`, answered, answer, now)
	if err != nil {
		return false, fmt.Errorf("referral: %w", err)
	}
	return left, nil
}

// placeCase gives an open case of a locked parcel the place on the desk that it has now.
func placeCase(ctx context.Context, tx pgx.Tx, id parcel.ID) error {
	cases, err := queryCases(ctx, tx, caseColumns+` WHERE k.parcel_id = $1 FOR UPDATE OF k`, [16]byte(id))
	if err != nil || len(cases) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE cases SET urgency = $2 WHERE parcel_id = $1`, [16]byte(id), cases[0].Urgency()); err != nil {
		return fmt.Errorf("case: %w", err)
	}
	return nil
}

// overdueAtOnce bounds how many parcels a transaction of MarkOverdue locks.
const overdueAtOnce = 200

// MarkOverdue puts forward on the desk what platforms have not answered in time, and tells how many questions that are. It is called
// every so often by one process. A parcel that somebody deals with just now is left for the next time.
func (s *Store) MarkOverdue(ctx context.Context, now time.Time) (marked int, err error) {
	err = s.inTx(ctx, "mark overdue", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT p.id FROM parcels p JOIN cases k ON k.parcel_id = p.id
			WHERE k.state = 'open' AND p.id IN (SELECT r.parcel_id FROM referrals r
				WHERE r.answered_at IS NULL AND r.closed_at IS NULL AND NOT r.overdue AND r.deadline <= $1 ORDER BY r.deadline LIMIT $2)
			ORDER BY p.id FOR UPDATE OF p SKIP LOCKED`, now, overdueAtOnce)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
		if err != nil || len(ids) == 0 {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE referrals SET overdue = true
			WHERE parcel_id = ANY($1) AND answered_at IS NULL AND closed_at IS NULL AND NOT overdue AND deadline <= $2`, ids, now)
		if err != nil {
			return err
		}
		marked = int(tag.RowsAffected())
		if _, err := tx.Exec(ctx, `UPDATE cases SET overdue = true WHERE parcel_id = ANY($1)`, ids); err != nil {
			return err
		}
		for _, id := range ids {
			if err := placeCase(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	return marked, err
}
