package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Cancel takes a platform's parcel back, out of its unit too, until that is sealed. Cancelling twice changes nothing.
func (s *Store) Cancel(ctx context.Context, id parcel.ID, owner account.ID, reason string, now time.Time) error {
	return s.inTx(ctx, "cancel parcel", func(tx pgx.Tx) error {
		p, err := lockParcel(ctx, tx, id, &owner)
		if err != nil || p.status == parcel.Cancelled {
			return err
		}
		if seen := p.seen(); !seen.CanBecome(parcel.Cancelled) || p.unit != nil && p.unit.Status != consignment.Open {
			return fault.New(fault.Conflict, "status_forbids", "a parcel that is %s cannot be cancelled", p.stands())
		}
		if err := notStopped(ctx, tx, id); err != nil {
			return err
		}
		if err := leaveUnit(ctx, tx, p.unit, id, "platform", reason, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE parcels SET status = 'cancelled' WHERE id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("parcel: %w", err)
		}
		if _, err := tx.Exec(ctx, `
			UPDATE cases SET state = 'closed', claim_officer = NULL, overdue = false, again = NULL WHERE parcel_id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("case: %w", err)
		}
		if err := closeReferrals(ctx, tx, id, now); err != nil {
			return err
		}
		if err := placeCase(ctx, tx, id); err != nil {
			return err
		}
		return insertParcelFact(ctx, tx, parcelFact{kind: parcel.KindCancelled, account: owner, parcel: id, at: now, by: "platform", why: reason})
	})
}

// unload takes a parcel out of the unit it is in, if any. Its place stays empty, so the others keep theirs, and it is remembered
// who stood there, for what was told of it.
func unload(ctx context.Context, tx pgx.Tx, id parcel.ID) error {
	_, err := tx.Exec(ctx, `
		WITH gone AS (DELETE FROM loads WHERE parcel_id = $1 RETURNING consignment_id, place, parcel_id, account_id, weight_g, volume_cm3),
			kept AS (INSERT INTO unloaded (consignment_id, place, parcel_id, account_id) SELECT consignment_id, place, parcel_id, account_id FROM gone)
		UPDATE consignments c SET parcel_count = parcel_count - 1, gross_g = gross_g - gone.weight_g, loaded_cm3 = loaded_cm3 - gone.volume_cm3,
			full_up = false, changed_tx = pg_current_xact_id()::text::bigint, changed_seq = nextval('facts_seq')
		FROM gone WHERE c.id = gone.consignment_id`, [16]byte(id))
	if err != nil {
		return fmt.Errorf("unload: %w", err)
	}
	return nil
}
