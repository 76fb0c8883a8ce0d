package refdata_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/refdata"
)

func TestCountry(t *testing.T) {
	for code, names := range map[string][2]string{
		"AF": {"Afghanistan", "阿富汗"}, "ZW": {"Zimbabwe", "津巴布韦"}, // the ends of the table
		"CN": {"China", "中国"}, "KZ": {"Kazakhstan", "哈萨克斯坦"}, "GB": {"United Kingdom", "英国"},
		"SS": {"South Sudan", "南苏丹"}, "HK": {"Hong Kong", "中国香港"},
	} {
		require.True(t, refdata.IsCountry(code), code)
		require.Equal(t, names[0], refdata.CountryName(code))
		require.Equal(t, names[1], refdata.CountryNameZH(code))
	}
	// Kosovo and the European Union are user-assigned or reserved, AN and SU are history.
	for _, code := range []string{"", "C", "cn", "Cn", "CHN", "XK", "EU", "UK", "AN", "SU", "ZZ", "AA", "C1", "C ", "中"} {
		require.False(t, refdata.IsCountry(code), code)
		require.Empty(t, refdata.CountryName(code)+refdata.CountryNameZH(code), code)
	}
}

func TestCurrencyMinorDigits(t *testing.T) {
	for code, digits := range map[string]int{
		"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "RUB": 2, "KZT": 2, "BYN": 2, "UZS": 2, "KGS": 2, "TJS": 2, "TMT": 2,
		"SLE": 2, "XCG": 2, "VED": 2, "VES": 2, "ZWG": 2, "HUF": 2, "CZK": 2, "TWD": 2, "IDR": 2, "MRU": 2, "MGA": 2, "IRR": 2,
		"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "PYG": 0, "XOF": 0, "XAF": 0, "XPF": 0, "RWF": 0, "UGX": 0, "VUV": 0,
		"BIF": 0, "DJF": 0, "GNF": 0, "KMF": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3, "IQD": 3, "LYD": 3,
	} {
		currency, ok := refdata.CurrencyOf(code)
		require.True(t, ok, code)
		require.Equal(t, digits, currency.MinorDigits, code)
		require.Equal(t, code, currency.Code)
		require.Regexp(t, `^[0-9]{3}$`, currency.Numeric)
	}
}

func TestCurrencyUnknown(t *testing.T) {
	for name, codes := range map[string][]string{
		"withdrawn": {"BGN", "HRK", "SLL", "ANG", "ZWL", "BYR", "VEF", "MRO", "STD", "CUC", "DEM", "TRL", "LTL"},
		"not money": {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XUA", "XSU", "XBA", "XAD"},
		"funds":     {"CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "BOV"},
		"form":      {"", "CN", "cny", "CNYX", "RMB", "CNH", "156", "C Y", "€"},
	} {
		for _, code := range codes {
			currency, ok := refdata.CurrencyOf(code)
			require.False(t, ok, "%s %s", name, code)
			require.Zero(t, currency)
			_, ok = refdata.MicroCNY(code)
			require.False(t, ok, "%s %s", name, code)
		}
	}
}

// TestMicroCNY keeps each rate within bounds no plausible market leaves, so a slipped point is seen.
func TestMicroCNY(t *testing.T) {
	yuan, ok := refdata.MicroCNY("CNY")
	require.True(t, ok)
	require.Equal(t, int64(1_000_000), yuan)
	for code, bounds := range map[string][2]int64{ // micro-CNY, from, to
		"USD": {5_500_000, 8_500_000}, "EUR": {6_500_000, 9_500_000}, "GBP": {7_500_000, 11_000_000},
		"CHF": {6_500_000, 11_000_000}, "AUD": {3_500_000, 6_000_000}, "HKD": {700_000, 1_100_000},
		"JPY": {30_000, 70_000}, "KRW": {3_500, 7_000}, "KZT": {9_000, 20_000}, "RUB": {50_000, 130_000},
		"UZS": {400, 800}, "BYN": {1_600_000, 3_200_000}, "PLN": {1_400_000, 2_300_000}, "SEK": {550_000, 900_000},
		"NOK": {500_000, 900_000}, "DKK": {850_000, 1_300_000}, "CZK": {250_000, 420_000}, "HUF": {15_000, 30_000},
		"RON": {1_200_000, 2_000_000}, "TRY": {80_000, 250_000}, "AED": {1_500_000, 2_300_000}, "ILS": {1_500_000, 3_000_000},
		"VND": {200, 350}, "KWD": {18_000_000, 27_000_000}, "KGS": {60_000, 100_000}, "SGD": {4_500_000, 6_500_000},
	} {
		micro, ok := refdata.MicroCNY(code)
		require.True(t, ok, code)
		require.GreaterOrEqual(t, micro, bounds[0], code)
		require.LessOrEqual(t, micro, bounds[1], code)
	}
	_, known := refdata.CurrencyOf("KPW")
	_, rated := refdata.MicroCNY("KPW")
	require.True(t, known)
	require.False(t, rated, "a currency without a market has no rate")
}

func TestUnit(t *testing.T) {
	for code, name := range map[string]string{
		"H87": "piece", "C62": "one", "EA": "each", "PR": "pair", "SET": "set", "DZN": "dozen", "KGM": "kilogram", "GRM": "gram",
		"MTR": "metre", "CMT": "centimetre", "KMT": "kilometre", "MTK": "square metre", "MTQ": "cubic metre", "LTR": "litre",
		"MLT": "millilitre", "TNE": "tonne (metric ton)", "INH": "inch", "FOT": "foot", "NAR": "number of articles", "NPR": "number of pairs",
	} {
		require.True(t, refdata.IsUnit(code), code)
		require.Equal(t, name, refdata.UnitName(code))
	}
	// PK, BX, CT, PA, BG, ST were deleted; PCE, PCS and NMB are in no current annex; X… are packages.
	for _, code := range []string{"", "H", "h87", "H87 ", "PK", "BX", "CT", "PA", "BG", "ST", "PCE", "PCS", "NMB", "XBX", "XCT", "XPK", "KG", "ZZZZ"} {
		require.False(t, refdata.IsUnit(code), code)
		require.Empty(t, refdata.UnitName(code), code)
	}
}

func TestHSChapter(t *testing.T) {
	for n := range 100 {
		two := fmt.Sprintf("%02d", n)
		want := n >= 1 && n <= 97 && n != 77
		require.Equal(t, want, refdata.IsHSChapter(two), two)
		require.Equal(t, want, refdata.HSChapterName(two) != "", two)
	}
	require.Equal(t, "Toys, games, sports goods", refdata.HSChapterName("95"))
	for _, two := range []string{"", "1", "001", "1a", "a1", "/1", ":1", " 1", "-1", "１"} {
		require.False(t, refdata.IsHSChapter(two), two)
	}
}

func TestPlace(t *testing.T) {
	gauges := map[string]int{
		"CNURC": 1435, "CNAKL": 1435, "CNHRS": 1435, "KZDOS": 1520, "KZHOR": 1520, "KZALA": 1520,
		"UZTAS": 1520, "RUMOW": 1520, "PLMAA": 1435, "DEDUI": 1435, "GBLON": 0, "FRPAR": 0,
	}
	for code, gauge := range gauges {
		place, ok := refdata.PlaceOf(code)
		require.True(t, ok, code)
		require.Equal(t, gauge, place.Gauge, code)
		require.Equal(t, code[:2], place.Country)
		require.True(t, refdata.IsCountry(place.Country), code)
	}
	dostyk, _ := refdata.PlaceOf("KZDOS")
	require.Equal(t, refdata.Place{Code: "KZDOS", Name: "Dostyk", NameZH: "多斯特克", Country: "KZ", Gauge: 1520}, dostyk)
	for _, code := range []string{"", "CN", "cnakl", "CN AKL", "KZALS", "XXXXX"} {
		place, ok := refdata.PlaceOf(code)
		require.False(t, ok, code)
		require.Zero(t, place)
	}
}

func TestLoadingUnit(t *testing.T) {
	for typ, mode := range map[string]string{
		"20GP": "rail", "40GP": "rail", "40HC": "rail", "45HC": "rail", "TRAILER13.6": "road",
	} {
		unit, ok := refdata.LoadingUnitOf(typ)
		require.True(t, ok, typ)
		require.Equal(t, mode, unit.Mode, typ)
		require.Equal(t, unit.VolumeCM3*85/100, unit.UsableVolumeCM3, typ)
		require.Greater(t, unit.PayloadG, int64(20_000_000), "%s carries more than twenty tonnes", typ)
	}
	highCube, _ := refdata.LoadingUnitOf("40HC")
	require.Equal(t, refdata.LoadingUnit{
		Type: "40HC", PayloadG: 26_540_000, VolumeCM3: 76_300_000, UsableVolumeCM3: 64_855_000, Mode: "rail",
	}, highCube)
	for _, typ := range []string{"", "40hc", "53HC", "TRAILER"} {
		unit, ok := refdata.LoadingUnitOf(typ)
		require.False(t, ok, typ)
		require.Zero(t, unit)
	}
}

// TestLookUpsTakeAnyString holds that hostile input is answered, never a panic.
func TestLookUpsTakeAnyString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Za-z@\[]{0,5}`)).Draw(t, "code")
		require.Equal(t, refdata.IsCountry(s), refdata.CountryName(s) != "")
		require.Equal(t, refdata.IsCountry(s), refdata.CountryNameZH(s) != "")
		require.Equal(t, refdata.IsUnit(s), refdata.UnitName(s) != "")
		require.Equal(t, refdata.IsHSChapter(s), refdata.HSChapterName(s) != "")
		currency, ok := refdata.CurrencyOf(s)
		require.Equal(t, ok, currency.Code == s && s != "")
		if micro, rated := refdata.MicroCNY(s); rated {
			require.True(t, ok)
			require.Positive(t, micro)
		}
	})
}
