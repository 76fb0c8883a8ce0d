package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Months of dockets are partitions: a table each, made ahead and dropped whole. A parcel's row in the register, its verdict and
// its place in a unit stay, so that an order number names its parcel for ever.
const (
	monthsAhead  = 13
	monthNames   = "2006_01"
	monthPrefix  = "dockets_"
	shortLock    = `SET LOCAL lock_timeout = '2s'` // rather give up and come again than have screening queue behind us
	factsAtATime = 10_000
)

// startOfMonth is in UTC.
func startOfMonth(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// PrepareMonths makes the tables of this month's dockets and of the next year's. A month that lies in the default partition
// already, because nobody prepared it in time, stays there. It returns the months it made.
func (s *Store) PrepareMonths(ctx context.Context, now time.Time) (made []string, err error) {
	for i := range monthsAhead {
		month := startOfMonth(now).AddDate(0, i, 0)
		fresh, err := s.prepareMonth(ctx, month)
		if err != nil {
			return made, classify(fmt.Errorf("prepare month %s: %w", month.Format("2006-01"), err))
		}
		if fresh {
			made = append(made, month.Format("2006-01"))
		}
	}
	return made, nil
}

func (s *Store) prepareMonth(ctx context.Context, month time.Time) (made bool, err error) {
	name := pgx.Identifier{monthPrefix + month.Format(monthNames)}.Sanitize()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var known bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&known); err != nil || known {
			return err
		}
		made = true
		_, err := tx.Exec(ctx, shortLock+fmt.Sprintf(`; CREATE TABLE %s PARTITION OF dockets FOR VALUES FROM ('%s') TO ('%s')`,
			name, month.Format(time.RFC3339), month.AddDate(0, 1, 0).Format(time.RFC3339)))
		return err
	})
	if isLateMonth(err) {
		return false, nil
	}
	return made, err
}

// isLateMonth tells that rows of the month are in the default partition (SQLSTATE 23514), or that another made it just now (42P07).
func isLateMonth(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == "23514" || refused.Code == "42P07")
}

// Retired is what Retire has taken out, or would.
type Retired struct {
	Months  []string // whose dockets are dropped, as 2006-01
	Waiting []string // that are old enough but have open cases
	Dockets int64    // sheets of such months that were in the default partition
	Facts   int64    // of the log
}

// Retire drops what need not be kept any longer at horizon, which is the start of a month: the dockets of months that ended by
// then, and the facts of the log from before it that every reader is past. A month with an open case waits. With dry nothing is
// changed. It may be run again after a fault, and while everything else runs.
func (s *Store) Retire(ctx context.Context, horizon time.Time, dry bool) (Retired, error) {
	var r Retired
	months, err := s.endedMonths(ctx, horizon)
	if err != nil {
		return r, classify(fmt.Errorf("retire: %w", err))
	}
	for _, month := range months {
		if month.openCase {
			r.Waiting = append(r.Waiting, month.from.Format("2006-01"))
			continue
		}
		if !dry {
			if err := s.dropMonth(ctx, month.table); err != nil {
				return r, classify(fmt.Errorf("retire %s: %w", month.table, err))
			}
		}
		r.Months = append(r.Months, month.from.Format("2006-01"))
	}
	if r.Dockets, err = s.retireDefault(ctx, horizon, dry); err != nil {
		return r, classify(fmt.Errorf("retire dockets: %w", err))
	}
	if r.Facts, err = s.retireFacts(ctx, horizon, dry); err != nil {
		return r, classify(fmt.Errorf("retire facts: %w", err))
	}
	return r, nil
}

type endedMonth struct {
	table    string
	from     time.Time
	openCase bool
}

// endedMonths gives the partitions that end at horizon or before, by their names, which say the month.
func (s *Store) endedMonths(ctx context.Context, horizon time.Time) ([]endedMonth, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'dockets'::regclass AND c.relname ~ '^dockets_\d{4}_\d{2}$' ORDER BY c.relname`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var ended []endedMonth
	for _, name := range names {
		from, err := time.Parse(monthNames, name[len(monthPrefix):])
		if err != nil {
			return nil, err
		}
		until := from.AddDate(0, 1, 0)
		if until.After(horizon) {
			continue
		}
		month := endedMonth{table: name, from: from}
		err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM cases k JOIN parcels p ON p.id = k.parcel_id
			WHERE k.state = 'open' AND p.screened_at >= $1 AND p.screened_at < $2)`, from, until).Scan(&month.openCase)
		if err != nil {
			return nil, err
		}
		ended = append(ended, month)
	}
	return ended, nil
}

// dropMonth takes a month out and drops it, in one transaction: a reader sees all of it or nothing.
func (s *Store) dropMonth(ctx context.Context, table string) error {
	name := pgx.Identifier{table}.Sanitize()
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, shortLock+`; ALTER TABLE dockets DETACH PARTITION `+name+`; DROP TABLE `+name)
		return err
	})
}

// retireDefault deletes, of dockets whose month nobody prepared, the old ones that have no open case.
func (s *Store) retireDefault(ctx context.Context, horizon time.Time, dry bool) (sheets int64, err error) {
	const old = `FROM dockets_default d WHERE d.filed_at < $1 AND NOT EXISTS (
		SELECT FROM cases k JOIN parcels p ON p.id = k.parcel_id WHERE k.state = 'open' AND p.batch = d.batch)`
	if dry {
		err = s.pool.QueryRow(ctx, `SELECT count(*) `+old, horizon).Scan(&sheets)
		return sheets, err
	}
	tag, err := s.pool.Exec(ctx, `DELETE `+old, horizon)
	return tag.RowsAffected(), err
}

// retireFacts deletes old facts from the log's beginning up to the first that is young or not read by the relay, some thousands
// at a time. The log is in the order of transactions, so what is behind an old one may be younger but never much older.
func (s *Store) retireFacts(ctx context.Context, horizon time.Time, dry bool) (deleted int64, err error) {
	const bound = `coalesce((SELECT min(tx) FROM facts WHERE at >= $1), 9223372036854775807)`
	const read = `coalesce((SELECT min(tx) FROM positions), 0)`
	if dry {
		err = s.pool.QueryRow(ctx, `SELECT count(*) FROM facts WHERE tx < least(`+bound+`, `+read+`)`, horizon).Scan(&deleted)
		return deleted, err
	}
	var until int64
	if err := s.pool.QueryRow(ctx, `SELECT least(`+bound+`, `+read+`)`, horizon).Scan(&until); err != nil {
		return 0, err
	}
	for {
		tag, err := s.pool.Exec(ctx, `
			DELETE FROM facts WHERE (tx, seq) IN (SELECT tx, seq FROM facts WHERE tx < $1 ORDER BY tx, seq LIMIT $2)`, until, factsAtATime)
		deleted += tag.RowsAffected()
		if err != nil || tag.RowsAffected() < factsAtATime {
			return deleted, err
		}
	}
}
