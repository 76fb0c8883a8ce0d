package watchlist_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

func TestTrusted(t *testing.T) {
	made := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	ended := made.Add(10 * day)
	pairs := []watchlist.Pair{
		{ID: "1", List: "un", Entry: "QDi.1", Name: watchlist.Normalise("Orvane, Tessaly"), Country: "DE", MadeAt: made, ExpiresAt: made.Add(30 * day)},
		{ID: "2", List: "un", Entry: "QDi.2", Name: watchlist.Normalise("Tessaly Orvane"), Country: "DE", MadeAt: made, ExpiresAt: made.Add(30 * day), EndedAt: &ended},
	}
	trusted := watchlist.NewTrusted(3, pairs)
	rows := map[string]struct {
		list, entry, name, country string
		at                         time.Time
		want                       bool
	}{
		"the pair":                  {"un", "QDi.1", "TESSALY ORVANE", "DE", made.Add(day), true},
		"when it was made":          {"un", "QDi.1", "TESSALY ORVANE", "DE", made, true},
		"before it was made":        {"un", "QDi.1", "TESSALY ORVANE", "DE", made.Add(-time.Microsecond), false},
		"when it expires":           {"un", "QDi.1", "TESSALY ORVANE", "DE", made.Add(30 * day), false},
		"another entry":             {"un", "QDi.3", "TESSALY ORVANE", "DE", made.Add(day), false},
		"another list":              {"eu", "QDi.1", "TESSALY ORVANE", "DE", made.Add(day), false},
		"another name":              {"un", "QDi.1", "TESSALY ORVANES", "DE", made.Add(day), false},
		"another country":           {"un", "QDi.1", "TESSALY ORVANE", "FR", made.Add(day), false},
		"before an officer ends it": {"un", "QDi.2", "TESSALY ORVANE", "DE", made.Add(9 * day), true},
		"after it":                  {"un", "QDi.2", "TESSALY ORVANE", "DE", ended, false},
	}
	for name, row := range rows {
		require.Equal(t, row.want, trusted.Trusts(row.list, row.entry, row.name, row.country, row.at), name)
	}
	require.NotEqual(t, trusted.Version(), watchlist.NewTrusted(4, pairs[:1]).Version())
	require.Equal(t, trusted.Version(), watchlist.NewTrusted(3, pairs).Version())
	for _, none := range []*watchlist.Trusted{nil, {}, watchlist.NewTrusted(0, nil)} {
		require.False(t, none.Trusts("un", "QDi.1", "Tessaly Orvane", "DE", made))
		require.Empty(t, none.Version())
	}
}

// TestShrunk: what makes a list suspicious, and what nearly does.
func TestShrunk(t *testing.T) {
	type counts = watchlist.Counts
	rows := map[string]struct {
		was, is counts
		most    int
		says    string
	}{
		"the same":           {counts{100, 50}, counts{100, 50}, 0, ""},
		"larger":             {counts{100, 50}, counts{110, 40}, 0, ""},
		"a fifth":            {counts{100, 0}, counts{80, 0}, 20, ""},
		"more than a fifth":  {counts{100, 0}, counts{79, 0}, 20, "un would shrink from 100 parties to 79, by 21 %; at most 20 %"},
		"only aliases":       {counts{100, 100}, counts{100, 40}, 20, "un would shrink from 200 names to 140, by 30 %"},
		"nothing is allowed": {counts{100, 0}, counts{99, 0}, 0, "from 100 parties to 99"},
		"all is allowed":     {counts{100, 0}, counts{1, 0}, 100, ""},
		"the first":          {counts{}, counts{1, 0}, 20, ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			err := watchlist.Shrunk("un", row.was, row.is, row.most)
			if row.says == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			require.ErrorContains(t, err, "list_shrunk")
			require.ErrorContains(t, err, row.says)
		})
	}
}
