package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// namedRow is a version of a list. Items is nil where they are not asked for.
type namedRow struct {
	Name      string
	Version   int
	Kind      string
	Items     []string
	Count     int
	CreatedBy string
	CreatedAt time.Time
}

func (r namedRow) list() (ruleset.NamedList, error) {
	return ruleset.NamedList{
		NamedList: screening.NamedList{Name: r.Name, Kind: screening.ListKind(r.Kind), Items: r.Items},
		Version:   r.Version, Count: r.Count, Changed: ruleset.Stamp{By: r.CreatedBy, At: r.CreatedAt},
	}, nil
}

const (
	namedWithItems = `name, version, kind, items, cardinality(items) AS count, created_by, created_at`
	namedHeads     = `name, version, kind, NULL::text[] AS items, cardinality(items) AS count, created_by, created_at`
)

func queryNamed(ctx context.Context, q rowsQuerier, sql string, args ...any) ([]ruleset.NamedList, error) {
	return collect(ctx, q, "named lists", namedRow.list, sql, args...)
}

// NamedLists gives the lists in force.
func (s *Store) NamedLists(ctx context.Context) ([]screening.NamedList, error) {
	lists, err := listsInForce(ctx, s.pool)
	if err != nil {
		return nil, classify(err)
	}
	return lists, nil
}

// NamedHeads lists the lists in force by their names, without their items.
func (s *Store) NamedHeads(ctx context.Context, q ruleset.NamedQuery) ([]ruleset.NamedList, error) {
	lists, err := queryNamed(ctx, s.pool, `
		SELECT DISTINCT ON (name) `+namedHeads+` FROM named_lists WHERE name > $1 ORDER BY name, version DESC LIMIT $2`, q.After, q.Limit)
	if err != nil {
		return nil, classify(err)
	}
	return lists, nil
}

// NamedList gives a version of a list, the one in force for 0.
func (s *Store) NamedList(ctx context.Context, name string, version int) (ruleset.NamedList, error) {
	lists, err := queryNamed(ctx, s.pool, `
		SELECT `+namedWithItems+` FROM named_lists WHERE name = $1 AND ($2 = 0 OR version = $2) ORDER BY version DESC LIMIT 1`, name, version)
	if err != nil {
		return ruleset.NamedList{}, classify(err)
	}
	if len(lists) == 0 {
		return ruleset.NamedList{}, fault.New(fault.NotFound, "list_not_found", "there is no such list, or no such version of it")
	}
	return lists[0], nil
}

// NamedVersions gives the newest versions of a list, the newest first, without their items.
func (s *Store) NamedVersions(ctx context.Context, name string, limit int) ([]ruleset.NamedList, error) {
	lists, err := queryNamed(ctx, s.pool, `
		SELECT `+namedHeads+` FROM named_lists WHERE name = $1 ORDER BY version DESC LIMIT $2`, name, limit)
	if err != nil {
		return nil, classify(err)
	}
	return lists, nil
}

// PutNamedList stores the next version of a list; see ruleset.Store.
func (s *Store) PutNamedList(ctx context.Context, list screening.NamedList, seen int, at ruleset.Stamp) (put ruleset.NamedList, err error) {
	err = s.inTx(ctx, "put named list", func(tx pgx.Tx) error {
		put, err = putNamedList(ctx, tx, list, seen, at)
		return err
	})
	return put, err
}

func putNamedList(ctx context.Context, tx pgx.Tx, list screening.NamedList, seen int, at ruleset.Stamp) (ruleset.NamedList, error) {
	if err := lockRules(ctx, tx); err != nil {
		return ruleset.NamedList{}, err
	}
	versions, err := queryNamed(ctx, tx, `SELECT `+namedWithItems+` FROM named_lists WHERE name = $1 ORDER BY version DESC LIMIT 1`, list.Name)
	if err != nil {
		return ruleset.NamedList{}, err
	}
	var before *ruleset.NamedList
	if len(versions) > 0 {
		before = &versions[0]
	}
	if seen != 0 && (before == nil || before.Version != seen) {
		return ruleset.NamedList{}, fault.New(fault.Conflict, "list_changed", "the list was changed since you read it")
	}
	put, changed, err := ruleset.Replace(before, list, at)
	if err != nil || !changed {
		return put, err
	}
	items := put.Items
	if items == nil {
		items = []string{} // an empty list is no NULL
	}
	_, err = tx.Exec(ctx, `INSERT INTO named_lists (name, version, kind, items, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		put.Name, put.Version, string(put.Kind), items, put.Changed.By, put.Changed.At)
	if err != nil {
		return put, fmt.Errorf("version: %w", err)
	}
	return put, nil
}
