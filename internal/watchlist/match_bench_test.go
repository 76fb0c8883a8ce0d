package watchlist_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/watchlist"
)

// syllabic makes names that do not exist.
func syllabic(r *rand.Rand) string {
	syllables := []string{"ba", "dor", "kel", "mi", "ran", "sto", "vu", "zal", "ne", "phi", "gra", "tul", "osh", "ek", "yar", "lin"}
	word := func() (w string) {
		for range 2 + r.IntN(3) {
			w += syllables[r.IntN(len(syllables))]
		}
		return w
	}
	return word() + " " + word() + " " + word()
}

// BenchmarkMatch searches 20,000 listed names for people who are not there: at first, and when their words are known.
func BenchmarkMatch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	entries := make([]watchlist.Entry, 20_000)
	for i := range entries {
		entries[i] = watchlist.Entry{List: "custom", ID: fmt.Sprint(i), Name: syllabic(r), Kind: watchlist.Individual, Primary: true}
	}
	lists := []watchlist.List{{Source: "custom", Version: "1", Entries: entries}}
	names := make([]string, 2_000)
	for i := range names {
		names[i] = syllabic(r)
	}
	var room []watchlist.Match
	b.Run("cold", func(b *testing.B) {
		x := watchlist.NewIndex(lists)
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			if i%len(names) == 0 && i > 0 {
				b.StopTimer()
				x = watchlist.NewIndex(lists)
				b.StartTimer()
			}
			room = x.Match(watchlist.Query{Name: names[i%len(names)]}, room[:0])
		}
	})
	b.Run("warm", func(b *testing.B) {
		x := watchlist.NewIndex(lists)
		for _, name := range names {
			room = x.Match(watchlist.Query{Name: name}, room[:0])
		}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			room = x.Match(watchlist.Query{Name: names[i%len(names)]}, room[:0])
		}
	})
	b.Run("sixteen words", func(b *testing.B) {
		x := watchlist.NewIndex(lists)
		many := make([]string, 50)
		for i := range many {
			many[i] = manyWords(r, entries)
			room = x.Match(watchlist.Query{Name: many[i]}, room[:0])
		}
		b.ResetTimer()
		for i := range b.N {
			room = x.Match(watchlist.Query{Name: many[i%len(many)]}, room[:0])
		}
	})
}

// manyWords makes the name that is the most work: as many words as are looked at, each of them listed.
func manyWords(r *rand.Rand, entries []watchlist.Entry) string {
	var words []string
	for len(words) < 16 {
		words = append(words, strings.Fields(entries[r.IntN(len(entries))].Name)[r.IntN(3)])
	}
	return strings.Join(words, " ")
}

// A name of many words that thousands of entries have is bounded work, and yet the entry that is called so is found, as written and with
// its words in another order.
func TestANameOfManyCommonWords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	common := []string{"northern", "golden", "harvest", "marine", "dragon", "pacific", "summit", "copper", "silver", "crystal", "falcon", "garden",
		"horizon", "lantern", "meadow", "orchid"}
	var entries []watchlist.Entry
	for i := range 6_000 {
		r.Shuffle(len(common), func(i, j int) { common[i], common[j] = common[j], common[i] })
		entries = append(entries, watchlist.Entry{List: "custom", ID: fmt.Sprint(i), Name: strings.Join(common[:4], " "), Kind: watchlist.Entity, Primary: true})
	}
	whole := strings.Join(common, " ")
	entries = append(entries, watchlist.Entry{List: "custom", ID: "whole", Name: whole, Kind: watchlist.Entity, Primary: true})
	x := watchlist.NewIndex([]watchlist.List{{Source: "custom", Version: "1", Entries: entries}})
	r.Shuffle(len(common), func(i, j int) { common[i], common[j] = common[j], common[i] })
	for _, name := range []string{whole, strings.Join(common, " ")} {
		met := x.Match(watchlist.Query{Name: name}, nil)
		require.NotEmpty(t, met, name)
		require.Equal(t, "whole", met[0].Entry.ID, name)
		require.InDelta(t, 1, met[0].Score, 1e-9)
	}
}
