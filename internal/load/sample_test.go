package load_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/refdata"
)

// declaration is the contract's, read strictly.
type declaration struct {
	OrderNo       string `json:"order_no"`
	TrackingNo    string `json:"tracking_no"`
	Mode          string `json:"mode"`
	Service       string `json:"service"`
	WarehouseCode string `json:"warehouse_code"`
	AccountBookNo string `json:"account_book_no"`
	Seller        struct {
		Name           string `json:"name"`
		RegistrationNo string `json:"registration_no"`
		Country        string `json:"country"`
	} `json:"seller"`
	Consignee struct {
		Name    string  `json:"name"`
		Phone   *string `json:"phone"`
		Email   *string `json:"email"`
		IDNo    *string `json:"id_no"`
		Address struct {
			Country    string   `json:"country"`
			Region     *string  `json:"region"`
			City       string   `json:"city"`
			PostalCode string   `json:"postal_code"`
			Lines      []string `json:"lines"`
		} `json:"address"`
	} `json:"consignee"`
	Currency   string `json:"currency"`
	GoodsValue string `json:"goods_value"`
	Freight    string `json:"freight"`
	Insurance  string `json:"insurance"`
	Gross      int64  `json:"gross_weight_g"`
	Dimensions struct {
		Length int64 `json:"length"`
		Width  int64 `json:"width"`
		Height int64 `json:"height"`
	} `json:"dimensions_mm"`
	Items []item `json:"items"`
}

type item struct {
	SKU         string `json:"sku"`
	Description string `json:"description"`
	HSCode      string `json:"hs_code"`
	Origin      string `json:"origin"`
	Quantity    string `json:"quantity"`
	Unit        string `json:"unit"`
	UnitPrice   string `json:"unit_price"`
	Net         int64  `json:"net_weight_g"`
	Battery     *struct {
		UN        string  `json:"un_number"`
		WattHours *string `json:"watt_hours"`
		LithiumG  *string `json:"lithium_g"`
	} `json:"battery"`
}

var (
	decimal = regexp.MustCompile(`^(0|[1-9]\d{0,13})(\.\d{1,5})?$`)
	weapon  = regexp.MustCompile(`pistol|crossbow|ammunition|knuckles`)
	vague   = regexp.MustCompile(`^(gift|goods|sample|present)$`)
	hsCode  = regexp.MustCompile(`^(\d{4}|\d{6}|\d{8}|\d{10})$`)
	yuan    = map[string]int64{"EUR": 800, "GBP": 930, "PLN": 190, "USD": 720, "RUB": 9, "KZT": 1, "UZS": 0} // fen, about
)

func day(t *testing.T, seed uint64, n int) (all []declaration, texts []string) {
	t.Helper()
	texts, err := drain(load.Sample(seed, n))
	require.NoError(t, err)
	require.Len(t, texts, n)
	for _, text := range texts {
		var d declaration
		strict := json.NewDecoder(strings.NewReader(text))
		strict.DisallowUnknownFields()
		require.NoError(t, strict.Decode(&d), text)
		all = append(all, d)
	}
	return all, texts
}

// wrong gives the codes of the rules a declaration breaks, by the contract's table.
func (d *declaration) wrong(t *testing.T) (codes []string) {
	t.Helper()
	note := func(broken bool, code string) {
		if broken {
			codes = append(codes, code)
		}
	}
	note(d.OrderNo == "" || len(d.OrderNo) > 60, "order_no")
	note(refdata.S10Form(d.TrackingNo) && !refdata.S10Valid(d.TrackingNo), "tracking_no.check_digit")
	note(d.Mode == "1210" && (d.WarehouseCode == "" || d.AccountBookNo == ""), "warehouse_code.required")
	no := d.Seller.RegistrationNo
	note(!refdata.CreditCodeValid(no) && !refdata.CustomsRegistrationForm(no), "registration_no.check_character")
	note(d.Consignee.Phone == nil && d.Consignee.Email == nil, "phone.required")
	note(!refdata.IsCountry(d.Consignee.Address.Country), "country")
	_, known := refdata.CurrencyOf(d.Currency)
	note(!known, "currency")
	sum, net := new(big.Rat), int64(0)
	for _, it := range d.Items {
		for _, amount := range []string{it.Quantity, it.UnitPrice} {
			require.True(t, decimal.MatchString(amount), amount)
		}
		quantity, _ := new(big.Rat).SetString(it.Quantity)
		price, _ := new(big.Rat).SetString(it.UnitPrice)
		note(quantity.Sign() <= 0 || price.Sign() <= 0, "positive")
		sum.Add(sum, quantity.Mul(quantity, price))
		net += it.Net
		note(!hsCode.MatchString(it.HSCode) || !refdata.IsHSChapter(it.HSCode[:2]), "hs_code.chapter")
		note(!refdata.IsUnit(it.Unit), "unit")
		note(it.Description == "" || len(it.Description) > 250, "description")
	}
	value, ok := new(big.Rat).SetString(d.GoodsValue)
	note(!ok || value.Cmp(sum) != 0, "goods_value.sum")
	note(d.Gross <= 0 || d.Gross < net, "gross_weight_g.below_net")
	note(d.Mode == "9610" && d.Gross > 30_000, "gross_weight_g.limit")
	note(len(d.Items) < 1 || len(d.Items) > 5, "items")
	return codes
}

func TestSampleIsTheSameForTheSameSeed(t *testing.T) {
	one, err := drain(load.Sample(42, 5000))
	require.NoError(t, err)
	same, err := drain(load.Sample(42, 5000))
	require.NoError(t, err)
	require.Equal(t, one, same)
	longer, err := drain(load.Sample(42, 6000))
	require.NoError(t, err)
	require.Equal(t, one, longer[:5000], "a longer day begins alike")

	all, _ := day(t, 43, 1000)
	numbers := map[string]bool{}
	for _, d := range append(all, func() []declaration { d, _ := day(t, 42, 1000); return d }()...) {
		require.False(t, numbers[d.OrderNo], "another seed has other order numbers")
		numbers[d.OrderNo] = true
	}
}

// Eight of a thousand are wrong, each in one way, and every way comes once; all others keep every rule.
func TestSampleBreaksRulesAsDocumented(t *testing.T) {
	const cycles = 6
	all, texts := day(t, 7, cycles*load.SampleCycle)
	counts := map[string]int{}
	for i := range all {
		wrong := all[i].wrong(t)
		require.LessOrEqual(t, len(wrong), 1, texts[i])
		for _, code := range wrong {
			counts[code]++
		}
	}
	require.Equal(t, map[string]int{
		"hs_code.chapter": cycles, "gross_weight_g.limit": cycles, "tracking_no.check_digit": cycles, "registration_no.check_character": cycles,
		"goods_value.sum": cycles, "gross_weight_g.below_net": cycles, "warehouse_code.required": cycles, "phone.required": cycles,
	}, counts)
}

func TestSampleRaisesSuspicionAsDocumented(t *testing.T) {
	const cycles = 6
	all, _ := day(t, 7, cycles*load.SampleCycle)
	counts, parcels := map[string]int{}, map[string]int{}
	for _, d := range all {
		if d.Consignee.Phone != nil {
			parcels[d.Consignee.Name+*d.Consignee.Phone]++
		}
		text := strings.ToLower(d.Items[0].Description)
		switch volume := d.Dimensions.Length * d.Dimensions.Width * d.Dimensions.Height / 1000; {
		case d.Consignee.Name == load.SampleDeniedName:
			counts["denied"]++
		case weapon.MatchString(text):
			counts["weapon"]++
		case vague.MatchString(text):
			counts["text"]++
		case d.Gross > volume*20:
			counts["density"]++
		case d.Mode == "9710" && inYuan(t, d) > 8_000:
			counts["value"]++
		case d.Mode == "9710":
			require.Less(t, inYuan(t, d), int64(4_500), "%+v", d)
		}
	}
	require.Equal(t, map[string]int{"denied": cycles, "weapon": cycles, "text": cycles, "density": cycles, "value": cycles}, counts)
	most := 0
	for consignee, n := range parcels {
		if n > 3 {
			require.Equal(t, 3*cycles, n, "only the split consignment has many parcels to one consignee: %s", consignee)
		}
		most = max(most, n)
	}
	require.Equal(t, 3*cycles, most)
}

// inYuan values goods, roughly, in CNY.
func inYuan(t *testing.T, d declaration) int64 {
	t.Helper()
	minor, ok := new(big.Int).SetString(strings.Replace(d.GoodsValue, ".", "", 1), 10)
	require.True(t, ok)
	switch d.Currency {
	case "KZT":
		return minor.Int64() / 100 / 72
	case "UZS":
		return minor.Int64() / 100 / 1700
	case "RUB":
		return minor.Int64() / 100 * 10 / 115
	}
	return minor.Int64() * yuan[d.Currency] / 10_000
}

func TestSampleIsAsVariedAsDocumented(t *testing.T) {
	const n = 10_000
	all, texts := day(t, 3, n)
	shares := map[string]float64{}
	seen := func(what string) { shares[what] += 100.0 / n }
	people, tracking, size := map[string]bool{}, map[string]bool{}, 0
	for i, d := range all {
		seen(d.Mode)
		seen(d.Service)
		seen(d.Currency)
		seen("to " + d.Consignee.Address.Country)
		people[d.Consignee.Name] = true
		tracking[d.TrackingNo] = true
		size += len(texts[i])
		for _, script := range scripts {
			if script.MatchString(d.Consignee.Name) {
				seen(script.String())
			}
		}
		for _, it := range d.Items {
			if it.Battery != nil {
				seen("battery")
				require.Contains(t, "UN3480 UN3481 UN3090 UN3091", it.Battery.UN)
				require.NotEqual(t, it.Battery.WattHours != nil, it.Battery.LithiumG != nil)
			}
		}
	}
	for what, want := range map[string][2]float64{
		"9610": {89, 91}, "9710": {4.5, 6}, "9810": {2.5, 3.5}, "1210": {1.7, 2.5}, "express": {7.5, 8.5},
		"to DE": {12, 15}, "to KZ": {7, 10}, "to UZ": {4, 6}, "to KG": {1, 3}, "to TJ": {0.5, 2}, "to RU": {6, 9}, "to BY": {1, 2}, "to GB": {7, 9},
		"to AU": {0.2, 0.6}, "to JP": {0.1, 0.5}, "to US": {0.1, 0.5}, "battery": {10, 40},
		"GBP": {7, 9}, "PLN": {9, 13}, "KZT": {7, 10}, "UZS": {4, 6}, "RUB": {8, 11}, "USD": {2, 6}, "EUR": {45, 65},
	} {
		require.GreaterOrEqual(t, shares[what], want[0], what)
		require.LessOrEqual(t, shares[what], want[1], what)
	}
	for _, script := range scripts {
		require.Greater(t, shares[script.String()], 0.1, script.String())
	}
	require.Greater(t, len(people), 1000)
	require.Len(t, tracking, n)
	require.Greater(t, size/n, 600, "bytes an order, as real ones have")
}

var scripts = []*regexp.Regexp{
	regexp.MustCompile(`\p{Latin}`), regexp.MustCompile(`\p{Cyrillic}`), regexp.MustCompile(`\p{Han}`), regexp.MustCompile(`\p{Arabic}`), regexp.MustCompile(`\p{Greek}`),
}

func TestSampleReadsFar(t *testing.T) {
	s := load.Sample(1, 10)
	for range 4 {
		_, err := s.Next()
		require.NoError(t, err)
	}
	done, total := s.Far()
	require.EqualValues(t, 4, done)
	require.EqualValues(t, 10, total)
}

func BenchmarkSample(b *testing.B) {
	s, size := load.Sample(1, b.N), 0
	b.ReportAllocs()
	for range b.N {
		order, _ := s.Next()
		size += len(order)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	b.SetBytes(int64(size / b.N))
}
