package watchlist_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/watchlist"
)

// invented are listed parties that do not exist.
var invented = []watchlist.List{{Source: watchlist.OFAC, Version: "1", Entries: []watchlist.Entry{
	{List: "ofac_sdn", ID: "1", Name: "ORVANETZKY, Tessaly Quim", Kind: watchlist.Individual, Primary: true, Births: []string{"1961-01-31"}, Countries: []string{"SY"}},
	{List: "ofac_sdn", ID: "1", Name: "QUIMOV, Tessaly", Kind: watchlist.Individual},
	{List: "ofac_sdn", ID: "2", Name: "BORDURIAN HEAVY MACHINERY JOINT STOCK COMPANY", Kind: watchlist.Entity, Primary: true},
	{List: "ofac_sdn", ID: "3", Name: "AL-PLEKSZANI, Abd al-Rahman Musa", Kind: watchlist.Individual, Primary: true},
	{List: "ofac_sdn", ID: "4", Name: "ВЫДУМКИН, Наталья Юрьевна", Kind: watchlist.Individual, Primary: true},
	{List: "ofac_sdn", ID: "5", Name: "ZORBLAX", Kind: watchlist.Individual, Weak: true},
	{List: "ofac_sdn", ID: "6", Name: "TRADING COMPANY INTERNATIONAL", Kind: watchlist.Entity, Primary: true},
	{List: "ofac_sdn", ID: "7", Name: "SZTRAKOV, Muhammad Yusuf", Kind: watchlist.Individual, Primary: true},
	{List: "ofac_sdn", ID: "8", Name: "XIANG, Jingpei", Kind: watchlist.Individual, Primary: true},
}}}

func match(x *watchlist.Index, name string) []watchlist.Match {
	return x.Match(watchlist.Query{Name: name}, nil)
}

// TestMatch: the ways in which a listed name may be written.
func TestMatch(t *testing.T) {
	x := watchlist.NewIndex(invented)
	for name, id := range map[string]string{
		"Tessaly Quim Orvanetzky":                      "1",
		"ORVANETZKY TESSALY QUIM":                      "1",
		"Tessaly Orvanetzky":                           "1", // the middle name is missing
		"Tesaly Quim Orvanetzky":                       "1", // a letter is dropped
		"Tessaly Quim Orvannetzky":                     "1", // doubled
		"Tessaly Quim Orvanteskzy":                     "",  // too much
		"Tessaly Quim Orvanetzyk":                      "1", // swapped
		"Dr. Tessaly Quim Orvanetzky":                  "1",
		"TessalyQuim Orvanetzky":                       "1", // joined
		"Тессали Куим Орванецки":                       "1",
		"Bordurian Heavy Machinery JSC":                "2",
		"OAO Bordurian Heavy Machinery":                "2",
		"Bordurian Heavy Machinery":                    "2",
		"Bordurian Heavy Machinery Co., Ltd.":          "2",
		"Bordurian Light Machinery JSC":                "",
		"Abdulrahman Musa Al Plekszani":                "3",
		"Abdurrahman Mousa Alplekszani":                "3",
		"Natalia Vydumkin":                             "4",
		"Zorblax":                                      "", // a weak alias of one word is no hit by itself
		"Trading Company International":                "6",
		"Yiwu Trading Company International Co., Ltd.": "",
		"Muhammad Yusuf":                               "",
		"Mohamed Youssef Sztrakov":                     "7",
		"项静培":                                          "8",
		"Muhammad":                                     "",
		"Ltd":                                          "",
		"":                                             "",
	} {
		found := match(x, name)
		if id == "" {
			require.Empty(t, found, name)
			continue
		}
		require.NotEmpty(t, found, name)
		require.Equal(t, id, found[0].Entry.ID, name)
		require.GreaterOrEqual(t, found[0].Score, watchlist.Threshold, name)
	}
}

// What else is known of a person raises or lowers a score where both sides say it.
func TestEvidence(t *testing.T) {
	x := watchlist.NewIndex(invented)
	score := func(q watchlist.Query) float64 {
		found := x.Match(q, nil)
		if len(found) == 0 {
			return 0
		}
		return found[0].Score
	}
	near := watchlist.Query{Name: "Tesaly Orvanetzky"}
	plain := score(near)
	near.Birth = "1961-01-31"
	require.Greater(t, score(near), plain)
	near.Country = "SY"
	require.Greater(t, score(near), plain)
	near.Birth, near.Country = "1999", ""
	require.Less(t, score(near), plain)
	require.Equal(t, 1.0, score(watchlist.Query{Name: "Tessaly Quim Orvanetzky", Birth: "1961", Country: "sy"}))
	require.Zero(t, score(watchlist.Query{Name: "Tessaly Quim Orvanetzky", Birth: "1999-01-01"}), "the same name, another person")
	require.Equal(t, 1.0, score(watchlist.Query{Name: "Tessaly Quim Orvanetzky", Birth: "not a date"}))
}

// TestExplain: what an officer reads, in both languages.
func TestExplain(t *testing.T) {
	x := watchlist.NewIndex(invented)
	found := x.Match(watchlist.Query{Name: "Tesaly Orvanetzky", Birth: "1961", Country: "CN"}, nil)
	require.Equal(t, `The name is near "ORVANETZKY, Tessaly Quim" (score 0.96); "tesaly" is spelt "tessaly" there; "orvanetzky" is the same; `+
		`"quim" is in the listed name only; the year of birth agrees; the country differs.`, found[0].Explain("en"))
	require.Equal(t, "姓名与名单所载“ORVANETZKY, Tessaly Quim”相近（得分 0.96）；“tesaly”在名单中写作“tessaly”；“orvanetzky”相同；仅名单姓名含“quim”；出生年份一致；国家不一致。",
		found[0].Explain("zh"))
	same := match(x, "Trading Company International Ltd")
	require.Contains(t, same[0].Explain("en"), `"ltd" is not in the listed name`)
	require.Equal(t, same[0].Explain("en"), same[0].Explain("fr"))
	for _, name := range []string{"Bordurian Heavy Machinery JSC", "Наталья Выдумкин", "TessalyQuim Orvanetzky", "项静培"} {
		found := match(x, name)
		require.NotContains(t, found[0].Explain("en"), "%!", name)
		require.NotContains(t, found[0].Explain("zh"), "%!", name)
	}
}

var anyName = rapid.SliceOfN(rapid.SampledFrom([]string{"Tessaly", "Quim", "Orvanetzky", "Muhammad", "Mohamed", "al", "Abdulrahman", "Sztrakov", "Bordurian",
	"Heavy", "Ltd", "LLC", "Natalia", "Наталья", "محمد", "项静培", "김정은", "J", "X", "Trading", "and", "II", "Orvanezky", "Tesaly"}), 0, 6)

// A score is the same both ways, within 0 and 1, and 1 for equal names; the order of words does not matter.
func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words, others := anyName.Draw(t, "a"), anyName.Draw(t, "b")
		kind := rapid.SampledFrom([]string{"", watchlist.Individual, watchlist.Entity}).Draw(t, "kind")
		a := watchlist.Query{Name: strings.Join(words, " "), Kind: kind}
		b := watchlist.Query{Name: strings.Join(others, " "), Kind: kind}
		score := watchlist.Compare(a, b).Score
		require.GreaterOrEqual(t, score, 0.0)
		require.LessOrEqual(t, score, 1.0)
		require.InDelta(t, score, watchlist.Compare(b, a).Score, 1e-6)
		if len(words) > 0 {
			require.Equal(t, 1.0, watchlist.Compare(a, a).Score)
		}
	})
}

// What the index remembers of earlier queries, and who asks beside, changes no answer.
func TestMatchDoesNotDependOnWhatWasAskedBefore(t *testing.T) {
	names := []string{"Tesaly Orvanetzky", "Bordurian Heavy Machinery", "Mohamed Yusuf Sztrakov", "Наталья Выдумкин", "Nobody At All"}
	want := map[string][]watchlist.Match{}
	for _, name := range names {
		want[name] = match(watchlist.NewIndex(invented), name)
	}
	x := watchlist.NewIndex(invented)
	var asking sync.WaitGroup
	answers := make([]map[string][]watchlist.Match, 4)
	for i := range answers {
		asking.Go(func() {
			answers[i] = map[string][]watchlist.Match{}
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range 200 {
				name := names[r.IntN(len(names))]
				answers[i][name] = match(x, name)
			}
		})
	}
	asking.Wait()
	for _, answer := range answers {
		for name, found := range answer {
			require.Equal(t, want[name], found, name)
		}
	}
}

// A word that stands in a name twice, once in its corporate form, is matched with the same one of them from either side.
func TestCompareIsTheSameBothWays(t *testing.T) {
	for a, b := range map[string]string{
		"A A A A A A D A A A A d.d.": "D A",
		"A A A A D A A A A A A d.d.": "00 D y a l",
		"A A A A A A D d.d.":         "00 00 d y a l p",
	} {
		x, y := watchlist.Query{Name: a}, watchlist.Query{Name: b}
		require.InDelta(t, watchlist.Compare(x, y).Score, watchlist.Compare(y, x).Score, 1e-6, a)
	}
}

func FuzzMatch(f *testing.F) {
	x := watchlist.NewIndex(invented)
	for _, seed := range []string{"Tessaly Orvanetzky", "Øß İ", "김민수", "ﷺ", "\xff\xfe", "𝕿𝖊𝖘𝖙", strings.Repeat("a ", 300), strings.Repeat("s a ", 40), "项静培有限公司", "عبدالرحمن"} {
		f.Add(seed, "Tessaly Quim")
	}
	f.Fuzz(func(t *testing.T, name, other string) {
		for _, m := range match(x, name) {
			require.GreaterOrEqual(t, m.Score, watchlist.Threshold)
			require.LessOrEqual(t, m.Score, 1.0)
		}
		a, b := watchlist.Query{Name: name}, watchlist.Query{Name: other}
		require.InDelta(t, watchlist.Compare(a, b).Score, watchlist.Compare(b, a).Score, 1e-6)
	})
}
