package postgres

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// listOf is a list of n parties, the first of whom has an alias.
func listOf(source string, n int) watchlist.Import {
	in := watchlist.Import{Source: source, MaxShrink: 20, Hash: "abc", By: "test", Published: noon}
	for i := range n {
		in.Entries = append(in.Entries, watchlist.Entry{
			List: source, ID: fmt.Sprint(i), Name: fmt.Sprintf("Party %04d", i), Kind: watchlist.Individual, Primary: true,
			Births: []string{"1961-01-31", "1958"}, Countries: []string{"IR"},
		})
	}
	in.Entries = append(in.Entries, watchlist.Entry{List: source, ID: "0", Name: "The Grey", Kind: watchlist.Individual, Weak: true})
	return in
}

func replace(t *testing.T, s *Store, in watchlist.Import) {
	t.Helper()
	imported, err := s.ReplaceList(t.Context(), in)
	require.NoError(t, err)
	require.True(t, imported)
}

func TestListIsReplacedAsAWhole(t *testing.T) {
	s := open(t)
	first, second := listOf(watchlist.UN, 10), listOf(watchlist.UN, 12)
	first.Origins = []watchlist.Origin{{URL: "https://lists.example/un.xml", ETag: `"1"`}}
	replace(t, s, first)
	replace(t, s, listOf(watchlist.EU, 3))
	versions, err := s.ListVersions(t.Context())
	require.NoError(t, err)
	stored, err := s.Lists(t.Context())
	require.NoError(t, err)
	require.Len(t, stored, 2)
	require.ElementsMatch(t, first.Entries, stored[1].Entries, "what was imported comes back")
	require.Equal(t, versions, watchlist.NewIndex(stored).Version())

	imported, err := s.ReplaceList(t.Context(), first)
	require.NoError(t, err)
	require.False(t, imported, "the same entries again")
	again, err := s.ListVersions(t.Context())
	require.NoError(t, err)
	require.Equal(t, versions, again)

	replace(t, s, second)
	editions, err := s.Editions(t.Context())
	require.NoError(t, err)
	require.Len(t, editions, 3)
	now, before := editions[1], editions[2]
	require.True(t, now.InForce())
	require.Equal(t, watchlist.Edition{
		Source: watchlist.UN, Version: "2026-11-22-" + watchlist.DigestOf(second.Entries)[:12], Hash: "abc", Entries: 13, Parties: 12, Aliases: 1,
		PublishedAt: new(noon), ImportedAt: now.ImportedAt, ImportedBy: "test", CheckedAt: now.ImportedAt, Origins: []watchlist.Origin{},
	}, inUTC(now))
	require.False(t, before.InForce())
	require.Equal(t, first.Origins, before.Origins)

	old, err := s.ListsOf(t.Context(), versions)
	require.NoError(t, err)
	require.Equal(t, versions, watchlist.NewIndex(old).Version(), "what an old decision was made with is still there")
	require.ElementsMatch(t, first.Entries, old[1].Entries)
	_, err = s.ListsOf(t.Context(), versions+" un@2020-01-01-000000000000")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func inUTC(e watchlist.Edition) watchlist.Edition {
	e.PublishedAt = new(e.PublishedAt.UTC())
	return e
}

// A list that lost many parties is refused unless somebody says so, and the list before stays.
func TestShrunkListIsRefused(t *testing.T) {
	s := open(t)
	replace(t, s, listOf(watchlist.UN, 100))
	versions, err := s.ListVersions(t.Context())
	require.NoError(t, err)
	_, err = s.ReplaceList(t.Context(), listOf(watchlist.UN, 79))
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	require.ErrorContains(t, err, "un would shrink from 100 parties to 79, by 21 %")
	after, err := s.ListVersions(t.Context())
	require.NoError(t, err)
	require.Equal(t, versions, after)

	replace(t, s, listOf(watchlist.UN, 80))
	forced := listOf(watchlist.UN, 10)
	forced.MaxShrink = 100
	replace(t, s, forced)
	lists, err := s.ListsInForce(t.Context())
	require.NoError(t, err)
	require.Len(t, lists, 1)
	require.Equal(t, 10, lists[0].Parties)
}

// Whoever imports the same at once: one does it.
func TestImportsAtOnce(t *testing.T) {
	s := open(t)
	var mu sync.Mutex
	done := 0
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			imported, err := s.ReplaceList(t.Context(), listOf(watchlist.UN, 50))
			mu.Lock()
			defer mu.Unlock()
			if err == nil && imported {
				done++
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, done)
	editions, err := s.Editions(t.Context())
	require.NoError(t, err)
	require.Len(t, editions, 1)
}

// A list that its publisher confirms is not old, though it was imported long ago.
func TestConfirmedListIsNotOld(t *testing.T) {
	s := open(t)
	replace(t, s, listOf(watchlist.UN, 3))
	later := time.Now().Add(time.Hour)
	require.InDelta(t, time.Hour.Seconds(), stateAt(t, s, later).Lists[0].Age.Seconds(), 60)
	s.now = func() time.Time { return later }
	require.NoError(t, s.ConfirmList(t.Context(), watchlist.UN))
	require.Less(t, stateAt(t, s, later.Add(time.Second)).Lists[0].Age, time.Minute)
	lists, err := s.ListsInForce(t.Context())
	require.NoError(t, err)
	require.True(t, lists[0].CheckedAt.After(lists[0].ImportedAt))
}

// Lists that were stored before the schema knew of aliases and dates keep their entries and are counted.
func TestListsOfTheSchemaBefore(t *testing.T) {
	s := open(t)
	db, p, err := provider(s.pool.Config().ConnString())
	require.NoError(t, err)
	defer db.Close()
	_, err = p.DownTo(t.Context(), 4)
	require.NoError(t, err)
	_, err = s.pool.Exec(t.Context(), `
		INSERT INTO watchlists (source, version, entries, imported_at, active) VALUES ('un', '1-a', 1, '2026-01-01', false), ('un', '2-b', 3, '2026-02-01', true);
		INSERT INTO watchlist_entries SELECT id, n::text, 'Name ' || n, 'entity', '', '', n > 1 FROM watchlists, generate_series(1, entries) n`)
	require.NoError(t, err)
	_, err = p.Up(t.Context())
	require.NoError(t, err)
	s.pool.Reset() // prepared statements know the old columns
	editions, err := s.Editions(t.Context())
	require.NoError(t, err)
	require.Len(t, editions, 2)
	require.Equal(t, []int{3, 2, 1}, []int{editions[0].Entries, editions[0].Parties, editions[0].Aliases})
	require.True(t, editions[0].InForce())
	require.Equal(t, editions[0].ImportedAt, editions[0].CheckedAt)
	require.Equal(t, editions[0].ImportedAt, *editions[1].RetiredAt)
	old, err := s.ListsOf(t.Context(), "un@1-a")
	require.NoError(t, err)
	require.Equal(t, []watchlist.Entry{{List: "un", ID: "1", Name: "Name 1", Kind: "entity"}}, old[0].Entries)
	_, err = s.ReplaceList(t.Context(), listOf("un", 1))
	require.ErrorContains(t, err, "from 2 parties to 1", "they count as the version before")
}
