package postgres

import (
	"bytes"
	"context"
	"errors"
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

// journeyTables are what the journey of a parcel fills: the rows that a bare COPY is measured with.
var journeyTables = []string{"parcels", "dockets", "facts", "loads"}

// mostCopied bounds what CopyAgain holds in memory: the rows of this many parcels, some 100 MB.
const mostCopied = 200_000

// CopyAgain copies the rows that the journey has stored, those of mostCopied parcels at the most, into empty tables of the same
// shape, indexes included, with nothing but COPY: in transactions of batch parcels, by two writers. It is the baseline beside which
// the journey is measured.
func (s *Store) CopyAgain(ctx context.Context, batch int) (parcels int64, took time.Duration, err error) {
	chunks, parcels, err := s.chunks(ctx, batch)
	if err != nil {
		return 0, 0, classify(fmt.Errorf("bare copy: %w", err))
	}
	defer func() { err = errors.Join(err, s.dropBare(context.WithoutCancel(ctx))) }()
	for _, table := range journeyTables {
		if _, err := s.pool.Exec(ctx, fmt.Sprintf(`CREATE TABLE bare_%[1]s (LIKE %[1]s INCLUDING ALL)`, table)); err != nil {
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
	return parcels, time.Since(began), nil
}

func (s *Store) dropBare(ctx context.Context) error {
	for _, table := range journeyTables {
		if _, err := s.pool.Exec(ctx, `DROP TABLE IF EXISTS bare_`+table); err != nil {
			return classify(fmt.Errorf("bare copy: %w", err))
		}
	}
	return nil
}

// chunk is what a batch of parcels fills of every table of the journey, as COPY prints it.
type chunk [][]byte

// chunks reads the rows of the journey into memory: each table in as many equal pieces as there were batches.
func (s *Store) chunks(ctx context.Context, batch int) (chunks []chunk, parcels int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var stored int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM parcels`).Scan(&stored); err != nil {
			return err
		}
		parcels = min(stored, mostCopied)
		pieces, of := int((parcels+int64(batch)-1)/int64(batch)), int((stored+int64(batch)-1)/int64(batch))
		for _, table := range journeyTables {
			read, err := readPieces(ctx, tx, table, pieces, of)
			if err != nil {
				return err
			}
			for i := range read {
				if i == len(chunks) {
					chunks = append(chunks, chunk{})
				}
				chunks[i] = append(chunks[i], read[i])
			}
		}
		return nil
	})
	return chunks, parcels, err
}

// readPieces reads the first pieces of a table that is cut into so many by its blocks. The rows of one batch lie together, so it
// makes little difference where the cuts are.
func readPieces(ctx context.Context, tx pgx.Tx, table string, pieces, of int) (read [][]byte, err error) {
	heap, blocks, err := largestHeap(ctx, tx, table)
	if err != nil {
		return nil, err
	}
	for i := range pieces {
		var buf bytes.Buffer
		sql := fmt.Sprintf(`COPY (SELECT * FROM %s WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)') TO STDOUT (FORMAT binary)`,
			heap, blocks*int64(i)/int64(of), blocks*int64(i+1)/int64(of))
		if _, err := tx.Conn().PgConn().CopyTo(ctx, &buf, sql); err != nil {
			return nil, err
		}
		read = append(read, buf.Bytes())
	}
	return read, nil
}

// largestHeap gives where a table's rows lie: in itself, or, when it is partitioned, nearly all in one of its parts.
func largestHeap(ctx context.Context, tx pgx.Tx, table string) (heap string, blocks int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT part::text, pg_relation_size(part) / current_setting('block_size')::int
		FROM (SELECT relid AS part FROM pg_partition_tree($1::text::regclass) WHERE isleaf UNION SELECT $1::text::regclass) parts
		ORDER BY pg_relation_size(part) DESC LIMIT 1`, table).Scan(&heap, &blocks)
	return heap, blocks, err
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
	for i, table := range journeyTables {
		sql := fmt.Sprintf(`COPY bare_%s FROM STDIN (FORMAT binary)`, table)
		if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c[i]), sql); err != nil {
			return err
		}
	}
	return nil
}
