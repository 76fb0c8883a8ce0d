package risk_test

import (
	"encoding/base64"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/risk"
)

// shop is n sales of a heading to a destination by ten sellers: prices around mid CNY/kg, two in three within a factor of two of it, pieces of 200 g.
func shop(n int, seed uint64, hs, destination string, mid float64) iter.Seq[risk.Sale] {
	return func(yield func(risk.Sale) bool) {
		chance := rand.New(rand.NewPCG(seed, 1))
		for i := range n {
			perKg := mid * math.Exp2(chance.NormFloat64())
			if !yield(risk.Sale{HS: hs, Destination: destination, Seller: fmt.Sprint("seller ", i%10), PerKg: perKg, PerPiece: perKg / 5}) {
				return
			}
		}
	}
}

func chain(all ...iter.Seq[risk.Sale]) iter.Seq[risk.Sale] {
	return func(yield func(risk.Sale) bool) {
		for _, sales := range all {
			for s := range sales {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func prices(t require.TestingT, o risk.PriceOptions, sales ...iter.Seq[risk.Sale]) *risk.Prices {
	p, err := risk.LearnPrices(chain(sales...), o)
	require.NoError(t, err)
	return p
}

func TestACheapPriceStandsOut(t *testing.T) {
	p := prices(t, risk.PriceOptions{}, shop(20_000, 1, "630790", "GB", 40))
	f := p.Judge("6307901000", "GB", 0.12, 8)
	s := f.PerKg
	require.Equal(t, risk.ByDestination, s.Level)
	require.InDelta(t, 40, s.Median, 2)
	require.InDelta(t, 2, s.Spread, 0.15)
	require.InDelta(t, 40*math.Exp2(-2.326), s.Low1, 0.7)
	require.InDelta(t, 40*math.Exp2(-1.645), s.Low5, 0.7)
	require.InDelta(t, math.Log2(40/0.12), s.Distance, 0.8)
	require.InDelta(t, 20_000, s.Count, 100)
	require.Equal(t, 10, s.Sellers)
	require.Zero(t, s.Cheaper)
	require.InDelta(t, 0.5, f.PerPiece.Cheaper, 0.03)
	require.InDelta(t, 0, f.PerPiece.Distance, 0.1)
}

func TestAPriceIsExplained(t *testing.T) {
	even := func(yield func(risk.Sale) bool) { // from 3.16 to 31.6, so that 1 % of 18,400 are below 3.24
		for i := range 18_400 {
			price := math.Pow(10, 0.5+float64(i*7919%18_400)/18_400)
			if !yield(risk.Sale{HS: "6307", Destination: "DE", Seller: fmt.Sprint(i % 40), PerKg: price, PerPiece: price}) {
				return
			}
		}
	}
	p := prices(t, risk.PriceOptions{Currency: "EUR"}, even)
	for _, want := range []struct {
		destination, english, chinese string
		perKg, perPiece               float64
	}{
		{"DE", "0.12 EUR/kg; 99 % of 18,400 like it (heading 6307 to DE) are above 3.24, the median is 10.00",
			"0.12 EUR/千克；同类 18,400 项（品目 6307，运往 DE）中 99 % 高于 3.24，中位数为 10.00", 0.12, 0},
		{"FR", "3.40 EUR/piece; 95 % of 18,400 like it (heading 6307 to anywhere) are above 3.55, the median is 10.00",
			"3.40 EUR/件；同类 18,400 项（品目 6307，不限目的国）中 95 % 高于 3.55，中位数为 10.00", 0, 3.4},
		{"DE", "25.00 EUR/kg; 90 % of 18,400 like it (heading 6307 to DE) are cheaper, the median is 10.00",
			"25.00 EUR/千克；同类 18,400 项（品目 6307，运往 DE）中 90 % 更低，中位数为 10.00", 25, 0},
	} {
		f := p.Judge("630790", want.destination, want.perKg, want.perPiece)
		s := f.PerKg
		if want.perPiece > 0 {
			require.False(t, s.Known())
			s = f.PerPiece
		}
		english, chinese := s.Explain()
		require.Equal(t, want.english, english)
		require.Equal(t, want.chinese, chinese)
	}
	english, chinese := new(risk.Standing).Explain()
	require.Empty(t, english+chinese)
}

func TestTheNextLevelStandsInAndThenNothing(t *testing.T) {
	p := prices(t, risk.PriceOptions{}, shop(1000, 1, "6307", "GB", 40), shop(199, 2, "6307", "DE", 400), shop(250, 3, "6302", "GB", 4))
	require.Equal(t, risk.ByDestination, p.Judge("6307", "GB", 1, 0).PerKg.Level)
	require.Equal(t, risk.ByHeading, p.Judge("6307", "DE", 1, 0).PerKg.Level, "199 prices are too few")
	require.Equal(t, risk.ByHeading, p.Judge("6307", "", 1, 0).PerKg.Level)
	chapter := p.Judge("6301", "GB", 1, 0).PerKg
	require.Equal(t, risk.ByChapter, chapter.Level)
	require.Equal(t, "63", chapter.Code)
	for _, f := range []risk.Finding{
		p.Judge("6107", "GB", 1, 1), p.Judge("63", "GB", 1, 1), p.Judge("63x7", "GB", 1, 1), p.Judge("", "", 1, 1),
		p.Judge("6307", "GB", 0, -1), p.Judge("6307", "GB", math.NaN(), 0), prices(t, risk.PriceOptions{}).Judge("6307", "GB", 1, 1),
	} {
		require.Equal(t, risk.Finding{}, f)
	}
}

// One seller floods the profile with prices of a hundredth: the median hardly moves, and his prices still stand out.
func TestOneSellerDoesNotMakeAProfile(t *testing.T) {
	flood := func(yield func(risk.Sale) bool) {
		for range 100_000 {
			if !yield(risk.Sale{HS: "6307", Destination: "GB", Seller: "flood", PerKg: 0.4}) {
				return
			}
		}
	}
	require.False(t, func() bool {
		s := prices(t, risk.PriceOptions{}, flood).Judge("6307", "GB", 0.4, 0).PerKg
		return s.Known()
	}())
	for _, order := range [][]iter.Seq[risk.Sale]{{flood, shop(5000, 1, "6307", "GB", 40)}, {shop(5000, 1, "6307", "GB", 40), flood}} {
		s := prices(t, risk.PriceOptions{}, order...).Judge("6307", "GB", 0.4, 0).PerKg
		require.Less(t, s.Count, 5000*4/3+10)
		require.Greater(t, s.Median, 20.0)
		require.Greater(t, s.Distance, 3.0)
	}
}

func TestPriceOptionsOutOfBoundsAreRefused(t *testing.T) {
	for _, o := range []risk.PriceOptions{{Currency: "EURO"}, {MinCount: -1}} {
		_, err := risk.LearnPrices(shop(1, 1, "6307", "GB", 1), o)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}

func TestAProfileAgreesWithThePricesThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.Float64Range(0.001, 1e6), 1, 200).Draw(t, "prices")
		sales := func(yield func(risk.Sale) bool) {
			for i, price := range given {
				if !yield(risk.Sale{HS: "6307", Destination: "GB", Seller: fmt.Sprint(i), PerKg: price}) {
					return
				}
			}
		}
		asked := rapid.Float64Range(0.0001, 1e7).Draw(t, "price")
		s := prices(t, risk.PriceOptions{MinCount: 1}, sales).Judge("6307", "GB", asked, 0).PerKg
		const bin = 1.0443 // a sixteenth of a doubling, and a little
		slices.Sort(given)
		lower := func(than float64) float64 {
			n, _ := slices.BinarySearch(given, than)
			return float64(n) / float64(len(given))
		}
		require.Equal(t, len(given), s.Count)
		require.LessOrEqual(t, lower(asked/bin), s.Cheaper)
		require.GreaterOrEqual(t, lower(asked*bin), s.Cheaper)
		require.LessOrEqual(t, s.Low1, s.Low5)
		require.LessOrEqual(t, s.Low5, s.Median)
		require.GreaterOrEqual(t, s.Median*bin, given[(len(given)-1)/2])
		require.LessOrEqual(t, s.Median/bin, given[len(given)/2])
		require.Equal(t, asked < s.Median, s.Distance > 0)
	})
}

func TestPricesComeBackFromTheirBytes(t *testing.T) {
	p := prices(t, risk.PriceOptions{}, shop(1000, 1, "6307", "GB", 40), shop(300, 2, "9503", "DE", 4e9), shop(300, 3, "9503", "", 1e-9))
	again, err := risk.DecodePrices(p.Encode())
	require.NoError(t, err)
	require.Equal(t, p, again)
	same := prices(t, risk.PriceOptions{}, shop(1000, 1, "6307", "GB", 40), shop(300, 2, "9503", "DE", 4e9), shop(300, 3, "9503", "", 1e-9))
	require.Equal(t, p.Version(), same.Version())
	raw := p.Encode()
	for cut := range raw {
		_, err := risk.DecodePrices(raw[:cut])
		require.Equal(t, fault.Malformed, fault.KindOf(err), "cut at %d", cut)
	}
}

// What profiles of an earlier program say must never change: decisions are explained with them years later.
func TestOldProfilesSayWhatTheyDid(t *testing.T) {
	const file, said = "testdata/prices.base64", "testdata/standings.txt"
	if *update {
		p := prices(t, risk.PriceOptions{}, shop(300, 1, "6307", "GB", 40))
		require.NoError(t, os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(p.Encode())+"\n"), 0o644))
		require.NoError(t, os.WriteFile(said, []byte(standings(p)), 0o644))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	p, err := risk.DecodePrices(raw)
	require.NoError(t, err)
	want, err := os.ReadFile(said)
	require.NoError(t, err)
	require.Equal(t, string(want), standings(p))
}

func standings(p *risk.Prices) string {
	var b strings.Builder
	fmt.Fprintln(&b, p.Version())
	for _, price := range []float64{0.5, 8, 12, 40, 400} {
		s := p.Judge("6307", "GB", price, 0).PerKg
		english, chinese := s.Explain()
		fmt.Fprintf(&b, "%.4f %.4f %s | %s\n", s.Cheaper, s.Distance, english, chinese)
	}
	return b.String()
}

func FuzzDecodePrices(f *testing.F) {
	f.Add(prices(f, risk.PriceOptions{}).Encode())
	f.Add(prices(f, risk.PriceOptions{MinCount: 1}, shop(30, 1, "6307", "GB", 40)).Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := risk.DecodePrices(raw)
		if err != nil {
			require.Equal(t, fault.Malformed, fault.KindOf(err))
			return
		}
		require.Equal(t, raw, p.Encode())
		finding := p.Judge("6307", "GB", 1, 100)
		for _, s := range []risk.Standing{finding.PerKg, finding.PerPiece} {
			require.True(t, s.Cheaper >= 0 && s.Cheaper <= 1)
			_, _ = s.Explain()
		}
	})
}
