package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// routeRow is a row of routes.
type routeRow struct {
	Code          string
	Name          string
	Mode          string
	Destinations  []byte
	Legs          []byte
	Unit          string
	Slots         int
	WeightG       int64
	VolumeCm3     int64 `db:"volume_cm3"`
	Parcels       int
	EveryMinutes  int
	CutoffMinutes int
}

func (r routeRow) route() (consignment.Route, error) {
	route := consignment.Route{
		Code: r.Code, Name: r.Name, Mode: consignment.Mode(r.Mode), Unit: r.Unit, Slots: r.Slots,
		Limits: consignment.Limits{Weight: parcel.Grams(r.WeightG), Volume: r.VolumeCm3, Parcels: r.Parcels},
		Every:  time.Duration(r.EveryMinutes) * time.Minute, CutoffBefore: time.Duration(r.CutoffMinutes) * time.Minute,
	}
	return route, errors.Join(json.Unmarshal(r.Destinations, &route.Destinations), json.Unmarshal(r.Legs, &route.Legs))
}

func queryRoutes(ctx context.Context, q rowsQuerier, where string, args ...any) ([]consignment.Route, error) {
	return collect(ctx, q, "routes", routeRow.route, `SELECT * FROM routes `+where, args...)
}

// Routes gives every route.
func (s *Store) Routes(ctx context.Context) ([]consignment.Route, error) {
	routes, err := queryRoutes(ctx, s.pool, `ORDER BY code`)
	if err != nil {
		return nil, classify(err)
	}
	return routes, nil
}

// departureRow is a row of departures.
type departureRow struct {
	ID         [16]byte
	Route      string
	Mode       string
	Number     string
	CutoffAt   time.Time
	DepartsAt  time.Time
	Unit       string
	Slots      int
	WeightG    int64
	VolumeCm3  int64 `db:"volume_cm3"`
	Parcels    int
	Opened     int
	ReleasedAt *time.Time
	ReleasedBy *string
}

func (r departureRow) departure() (consignment.Departure, error) {
	return consignment.Departure{
		ID: r.ID, Route: r.Route, Mode: consignment.Mode(r.Mode), Number: r.Number, CutoffAt: r.CutoffAt, DepartsAt: r.DepartsAt,
		Unit: r.Unit, Slots: r.Slots, Limits: consignment.Limits{Weight: parcel.Grams(r.WeightG), Volume: r.VolumeCm3, Parcels: r.Parcels},
		Opened: r.Opened, ReleasedAt: r.ReleasedAt, ReleasedBy: deref(r.ReleasedBy),
	}, nil
}

func queryDepartures(ctx context.Context, q rowsQuerier, where string, args ...any) ([]consignment.Departure, error) {
	return collect(ctx, q, "departures", departureRow.departure, `SELECT * FROM departures `+where, args...)
}

// upsertDeparture adds a departure, or raises the count of its opened units.
func upsertDeparture(ctx context.Context, tx pgx.Tx, d consignment.Departure) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO departures (id, route, mode, number, cutoff_at, departs_at, unit, slots, weight_g, volume_cm3, parcels, opened)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET opened = greatest(departures.opened, excluded.opened)`,
		[16]byte(d.ID), d.Route, string(d.Mode), d.Number, d.CutoffAt, d.DepartsAt, d.Unit, d.Slots,
		int64(d.Limits.Weight), d.Limits.Volume, d.Limits.Parcels, d.Opened)
	if err != nil {
		return fmt.Errorf("departure %s: %w", d.Number, err)
	}
	return nil
}

// AddDeparture adds a departure to the timetable. The same again changes nothing; another under its number is a conflict.
func (s *Store) AddDeparture(ctx context.Context, d consignment.Departure) (consignment.Departure, error) {
	var stored consignment.Departure
	err := s.inTx(ctx, "add departure", func(tx pgx.Tx) error {
		if err := upsertDeparture(ctx, tx, d); err != nil {
			return err
		}
		found, err := queryDepartures(ctx, tx, `WHERE id = $1`, [16]byte(d.ID))
		if err != nil {
			return err
		}
		stored = found[0]
		if !stored.CutoffAt.Equal(d.CutoffAt) || !stored.DepartsAt.Equal(d.DepartsAt) ||
			stored.Slots != d.Slots || stored.Limits != d.Limits {
			return fault.New(fault.Conflict, "departure_exists", "route %s has a departure %s with other times or limits", d.Route, d.Number)
		}
		return nil
	})
	return stored, err
}

// MarkReleased records who released a whole departure, once.
func (s *Store) MarkReleased(ctx context.Context, id consignment.DepartureID, by string, now time.Time) (consignment.Departure, error) {
	_, err := s.pool.Exec(ctx, `UPDATE departures SET released_at = $2, released_by = $3 WHERE id = $1 AND released_at IS NULL`, [16]byte(id), now, by)
	if err != nil {
		return consignment.Departure{}, classify(fmt.Errorf("mark departure released: %w", err))
	}
	return s.Departure(ctx, id, nil)
}

// Departure gives one departure; a carrier sees those of its routes.
func (s *Store) Departure(ctx context.Context, id consignment.DepartureID, routes []string) (consignment.Departure, error) {
	found, err := queryDepartures(ctx, s.pool, `WHERE id = $1 AND ($2::text[] IS NULL OR route = ANY($2))`, [16]byte(id), routes)
	if err != nil {
		return consignment.Departure{}, classify(err)
	}
	if len(found) == 0 {
		return consignment.Departure{}, fault.New(fault.NotFound, "departure_not_found", "there is no departure %s, or it is not on your routes", id)
	}
	return found[0], nil
}

// Departures lists the timetable in order of cut-offs.
func (s *Store) Departures(ctx context.Context, q consignment.DepartureQuery) ([]consignment.Departure, error) {
	found, err := queryDepartures(ctx, s.pool, `
		WHERE (cutoff_at, id) > ($1, $2) AND ($3 = '' OR route = $3) AND ($4::text[] IS NULL OR route = ANY($4))
		  AND (NOT $5 OR cutoff_at > now()) ORDER BY cutoff_at, id LIMIT $6`,
		time.UnixMicro(q.After.Cutoff).UTC(), [16]byte(q.After.ID), q.Route, q.Routes, q.Open, q.Limit)
	if err != nil {
		return nil, classify(err)
	}
	return found, nil
}
