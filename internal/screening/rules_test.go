package screening_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

type change = func(*parcel.Declaration)

func describe(text string) change {
	return func(d *parcel.Declaration) { d.Items[0].Description = text }
}

func hsCode(code string) change {
	return func(d *parcel.Declaration) { // "zephyrine" is no name of goods that any table knows
		d.Items[0].HSCode, d.Items[0].Description = code, "Zephyrine"
	}
}

func worth(amount, currency string) change {
	return func(d *parcel.Declaration) { d.GoodsValue, d.Currency = parcel.MustDecimal(amount), currency }
}

func mode(m parcel.Mode) change { return func(d *parcel.Declaration) { d.Mode = m } }

func weighs(grams parcel.Grams, length, width, height parcel.Millimetres) change {
	return func(d *parcel.Declaration) {
		d.GrossWeight, d.Dimensions = grams, &parcel.Dimensions{Length: length, Width: width, Height: height}
		d.Items[0].NetWeight = 0
	}
}

func pieces(quantity, unit string, net, gross parcel.Grams) change {
	return func(d *parcel.Declaration) {
		it := &d.Items[0]
		it.Quantity, it.Unit, it.NetWeight = parcel.MustDecimal(quantity), unit, net
		d.GrossWeight, d.Dimensions = gross, nil
	}
}

func withBattery(un, wattHours, lithium string) change {
	return func(d *parcel.Declaration) {
		b := &parcel.Battery{UNNumber: un}
		if wattHours != "" {
			wh := parcel.MustDecimal(wattHours)
			b.WattHours = &wh
		}
		if lithium != "" {
			g := parcel.MustDecimal(lithium)
			b.LithiumG = &g
		}
		d.Items[0].Battery = b
	}
}

func to(country string) change {
	return func(d *parcel.Declaration) { d.Consignee.Address.Country = country }
}

func classified(code string) change { return func(d *parcel.Declaration) { d.Items[0].HSCode = code } }
func consignee(name string) change  { return func(d *parcel.Declaration) { d.Consignee.Name = name } }
func seller(name string) change     { return func(d *parcel.Declaration) { d.Seller.Name = name } }

const (
	green  = parcel.Green
	blue   = parcel.Blue
	yellow = parcel.Yellow
	red    = parcel.Red
)

// TestRules: for each rule what makes it fire, and what nearly does. A row's changes are made to an order that no rule minds.
// How words in descriptions fare is TestWords.
func TestRules(t *testing.T) {
	rows := []struct {
		name    string
		changes []change
		rule    string // "" when no rule fires
		lane    parcel.Lane
		field   string
		says    string // part of the explanation
	}{
		{"nothing", nil, "", green, "", ""},

		{"consignee listed", []change{consignee("Tessaly Quim Orvane")}, "sanctions.name", red, "/consignee/name", `"ORVANE, Tessaly Quim" (individual, program SDGT, Borduria), entry 102 of ofac_sdn 2026-01-01-0123456789ab`},
		{"consignee listed in Cyrillic", []change{consignee("Федор Елкин")}, "sanctions.name", red, "/consignee/name", "entry 107"},
		{"seller listed, by an alias", []change{seller("Marlinspike Trading Co Ltd")}, "sanctions.name", red, "/seller/name", "an alias"},
		{"seller listed in Chinese", []change{seller("幻想国际贸易有限公司")}, "sanctions.name", red, "/seller/name", "entry 108"},
		{"consignee listed, without a middle name", []change{consignee("Tessaly Orvane")}, "sanctions.name", red, "/consignee/name", "entry 102"},
		{"seller listed, without its form", []change{seller("幻想国际贸易")}, "sanctions.name", red, "/seller/name", "entry 108"},

		{"pistols by HS code", []change{hsCode("930200")}, "prohibited.heading", red, "/items/0/hs_code", "classified under 930200"},
		{"arms, ten digits", []change{hsCode("9304000000")}, "prohibited.heading", red, "/items/0/hs_code", "air guns"},
		{"arms, four digits", []change{hsCode("9306")}, "prohibited.heading", red, "/items/0/hs_code", "ammunition"},
		{"swords", []change{hsCode("930700")}, "prohibited.heading", yellow, "/items/0/hs_code", "swords"},
		{"fireworks", []change{hsCode("360410")}, "dangerous.goods", red, "/items/0/hs_code", "railways"},
		{"raw ivory", []change{hsCode("0507100010"), to("AE")}, "prohibited.heading", red, "/items/0/hs_code", "raw ivory"},
		{"horn", []change{hsCode("05079090"), to("AE")}, "prohibited.heading", yellow, "/items/0/hs_code", "ivory"},
		{"worked ivory", []change{hsCode("960110")}, "prohibited.heading", red, "/items/0/hs_code", "worked ivory"},
		{"mother-of-pearl buttons", []change{hsCode("960190")}, "", green, "", ""},
		{"toys", []change{hsCode("950300")}, "", green, "", ""},
		{"caffeine", []change{hsCode("293930")}, "", green, "", ""},
		{"cocaine", []change{hsCode("293972")}, "prohibited.heading", red, "/items/0/hs_code", "cocaine"},
		{"gold bars", []change{hsCode("710812")}, "prohibited.heading", yellow, "/items/0/hs_code", "precious metals"},
		{"gold-plated jewellery", []change{hsCode("711719")}, "", green, "", ""},
		{"antiques", []change{hsCode("9706")}, "prohibited.heading", yellow, "/items/0/hs_code", "antiques"},
		{"relics", []change{hsCode("97051000")}, "prohibited.heading", red, "/items/0/hs_code", "archaeological"},
		{"paintings", []change{hsCode("970121")}, "", green, "", ""},
		{"banknotes", []change{hsCode("490700")}, "prohibited.heading", yellow, "/items/0/hs_code", "banknotes"},
		{"postcards", []change{hsCode("490900")}, "", green, "", ""},

		{"value at the limit", []change{worth("5000.00", "CNY")}, "", green, "", ""},
		{"half a fen under the next", []change{worth("5000.00499", "CNY")}, "", green, "", ""},
		{"a fen over the limit", []change{worth("5000.01", "CNY")}, "value.limit", yellow, "/goods_value", "5000.01 CNY, about 5,000.01 CNY"},
		{"9710 over the limit", []change{worth("5000.01", "CNY"), mode("9710")}, "value.limit", yellow, "/goods_value", "A 9710 ticket over 5,000.00 CNY needs a full declaration"},
		{"9610 over the limit", []change{worth("5000.01", "CNY"), mode("9610")}, "value.limit", yellow, "/goods_value", "By custom a 9610 ticket is worth 5,000.00 CNY at the most."},
		{"9810 over the limit", []change{worth("1234567.89", "CNY"), mode("9810")}, "value.limit", yellow, "/goods_value", "1,234,567.89 CNY"},
		{"from a bonded zone", []change{worth("50000", "CNY"), mode("1210")}, "", green, "", ""},
		{"pounds over the limit", []change{worth("900", "GBP")}, "value.limit", yellow, "/goods_value", "900 GBP, about"},
		{"yen under the limit", []change{worth("5001", "JPY")}, "", green, "", ""},
		{"no rate", []change{worth("1", "KPW")}, "value.unrated", yellow, "/currency", "no rate from KPW"},

		{"lighter than a carton", []change{weighs(299, 1000, 1000, 100)}, "weight.density", yellow, "/gross_weight_g", "2.99 kg/m³: lighter than an empty carton"},
		{"as an empty carton", []change{weighs(300, 1000, 1000, 100)}, "", green, "", ""},
		{"as lead", []change{weighs(11_340, 100, 100, 100)}, "", green, "", ""},
		{"as dense as the limit", []change{weighs(12_000, 100, 100, 100)}, "", green, "", ""},
		{"as gold", []change{weighs(19_300, 100, 100, 100)}, "weight.density", yellow, "/gross_weight_g", "19300 kg/m³: denser than lead"},
		{"centimetres for millimetres", []change{weighs(500, 20, 15, 10)}, "weight.density", yellow, "/gross_weight_g", "denser than lead"},
		{"without dimensions", []change{func(d *parcel.Declaration) { d.Dimensions = nil }}, "", green, "", ""},

		{"a sequin", []change{hsCode("2530"), pieces("1000", "H87", 10, 20)}, "", green, "", ""},
		{"less than a sequin", []change{hsCode("2530"), pieces("1001", "H87", 10, 20)}, "weight.piece", yellow, "/items/0/net_weight_g", "weighs 0.01 to"},
		{"far less", []change{pieces("99999999999999", "EA", 10, 20)}, "weight.piece", yellow, "/items/0/net_weight_g", "each would weigh 0 g"},
		{"a tenth of a piece", []change{pieces("0.1", "C62", 100, 500)}, "weight.piece", yellow, "/items/0/net_weight_g", "more than the parcel"},
		{"half a piece", []change{pieces("0.5", "C62", 250, 500)}, "", green, "", ""},
		{"kilograms are no pieces", []change{pieces("0.1", "KGM", 100, 500)}, "", green, "", ""},
		{"without net weight", []change{pieces("100000", "H87", 0, 20)}, "", green, "", ""},

		{"lithium accumulators, no battery", []change{hsCode("850760")}, "batteries.undeclared", yellow, "/items/0/hs_code", "\"850760\" speaks of a lithium battery"},
		{"lithium cells, no battery", []change{hsCode("8506500000")}, "batteries.undeclared", yellow, "/items/0/hs_code", "UN number"},
		{"accumulators, four digits", []change{hsCode("8507")}, "batteries.undeclared", yellow, "/items/0/hs_code", "\"8507\""},
		{"alkaline cells", []change{hsCode("850610")}, "", green, "", ""},
		{"lead accumulators", []change{hsCode("850710")}, "", green, "", ""},
		{"parts of accumulators", []change{hsCode("850790")}, "", green, "", ""},
		{"lithium accumulators, declared", []change{hsCode("850760"), withBattery("UN3480", "37", "")}, "", green, "", ""},
		{"power bank by name", []change{describe("Power bank 10000 mAh")}, "batteries.undeclared", yellow, "/items/0/description", `"Power bank"`},
		{"power bank in Chinese", []change{describe("便携充电宝20000毫安")}, "batteries.undeclared", yellow, "/items/0/description", "充电宝"},
		{"power bank in Russian", []change{describe("Внешний аккумулятор для телефона"), classified("8504")}, "batteries.undeclared", yellow, "/items/0/description", "Внешний аккумулятор"},
		{"lithium-ion in Russian", []change{describe("Литий-ионные аккумуляторы 18650"), classified("8504")}, "batteries.undeclared", yellow, "/items/0/description", "Литий"},
		{"power bank, declared", []change{describe("Power bank"), classified("850760"), withBattery("UN3480", "100", "")}, "", green, "", ""},
		{"a case for one", []change{describe("Power bank case, leather")}, "", green, "", ""},
		{"without one", []change{describe("台灯 不含锂电池"), classified("9405")}, "", green, "", ""},
		{"at 100 Wh", []change{withBattery("UN3481", "100.00000", "")}, "", green, "", ""},
		{"over 100 Wh", []change{withBattery("UN3481", "100.00001", "")}, "batteries.limit", yellow, "/items/0/battery/watt_hours", "is over 100 Wh"},
		{"at 2 g", []change{withBattery("UN3091", "", "2")}, "", green, "", ""},
		{"over 2 g", []change{withBattery("UN3090", "", "2.1")}, "batteries.limit", yellow, "/items/0/battery/lithium_g", "2.1 g of lithium is over 2 g"},
		{"ion, without watt-hours", []change{withBattery("UN3481", "", "1")}, "batteries.figure", yellow, "/items/0/battery/watt_hours", "without its energy in Wh"},
		{"metal, without grams", []change{withBattery("UN3091", "10", "")}, "batteries.figure", yellow, "/items/0/battery/lithium_g", "without its lithium in g"},

		{"words for a pistol", []change{describe("Handgun, 9 mm"), classified("9503")}, "prohibited.words", red, "/items/0/description", "weapon"},
		{"nearly prohibited.words", []change{describe("Toy gun for bath"), classified("9503")}, "", green, "", ""},
		{"nearly prohibited.heading", []change{hsCode("950300")}, "", green, "", ""},
		{"nearly sanctions.name", []change{consignee("Tessa Quimby")}, "", green, "", ""},
		{"night vision", []change{describe("Night vision goggles, generation 3"), classified("9005")}, "dual_use.goods", yellow, "/items/0/description", "licence"},
		{"a magnet that may have rare earths", []change{hsCode("850511")}, "dual_use.goods", yellow, "/items/0/hs_code", "leave by licence only: samarium"},
		{"a ferrite magnet", []change{hsCode("850519")}, "", green, "", ""},
		{"nearly dual_use.goods", []change{describe("Swimming goggles"), classified("9004")}, "", green, "", ""},
		{"nearly dangerous.goods", []change{describe("Candle holder"), classified("9405")}, "", green, "", ""},
		{"horn to Italy", []change{hsCode("05079090")}, "prohibited.heading destination.barred", yellow, "/items/0/hs_code", ""},
		{"nearly destination.barred", []change{hsCode("950300")}, "", green, "", ""},
		{"nearly batteries.undeclared", []change{describe("Phone case"), classified("3926")}, "", green, "", ""},
		{"nearly batteries.figure", []change{withBattery("UN3481", "5", "")}, "", green, "", ""},
		{"nearly batteries.limit", []change{withBattery("UN3481", "99.9", "")}, "", green, "", ""},
		{"more energy than declared", []change{describe("Power bank 20000mAh 74Wh"), classified("850760"), withBattery("UN3480", "7.4", "")}, "batteries.understated", yellow, "/items/0/battery/watt_hours", "74"},
		{"nearly batteries.understated", []change{describe("Power bank 20000mAh 74Wh"), classified("850760"), withBattery("UN3480", "74", "")}, "", green, "", ""},
		{"metal declared for ion", []change{hsCode("850760"), withBattery("UN3090", "", "1")}, "batteries.number", yellow, "/items/0/battery/un_number", "another kind"},
		{"nearly batteries.number", []change{hsCode("850650"), withBattery("UN3090", "", "1")}, "", green, "", ""},
		{"nearly value.limit", []change{worth("4999.99", "CNY")}, "", green, "", ""},
		{"nearly value.unrated", []change{worth("1", "KZT")}, "", green, "", ""},
		{"a gift", []change{describe("Gift"), classified("6214")}, "description.empty", yellow, "/items/0/description", "does not say"},
		{"nearly description.empty", []change{describe("Gift: silk scarf")}, "", green, "", ""},
		{"a scarf as a machine", []change{classified("847130")}, "consistency.chapter", blue, "/items/0/hs_code", "calls the goods clothing"},
		{"nearly consistency.chapter", []change{classified("611710")}, "", green, "", ""},
		{"nearly weight.piece", []change{pieces("2", "H87", 8000, 9000)}, "", green, "", ""},
		{"nearly weight.density", []change{weighs(11_999, 100, 100, 100)}, "", green, "", ""},
		{"four digits for 9710", []change{hsCode("9505"), mode("9710")}, "mode.code", yellow, "/items/0/hs_code", "six digits"},
		{"nearly mode.code", []change{hsCode("9505"), mode("9610")}, "", green, "", ""},
	}
	known := map[string]bool{}
	for _, row := range rows {
		known[row.name] = true
		for _, rule := range strings.Fields(row.rule) {
			known[rule] = true
		}
		t.Run(row.name, func(t *testing.T) {
			v := judged(t, row.changes...)
			require.Equal(t, row.lane, v.Lane)
			require.Equal(t, row.lane.Holds(), v.Status == parcel.Held)
			if row.rule == "" {
				require.Empty(t, hitsOf(v))
				return
			}
			require.Equal(t, strings.Fields(row.rule), hitsOf(v))
			require.Equal(t, row.field, v.Reasons[0].Field)
			require.Contains(t, v.Reasons[0].Explanation, row.says)
		})
	}
	// What these need that one declaration has not is shown in TestSplit…, TestTracking and TestProfiles.
	elsewhere := []string{"split.parcels", "split.value", "split.address", "tracking.reused", "undervaluation.price", "profile.risk"}
	for _, rule := range screening.Builtin().Document().Rules {
		if !slices.Contains(elsewhere, rule.ID) {
			require.True(t, known[rule.ID] && known["nearly "+rule.ID], "what makes %s fire, and what nearly does", rule.ID)
		}
	}
}

// Every hit is kept, and the heaviest lane decides.
func TestAllHitsAreKept(t *testing.T) {
	v := judged(t, consignee("Tessaly Quim Orvane"), seller("Marlinspike Trading Co. Ltd."), worth("6000", "CNY"), func(d *parcel.Declaration) {
		second := d.Items[0]
		second.Description, second.HSCode = "gift", "930200"
		d.Items = append(d.Items, second)
	})
	require.Equal(t, []string{"sanctions.name", "sanctions.name", "prohibited.heading", "value.limit", "description.empty"}, hitsOf(v))
	require.Equal(t, "/items/1/hs_code", v.Reasons[2].Field)
	require.Equal(t, &parcel.Matched{List: "ofac_sdn", Entry: "102", Name: "ORVANE, Tessaly Quim"}, v.Reasons[0].Matched)
	require.Equal(t, parcel.Red, v.Lane)
	require.Equal(t, parcel.Held, v.Status)
}

// A seller is looked for once in a batch when no list has it, and each time when one has.
func TestEveryParcelOfAListedSellerIsHeld(t *testing.T) {
	listed := seller("Marlinspike Trading Co. Ltd.")
	verdicts := screened(t, rulesOf(quiet()), declared(1), declared(2, listed), declared(3), declared(4, listed), declared(5))
	for i, v := range verdicts {
		if i%2 == 1 {
			require.Equal(t, []string{"sanctions.name"}, hitsOf(v), i)
		} else {
			require.Empty(t, hitsOf(v), i)
		}
	}
}

func TestVersion(t *testing.T) {
	list := func(version string) *watchlist.Index {
		return watchlist.NewIndex([]watchlist.List{{Source: "custom", Version: version}})
	}
	cfg := screening.DefaultConfig()
	version := screening.NewRules(cfg, basisOf(list("1"))).Version()
	require.Equal(t, version, screening.NewRules(cfg, basisOf(list("1"))).Version())
	require.Regexp(t, `^builtin-[0-9a-f]{12}$`, version)

	seen := []string{version, screening.NewRules(cfg, basisOf(list("2"))).Version(), screening.NewRules(cfg, basisOf(watchlist.NewIndex(nil))).Version()}
	for _, change := range []func(*screening.Config){
		func(c *screening.Config) { c.TicketFen++ },
		func(c *screening.Config) { c.SplitParcels++ },
		func(c *screening.Config) { c.RandomBasisPoints++ },
		func(c *screening.Config) { c.SampleKey = "k" },
	} {
		changed := cfg
		change(&changed)
		seen = append(seen, screening.NewRules(changed, basisOf(list("1"))).Version())
	}
	slices.Sort(seen)
	require.Len(t, slices.Compact(seen), 7, "each has its own")
}

func TestConfig(t *testing.T) {
	require.NoError(t, screening.DefaultConfig().Validate())
	require.NoError(t, screening.Config{TicketFen: 1, SplitParcels: 1, RandomBasisPoints: 10_000}.Validate())
	err := screening.Config{RandomBasisPoints: 10_001, SampleKey: strings.Repeat("x", 129)}.Validate()
	for _, says := range []string{"ticket value limit 0", "parcels per consignee 0", "random sample 10001", "sample key"} {
		require.ErrorContains(t, err, says)
	}
	require.Error(t, screening.Config{TicketFen: 1 << 50, SplitParcels: 1}.Validate())
	require.Error(t, screening.Config{TicketFen: 1, SplitParcels: 1, RandomBasisPoints: -1}.Validate())
}

// The sample is about as large as it is set to, depends on the parcel and the office's key alone, and is drawn whatever else hits.
func TestRandomSample(t *testing.T) {
	const parcels = 20_000
	cfg := screening.DefaultConfig()
	cfg.RandomBasisPoints = 100
	drawn := func(cfg screening.Config, lists *watchlist.Index) []int {
		rules := screening.NewRules(cfg, basisOf(lists))
		s := subjectsOf(t, declared(0))[0]
		var ids []int
		for n := range parcels {
			s.ID = parcel.DeriveID(1, time.Duration(n).String())
			if v := rules.Judge(&s, screening.Past{}); slices.Contains(hitsOf(v), "random.sample") {
				require.Equal(t, parcel.Random, v.Reasons[0].Category)
				require.Equal(t, parcel.Yellow, v.Lane)
				ids = append(ids, n)
			}
		}
		return ids
	}
	one := drawn(cfg, watchlist.NewIndex(nil))
	require.Len(t, one, 199, "the same are drawn in every release")
	require.Equal(t, one, drawn(cfg, watchlist.NewIndex([]watchlist.List{{Source: "custom", Version: "2"}})), "a new list draws nothing anew")

	keyed := cfg
	keyed.SampleKey = "secret"
	require.NotEqual(t, one, drawn(keyed, watchlist.NewIndex(nil)))
	cfg.RandomBasisPoints = 0
	require.Empty(t, drawn(cfg, watchlist.NewIndex(nil)))
	cfg.RandomBasisPoints = 10_000
	require.Len(t, drawn(cfg, watchlist.NewIndex(nil)), parcels)
}
