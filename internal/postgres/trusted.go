package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

const pairColumns = `
	SELECT id, list, entry, name, country, parcel_id, reason, officer, made_by, made_at, expires_at, ended_by, ended_at FROM trusted_pairs `

// pairRow is a row of pairColumns.
type pairRow struct {
	ID        string
	List      string
	Entry     string
	Name      string
	Country   string
	ParcelID  [16]byte
	Reason    string
	Officer   int32
	MadeBy    string
	MadeAt    time.Time
	ExpiresAt time.Time
	EndedBy   *string
	EndedAt   *time.Time
}

func (r pairRow) pair() (watchlist.Pair, error) {
	return watchlist.Pair{
		ID: r.ID, List: r.List, Entry: r.Entry, Name: r.Name, Country: r.Country, Parcel: parcel.ID(r.ParcelID).String(), Reason: r.Reason,
		Officer: account.ID(r.Officer), MadeBy: r.MadeBy, MadeAt: r.MadeAt, ExpiresAt: r.ExpiresAt, EndedBy: deref(r.EndedBy), EndedAt: r.EndedAt,
	}, nil
}

func queryPairs(ctx context.Context, q rowsQuerier, sql string, args ...any) ([]watchlist.Pair, error) {
	return collect(ctx, q, "trusted pairs", pairRow.pair, sql, args...)
}

// TrustPair stores an officer's word. While the same word is in force it is a fault.Conflict that names it.
func (s *Store) TrustPair(ctx context.Context, p watchlist.Pair) error {
	id, err := parcel.ParseID(p.Parcel)
	if err != nil {
		return fmt.Errorf("trusted pair: %w", err)
	}
	return s.inTx(ctx, "trust pair", func(tx pgx.Tx) error {
		change, err := nextChange(ctx, tx)
		if err != nil {
			return err
		}
		known, err := queryPairs(ctx, tx, pairColumns+`
			WHERE list = $1 AND entry = $2 AND name = $3 AND country = $4 AND expires_at > $5 AND ended_at IS NULL LIMIT 1`,
			p.List, p.Entry, p.Name, p.Country, p.MadeAt)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			return fault.New(fault.Conflict, "pair_in_force", "%s says the same until %s; end it first", known[0].ID, known[0].ExpiresAt.UTC().Format(time.RFC3339))
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO trusted_pairs (id, list, entry, name, country, consignee, parcel_id, reason, officer, made_by, made_at, made_change, expires_at)
			SELECT $1, $2, $3, $4, $5, consignee, id, $7, $8, $9, $10, $11, $12 FROM parcels WHERE id = $6`,
			p.ID, p.List, p.Entry, p.Name, p.Country, [16]byte(id), p.Reason, int32(p.Officer), p.MadeBy, p.MadeAt, change, p.ExpiresAt)
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.New(fault.NotFound, "parcel_not_found", "there is no parcel %s", p.Parcel)
		}
		return err
	})
}

// EndPair ends an officer's word; ending it again changes nothing. The row stays.
func (s *Store) EndPair(ctx context.Context, id, by string, now time.Time) (watchlist.Pair, error) {
	var ended watchlist.Pair
	err := s.inTx(ctx, "end trusted pair", func(tx pgx.Tx) error {
		change, err := nextChange(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE trusted_pairs SET ended_by = $2, ended_at = $3, ended_change = $4 WHERE id = $1 AND ended_at IS NULL`, id, by, now, change)
		if err != nil {
			return err
		}
		found, err := queryPairs(ctx, tx, pairColumns+`WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "pair_not_found", "there is no trusted pair %s", id)
		}
		ended = found[0]
		return nil
	})
	return ended, err
}

const changesOfPairs = `SELECT greatest(coalesce(max(made_change), 0), coalesce(max(ended_change), 0)) FROM trusted_pairs`

// nextChange numbers a change of the pairs. One change at a time: a number seen is the number of all that came before it.
func nextChange(ctx context.Context, tx pgx.Tx) (change int64, err error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE trusted_pairs IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, changesOfPairs).Scan(&change)
	return change + 1, err
}

// TrustedChanges tells how many changes the pairs have seen: as long as it is the same, Trusted gives the same.
func (s *Store) TrustedChanges(ctx context.Context) (changes int64, err error) {
	if err := s.pool.QueryRow(ctx, changesOfPairs).Scan(&changes); err != nil {
		return 0, classify(fmt.Errorf("trusted pairs: %w", err))
	}
	return changes, nil
}

// Trusted gives all pairs as one value.
func (s *Store) Trusted(ctx context.Context) (*watchlist.Trusted, error) {
	changes, err := s.TrustedChanges(ctx)
	if err != nil {
		return nil, err
	}
	return s.trustedAfter(ctx, changes)
}

// TrustedOf gives the pairs of a version, as they were then; NotFound when they never were so.
func (s *Store) TrustedOf(ctx context.Context, version string) (*watchlist.Trusted, error) {
	var changes int64
	if version != "" {
		number, _, _ := strings.Cut(version, "-")
		var err error
		if changes, err = strconv.ParseInt(number, 10, 64); err != nil {
			return nil, fault.New(fault.NotFound, "pairs_not_found", "%q is no version of trusted pairs", version)
		}
	}
	trusted, err := s.trustedAfter(ctx, changes)
	if err == nil && trusted.Version() != version {
		return nil, fault.New(fault.NotFound, "pairs_not_found", "the trusted pairs have never been %s", version)
	}
	return trusted, err
}

// trustedAfter gives the pairs as they were after a number of changes. What is read twice is the same: rows of changes that have
// been numbered are never rewritten.
func (s *Store) trustedAfter(ctx context.Context, changes int64) (*watchlist.Trusted, error) {
	pairs, err := queryPairs(ctx, s.pool, `
		SELECT id, list, entry, name, country, parcel_id, reason, officer, made_by, made_at, expires_at,
			CASE WHEN ended_change <= $1 THEN ended_by END AS ended_by, CASE WHEN ended_change <= $1 THEN ended_at END AS ended_at
		FROM trusted_pairs WHERE made_change <= $1 ORDER BY made_change`, changes)
	if err != nil {
		return nil, classify(err)
	}
	return watchlist.NewTrusted(changes, pairs), nil
}

// TrustedPairs lists pairs, the newest first, behind a place; now tells which are in force when only those are asked for.
func (s *Store) TrustedPairs(ctx context.Context, q watchlist.PairQuery) ([]watchlist.Pair, error) {
	pairs, err := queryPairs(ctx, s.pool, pairColumns+`
		WHERE ($1 = '' OR list = $1) AND ($2 = '' OR entry = $2) AND (NOT $3 OR (expires_at > $4 AND ended_at IS NULL))
			AND ($5::timestamptz IS NULL OR (made_at, id) < ($5, $6)) ORDER BY made_at DESC, id DESC LIMIT $7`,
		q.List, q.Entry, q.InForce, q.Now, optionalTime(q.After.MadeAt), q.After.ID, q.Limit)
	if err != nil {
		return nil, classify(err)
	}
	return pairs, nil
}
