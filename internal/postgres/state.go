package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/rates"
)

// State is how the journey stands, as its gauges show it. Ages and delays are never negative, and 0 where there is nothing to wait for.
type State struct {
	Parked             int64                    // records that wait to be replayed
	Open, Sealed, Held int64                    // loading units being loaded; sealed and not released; of both, with a hold
	DispatchDelay      time.Duration            // how long the longest-waiting unit has been due for the clock
	FeedDelay          time.Duration            // age of the oldest committed fact that is not settled
	RelayDelay         time.Duration            // age of the oldest settled fact behind the relay's position
	OldestTransaction  time.Duration            // age of the oldest running transaction that has written, as far as we may see it
	Cutoffs            map[string]time.Duration // until each route's next one; a route without a departure ahead is not in it
	Lists              []ListState              // those in force
	Profiles           map[string]time.Duration // by kind, since the one in force was learned
	Rates              map[string]time.Duration // by currency of rates.Main, since the day that its rate in force was published for
}

// ListState is a watch list in force.
type ListState struct {
	Source  string
	Entries int64
	Age     time.Duration // since it was imported, or last found to be what the publisher has
}

const stateTimeout = 5 * time.Second

// State reads how the journey stands, in one round trip; every query of it reads an index or a small table. reader is the relay's name.
func (s *Store) State(ctx context.Context, reader string) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	now := s.now().UTC()
	var state State
	var batch pgx.Batch
	state.askUnits(&batch, now)
	state.askLog(&batch, now, reader)
	state.askLists(&batch, now)
	state.askProfiles(&batch, now)
	state.askRates(&batch, now)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return State{}, classify(fmt.Errorf("state of the journey: %w", err))
	}
	return state, nil
}

// askUnits asks for what waits to be loaded, released or replayed.
func (state *State) askUnits(batch *pgx.Batch, now time.Time) {
	batch.Queue(`SELECT count(*) FROM parked WHERE replayed_at IS NULL`).QueryRow(func(row pgx.Row) error { return row.Scan(&state.Parked) })
	batch.Queue(`
		SELECT count(*) FILTER (WHERE c.status = 'open'), count(*) FILTER (WHERE c.status = 'sealed'), count(*) FILTER (WHERE c.holds <> '[]'),
			min(c.sealed_at) FILTER (WHERE c.status = 'sealed' AND c.holds = '[]'), min(d.cutoff_at) FILTER (WHERE c.status = 'open')
		FROM consignments c JOIN departures d ON d.id = c.departure_id WHERE c.status IN ('open', 'sealed')`).QueryRow(func(row pgx.Row) error {
		var ready, cutoff *time.Time
		err := row.Scan(&state.Open, &state.Sealed, &state.Held, &ready, &cutoff)
		state.DispatchDelay = max(since(ready, now), since(cutoff, now))
		return err
	})
	state.Cutoffs = map[string]time.Duration{}
	batch.Queue(`
		SELECT r.code, n.cutoff_at FROM routes r
		CROSS JOIN LATERAL (SELECT min(d.cutoff_at) AS cutoff_at FROM departures d WHERE d.route = r.code AND d.cutoff_at > $1) n
		WHERE n.cutoff_at IS NOT NULL`, now).Query(func(rows pgx.Rows) error {
		var route string
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&route, &at}, func() error { state.Cutoffs[route] = at.Sub(now); return nil })
		return err
	})
}

// askLog asks how far the readers of the log of facts are behind, and what holds them back.
func (state *State) askLog(batch *pgx.Batch, now time.Time, reader string) {
	age := func(into *time.Duration) func(pgx.Row) error {
		return func(row pgx.Row) error {
			var at *time.Time
			err := row.Scan(&at)
			*into = since(at, now)
			return err
		}
	}
	batch.Queue(`SELECT (SELECT at FROM facts WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY tx, seq LIMIT 1)`).
		QueryRow(age(&state.FeedDelay))
	batch.Queue(`
		WITH p AS MATERIALIZED (SELECT coalesce(max(tx), 0) AS tx, coalesce(max(seq), 0) AS seq FROM positions WHERE reader = $1)
		SELECT (SELECT at FROM facts WHERE (tx, seq) > ((SELECT tx FROM p), (SELECT seq FROM p)) AND `+settled+` ORDER BY tx, seq LIMIT 1)`, reader).
		QueryRow(age(&state.RelayDelay))
	batch.Queue(`
		SELECT coalesce(extract(epoch FROM clock_timestamp() - least(
			(SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL), (SELECT min(prepared) FROM pg_prepared_xacts))), 0)::float8`).
		QueryRow(func(row pgx.Row) error {
			var seconds float64
			err := row.Scan(&seconds)
			state.OldestTransaction = time.Duration(max(0, seconds) * float64(time.Second))
			return err
		})
}

// askLists asks for the watch lists in force.
func (state *State) askLists(batch *pgx.Batch, now time.Time) {
	batch.Queue(`SELECT source, entries, checked_at FROM watchlists WHERE active ORDER BY source`).Query(func(rows pgx.Rows) error {
		var list ListState
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&list.Source, &list.Entries, &at}, func() error {
			list.Age = since(&at, now)
			state.Lists = append(state.Lists, list)
			return nil
		})
		return err
	})
}

// askProfiles asks for the profiles in force.
func (state *State) askProfiles(batch *pgx.Batch, now time.Time) {
	state.Profiles = map[string]time.Duration{}
	batch.Queue(`SELECT kind, max(learned_at) FROM profiles GROUP BY kind`).Query(func(rows pgx.Rows) error {
		var kind string
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&kind, &at}, func() error { state.Profiles[kind] = since(&at, now); return nil })
		return err
	})
}

// askRates asks for the days of the rates that most parcels are converted by. Before any is imported they are those of the program's own.
func (state *State) askRates(batch *pgx.Batch, now time.Time) {
	today := rates.DayOf(now)
	state.Rates = map[string]time.Duration{}
	for _, currency := range rates.Main {
		state.Rates[currency] = since(new((*rates.Table)(nil).On(currency, today).Day.Date()), now)
	}
	batch.Queue(`
		SELECT c.currency, r.day FROM unnest($1::text[]) c(currency)
		CROSS JOIN LATERAL (SELECT max(e.day) AS day FROM exchange_rates e WHERE e.currency = c.currency AND e.day <= $2) r WHERE r.day IS NOT NULL`,
		rates.Main, today.Date()).Query(func(rows pgx.Rows) error {
		var currency string
		var day time.Time
		_, err := pgx.ForEachRow(rows, []any{&currency, &day}, func() error {
			state.Rates[currency] = min(state.Rates[currency], since(&day, now))
			return nil
		})
		return err
	})
}

// since is how long ago a moment was; 0 for none, or one to come.
func since(at *time.Time, now time.Time) time.Duration {
	if at == nil {
		return 0
	}
	return max(0, now.Sub(*at))
}

// PoolState is how this process uses its connections.
type PoolState struct {
	Idle, Used, Opening, Max int32
	Acquires, Waits          int64 // since the start: connections taken, and those of them that had to be waited for
	Waited                   time.Duration
}

// PoolState tells how the connections are used. It asks nobody.
func (s *Store) PoolState() PoolState {
	stat := s.pool.Stat()
	return PoolState{
		Idle: stat.IdleConns(), Used: stat.AcquiredConns(), Opening: stat.ConstructingConns(), Max: stat.MaxConns(),
		Acquires: stat.AcquireCount(), Waits: stat.EmptyAcquireCount(), Waited: stat.EmptyAcquireWaitTime(),
	}
}
