package screening_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// requireSound checks what holds for every verdict.
func requireSound(t require.TestingT, rules *screening.Rules, v screening.Verdict) {
	lane := parcel.Green
	for _, r := range v.Reasons {
		require.NotEmpty(t, r.Explanation)
		require.NotEmpty(t, r.Rule)
		require.Equal(t, rules.Version(), r.Version)
		require.Contains(t, parcel.Categories, r.Category)
		require.GreaterOrEqual(t, r.Score, 0.0)
		require.LessOrEqual(t, r.Score, 1.0)
		lane = lane.Outrank(r.Lane)
	}
	require.Equal(t, lane, v.Lane)
	require.Equal(t, lane.Holds(), v.Status == parcel.Held)
	require.Equal(t, !lane.Holds(), v.Status == parcel.Cleared)
	require.Equal(t, rules.Version(), v.Version)
}

// Whatever is declared: the verdict is sound, and rules built again give it again.
func TestJudgeIsSoundAndDeterministic(t *testing.T) {
	cfg := screening.Config{TicketFen: 5_000_00, SplitParcels: 2, RandomBasisPoints: 2000}
	one, two := rulesOf(cfg), rulesOf(cfg)
	words := []string{"scarf", "шарф", "围巾", "5", "toy gun", "handgun", "手枪", "lithium battery", "gift"}
	rapid.Check(t, func(t *rapid.T) {
		d := declared(rapid.IntRange(0, 1000).Draw(t, "order"), func(d *parcel.Declaration) {
			d.Currency = rapid.SampledFrom([]string{"CNY", "GBP", "KPW", "BHD"}).Draw(t, "currency")
			d.GoodsValue = drawDecimal(t, "value")
			d.GrossWeight = parcel.Grams(rapid.Int64Range(1, 60_000_000).Draw(t, "gross"))
			d.Dimensions.Length = parcel.Millimetres(rapid.Int64Range(1, 13_600).Draw(t, "length"))
			it := &d.Items[0]
			it.Description = drawText(t, words)
			it.HSCode = rapid.StringMatching(`(93|36|85|29|05|62)[0-9]{2}([0-9]{2}){0,3}`).Draw(t, "hs")
			it.Quantity, it.NetWeight = drawDecimal(t, "quantity"), parcel.Grams(rapid.Int64Range(0, 60_000_000).Draw(t, "net"))
			wh := drawDecimal(t, "watt hours")
			it.Battery = &parcel.Battery{UNNumber: "UN3480", WattHours: &wh}
		})
		s := subjectsOf(t, d)[0]
		past := screening.Past{Parcels: rapid.IntRange(0, 5).Draw(t, "parcels"), Fen: rapid.Int64Range(0, 1e15).Draw(t, "fen")}
		v := one.Judge(&s, past)
		requireSound(t, one, v)
		require.Equal(t, v, one.Judge(&s, past))
		require.Equal(t, v, two.Judge(&s, past))
	})
}

func drawDecimal(t *rapid.T, label string) parcel.Decimal {
	return parcel.MustDecimal(rapid.StringMatching(`[1-9][0-9]{0,13}(\.[0-9]{1,5})?`).Draw(t, label))
}

func drawText(t *rapid.T, words []string) string {
	text := ""
	for _, word := range rapid.SliceOfN(rapid.SampledFrom(words), 1, 8).Draw(t, "words") {
		text += word + rapid.SampledFrom([]string{" ", "-", ", ", ""}).Draw(t, "between")
	}
	return text
}

// What people write cannot break the reading of it.
func FuzzDescription(f *testing.F) {
	for _, seed := range []string{"toy gun", "手枪", "пистолет для", "", " ", "\xff", "s", "ss gunss", "я", "а б в", "𠀀手", "ﷺ", "gun\u200bgun"} {
		f.Add(seed, seed)
	}
	f.Add(strings.Repeat("\x9c", 3000), "") // only ends of letters
	rules := rulesOf(screening.DefaultConfig())
	f.Fuzz(func(t *testing.T, description, name string) {
		v := screened(t, rules, declared(1, describe(description), consignee(name)))[0]
		requireSound(t, rules, v)
		require.Equal(t, v, screened(t, rules, declared(1, describe(description), consignee(name)))[0])
	})
}

// generated makes orders as a platform sends them: one to three items of many descriptions, some to one consignee.
func generated(n int) []parcel.Declared {
	colours := []string{"red", "blue", "ivory", "gun-metal", "白色", "синий"}
	things := []string{"cotton scarf", "ceramic mug", "toy gun", "phone case with strap", "陶瓷茶杯套装", "шарф шерстяной", "wooden photo frame"}
	names := []string{"Bianca Castafiore", "Наталья Юрьевна Выдуманная", "王 小明", "José Añorga"}
	orders := make([]parcel.Declared, n)
	for i := range orders {
		orders[i] = declared(i, consignee(names[i%4]), func(d *parcel.Declaration) {
			d.Consignee.Address.Lines[0] = fmt.Sprint("Via della Scala ", i/8*4+i%4) // two orders each
			for range i % 3 {
				d.Items = append(d.Items, d.Items[0])
			}
			for j := range d.Items {
				d.Items[j].Description = colours[(i+j)%6] + " " + things[(i*3+j)%7]
			}
		})
	}
	return orders
}

func BenchmarkJudge(b *testing.B) {
	rules := screening.NewRules(screening.DefaultConfig(), basisOf(watchlist.NewIndex(nil)))
	subjects := subjectsOf(b, generated(1000)...)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		rules.Judge(&subjects[i%len(subjects)], screening.Past{})
	}
}

func BenchmarkScreen(b *testing.B) {
	rules := rulesOf(screening.DefaultConfig())
	batch := generated(500)
	b.ReportAllocs()
	for b.Loop() {
		screened(b, rules, batch...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/parcel")
}
