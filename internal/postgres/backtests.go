package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
)

const backtestColumns = ` id, rule_set_id, hash, document, status, from_at, to_at, most, total, done, report, tx, seq, tries, why,
	created_by, created_at, started_at, ended_at `

// backtestRow is a row of backtestColumns.
type backtestRow struct {
	ID, RuleSetID     [16]byte
	Hash              string
	Document          []byte
	Status            string
	FromAt, ToAt      time.Time
	Most, Total, Done int
	Report            []byte
	Tx, Seq           int64
	Tries             int
	Why               string
	CreatedBy         string
	CreatedAt         time.Time
	StartedAt         *time.Time
	EndedAt           *time.Time
}

func (r backtestRow) backtest() (ruleset.Backtest, error) {
	b := ruleset.Backtest{
		ID: r.ID, Set: r.RuleSetID, Hash: r.Hash, Status: ruleset.Progress(r.Status), Total: r.Total, Done: r.Done, Tries: r.Tries, Why: r.Why,
		Span: ruleset.Span{From: r.FromAt, To: r.ToAt, Most: r.Most}, After: event.Position{Tx: r.Tx, Seq: r.Seq},
		Created: ruleset.Stamp{By: r.CreatedBy, At: r.CreatedAt}, Started: r.StartedAt, Ended: r.EndedAt,
	}
	return b, errors.Join(unmarshal(r.Document, &b.Document), unmarshal(r.Report, &b.Report))
}

// AddBacktest stores a backtest; see ruleset.Store.
func (s *Store) AddBacktest(ctx context.Context, b ruleset.Backtest, step ruleset.Step) (ruleset.Backtest, error) {
	document, err := json.Marshal(b.Document)
	if err != nil {
		return b, fmt.Errorf("backtest: %w", err)
	}
	err = s.inTx(ctx, "add backtest", func(tx pgx.Tx) error {
		if _, err := stepRuleSet(ctx, tx, b.Set, step); err != nil {
			return err
		}
		var open *[16]byte
		err := tx.QueryRow(ctx, `SELECT (SELECT id FROM backtests WHERE rule_set_id = $1 AND status IN ('queued', 'running'))`, [16]byte(b.Set)).Scan(&open)
		if err != nil {
			return fmt.Errorf("backtest: %w", err)
		}
		if open != nil {
			return fault.New(fault.Conflict, "backtest_running", "the backtest %s of this rule set is not done", ruleset.BacktestID(*open))
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO backtests (id, rule_set_id, hash, document, status, from_at, to_at, most, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			[16]byte(b.ID), [16]byte(b.Set), b.Hash, document, string(b.Status), b.Span.From, b.Span.To, b.Span.Most, b.Created.By, b.Created.At)
		if err != nil {
			return fmt.Errorf("backtest: %w", err)
		}
		return nil
	})
	return b, err
}

// Backtest gives a backtest of a rule set.
func (s *Store) Backtest(ctx context.Context, set ruleset.ID, id ruleset.BacktestID) (ruleset.Backtest, error) {
	found, err := collect(ctx, s.pool, "backtests", backtestRow.backtest,
		`SELECT`+backtestColumns+`FROM backtests WHERE id = $1 AND rule_set_id = $2`, [16]byte(id), [16]byte(set))
	if err != nil {
		return ruleset.Backtest{}, classify(err)
	}
	if len(found) == 0 {
		return ruleset.Backtest{}, fault.New(fault.NotFound, "backtest_not_found", "there is no backtest %s of the rule set %s", id, set)
	}
	return found[0], nil
}

// BacktestWaits tells whether a backtest is not ended.
func (s *Store) BacktestWaits(ctx context.Context) (waits bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM backtests WHERE status IN ('queued', 'running'))`).Scan(&waits)
	if err != nil {
		return false, classify(fmt.Errorf("waiting backtests: %w", err))
	}
	return waits, nil
}

// TakeBacktest takes up the oldest backtest that is not ended; see ruleset.Jobs.
func (s *Store) TakeBacktest(ctx context.Context, now time.Time) (b ruleset.Backtest, ok bool, err error) {
	taken, err := collect(ctx, s.pool, "backtests", backtestRow.backtest, `
		UPDATE backtests SET status = 'running', tries = tries + 1, started_at = coalesce(started_at, $1)
		WHERE id = (SELECT id FROM backtests WHERE status IN ('queued', 'running') ORDER BY created_at, id LIMIT 1) AND status IN ('queued', 'running')
		RETURNING`+backtestColumns, now)
	if err != nil {
		return b, false, classify(err)
	}
	if len(taken) == 0 {
		return b, false, nil
	}
	return taken[0], true, nil
}

// SaveBacktest stores how far a backtest has got; see ruleset.Jobs.
func (s *Store) SaveBacktest(ctx context.Context, b ruleset.Backtest) (on bool, err error) {
	report, err := json.Marshal(b.Report)
	if err != nil {
		return false, fmt.Errorf("backtest: %w", err)
	}
	tag, err := s.pool.Exec(ctx, `
		UPDATE backtests SET status = $2, total = $3, done = $4, report = $5, tx = $6, seq = $7, why = $8, ended_at = $9, tries = 0
		WHERE id = $1 AND status = 'running'`,
		[16]byte(b.ID), string(b.Status), b.Total, b.Done, report, b.After.Tx, b.After.Seq, b.Why, b.Ended)
	if err != nil {
		return false, classify(fmt.Errorf("save backtest: %w", err))
	}
	return tag.RowsAffected() > 0, nil
}

func cancelBacktests(ctx context.Context, tx pgx.Tx, set ruleset.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE backtests SET status = 'cancelled', ended_at = $2 WHERE rule_set_id = $1 AND status IN ('queued', 'running')`, [16]byte(set), at)
	if err != nil {
		return fmt.Errorf("cancel backtests: %w", err)
	}
	return nil
}
