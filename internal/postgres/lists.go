package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/alataw/alataw/internal/watchlist"
)

// listRow is a row of watchlists: one imported version of one source.
type listRow struct {
	ID         int64     `gorm:"primaryKey"`
	Source     string    `gorm:"column:source"`
	Version    string    `gorm:"column:version"`
	Entries    int       `gorm:"column:entries"`
	ImportedAt time.Time `gorm:"column:imported_at"`
	Active     bool      `gorm:"column:active"`
}

// TableName names the table.
func (listRow) TableName() string { return "watchlists" }

// ImportList stores a list and puts it in force, in one step; the one before it stays stored. Importing the content in force again
// (a version ends with the hash of its content) changes nothing.
func (s *Store) ImportList(ctx context.Context, list watchlist.List) (imported bool, err error) {
	err = s.inTx(ctx, "import list", func(tx pgx.Tx) error {
		var same bool
		// One import at a time; readers see the old list until this commits.
		_, err := tx.Exec(ctx, `LOCK TABLE watchlists IN SHARE ROW EXCLUSIVE MODE`)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM watchlists WHERE source = $1 AND right(version, 12) = right($2, 12) AND active)`, list.Source, list.Version).Scan(&same)
		if err != nil || same {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE watchlists SET active = false WHERE source = $1 AND active`, list.Source); err != nil {
			return err
		}
		var id int64
		err = tx.QueryRow(ctx, `INSERT INTO watchlists (source, version, entries, active) VALUES ($1, $2, $3, true) RETURNING id`,
			list.Source, list.Version, len(list.Entries)).Scan(&id)
		if err != nil {
			return err
		}
		imported = true
		return copyEntries(ctx, tx, id, list.Entries)
	})
	return imported, err
}

func copyEntries(ctx context.Context, tx pgx.Tx, id int64, entries []watchlist.Entry) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"watchlist_entries"},
		[]string{"list_id", "entry", "name", "kind", "program", "country", "primary"},
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
			e := &entries[i]
			return []any{id, e.ID, e.Name, e.Kind, e.Program, e.Country, e.Primary}, nil
		}))
	if err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	return nil
}

// ListVersions names the lists in force, as one text that changes whenever one of them does.
func (s *Store) ListVersions(ctx context.Context) (string, error) {
	rows, err := gorm.G[listRow](s.gorm).Where("active").Order("source").Find(ctx)
	if err != nil {
		return "", classify(fmt.Errorf("list versions: %w", err))
	}
	versions := make([]string, len(rows))
	for i, r := range rows {
		versions[i] = r.Source + "@" + r.Version
	}
	return strings.Join(versions, " "), nil
}

// Lists gives the lists in force with their entries.
func (s *Store) Lists(ctx context.Context) ([]watchlist.List, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT l.source, l.version, e.entry, e.name, e.kind, e.program, e.country, e."primary"
		FROM watchlists l JOIN watchlist_entries e ON e.list_id = l.id WHERE l.active ORDER BY l.source, e.entry, e.name`)
	if err != nil {
		return nil, classify(fmt.Errorf("lists: %w", err))
	}
	var lists []watchlist.List
	var source, version string
	var e watchlist.Entry
	_, err = pgx.ForEachRow(rows, []any{&source, &version, &e.ID, &e.Name, &e.Kind, &e.Program, &e.Country, &e.Primary}, func() error {
		if len(lists) == 0 || lists[len(lists)-1].Source != source {
			lists = append(lists, watchlist.List{Source: source, Version: version})
		}
		e.List = source
		last := &lists[len(lists)-1]
		last.Entries = append(last.Entries, e)
		return nil
	})
	if err != nil {
		return nil, classify(fmt.Errorf("lists: %w", err))
	}
	return lists, nil
}
