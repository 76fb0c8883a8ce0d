package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
)

// byRescreening is who says what screening again has found.
const byRescreening = "re-screening"

// AddReasons adds to what is known of a parcel; see screening.RescreenStore. In one transaction the parcel is held, its case opened or
// opened again, its unit held for its sake, and its platform told, once.
func (s *Store) AddReasons(ctx context.Context, id parcel.ID, found []parcel.Reason, rescreening int64, now time.Time) (screening.Outcome, error) {
	return s.addReasons(ctx, id, found, now, func(tx pgx.Tx, outcome screening.Outcome) error { return countOutcome(ctx, tx, rescreening, outcome) })
}

// addReasons is AddReasons; then is what belongs to the same transaction.
func (s *Store) addReasons(ctx context.Context, id parcel.ID, found []parcel.Reason, now time.Time, then func(pgx.Tx, screening.Outcome) error) (outcome screening.Outcome, err error) {
	err = s.inTx(ctx, "add reasons", func(tx pgx.Tx) error {
		p, err := lockParcel(ctx, tx, id, nil)
		if err != nil {
			return err
		}
		if outcome, err = addReasons(ctx, tx, p, found, now); err != nil {
			return err
		}
		return then(tx, outcome)
	})
	return outcome, err
}

// addReasons is AddReasons for a locked parcel.
func addReasons(ctx context.Context, tx pgx.Tx, p lockedParcel, found []parcel.Reason, now time.Time) (screening.Outcome, error) {
	fresh := screening.Unknown(p.reasons, found)
	heaviestFirst(fresh)
	outcome, told := screening.MoreKnown, parcelDetails{Status: p.seen(), Reasons: fresh}
	kind, status := parcel.KindRescreened, p.status
	switch seen := p.seen(); {
	case len(fresh) == 0:
		return screening.NothingNew, nil
	case p.status.Terminal():
		return screening.Over, nil
	case seen == parcel.Departed || seen == parcel.Arrived:
		outcome = screening.TooLate // what was found is kept and told; nothing can be held any more
	case p.status == parcel.Cleared && fresh[0].Lane.Holds():
		outcome, kind, status = screening.HeldNow, parcel.KindHeld, parcel.Held
		told.Status = status
	}
	if err := saveReasons(ctx, tx, p, status, fresh); err != nil {
		return "", err
	}
	if status != parcel.Cleared {
		if err := openCase(ctx, tx, p, fresh, now); err != nil {
			return "", err
		}
		if err := holdUnit(ctx, tx, p, causeOf(p, fresh), now); err != nil {
			return "", err
		}
	}
	details, err := told.json()
	if err != nil {
		return "", err
	}
	return outcome, insertParcelFact(ctx, tx, parcelFact{
		kind: kind, account: p.account, parcel: p.id, at: now, by: byRescreening, why: explain(fresh), details: details,
	})
}

// saveReasons writes what is known of a parcel now. What screening said at first is kept beside it, from the first time on.
func saveReasons(ctx context.Context, tx pgx.Tx, p lockedParcel, status parcel.Status, fresh []parcel.Reason) error {
	first, err := json.Marshal(parcel.Verdict{Lane: p.lane, Reasons: p.reasons})
	if err != nil {
		return fmt.Errorf("verdict: %w", err)
	}
	all := p.withReasons(fresh)
	reasons, err := reasonsJSON(all.reasons)
	if err != nil {
		return fmt.Errorf("reasons: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE parcels SET status = $2, lane = $3, reasons = $4, verdict = coalesce(verdict, $5) WHERE id = $1`,
		[16]byte(p.id), string(status), string(all.lane), reasons, first)
	if err != nil {
		return fmt.Errorf("parcel: %w", err)
	}
	return nil
}

// withReasons gives the parcel with more reasons, and the lane of the heaviest.
func (p lockedParcel) withReasons(fresh []parcel.Reason) lockedParcel {
	p.reasons = append(p.reasons[:len(p.reasons):len(p.reasons)], fresh...)
	heaviestFirst(p.reasons)
	for i := range fresh {
		p.lane = p.lane.Outrank(fresh[i].Lane)
	}
	return p
}

// openCase opens the case of a parcel with fresh reasons, or adds them to the one there is. A first officer's word was about fewer
// reasons: whoever looks decides anew.
func openCase(ctx context.Context, tx pgx.Tx, p lockedParcel, fresh []parcel.Reason, now time.Time) error {
	p = p.withReasons(fresh)
	categories, err := json.Marshal(categoriesOf(p.reasons))
	if err != nil {
		return fmt.Errorf("categories: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO cases AS k (parcel_id, state, urgency, categories, opened_at) VALUES ($1, 'open', $2, $3, $4)
		ON CONFLICT (parcel_id) DO UPDATE SET state = 'open', categories = excluded.categories, approval = NULL,
			opened_at = CASE k.state WHEN 'open' THEN k.opened_at ELSE excluded.opened_at END,
			claim_officer = CASE k.state WHEN 'open' THEN k.claim_officer END`,
		[16]byte(p.id), review.Urgency(p.express, p.lane), categories, now)
	if err != nil {
		return fmt.Errorf("case: %w", err)
	}
	return placeCase(ctx, tx, p.id)
}

// causeOf says for carriers and officers what a parcel is held for: which entry of which list, and nothing personal.
func causeOf(p lockedParcel, fresh []parcel.Reason) string {
	cause := "screened again, " + fresh[0].Rule
	if m := fresh[0].Matched; m != nil {
		cause += " meets entry " + m.Entry + " of " + m.List
	}
	return cause + " (tracking number " + p.trackingNo + ")"
}

// countOutcome adds to the counts of a rescreening.
func countOutcome(ctx context.Context, tx pgx.Tx, rescreening int64, outcome screening.Outcome) error {
	_, err := tx.Exec(ctx, `
		UPDATE rescreenings SET held = held + ($2 = 'held')::int, added = added + ($2 = 'added')::int, departed = departed + ($2 = 'departed')::int
		WHERE list_id = $1 AND $2 IN ('held', 'added', 'departed')`, rescreening, string(outcome))
	if err != nil {
		return fmt.Errorf("rescreening: %w", err)
	}
	return nil
}

// settleUnit does to a parcel's unit what an officer's decision makes of the parcel, and gives what the fact that says so has to tell.
// The unit is nil when there is none.
func settleUnit(ctx context.Context, tx pgx.Tx, c review.Case, by, why string, now time.Time) (unit *consignment.Consignment, told parcelDetails, err error) {
	unit, err = lockUnitOf(ctx, tx, c.Parcel)
	if err != nil || unit == nil || c.State != review.Closed {
		return nil, told, err
	}
	if c.Status != parcel.Cleared {
		return unit, told, leaveUnit(ctx, tx, unit, c.Parcel, by, why, now)
	}
	told.Status, err = rejoinUnit(ctx, tx, unit, c.Parcel, by, why, now)
	return unit, told, err
}
