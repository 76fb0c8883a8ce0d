package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
)

// lockedParcel is a parcel that nobody else changes, with the unit it is in, which nobody changes either.
type lockedParcel struct {
	id         parcel.ID
	account    account.ID
	trackingNo string
	status     parcel.Status // in the register
	lane       parcel.Lane
	express    bool
	reasons    []parcel.Reason
	unit       *consignment.Consignment // nil: it is in none
}

// seen is the status as callers see it, the unit's progress included.
func (p lockedParcel) seen() parcel.Status { return seenIn(p.unit, p.status) }

// stands is seen with where a parcel that stands for itself lies.
func (p lockedParcel) stands() string {
	if p.unit != nil && p.status != parcel.Cleared {
		return string(p.status) + " in a unit that is " + string(p.unit.Status)
	}
	return string(p.seen())
}

// seenIn is what parcelSeen says in SQL: a cleared parcel goes with its unit, any other stands for itself.
func seenIn(unit *consignment.Consignment, status parcel.Status) parcel.Status {
	switch {
	case unit == nil || status != parcel.Cleared:
		return status
	case unit.Status == consignment.Open:
		return parcel.Bundled
	}
	return parcel.Status(unit.Status)
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

// lockParcel locks a parcel of owner's, or of anybody's when that is nil, against bundling, officers, and whatever becomes of its unit.
// Bundling works under its route's lock, which is taken here first: either the bundler finds the parcel cancelled or held,
// or the parcel is found loaded. That spares the bundler a lock on each parcel. The lock of a route leaves its key alone (NO KEY): whoever
// has a unit and writes it looks at its route's key, and must not wait for the bundler, who waits for the unit.
func lockParcel(ctx context.Context, tx pgx.Tx, id parcel.ID, owner *account.ID) (lockedParcel, error) {
	p := lockedParcel{id: id}
	if err := takeTurn(ctx, tx, id); err != nil {
		return p, err
	}
	// A parcel that is not stored yet, and is a moment later, must not be met without its route's lock: so it is looked for first.
	var destination string
	err := tx.QueryRow(ctx, `SELECT destination FROM parcels WHERE id = $1`, [16]byte(id)).Scan(&destination)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, errNoParcel(id)
	}
	if err != nil {
		return p, fmt.Errorf("destination: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT FROM routes WHERE destinations ? $1 ORDER BY code FOR NO KEY UPDATE`, destination); err != nil {
		return p, fmt.Errorf("route: %w", err)
	}
	var of int32
	var status, lane string
	var reasons []byte
	err = tx.QueryRow(ctx, `
		SELECT account_id, tracking_no, status, lane, express, reasons FROM parcels
		WHERE id = $1 AND ($2::int IS NULL OR account_id = $2) FOR UPDATE`, [16]byte(id), owner).Scan(&of, &p.trackingNo, &status, &lane, &p.express, &reasons)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, errNoParcel(id)
	}
	if err != nil {
		return p, fmt.Errorf("parcel: %w", err)
	}
	p.account, p.status, p.lane = account.ID(of), parcel.Status(status), parcel.Lane(lane)
	if err := unmarshal(reasons, &p.reasons); err != nil {
		return p, fmt.Errorf("reasons: %w", err)
	}
	p.unit, err = lockUnitOf(ctx, tx, id)
	return p, err
}

// lockUnitOf locks the unit that a parcel is in, nil when it is in none. Parcel before unit is everybody's order.
func lockUnitOf(ctx context.Context, tx pgx.Tx, id parcel.ID) (*consignment.Consignment, error) {
	found, err := queryChanged(ctx, tx, `WHERE c.id = (SELECT consignment_id FROM loads WHERE parcel_id = $1) FOR UPDATE`, [16]byte(id))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0].Consignment, notOvertaken(ctx, tx, found)
}

// errOvertaken gives a transaction up whose number is lower than that of one that changed the same unit before it: what it has to tell
// would stand in the log before what happened earlier. Run again it gets a higher number.
var errOvertaken = errors.New("a transaction that began later has changed the unit first")

// notOvertaken tells whether the facts of this transaction follow those of whoever changed the locked units before.
func notOvertaken(ctx context.Context, tx pgx.Tx, units []consignment.Changed) error {
	if len(units) == 0 {
		return nil
	}
	var own int64
	if err := tx.QueryRow(ctx, `SELECT pg_current_xact_id()::text::bigint`).Scan(&own); err != nil {
		return fmt.Errorf("number of transaction: %w", err)
	}
	for i := range units {
		if units[i].Position.Tx > own {
			return errOvertaken
		}
	}
	return nil
}
