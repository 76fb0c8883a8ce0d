package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// unitRow is a row of consignments.
type unitRow struct {
	ID          [16]byte
	Number      string
	Route       string
	DepartureID [16]byte
	Unit        string
	UnitNumber  string
	Seal        string
	Status      string
	Holds       []byte
	ParcelCount int
	GrossG      int64
	LoadedCm3   int64 `db:"loaded_cm3"`
	WeightG     int64
	VolumeCm3   int64 `db:"volume_cm3"`
	Parcels     int
	FullUp      bool
	NextPlace   int
	Legs        []byte
	OpenedAt    time.Time
	SealedAt    *time.Time
	SealedFor   string
	ReleasedAt  *time.Time
	ChangedTx   int64
	ChangedSeq  int64
}

func (r unitRow) unit(departure consignment.Departure) (consignment.Changed, error) {
	c := consignment.Consignment{
		ID: r.ID, Number: r.Number, Route: r.Route, Mode: departure.Mode, Unit: r.Unit, UnitNumber: r.UnitNumber, Seal: r.Seal,
		Status: consignment.Status(r.Status), Parcels: r.ParcelCount, Weight: parcel.Grams(r.GrossG), Volume: r.LoadedCm3,
		Limits:    consignment.Limits{Weight: parcel.Grams(r.WeightG), Volume: r.VolumeCm3, Parcels: r.Parcels},
		Departure: departure, OpenedAt: r.OpenedAt, SealedAt: r.SealedAt, SealedFor: consignment.SealReason(r.SealedFor),
		ReleasedAt: r.ReleasedAt, Next: r.NextPlace,
	}
	changed := consignment.Changed{Consignment: c, Position: event.Position{Tx: r.ChangedTx, Seq: r.ChangedSeq}}
	return changed, errors.Join(json.Unmarshal(r.Holds, &changed.Holds), json.Unmarshal(r.Legs, &changed.Legs))
}

// queryChanged reads units, each with its departure. The query names consignments c.
func queryChanged(ctx context.Context, q rowsQuerier, where string, args ...any) ([]consignment.Changed, error) {
	found, err := collect(ctx, q, "consignments", asRead[unitRow], `SELECT c.* FROM consignments c `+where, args...)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, nil
	}
	departures, err := departuresOf(ctx, q, found)
	if err != nil {
		return nil, err
	}
	units := make([]consignment.Changed, len(found))
	for i, row := range found {
		if units[i], err = row.unit(departures[row.DepartureID]); err != nil {
			return nil, fmt.Errorf("consignment %s: %w", row.Number, err)
		}
	}
	return units, nil
}

func departuresOf(ctx context.Context, q rowsQuerier, units []unitRow) (map[[16]byte]consignment.Departure, error) {
	departures := map[[16]byte]consignment.Departure{}
	for _, u := range units {
		departures[u.DepartureID] = consignment.Departure{}
	}
	ids := make([][16]byte, 0, len(departures))
	for id := range departures {
		ids = append(ids, id)
	}
	found, err := queryDepartures(ctx, q, `WHERE id = ANY($1)`, ids)
	for _, d := range found {
		departures[d.ID] = d
	}
	return departures, err
}

// queryUnits is queryChanged without the positions.
func queryUnits(ctx context.Context, q rowsQuerier, where string, args ...any) ([]consignment.Consignment, error) {
	changed, err := queryChanged(ctx, q, where, args...)
	return unchanged(changed), err
}

// unchanged gives units without the positions of their last changes.
func unchanged(changed []consignment.Changed) []consignment.Consignment {
	units := make([]consignment.Consignment, len(changed))
	for i := range changed {
		units[i] = changed[i].Consignment
	}
	return units
}

// upsertUnit writes a unit as it is now; what names it is written once.
func upsertUnit(ctx context.Context, tx pgx.Tx, c *consignment.Consignment) error {
	if c.Holds == nil {
		c.Holds = []consignment.Hold{}
	}
	holds, err := json.Marshal(c.Holds)
	if err != nil {
		return fmt.Errorf("holds: %w", err)
	}
	legs, err := json.Marshal(c.Legs)
	if err != nil {
		return fmt.Errorf("legs: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO consignments (id, number, route, departure_id, unit, unit_number, seal, status, holds, parcel_count, gross_g, loaded_cm3,
			weight_g, volume_cm3, parcels, full_up, next_place, legs, opened_at, sealed_at, sealed_for, released_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (id) DO UPDATE SET seal = excluded.seal, status = excluded.status, holds = excluded.holds,
			parcel_count = excluded.parcel_count, gross_g = excluded.gross_g, loaded_cm3 = excluded.loaded_cm3, full_up = excluded.full_up,
			next_place = excluded.next_place, legs = excluded.legs, sealed_at = excluded.sealed_at, sealed_for = excluded.sealed_for,
			released_at = excluded.released_at, unit_number = excluded.unit_number,
			changed_tx = pg_current_xact_id()::text::bigint, changed_seq = nextval('facts_seq')`,
		[16]byte(c.ID), c.Number, c.Route, [16]byte(c.Departure.ID), c.Unit, c.UnitNumber, c.Seal, string(c.Status), holds,
		c.Parcels, int64(c.Weight), c.Volume, int64(c.Limits.Weight), c.Limits.Volume, c.Limits.Parcels, c.Full(), c.Next, legs,
		c.OpenedAt, c.SealedAt, string(c.SealedFor), c.ReleasedAt)
	if err != nil {
		return fmt.Errorf("consignment %s: %w", c.Number, err)
	}
	return nil
}
