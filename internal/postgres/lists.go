package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// listRow is a row of watchlists: one imported version of one source.
type listRow struct {
	ID          int64              `gorm:"primaryKey"`
	Source      string             `gorm:"column:source"`
	Version     string             `gorm:"column:version"`
	Entries     int                `gorm:"column:entries"`
	ImportedAt  time.Time          `gorm:"column:imported_at"`
	Active      bool               `gorm:"column:active"`
	Hash        string             `gorm:"column:hash"`
	Digest      string             `gorm:"column:digest"`
	PublishedAt *time.Time         `gorm:"column:published_at"`
	Parties     int                `gorm:"column:parties"`
	Aliases     int                `gorm:"column:aliases"`
	ImportedBy  string             `gorm:"column:imported_by"`
	CheckedAt   time.Time          `gorm:"column:checked_at"`
	RetiredAt   *time.Time         `gorm:"column:retired_at"`
	Origins     []watchlist.Origin `gorm:"column:origins;serializer:json"`
}

// TableName names the table.
func (listRow) TableName() string { return "watchlists" }

func (r listRow) edition() watchlist.Edition {
	return watchlist.Edition{
		Source: r.Source, Version: r.Version, Hash: r.Hash, Entries: r.Entries, Parties: r.Parties, Aliases: r.Aliases, PublishedAt: r.PublishedAt,
		ImportedAt: r.ImportedAt, ImportedBy: r.ImportedBy, CheckedAt: r.CheckedAt, RetiredAt: r.RetiredAt, Origins: r.Origins,
	}
}

// ImportList stores a list under a version of the caller's and puts it in force, however much it has shrunk; see ReplaceList.
func (s *Store) ImportList(ctx context.Context, list watchlist.List) (imported bool, err error) {
	in := watchlist.Import{Source: list.Source, Entries: list.Entries, MaxShrink: 100}
	return s.replaceList(ctx, in, list.Version)
}

// ReplaceList stores a list and puts it in force, in one step; the one before it stays stored. A list whose entries are those in force
// changes nothing but when it was last checked. One that has shrunk by more than its MaxShrink is refused, and nothing is changed.
func (s *Store) ReplaceList(ctx context.Context, in watchlist.Import) (imported bool, err error) {
	return s.replaceList(ctx, in, in.Version(s.now()))
}

func (s *Store) replaceList(ctx context.Context, in watchlist.Import, version string) (imported bool, err error) {
	next := listRow{
		Source: in.Source, Version: version, Entries: len(in.Entries), Active: true, Hash: in.Hash, Digest: watchlist.DigestOf(in.Entries),
		ImportedBy: in.By, Origins: in.Origins,
	}
	if !in.Published.IsZero() {
		next.PublishedAt = new(in.Published.UTC())
	}
	counts := watchlist.CountsOf(in.Entries)
	next.Parties, next.Aliases = counts.Parties, counts.Aliases
	err = s.inTx(ctx, "import list", func(tx pgx.Tx) error {
		next.ImportedAt = s.now().UTC()
		imported = false
		// One import at a time; readers see the old list until this commits.
		if _, err := tx.Exec(ctx, `LOCK TABLE watchlists IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		var was watchlist.Counts
		var digest string
		err := tx.QueryRow(ctx, `SELECT digest, parties, aliases FROM watchlists WHERE source = $1 AND active`, in.Source).Scan(&digest, &was.Parties, &was.Aliases)
		switch {
		case err == nil && digest == next.Digest:
			return confirmList(ctx, tx, in.Source, next.ImportedAt, in.Origins)
		case err == nil:
			err = watchlist.Shrunk(in.Source, was, counts, in.MaxShrink)
		case errors.Is(err, pgx.ErrNoRows):
			err = nil
		}
		if err != nil {
			return err
		}
		imported = true
		return putInForce(ctx, tx, next, in.Entries)
	})
	return imported, err
}

func putInForce(ctx context.Context, tx pgx.Tx, next listRow, entries []watchlist.Entry) error {
	if _, err := tx.Exec(ctx, `UPDATE watchlists SET active = false, retired_at = $2 WHERE source = $1 AND active`, next.Source, next.ImportedAt); err != nil {
		return err
	}
	origins, err := originsJSON(next.Origins)
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		INSERT INTO watchlists (source, version, entries, imported_at, active, hash, digest, published_at, parties, aliases, imported_by, checked_at, origins)
		VALUES ($1, $2, $3, $4, true, $5, $6, $7, $8, $9, $10, $4, $11) RETURNING id`,
		next.Source, next.Version, next.Entries, next.ImportedAt, next.Hash, next.Digest, next.PublishedAt, next.Parties, next.Aliases,
		next.ImportedBy, origins).Scan(&id)
	if err != nil {
		return err
	}
	return copyEntries(ctx, tx, id, entries)
}

func copyEntries(ctx context.Context, tx pgx.Tx, id int64, entries []watchlist.Entry) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"watchlist_entries"},
		[]string{"list_id", "entry", "name", "kind", "program", "country", "primary", "weak", "births", "countries"},
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
			e := &entries[i]
			return []any{id, e.ID, e.Name, e.Kind, e.Program, e.Country, e.Primary, e.Weak, some(e.Births), some(e.Countries)}, nil
		}))
	if err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	return nil
}

func originsJSON(origins []watchlist.Origin) ([]byte, error) {
	if origins == nil {
		origins = []watchlist.Origin{}
	}
	data, err := json.Marshal(origins)
	if err != nil {
		return nil, fmt.Errorf("origins: %w", err)
	}
	return data, nil
}

// some is a list that is not nil, which would be NULL.
func some(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// ConfirmList records that the list in force is what its publisher has now, as servers said.
func (s *Store) ConfirmList(ctx context.Context, source string) error {
	return s.inTx(ctx, "confirm list", func(tx pgx.Tx) error { return confirmList(ctx, tx, source, s.now().UTC(), nil) })
}

// confirmList records when a list was last checked, and, unless they are nil, where it was fetched from.
func confirmList(ctx context.Context, tx pgx.Tx, source string, now time.Time, origins []watchlist.Origin) error {
	data, err := originsJSON(origins)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE watchlists SET checked_at = greatest(checked_at, $2), origins = CASE WHEN $4 THEN $3::jsonb ELSE origins END WHERE source = $1 AND active`,
		source, now, data, origins != nil)
	return err
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

// ListsInForce tells the lists in force, without their entries.
func (s *Store) ListsInForce(ctx context.Context) ([]watchlist.Edition, error) {
	return s.editions(ctx, "active")
}

// Editions tells all stored versions of all lists, those of a source together, the newest first.
func (s *Store) Editions(ctx context.Context) ([]watchlist.Edition, error) {
	return s.editions(ctx, "true")
}

func (s *Store) editions(ctx context.Context, which string) ([]watchlist.Edition, error) {
	rows, err := gorm.G[listRow](s.gorm).Where(which).Order("source, id DESC").Find(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("list versions: %w", err))
	}
	editions := make([]watchlist.Edition, len(rows))
	for i, r := range rows {
		editions[i] = r.edition()
	}
	return editions, nil
}

// Lists gives the lists in force with their entries.
func (s *Store) Lists(ctx context.Context) ([]watchlist.List, error) {
	return s.lists(ctx, `SELECT id FROM watchlists WHERE active`)
}

// ListsOf gives the lists of versions as watchlist.Index.Version names them, in force or not: what an old decision was made with.
// A version that is not stored is a fault.NotFound.
func (s *Store) ListsOf(ctx context.Context, versions string) ([]watchlist.List, error) {
	named := strings.Fields(versions)
	lists, err := s.lists(ctx, `SELECT max(id) FROM watchlists WHERE source || '@' || version = ANY($1) GROUP BY source, version`, named)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, list := range lists {
		found[list.Source+"@"+list.Version] = true
	}
	for _, version := range named {
		if !found[version] {
			return nil, fault.New(fault.NotFound, "list_not_found", "no list %s is stored", version)
		}
	}
	return lists, nil
}

// lists gives the lists that a query chooses. Words that many entries share are kept once.
func (s *Store) lists(ctx context.Context, chosen string, args ...any) ([]watchlist.List, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT l.source, l.version, e.entry, e.name, e.kind, e.program, e.country, e."primary", e.weak, e.births, e.countries
		FROM watchlists l JOIN watchlist_entries e ON e.list_id = l.id WHERE l.id IN (`+chosen+`)
		ORDER BY l.source, l.id, e.entry, e.name, e."primary" DESC, e.weak`, args...)
	if err != nil {
		return nil, classify(fmt.Errorf("lists: %w", err))
	}
	var lists []watchlist.List
	var source, version string
	var e watchlist.Entry
	words := map[string]string{}
	_, err = pgx.ForEachRow(rows, []any{
		&source, &version, &e.ID, &e.Name, &e.Kind, &e.Program, &e.Country, &e.Primary, &e.Weak, &e.Births, &e.Countries,
	}, func() error {
		if n := len(lists); n == 0 || lists[n-1].Source != source || lists[n-1].Version != version {
			lists = append(lists, watchlist.List{Source: source, Version: version})
		}
		last := &lists[len(lists)-1]
		e.List = last.Source
		last.Entries = append(last.Entries, once(e, words))
		e.Births, e.Countries = nil, nil // the next row's are read into their own
		return nil
	})
	if err != nil {
		return nil, classify(fmt.Errorf("lists: %w", err))
	}
	return lists, nil
}

// once gives an entry whose common words are the ones met before.
func once(e watchlist.Entry, words map[string]string) watchlist.Entry {
	same := func(text *string) {
		if known, ok := words[*text]; ok {
			*text = known
		} else {
			words[*text] = *text
		}
	}
	for _, text := range []*string{&e.ID, &e.Kind, &e.Program, &e.Country} {
		same(text)
	}
	for i := range e.Countries {
		same(&e.Countries[i])
	}
	if len(e.Births) == 0 {
		e.Births = nil
	}
	if len(e.Countries) == 0 {
		e.Countries = nil
	}
	return e
}
