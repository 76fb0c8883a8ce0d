package watchlist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/watchlist"
)

// met gives the listed party that a name is most alike.
func met(x *watchlist.Index, name string) (watchlist.Entry, bool) {
	matches := x.Match(watchlist.Query{Name: name}, nil)
	if len(matches) == 0 {
		return watchlist.Entry{}, false
	}
	return matches[0].Entry, true
}

// Names as their list has them, whatever their case, order and signs, meet their party; ships, aircraft and names of few letters nobody.
func TestListedNamesMeetTheirParty(t *testing.T) {
	x := watchlist.NewIndex([]watchlist.List{{Source: watchlist.OFAC, Version: "1", Entries: imported(t)}})
	for name, id := range map[string]string{
		"Bordurian Airlines":                      "101",
		"tessaly quim orvane":                     "102",
		"BordAir Express":                         "101",
		"Ovane Tess":                              "102",
		"Al-Tess of Klow":                         "102", // a weak alias, of several words
		"Tessaly Orvane":                          "102", // without a middle name
		"Marlinspike (Borduria) Trading Co. Ltd.": "106", // also somebody's alias: the party of that name comes first
	} {
		e, ok := met(x, name)
		require.True(t, ok, name)
		require.Equal(t, id, e.ID, name)
	}
	for _, name := range []string{"Bella", "EP-ZZZ", "Z99", "BORD", "BAL", "Bordurian", "", "—"} {
		e, ok := met(x, name)
		require.False(t, ok, "%q met %v", name, e)
	}
}

// TestSearchable: what makes a name meet nobody by accident, and what nearly does.
func TestSearchable(t *testing.T) {
	for _, row := range []struct {
		entry watchlist.Entry
		want  bool
	}{
		{watchlist.Entry{Name: "ZORB", Kind: watchlist.Entity, Primary: true}, true},
		{watchlist.Entry{Name: "ZOR", Kind: watchlist.Entity, Primary: true}, false},
		{watchlist.Entry{Name: "Z.O.R.", Kind: watchlist.Entity, Primary: true}, false},
		{watchlist.Entry{Name: "ZORBA", Kind: watchlist.Entity}, true},
		{watchlist.Entry{Name: "ZORB", Kind: watchlist.Entity}, false},
		{watchlist.Entry{Name: "ALI", Kind: watchlist.Individual}, false},
		{watchlist.Entry{Name: "ALI, X", Kind: watchlist.Individual}, true},
		{watchlist.Entry{Name: "A, B", Kind: watchlist.Individual, Primary: true}, false},
		{watchlist.Entry{Name: "幻想", Kind: watchlist.Individual, Primary: true}, true},
		{watchlist.Entry{Name: "幻", Kind: watchlist.Individual, Primary: true}, false},
		{watchlist.Entry{Name: "BORDURIAN STAR", Kind: watchlist.Vessel, Primary: true}, false},
		{watchlist.Entry{Name: "EP ZZZZZ", Kind: watchlist.Aircraft, Primary: true}, false},
		{watchlist.Entry{Name: "", Kind: watchlist.Entity, Primary: true}, false},
	} {
		require.Equal(t, row.want, row.entry.Searchable(), "%+v", row.entry)
	}
}

func TestIndexDoesNotDependOnOrder(t *testing.T) {
	a := watchlist.List{Source: "custom", Version: "2026-01-02-b", Entries: []watchlist.Entry{{List: "custom", ID: "1", Name: "Tessaly Quim Orvane", Primary: true}}}
	b := watchlist.List{Source: watchlist.OFAC, Version: "2026-01-01-a", Entries: imported(t)}
	one, two := watchlist.NewIndex([]watchlist.List{a, b}), watchlist.NewIndex([]watchlist.List{b, a})
	require.Equal(t, one, two)
	require.Equal(t, "custom@2026-01-02-b ofac_sdn@2026-01-01-a", one.Version())
	require.Equal(t, "2026-01-01-a", one.VersionOf(watchlist.OFAC))
	require.Empty(t, one.VersionOf("un"))
	require.Equal(t, 6, one.Names())
	e, _ := met(one, "Orvane, Tessaly Quim")
	require.Equal(t, "custom", e.List)

	empty := watchlist.NewIndex(nil)
	require.Empty(t, empty.Version())
	_, ok := met(empty, "Tessaly Quim Orvane")
	require.False(t, ok)
}
