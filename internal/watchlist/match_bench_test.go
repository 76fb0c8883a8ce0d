package watchlist_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

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
}
