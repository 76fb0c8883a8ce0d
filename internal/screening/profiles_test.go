package screening_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/risk"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// scarfPrices are profiles of scarves that cost 50 to 400 yuan a kilogram in Italy, and 20 to 80 yuan a piece: spreads of some 1.9 and 1.6.
func scarfPrices(t require.TestingT) *risk.Prices {
	prices, err := risk.LearnPrices(func(yield func(risk.Sale) bool) {
		for i := range 3000 {
			part := float64(i*7919%3000) / 3000
			sale := risk.Sale{
				HS: "621430", Destination: "IT", Seller: fmt.Sprint(i % 12), PerKg: 50 * math.Pow(8, part), PerPiece: 20 * math.Pow(4, part),
			}
			if !yield(sale) {
				return
			}
		}
	}, risk.PriceOptions{})
	require.NoError(t, err)
	return prices
}

const badSeller = "91650000BAD000001X"

// outcomes are a model of n outcomes, a sixth of them of a seller at whose parcels something was found four times of five, else once in thirty.
func outcomes(t require.TestingT, n int) *risk.Model {
	model, err := risk.Learn(func(yield func(risk.Sample) bool) {
		for i := range n {
			shipment := risk.Shipment{Seller: fmt.Sprint("seller ", i%40), HS: "621430", Origin: "CN", Destination: "IT", Mode: "9610", Platform: "1", SKU: fmt.Sprint(i)}
			atFault := i%30 == 1
			if i%6 == 0 {
				shipment.Seller, atFault = badSeller, i%5 != 0
			}
			if !yield(risk.Sample{Factors: shipment.Factors(nil), AtFault: atFault, At: noon.Add(time.Duration(i) * time.Hour)}) {
				return
			}
		}
	}, risk.Options{Plan: risk.ShipmentPlan(), Repeat: risk.ShipmentRepeat()})
	require.NoError(t, err)
	return model
}

func learnedRules(profiles screening.Profiles) *screening.Rules {
	basis := basisOf(watchlist.NewIndex(nil))
	basis.Profiles = profiles
	return screening.NewRules(quiet(), basis)
}

// priced declares scarves of 200 g at a unit price in yuan.
func priced(unit string) change {
	return func(d *parcel.Declaration) {
		d.Currency, d.GoodsValue, d.Items[0].UnitPrice = "CNY", parcel.MustDecimal(unit), parcel.MustDecimal(unit)
	}
}

func soldBy(registration string) change {
	return func(d *parcel.Declaration) { d.Seller.RegistrationNo = registration }
}

func unweighed(d *parcel.Declaration) { d.Items[0].NetWeight = 0 }

// TestProfiles: what makes the rules fire that rest on what was learned, and what nearly does.
func TestProfiles(t *testing.T) {
	rules := learnedRules(screening.Profiles{Prices: scarfPrices(t), Risk: outcomes(t, 1200)})
	rows := []struct {
		name    string
		changes []change
		rule    string
		field   string
		says    []string // in English, in Chinese
	}{
		{"a usual price", []change{priced("30")}, "", "", nil},
		{"a low price that is not far out", []change{priced("9.9")}, "", "", nil},
		{"a tenth of the lowest", []change{priced("1")}, "undervaluation.price", "/items/0/unit_price",
			[]string{"5.00 CNY/kg; 99 % of", "heading 6214 to IT", "5.00 CNY/千克；同类"}},
		{"nearly: the same to where only the chapter's neighbours are known", []change{priced("1"), classified("6117100000")}, "", "", nil},
		{"far too cheap a piece, without a weight", []change{priced("0.5"), unweighed}, "undervaluation.price", "/items/0/unit_price",
			[]string{"0.50 CNY/piece; 99 % of", "0.50 CNY/件；同类"}},
		{"without a weight and by the kilogram", []change{priced("0.5"), unweighed, func(d *parcel.Declaration) { d.Items[0].Unit = "KGM" }}, "", "", nil},
		{"without a rate", []change{priced("1"), worth("1", "KPW")}, "value.unrated", "/currency", nil},
		{"a seller often at fault", []change{priced("30"), soldBy(badSeller)}, "profile.risk", "/seller/registration_no",
			[]string{"likely to be at fault, where", "seller " + badSeller, "有问题的可能性"}},
		{"nearly: another seller", []change{priced("30"), soldBy("seller 3")}, "", "", nil},
		{"both", []change{priced("1"), soldBy(badSeller)}, "undervaluation.price profile.risk", "/items/0/unit_price", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			v := screened(t, rules, declared(1, row.changes...))[0]
			requireSound(t, rules, v)
			if row.rule == "" {
				require.Equal(t, green, v.Lane, hitsOf(v))
				return
			}
			require.Equal(t, yellow, v.Lane)
			hits := hitsOf(v)
			require.Equal(t, row.rule, joined(hits))
			require.Equal(t, row.field, v.Reasons[0].Field)
			for _, says := range row.says {
				require.Contains(t, v.Reasons[0].Explanation+"\n"+v.Reasons[0].ExplanationZH, says)
			}
		})
	}
}

func joined(hits []string) (text string) {
	for i, hit := range hits {
		if i > 0 {
			text += " "
		}
		text += hit
	}
	return text
}

// A model of few outcomes is not relied on, and without profiles nothing is known.
func TestProfilesThatSayTooLittle(t *testing.T) {
	for name, profiles := range map[string]screening.Profiles{"none": {}, "few outcomes": {Risk: outcomes(t, screening.FewestOutcomes-1)}} {
		v := screened(t, learnedRules(profiles), declared(1, priced("0.5"), soldBy(badSeller)))[0]
		require.Empty(t, hitsOf(v), name)
	}
	v := screened(t, learnedRules(screening.Profiles{Risk: outcomes(t, screening.FewestOutcomes)}), declared(1, soldBy(badSeller)))[0]
	require.Equal(t, []string{"profile.risk"}, hitsOf(v))
}

// A desk that has told of one parcel says nothing of it at the next.
func TestProfilesAreOfOneParcel(t *testing.T) {
	rules := learnedRules(screening.Profiles{Prices: scarfPrices(t), Risk: outcomes(t, 1200)})
	batch := []parcel.Declared{
		declared(1, priced("1")), declared(2, priced("30")), declared(3, priced("2"), soldBy(badSeller)), declared(4, priced("30"), classified("847130")),
	}
	for i, v := range screened(t, rules, batch...) {
		require.Equal(t, screened(t, rules, batch[i])[0].Reasons, v.Reasons, i)
	}
}

// Rules of the office's own may ask for the sentences already in their conditions.
func TestSentencesInConditions(t *testing.T) {
	document := screening.Builtin().Document()
	own := document.Rules[slices.IndexFunc(document.Rules, func(r screening.RuleText) bool { return r.ID == "undervaluation.price" })]
	own.ID, own.When, own.Field = "own.price", `price_because contains "median is" and risk_because contains "inspected"`, "unit_price"
	document.Rules = []screening.RuleText{own}
	set, err := screening.Compile(document, nil)
	require.NoError(t, err)
	rules := learnedRules(screening.Profiles{Prices: scarfPrices(t), Risk: outcomes(t, 1200)}).With(set)
	v := screened(t, rules, declared(1, priced("30")))[0]
	require.Equal(t, []string{"own.price"}, hitsOf(v))
	require.Contains(t, v.Reasons[0].ExplanationZH, "中位数为")
}

// A rule for parties that asks the risk holds what is screened again just as it holds what is new.
func TestRiskIsKnownOfWhatAListAdds(t *testing.T) {
	document := screening.Builtin().Document()
	own := document.Rules[slices.IndexFunc(document.Rules, func(r screening.RuleText) bool { return r.ID == "sanctions.name" })]
	own.ID, own.When, own.Because.EN = "own.name", "likeness > 0.7 and risk > 0.3", "{name}: {risk_because}"
	document.Rules = []screening.RuleText{own}
	set, err := screening.Compile(document, nil)
	require.NoError(t, err)
	rules := learnedRules(screening.Profiles{Risk: outcomes(t, 1200)}).With(set)
	added := rules.Added(watchlist.NewIndex([]watchlist.List{{Source: watchlist.Custom, Version: "1", Entries: []watchlist.Entry{
		{List: watchlist.Custom, ID: "7", Name: "Zebulon Quackenbush", Kind: "individual", Primary: true},
	}}}))
	s := subjectsOf(t, declared(1, consignee("Zebulon Quackenbush"), soldBy(badSeller)), declared(2, consignee("Zebulon Quackenbush"), soldBy("seller 7")))
	reasons := added.Reasons(&s[0], screening.Past{})
	require.Len(t, reasons, 1)
	require.Contains(t, reasons[0].Explanation, "inspected")
	require.Empty(t, added.Reasons(&s[1], screening.Past{}))
}

// The profiles are part of the rules' version, and of what is kept to judge again.
func TestProfilesAreInTheRecord(t *testing.T) {
	all := screening.Profiles{Prices: scarfPrices(t), Risk: outcomes(t, 300)}
	seen := map[string]bool{}
	for _, profiles := range []screening.Profiles{{}, {Prices: all.Prices}, {Risk: all.Risk}, all, {Risk: outcomes(t, 301)}} {
		rules := learnedRules(profiles)
		seen[rules.Version()] = true
		require.Equal(t, profiles.Versions(), rules.Record("").Learned)
		again, err := rules.Record("").Rules("", screening.Basis{Lists: watchlist.NewIndex(nil), Profiles: profiles})
		require.NoError(t, err)
		require.Equal(t, rules.Version(), again.Version())
		require.Equal(t, screened(t, rules, declared(1, priced("1"))), screened(t, again, declared(1, priced("1"))))
	}
	require.Len(t, seen, 5, "each has its own")
}

// What is learned says nothing of most parcels, and then costs them no memory.
func TestProfilesOfNoFindingAllocateNothing(t *testing.T) {
	s := subjectsOf(t, declared(1, priced("30")))[0]
	cost := func(profiles screening.Profiles) float64 {
		rules := learnedRules(profiles)
		subjects, pasts := slices.Repeat([]screening.Subject{s}, 200), make([]screening.Past, 200)
		return testing.AllocsPerRun(20, func() { rules.JudgeAgain(subjects, pasts) })
	}
	bare := cost(screening.Profiles{})
	require.Less(t, cost(screening.Profiles{Prices: scarfPrices(t), Risk: outcomes(t, 1200)})-bare, 20.0, "of 200 parcels")
}

// BenchmarkScreenLearned is BenchmarkScreenSample with what was learned of prices and risk.
func BenchmarkScreenLearned(b *testing.B) {
	batch := sampleBatch(b, 500)
	var sales []risk.Sale
	for i := range batch {
		sales = slices.AppendSeq(sales, screening.SalesOf(&batch[i], nil))
	}
	prices, err := risk.LearnPrices(slices.Values(sales), risk.PriceOptions{MinCount: 5})
	require.NoError(b, err)
	basis := basisOf(listed(20_000))
	basis.Profiles = screening.Profiles{Prices: prices, Risk: outcomes(b, 1200)}
	rules := screening.NewRules(screening.DefaultConfig(), basis)
	screener := screening.NewScreener(func() *screening.Rules { return rules }, judging{})
	b.ReportAllocs()
	b.ResetTimer() // an index of 20,000 names takes a second
	for n := 0; n < b.N; n += len(batch) {
		_, err := screener.Screen(b.Context(), batch)
		require.NoError(b, err)
	}
}
