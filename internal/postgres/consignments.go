package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// Consignment gives one consignment; a carrier sees those of its routes.
func (s *Store) Consignment(ctx context.Context, id consignment.ID, routes []string) (consignment.Consignment, error) {
	units, err := queryUnits(ctx, s.pool, `WHERE c.id = $1 AND ($2::text[] IS NULL OR c.route = ANY($2))`, [16]byte(id), routes)
	if err != nil {
		return consignment.Consignment{}, classify(err)
	}
	if len(units) == 0 {
		return consignment.Consignment{}, errNoConsignment(id)
	}
	return units[0], nil
}

// ConsignmentsAfter gives the consignments whose last change follows a position, and the position to go on from.
func (s *Store) ConsignmentsAfter(ctx context.Context, q consignment.Query) ([]consignment.Changed, event.Position, error) {
	units, err := queryChanged(ctx, s.pool, `
		WHERE (c.changed_tx, c.changed_seq) > ($1, $2) AND c.changed_tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
		  AND ($3 = '' OR c.status = $3) AND ($4 = '' OR c.route = $4) AND ($5::uuid IS NULL OR c.departure_id = $5)
		  AND ($6::text[] IS NULL OR c.route = ANY($6))
		ORDER BY c.changed_tx, c.changed_seq LIMIT $7`,
		q.After.Tx, q.After.Seq, string(q.Status), q.Route, (*[16]byte)(q.Departure), q.Routes, q.Limit)
	if err != nil {
		return nil, q.After, classify(err)
	}
	next := q.After
	if len(units) > 0 {
		next = units[len(units)-1].Position
	}
	return units, next, nil
}

// ConsignmentEvents gives what happened to a consignment, in the order in which it was recorded.
func (s *Store) ConsignmentEvents(ctx context.Context, id consignment.ID) ([]consignment.Event, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, type, classifier, occurred_at, recorded_at, location, leg, by, note FROM consignment_events
		WHERE consignment_id = $1 ORDER BY seq`, [16]byte(id))
	if err != nil {
		return nil, classify(fmt.Errorf("consignment events: %w", err))
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByPos[consignment.Event])
	if err != nil {
		return nil, classify(fmt.Errorf("consignment events: %w", err))
	}
	return events, nil
}

// ConsignmentParcels gives the parcels of a consignment in places behind after, in order, without what was declared.
func (s *Store) ConsignmentParcels(ctx context.Context, id consignment.ID, after, limit int) ([]int, []parcel.Parcel, error) {
	rows, err := s.queryParcels(ctx, parcelSeen+` WHERE l.consignment_id = $1 AND l.place > $2 ORDER BY l.place LIMIT $3`,
		[16]byte(id), after, limit)
	if err != nil {
		return nil, nil, err
	}
	places := make([]int, len(rows))
	for i, row := range rows {
		places[i] = int(deref(row.Place))
	}
	parcels, err := parcelsOf(rows)
	return places, parcels, err
}

// Manifest calls line for every parcel of a consignment, in order of places. It holds one page in memory, whatever the size.
func (s *Store) Manifest(ctx context.Context, id consignment.ID, line func(consignment.ManifestLine) error) error {
	const page = 500
	for after, n := 0, page; n == page; {
		lines, places, err := s.manifestPage(ctx, id, after, page)
		if err != nil {
			return classify(fmt.Errorf("manifest: %w", err))
		}
		declarations, err := readDeclarations(ctx, s.pool, places)
		if err != nil {
			return classify(fmt.Errorf("manifest: %w", err))
		}
		for i := range lines {
			lines[i].Document = declarations[i]
			if err := line(lines[i]); err != nil {
				return err
			}
			after = lines[i].Place
		}
		n = len(lines)
	}
	return nil
}

func (s *Store) manifestPage(ctx context.Context, id consignment.ID, after, limit int) ([]consignment.ManifestLine, []leafPlace, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT l.place, p.id, p.order_no, p.tracking_no, p.batch, p.leaf, p.screened_at, l.loaded_at FROM loads l JOIN parcels p ON p.id = l.parcel_id
		WHERE l.consignment_id = $1 AND l.place > $2 ORDER BY l.place LIMIT $3`, [16]byte(id), after, limit)
	if err != nil {
		return nil, nil, err
	}
	var (
		lines    []consignment.ManifestLine
		places   []leafPlace
		parcelID [16]byte
		line     consignment.ManifestLine
		place    leafPlace
	)
	into := []any{&line.Place, &parcelID, &line.OrderNo, &line.TrackingNo, &place.batch, &place.leaf, &place.filed, &line.LoadedAt}
	_, err = pgx.ForEachRow(rows, into, func() error {
		line.Parcel = parcelID
		lines, places = append(lines, line), append(places, place)
		return nil
	})
	return lines, places, err
}
