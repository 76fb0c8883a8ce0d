package postgres

import (
	"cmp"
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

const byBundling = "bundling"

// LoadOnRoute loads a batch of cleared parcels under the route's lock; see consignment.LoadingStore.
func (s *Store) LoadOnRoute(ctx context.Context, route string, now time.Time, loads []consignment.Load,
	pack func([]consignment.Load, consignment.Yard) consignment.Plan,
) (consignment.Tally, error) {
	var tally consignment.Tally
	err := s.loadTrust.run("loads_pkey", func(look bool) (passed int, err error) {
		tally, err = s.loadOnRoute(ctx, route, now, loads, pack, look)
		return tally.Passed, err
	})
	return tally, err
}

// loadOnRoute is LoadOnRoute; unless it looks, it takes no parcel for loaded, and fails when one is.
func (s *Store) loadOnRoute(ctx context.Context, route string, now time.Time, loads []consignment.Load,
	pack func([]consignment.Load, consignment.Yard) consignment.Plan, look bool,
) (tally consignment.Tally, err error) {
	err = s.inTx(ctx, "load on route "+route, func(tx pgx.Tx) error {
		fresh, err := lockRouteAndFilter(ctx, tx, route, loads, look)
		if err != nil {
			return err
		}
		tally = consignment.Tally{Passed: len(loads) - len(fresh)}
		if len(fresh) == 0 {
			return nil
		}
		yard, err := readYard(ctx, tx, route, now)
		if err != nil {
			return err
		}
		plan := pack(fresh, yard)
		known := len(yard.Units)
		if err := savePlan(ctx, tx, plan, now); err != nil {
			return err
		}
		tally.Bundled, tally.Units = len(plan.Placements), newUnits(plan, yard.Units[:known])
		tally.Unrouted, err = markUnrouted(ctx, tx, plan.TooLarge, "unit_limits", "no loading unit of the route takes a parcel of this weight or volume", now)
		return err
	})
	return tally, err
}

// lockRouteAndFilter makes this the only loading on the route and gives the loads that are still to be loaded: those of parcels
// that are cleared and, when it is to look, in no unit. Asked for are the few that are not cleared any more, which have an index
// of their own: finding each of the others in the register took longer than anything else in bundling but loading itself.
func lockRouteAndFilter(ctx context.Context, tx pgx.Tx, route string, loads []consignment.Load, look bool) ([]consignment.Load, error) {
	ids := make([][16]byte, len(loads))
	for i := range loads {
		ids[i] = loads[i].Parcel
	}
	var batch pgx.Batch
	batch.Queue(`SELECT FROM routes WHERE code = $1 FOR NO KEY UPDATE`, route)
	passed := `SELECT p.id FROM parcels p WHERE p.id = ANY($1) AND p.status <> 'cleared'`
	if look {
		passed += ` UNION ALL SELECT l.parcel_id FROM loads l WHERE l.parcel_id = ANY($1)`
	}
	batch.Queue(passed, ids)
	results := tx.SendBatch(ctx, &batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("lock route: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("passed parcels: %w", err)
	}
	done := make(map[parcel.ID]bool, len(loads))
	var id [16]byte
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { done[id] = true; return nil }); err != nil {
		return nil, fmt.Errorf("passed parcels: %w", err)
	}
	fresh := make([]consignment.Load, 0, len(loads))
	for _, load := range loads {
		if !done[load.Parcel] {
			done[load.Parcel] = true // the same parcel twice in a batch is loaded once
			fresh = append(fresh, load)
		}
	}
	return fresh, results.Close()
}

// readYard reads what the route has to load into, and locks its open units against sealing.
func readYard(ctx context.Context, tx pgx.Tx, route string, now time.Time) (consignment.Yard, error) {
	routes, err := queryRoutes(ctx, tx, `WHERE code = $1`, route)
	if err != nil || len(routes) == 0 {
		return consignment.Yard{}, fmt.Errorf("route %s: %w", route, err)
	}
	yard := consignment.Yard{Route: routes[0]}
	yard.Departures, err = queryDepartures(ctx, tx, `WHERE route = $1 AND cutoff_at > $2 ORDER BY cutoff_at, id`, route, now)
	if err != nil {
		return yard, err
	}
	open := make([][16]byte, len(yard.Departures))
	for i, d := range yard.Departures {
		open[i] = d.ID
	}
	yard.Units, err = queryUnits(ctx, tx, `WHERE c.departure_id = ANY($1) AND c.status = 'open' AND NOT c.full_up
		ORDER BY c.id FOR UPDATE`, open) // locked in the order in which everybody locks units
	slices.SortFunc(yard.Units, func(a, b consignment.Consignment) int {
		return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.Number, b.Number))
	})
	return yard, err
}

func newUnits(plan consignment.Plan, known []consignment.Consignment) int {
	ids := map[consignment.ID]bool{}
	for _, u := range known {
		ids[u.ID] = true
	}
	n := 0
	for _, u := range plan.Units {
		if !ids[u.ID] {
			n++
		}
	}
	return n
}

// savePlan writes a packing: departures, units, places, events and facts.
func savePlan(ctx context.Context, tx pgx.Tx, plan consignment.Plan, now time.Time) error {
	for _, d := range plan.Departures {
		if err := upsertDeparture(ctx, tx, d); err != nil {
			return err
		}
	}
	for i := range plan.Units {
		if err := upsertUnit(ctx, tx, &plan.Units[i]); err != nil {
			return err
		}
	}
	for id, events := range plan.Events {
		if _, err := insertEvents(ctx, tx, id, events); err != nil {
			return err
		}
	}
	if err := copyLoads(ctx, tx, plan.Placements, now); err != nil {
		return err
	}
	return bundledFacts(ctx, tx, plan.Placements, now)
}

func copyLoads(ctx context.Context, tx pgx.Tx, placements []consignment.Placement, now time.Time) error {
	rows := newRowBuffer(len(placements), 96, "loads", "parcel_id", "consignment_id", "place", "account_id", "weight_g", "volume_cm3", "loaded_at")
	for i := range placements {
		p := &placements[i]
		rows.row()
		rows.uuid(p.Load.Parcel)
		rows.uuid(p.Unit)
		rows.integer(p.Place)
		rows.integer(int(p.Load.Account))
		rows.bigint(int64(p.Load.Weight))
		rows.bigint(p.Load.Volume)
		rows.time(now)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
		return fmt.Errorf("loads: %w", err)
	}
	return nil
}

// span is the places of one account's parcels in one unit.
type span struct {
	unit        consignment.ID
	account     account.ID
	first, last int
}

// bundledFacts says of all parcels of one account that one batch put into one unit, in one fact, that they were bundled.
func bundledFacts(ctx context.Context, tx pgx.Tx, placements []consignment.Placement, now time.Time) error {
	type key struct {
		unit    consignment.ID
		account account.ID
	}
	spans := map[key]*span{}
	var order []*span
	for i := range placements {
		p := &placements[i]
		k := key{p.Unit, p.Load.Account}
		if s, ok := spans[k]; ok {
			s.first, s.last = min(s.first, p.Place), max(s.last, p.Place)
			continue
		}
		spans[k] = &span{p.Unit, p.Load.Account, p.Place, p.Place}
		order = append(order, spans[k])
	}
	return copySpans(ctx, tx, parcel.KindBundled, order, now, byBundling, "")
}

func copySpans(ctx context.Context, tx pgx.Tx, kind parcel.Kind, spans []*span, at time.Time, by, why string) error {
	rows := newRowBuffer(len(spans), 128, "facts", "kind", "account_id", "consignment_id", "first_place", "last_place", "at", "by", "why")
	for _, s := range spans {
		rows.row()
		rows.text(string(kind))
		rows.integer(int(s.account))
		rows.uuid(s.unit)
		rows.integer(s.first)
		rows.integer(s.last)
		rows.time(at)
		rows.text(by)
		rows.optionalText(why)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
		return fmt.Errorf("facts %s: %w", kind, err)
	}
	return nil
}

// unroutedDetails is the details column of a fact that no route takes a parcel.
type unroutedDetails struct {
	Reasons []parcel.Reason `json:"reasons"`
}

// MarkUnrouted records, once for each parcel, that no route serves its destination.
func (s *Store) MarkUnrouted(ctx context.Context, loads []consignment.Load, now time.Time) (consignment.Tally, error) {
	var tally consignment.Tally
	err := s.inTx(ctx, "mark unrouted", func(tx pgx.Tx) error {
		n, err := markUnrouted(ctx, tx, loads, "destination", "no route serves this destination", now)
		tally = consignment.Tally{Unrouted: n, Passed: len(loads) - n}
		return err
	})
	return tally, err
}

func markUnrouted(ctx context.Context, tx pgx.Tx, loads []consignment.Load, rule, why string, now time.Time) (int, error) {
	if len(loads) == 0 {
		return 0, nil
	}
	ids := make([][16]byte, len(loads))
	for i := range loads {
		ids[i] = loads[i].Parcel
	}
	details, err := json.Marshal(unroutedDetails{Reasons: []parcel.Reason{{
		Rule: "route." + rule, Version: "1", Category: "route", Lane: parcel.Green, Score: 1, Explanation: why,
	}}})
	if err != nil {
		return 0, fmt.Errorf("unrouted: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		WITH fresh AS (
			INSERT INTO unrouted (parcel_id, reason, recorded_at) SELECT id, $2, $3 FROM parcels WHERE id = ANY($1) AND status = 'cleared'
			ON CONFLICT DO NOTHING RETURNING parcel_id)
		INSERT INTO facts (kind, account_id, parcel_id, at, by, why, details)
		SELECT 'unrouted', p.account_id, p.id, $3, $4, $2, $5 FROM fresh JOIN parcels p ON p.id = fresh.parcel_id`,
		ids, why, now, byBundling, details)
	if err != nil {
		return 0, fmt.Errorf("unrouted: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
