package postgres

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Cancel takes a platform's parcel back, out of its unit too, until that is sealed. Cancelling twice changes nothing.
func (s *Store) Cancel(ctx context.Context, id parcel.ID, owner account.ID, reason string, now time.Time) error {
	return s.inTx(ctx, "cancel parcel", func(tx pgx.Tx) error {
		status, err := lockParcel(ctx, tx, id, owner)
		if err != nil || status == parcel.Cancelled {
			return err
		}
		if !status.CanBecome(parcel.Cancelled) {
			return fault.New(fault.Conflict, "status_forbids", "a parcel that is %s cannot be cancelled", status)
		}
		if err := unload(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE parcels SET status = 'cancelled' WHERE id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("parcel: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE cases SET state = 'closed', claim_officer = NULL WHERE parcel_id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("case: %w", err)
		}
		return insertParcelFact(ctx, tx, parcelFact{kind: parcel.KindCancelled, account: owner, parcel: id, at: now, by: "platform", why: reason})
	})
}

// takeTurn lets people change a parcel one after the other. It must come before anything that locks a row: a transaction gets
// its number then, and the log of facts is in the order of those numbers. Whoever had to wait gets the higher one.
func takeTurn(ctx context.Context, tx pgx.Tx, id parcel.ID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, int32(binary.BigEndian.Uint32(id[:4])), int32(binary.BigEndian.Uint32(id[4:8])))
	if err != nil {
		return fmt.Errorf("parcel's turn: %w", err)
	}
	return nil
}

// lockParcel locks a parcel against bundling and officers, and gives its status, its unit's included.
// Bundling works under its route's lock, which is taken here first: either the bundler finds the parcel cancelled,
// or the parcel is found loaded. That spares the bundler a lock on each parcel.
func lockParcel(ctx context.Context, tx pgx.Tx, id parcel.ID, owner account.ID) (parcel.Status, error) {
	var status, unit, destination string
	if err := takeTurn(ctx, tx, id); err != nil {
		return "", err
	}
	// A parcel that is not stored yet, and is a moment later, must not be met without its route's lock: so it is looked for first.
	err := tx.QueryRow(ctx, `SELECT destination FROM parcels WHERE id = $1`, [16]byte(id)).Scan(&destination)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errNoParcel(id)
	}
	if err != nil {
		return "", fmt.Errorf("destination: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT FROM routes WHERE destinations ? $1 ORDER BY code FOR UPDATE`, destination); err != nil {
		return "", fmt.Errorf("route: %w", err)
	}
	err = tx.QueryRow(ctx, `SELECT status FROM parcels WHERE id = $1 AND account_id = $2 FOR UPDATE`, [16]byte(id), int32(owner)).Scan(&status)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errNoParcel(id)
	}
	if err != nil {
		return "", fmt.Errorf("parcel: %w", err)
	}
	err = tx.QueryRow(ctx, `
		SELECT CASE c.status WHEN 'open' THEN 'bundled' ELSE c.status END FROM loads l JOIN consignments c ON c.id = l.consignment_id
		WHERE l.parcel_id = $1 FOR UPDATE OF c`, [16]byte(id)).Scan(&unit)
	if errors.Is(err, pgx.ErrNoRows) {
		return parcel.Status(status), nil
	}
	if err != nil {
		return "", fmt.Errorf("unit: %w", err)
	}
	return parcel.Status(unit), nil
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

// Inform records a platform's answer to an officer's request; a parcel that waited for it goes back to the desk.
func (s *Store) Inform(ctx context.Context, id parcel.ID, owner account.ID, info parcel.Information, now time.Time) error {
	details, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("information: %w", err)
	}
	return s.inTx(ctx, "record information", func(tx pgx.Tx) error {
		status, err := lockParcel(ctx, tx, id, owner)
		if err != nil {
			return err
		}
		if status != parcel.InformationRequested {
			return fault.New(fault.Conflict, "status_forbids", "nobody waits for information about a parcel that is %s", status)
		}
		if _, err := tx.Exec(ctx, `UPDATE parcels SET status = 'held' WHERE id = $1`, [16]byte(id)); err != nil {
			return fmt.Errorf("parcel: %w", err)
		}
		return insertParcelFact(ctx, tx, parcelFact{
			kind: parcel.KindAnswered, account: owner, parcel: id, at: now, by: "platform", why: info.Text, details: details,
		})
	})
}
