package postgres

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Progress counts how far parcels have come, for the benchmark and the demo.
type Progress struct {
	Stored, Held, Bundled, Unrouted int64
}

// Progress counts parcels by how far they have come. It counts rows: not for a busy minute.
func (s *Store) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	err := s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM parcels), (SELECT count(*) FROM cases WHERE state = 'open'),
			(SELECT count(*) FROM loads), (SELECT count(*) FROM unrouted)`).Scan(&p.Stored, &p.Held, &p.Bundled, &p.Unrouted)
	if err != nil {
		return p, classify(fmt.Errorf("progress: %w", err))
	}
	return p, nil
}

// journeyRows are the rows that the journey of parcels fills, by table: those of one chunk (%d), for a bare COPY to be measured with.
// A docket and a verdict's fact go with the first parcel of their batch.
var journeyRows = []struct{ table, rows string }{
	{"parcels", `SELECT t.* FROM parcels t JOIN chunk_of c ON c.id = t.id WHERE c.n = %d`},
	{"dockets", `SELECT t.* FROM dockets t JOIN parcels p ON p.batch = t.batch AND p.leaf = 0 JOIN chunk_of c ON c.id = p.id WHERE c.n = %d`},
	{"facts", `SELECT t.* FROM facts t JOIN chunk_of c ON c.id = t.parcels[1] WHERE c.n = %d`},
	{"loads", `SELECT t.* FROM loads t JOIN chunk_of c ON c.id = t.parcel_id WHERE c.n = %d`},
}

// CopyAgain copies the rows that the journey has stored into empty tables of the same shape, indexes included, with
// nothing but COPY: in transactions of batch parcels, by two writers. It is the baseline beside which the journey is measured.
func (s *Store) CopyAgain(ctx context.Context, batch int) (parcels int64, took time.Duration, err error) {
	chunks, parcels, err := s.chunks(ctx, batch)
	if err != nil {
		return 0, 0, classify(fmt.Errorf("bare copy: %w", err))
	}
	for _, of := range journeyRows {
		sql := fmt.Sprintf(`DROP TABLE IF EXISTS bare_%[1]s; CREATE TABLE bare_%[1]s (LIKE %[1]s INCLUDING ALL)`, of.table)
		if _, err := s.pool.Exec(ctx, sql); err != nil {
			return 0, 0, classify(fmt.Errorf("bare copy: %w", err))
		}
	}
	if _, err := s.pool.Exec(ctx, `CHECKPOINT`); err != nil {
		return 0, 0, classify(fmt.Errorf("bare copy: %w", err))
	}
	began := time.Now()
	if err := s.copyChunks(ctx, chunks); err != nil {
		return 0, 0, classify(fmt.Errorf("bare copy: %w", err))
	}
	took = time.Since(began)
	_, err = s.pool.Exec(ctx, `DROP TABLE bare_parcels, bare_dockets, bare_facts, bare_loads`)
	return parcels, took, err
}

// chunk is the rows of one batch of parcels, as COPY prints them, by table.
type chunk [][]byte

// chunks reads every row of the journey into memory, a batch of parcels at a time.
func (s *Store) chunks(ctx context.Context, batch int) (chunks []chunk, parcels int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, fmt.Sprintf(`
			CREATE TEMP TABLE chunk_of ON COMMIT DROP AS
			SELECT id, (row_number() OVER (ORDER BY batch, leaf) - 1) / %d AS n FROM parcels`, batch))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE INDEX ON chunk_of (n); CREATE INDEX ON chunk_of (id); ANALYZE chunk_of; ANALYZE parcels;
			CREATE INDEX bare_leaf ON parcels (batch) WHERE leaf = 0; CREATE INDEX bare_told ON facts ((parcels[1]))`); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(n), -1), count(*) FROM chunk_of`).Scan(&last, &parcels); err != nil {
			return err
		}
		for n := range last + 1 {
			c, err := readChunk(ctx, tx, n)
			if err != nil {
				return err
			}
			chunks = append(chunks, c)
		}
		_, err = tx.Exec(ctx, `DROP INDEX bare_leaf, bare_told`)
		return err
	})
	return chunks, parcels, err
}

func readChunk(ctx context.Context, tx pgx.Tx, n int64) (chunk, error) {
	var c chunk
	for _, of := range journeyRows {
		var buf bytes.Buffer
		sql := "COPY (" + fmt.Sprintf(of.rows, n) + ") TO STDOUT (FORMAT binary)"
		if _, err := tx.Conn().PgConn().CopyTo(ctx, &buf, sql); err != nil {
			return nil, err
		}
		c = append(c, buf.Bytes())
	}
	return c, nil
}

func (s *Store) copyChunks(ctx context.Context, chunks []chunk) error {
	const writers = 2
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range writers {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(chunks)); i = next.Add(1) - 1 {
				if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return copyChunk(ctx, tx, chunks[i]) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func copyChunk(ctx context.Context, tx pgx.Tx, c chunk) error {
	for i, of := range journeyRows {
		sql := fmt.Sprintf(`COPY bare_%s FROM STDIN (FORMAT binary)`, of.table)
		if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c[i]), sql); err != nil {
			return err
		}
	}
	return nil
}
