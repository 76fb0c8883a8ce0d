package refdata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/refdata"
)

// lookUps are the calls an order's check makes, each with eight codes that spread over the table.
var lookUps = map[string]struct {
	call  func(code string) bool
	codes []string
}{
	"country":     {refdata.IsCountry, []string{"CN", "GB", "DE", "KZ", "UZ", "ZZ", "FR", "PL"}},
	"currency":    {hasCents, []string{"CNY", "GBP", "EUR", "KZT", "UZS", "BGN", "USD", "PLN"}},
	"rate":        {hasRate, []string{"CNY", "GBP", "EUR", "KZT", "UZS", "BGN", "USD", "PLN"}},
	"unit":        {refdata.IsUnit, []string{"H87", "C62", "EA", "PR", "KGM", "MTR", "NMB", "SET"}},
	"hs_chapter":  {refdata.IsHSChapter, []string{"01", "95", "39", "77", "85", "62", "98", "42"}},
	"place":       {hasGauge, []string{"CNAKL", "KZDOS", "PLMAA", "DEDUI", "XXXXX", "UZTAS", "KZALA", "CNHRS"}},
	"unit_type":   {hasPayload, []string{"20GP", "40GP", "40HC", "45HC", "53HC", "40HC", "20GP", "40HC"}},
	"s10":         {refdata.S10Valid, repeat("RB123456785GB", "LX724747595CN", "RB123456786US", "SF1234567890")},
	"credit_code": {refdata.CreditCodeValid, repeat("91650000MA0000001N", "91330100799655058B", "91650000MA0000001P", "6501960ABC")},
	"container":   {refdata.ContainerValid, repeat("CSQU3054383", "BEAU5694302", "GVTU3000389", "CSQU3054384")},
}

func repeat(codes ...string) []string { return append(codes, codes...) }

func hasCents(code string) bool {
	currency, ok := refdata.CurrencyOf(code)
	return ok && currency.MinorDigits == 2
}

func hasRate(code string) bool {
	micro, ok := refdata.MicroCNY(code)
	return ok && micro > 0
}

func hasGauge(code string) bool {
	place, ok := refdata.PlaceOf(code)
	return ok && place.Gauge > 0
}

func hasPayload(typ string) bool {
	unit, ok := refdata.LoadingUnitOf(typ)
	return ok && unit.PayloadG > 0
}

func TestLookUpsDoNotAllocate(t *testing.T) {
	for name, lookUp := range lookUps {
		yes := 0
		allocs := testing.AllocsPerRun(100, func() {
			for _, code := range lookUp.codes {
				if lookUp.call(code) {
					yes++
				}
			}
		})
		require.Zero(t, allocs, name)
		require.Positive(t, yes, name)
	}
}

func BenchmarkLookUp(b *testing.B) {
	for name, lookUp := range lookUps {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				lookUp.call(lookUp.codes[i&7])
				i++
			}
		})
	}
}
