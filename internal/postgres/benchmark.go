package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
)

// Delays is how long parcels waited for their verdicts, from the door's taking them until screening wrote it.
type Delays struct {
	Parcels       int64
	P50, P99, Max time.Duration
}

// VerdictDelays reads from the parcels received since a moment how long each waited for its verdict. It is for the benchmark:
// it reads all parcels.
func (s *Store) VerdictDelays(ctx context.Context, since time.Time) (Delays, error) {
	var d Delays
	var p50, p99, most float64
	err := s.pool.QueryRow(ctx, `
		SELECT count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY waited), 0),
			coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY waited), 0), coalesce(max(waited), 0)
		FROM (SELECT extract(epoch FROM screened_at - received_at)::float8 AS waited FROM parcels WHERE received_at >= $1) w`,
		since).Scan(&d.Parcels, &p50, &p99, &most)
	if err != nil {
		return d, classify(fmt.Errorf("verdict delays: %w", err))
	}
	d.P50, d.P99, d.Max = secondsOf(p50), secondsOf(p99), secondsOf(most)
	return d, nil
}

func secondsOf(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// WALBytes is how much write-ahead log the server has written since it was made.
func (s *Store) WALBytes(ctx context.Context) (bytes int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint`).Scan(&bytes)
	if err != nil {
		return 0, classify(fmt.Errorf("write-ahead log: %w", err))
	}
	return bytes, nil
}

// StatementStatistics is the extension that the server must load at its start for StatementTimes to be known.
const StatementStatistics = "pg_stat_statements"

// StatementTimes gives the time spent in statements since the last call, waiting included, by what they do. known is false when the
// server does not keep statistics.
func (s *Store) StatementTimes(ctx context.Context) (times map[string]time.Duration, known bool, err error) {
	var preloaded string
	if err := s.pool.QueryRow(ctx, `SELECT current_setting('shared_preload_libraries')`).Scan(&preloaded); err != nil {
		return nil, false, classify(fmt.Errorf("statement times: %w", err))
	}
	if !strings.Contains(preloaded, StatementStatistics) {
		return nil, false, nil
	}
	if _, err := s.pool.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS `+StatementStatistics); err != nil {
		return nil, false, classify(fmt.Errorf("statement times: %w", err))
	}
	rows, err := s.pool.Query(ctx, `SELECT query, total_exec_time FROM pg_stat_statements`)
	if err != nil {
		return nil, false, classify(fmt.Errorf("statement times: %w", err))
	}
	times = map[string]time.Duration{}
	for rows.Next() {
		var query string
		var millis float64
		if err := rows.Scan(&query, &millis); err != nil {
			return nil, false, classify(fmt.Errorf("statement times: %w", err))
		}
		times[statementFamily(query)] += secondsOf(millis / 1e3)
	}
	if err := rows.Err(); err != nil {
		return nil, false, classify(fmt.Errorf("statement times: %w", err))
	}
	if _, err = s.pool.Exec(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
		return nil, false, classify(fmt.Errorf("statement times: %w", err))
	}
	return times, true, nil
}

// statementFamily is a statement's beginning, in one line: long enough to know it by.
func statementFamily(query string) string {
	const length = 90
	line := []rune(strings.Join(strings.Fields(query), " "))
	if len(line) > length {
		return string(line[:length]) + "…"
	}
	return string(line)
}

// BareReceipts reads up to most lines of a platform's feed with one statement, and throws them away: the baseline beside which
// the feed's reading over HTTP is measured.
func (s *Store) BareReceipts(ctx context.Context, owner account.ID, most int) (lines int64, took time.Duration, err error) {
	began := time.Now()
	var start event.Position
	rows, err := s.pool.Query(ctx, receiptsSQL, int32(owner), start.Tx, start.Seq, start.Sub, min(most, math.MaxInt32-1))
	if err != nil {
		return 0, 0, classify(fmt.Errorf("bare receipts: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		lines++
		for _, column := range rows.RawValues() {
			_ = len(column)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, 0, classify(fmt.Errorf("bare receipts: %w", err))
	}
	return lines, time.Since(began), nil
}
