package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/failpoint"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// ChangeUnits applies a change to selected units; see consignment.UnitStore. Whatever the number of parcels in a unit,
// a change writes the unit, its event, and one fact for each platform in it.
func (s *Store) ChangeUnits(ctx context.Context, which consignment.Selection, change consignment.Change) ([]consignment.Consignment, error) {
	var changed []consignment.Consignment
	err := s.inTx(ctx, "change consignments", func(tx pgx.Tx) error {
		selected, err := selectUnits(ctx, tx, which)
		if err != nil {
			return err
		}
		if err := notOvertaken(ctx, tx, selected); err != nil {
			return err
		}
		units := unchanged(selected)
		changed = make([]consignment.Consignment, len(units))
		for i, unit := range units {
			if changed[i], err = changeUnit(ctx, tx, unit, change); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// selectUnits locks the selected units, always in the order of their IDs.
func selectUnits(ctx context.Context, tx pgx.Tx, which consignment.Selection) ([]consignment.Changed, error) {
	switch {
	case which.ID != nil:
		units, err := queryChanged(ctx, tx, `WHERE c.id = $1 FOR UPDATE`, [16]byte(*which.ID))
		if err == nil && len(units) == 0 {
			err = errNoConsignment(*which.ID)
		}
		return units, err
	case which.Departure != nil:
		return queryChanged(ctx, tx, `WHERE c.departure_id = $1 ORDER BY c.id FOR UPDATE`, [16]byte(*which.Departure))
	case which.Ready:
		return queryChanged(ctx, tx, `WHERE c.status = 'sealed' AND c.holds = '[]' ORDER BY c.id LIMIT $1 FOR UPDATE SKIP LOCKED`, which.Most)
	default:
		return queryChanged(ctx, tx, `JOIN departures d ON d.id = c.departure_id
			WHERE c.status = 'open' AND (c.full_up OR d.cutoff_at <= $1) ORDER BY c.id LIMIT $2 FOR UPDATE OF c SKIP LOCKED`, which.Due, which.Most)
	}
}

func errNoConsignment(id consignment.ID) error {
	return fault.New(fault.NotFound, "consignment_not_found", "there is no consignment %s, or it is not on your routes", id)
}

// changeUnit applies change to one locked unit. An event that the unit already has undoes the whole change: it came twice.
func changeUnit(ctx context.Context, tx pgx.Tx, before consignment.Consignment, change consignment.Change) (consignment.Consignment, error) {
	after, events, err := change(before)
	if err != nil || len(events) == 0 {
		return before, err
	}
	fresh, err := insertEvents(ctx, tx, before.ID, events)
	if err != nil || fresh == 0 {
		return before, err
	}
	if err := upsertUnit(ctx, tx, &after); err != nil {
		return before, err
	}
	failpoint.Reach(failpoint.UnitChanging + string(after.Status))
	for _, e := range events {
		if kind, ok := e.Type.ParcelKind(); ok && after.Status != before.Status && string(after.Status) == string(kind) {
			if err := unitFacts(ctx, tx, after, kind, e); err != nil {
				return before, err
			}
		}
	}
	return after, nil
}

// insertEvents appends events, and tells how many of them are new.
func insertEvents(ctx context.Context, tx pgx.Tx, id consignment.ID, events []consignment.Event) (fresh int64, err error) {
	for _, e := range events {
		tag, err := tx.Exec(ctx, `
			INSERT INTO consignment_events (consignment_id, id, type, classifier, occurred_at, recorded_at, location, leg, by, note)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
			[16]byte(id), e.ID, string(e.Type), e.Classifier, e.OccurredAt, e.RecordedAt, e.Location, e.Leg, e.By, e.Note)
		if err != nil {
			return 0, fmt.Errorf("consignment event: %w", err)
		}
		fresh += tag.RowsAffected()
	}
	return fresh, nil
}

// unitFacts says of all parcels in a unit what an event means for them: one fact for each platform.
func unitFacts(ctx context.Context, tx pgx.Tx, c consignment.Consignment, kind parcel.Kind, e consignment.Event) error {
	rows, err := tx.Query(ctx, `SELECT account_id, min(place), max(place) FROM loads WHERE consignment_id = $1 GROUP BY account_id ORDER BY account_id`,
		[16]byte(c.ID))
	if err != nil {
		return fmt.Errorf("platforms of consignment: %w", err)
	}
	var spans []*span
	var owner int32
	var first, last int
	_, err = pgx.ForEachRow(rows, []any{&owner, &first, &last}, func() error {
		spans = append(spans, &span{c.ID, account.ID(owner), first, last})
		return nil
	})
	if err != nil {
		return fmt.Errorf("platforms of consignment: %w", err)
	}
	held, err := heldPlaces(ctx, tx, c)
	if err != nil {
		return err
	}
	return copySpans(ctx, tx, kind, without(spans, held), e.RecordedAt, e.By, e.Note)
}
