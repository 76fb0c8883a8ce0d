package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
)

// A parcel that is held in a unit stands for itself: what is told of the unit is not told of it, until an officer lets it go with
// the unit again, or it is taken out.

// leaveUnit takes a parcel out of the unit it is in, if any, and lifts the hold for its sake.
func leaveUnit(ctx context.Context, tx pgx.Tx, unit *consignment.Consignment, id parcel.ID, by, why string, now time.Time) error {
	if unit == nil {
		return nil
	}
	if err := unload(ctx, tx, id); err != nil {
		return err
	}
	if unit.HeldFor(id) == nil && unit.Status == consignment.Open {
		return nil // the carrier has not been told of it yet as of a unit's content
	}
	return changeUnitOf(ctx, tx, unit.ID, consignment.TakenOut(id, by, why, now))
}

// changeUnitOf applies a change to a unit that is locked already, as it is now.
func changeUnitOf(ctx context.Context, tx pgx.Tx, id consignment.ID, change consignment.Change) error {
	units, err := queryUnits(ctx, tx, `WHERE c.id = $1`, [16]byte(id))
	if err != nil || len(units) == 0 {
		return err
	}
	_, err = changeUnit(ctx, tx, units[0], change)
	return err
}

// holdUnit holds the unit for a parcel's sake.
func holdUnit(ctx context.Context, tx pgx.Tx, p lockedParcel, cause string, now time.Time) error {
	if p.unit == nil || p.unit.HeldFor(p.id) != nil {
		return nil
	}
	return changeUnitOf(ctx, tx, p.unit.ID, consignment.PlaceHold(p.unit.HoldForParcel(p.id, byRescreening, cause, now)))
}

// rejoinUnit lets a parcel go with its unit again, and tells what it has missed meanwhile: that the unit was sealed. A unit with a hold
// is neither released nor departs, so there is nothing else. It gives the status in which the parcel was when it was held.
func rejoinUnit(ctx context.Context, tx pgx.Tx, unit *consignment.Consignment, id parcel.ID, by, why string, now time.Time) (was parcel.Status, err error) {
	was = seenIn(unit, parcel.Cleared)
	if unit.HeldFor(id) == nil {
		return was, nil
	}
	if unit.MissedSealing(id) {
		was = parcel.Bundled
	}
	return was, changeUnitOf(ctx, tx, unit.ID, consignment.LiftForParcel(id, by, why, now))
}

// sealedMeanwhile tells of one parcel that its unit was sealed while it was held.
func sealedMeanwhile(ctx context.Context, tx pgx.Tx, unit *consignment.Consignment, id parcel.ID, now time.Time) error {
	s := span{unit: unit.ID}
	var owner int32
	if err := tx.QueryRow(ctx, `SELECT account_id, place FROM loads WHERE parcel_id = $1`, [16]byte(id)).Scan(&owner, &s.first); err != nil {
		return fmt.Errorf("place in unit: %w", err)
	}
	s.account, s.last = account.ID(owner), s.first
	return copySpans(ctx, tx, parcel.KindSealed, []*span{&s}, now, "dispatch", string(unit.SealedFor))
}

// heldPlaces gives the places of parcels that are held in a unit, in order.
func heldPlaces(ctx context.Context, tx pgx.Tx, c consignment.Consignment) ([]int, error) {
	var ids [][16]byte
	for _, h := range c.Holds {
		if id, err := parcel.ParseID(h.Parcel); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT place FROM loads WHERE consignment_id = $1 AND parcel_id = ANY($2) ORDER BY place`, [16]byte(c.ID), ids)
	if err != nil {
		return nil, fmt.Errorf("held places: %w", err)
	}
	places, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("held places: %w", err)
	}
	return places, nil
}

// without cuts places, which are in order, out of spans.
func without(spans []*span, places []int) []*span {
	if len(places) == 0 {
		return spans
	}
	var cut []*span
	for _, s := range spans {
		rest := *s
		for _, place := range places {
			if place < rest.first || place > rest.last {
				continue
			}
			if place > rest.first {
				cut = append(cut, &span{rest.unit, rest.account, rest.first, place - 1})
			}
			rest.first = place + 1
		}
		if rest.first <= rest.last {
			cut = append(cut, &rest)
		}
	}
	return cut
}

// parcelDetails is the details column of a fact about one parcel, where its kind does not say all.
type parcelDetails struct {
	Status  parcel.Status   `json:"status,omitempty"`  // after it
	Reasons []parcel.Reason `json:"reasons,omitempty"` // that it is told for

	Referral *parcel.Referral    `json:"referral,omitempty"` // that was asked
	Answer   *parcel.Information `json:"answer,omitempty"`   // that was given
}

func (d parcelDetails) json() ([]byte, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("details: %w", err)
	}
	return data, nil
}

// heaviestFirst puts reasons in the order in which people read them; those of one lane stay in theirs.
func heaviestFirst(reasons []parcel.Reason) {
	slices.SortStableFunc(reasons, func(a, b parcel.Reason) int { return b.Lane.Rank() - a.Lane.Rank() })
}
