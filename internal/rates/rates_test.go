package rates_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/refdata"
)

func day(t testing.TB, text string) rates.Day {
	t.Helper()
	d, err := rates.ParseDay(text)
	require.NoError(t, err)
	return d
}

func TestDays(t *testing.T) {
	for at, want := range map[string]string{
		"2026-03-09T15:59:59.999999999Z": "2026-03-09", "2026-03-09T16:00:00Z": "2026-03-10", "2026-03-09T23:30:00+08:00": "2026-03-09",
		"1970-01-01T00:00:00Z": "1970-01-01", "1969-12-31T15:00:00Z": "1969-12-31", "2024-02-28T16:00:00Z": "2024-02-29",
	} {
		moment, err := time.Parse(time.RFC3339Nano, at)
		require.NoError(t, err)
		require.Equal(t, want, rates.DayOf(moment).String(), at)
	}
	require.Equal(t, "1999-01-01", rates.Day(10592).String())
	require.Equal(t, day(t, "2026-03-09"), rates.DateOf(time.Date(2026, 3, 9, 23, 59, 0, 0, time.FixedZone("", -9*3600))))
}

// table is made of imports, each of rows of currency, day and billionths.
func table(t testing.TB, base *rates.Table, imports ...[]rates.Quote) *rates.Table {
	t.Helper()
	b := base.Edit()
	for i, quotes := range imports {
		b.Add(base.Number()+i+1, quotes)
	}
	return b.Table()
}

func quote(t testing.TB, currency, on string, nano int64) rates.Quote {
	t.Helper()
	return rates.Quote{Currency: currency, Day: day(t, on), Nano: nano}
}

func TestTheNewestRateOfTheDayOrBeforeHolds(t *testing.T) {
	rated := table(t, nil,
		[]rates.Quote{quote(t, "KPW", "2026-08-03", 3), quote(t, "KPW", "2026-08-05", 5), quote(t, "USD", "2026-05-01", 6), quote(t, "USD", "2026-07-01", 7)},
		[]rates.Quote{quote(t, "KPW", "2026-08-04", 4), quote(t, "KPW", "2026-08-05", 50)})
	on := func(currency, at string) int64 { return rated.On(currency, day(t, at)).Nano }
	for at, want := range map[string]int64{
		"2026-08-02": 0, "2026-08-03": 3, "2026-08-04": 4, "2026-08-05": 50, "2026-08-06": 50, "2030-01-01": 50,
	} {
		require.Equal(t, want, on("KPW", at), at)
	}
	micro, ok := refdata.MicroCNY("USD")
	require.True(t, ok)
	require.Equal(t, day(t, "2026-06-30"), (*rates.Table)(nil).On("USD", day(t, "2026-08-01")).Day)
	for at, want := range map[string]int64{
		"2020-01-01": micro * 1000, // nothing is as old: the program's own stands in
		"2026-05-01": 6, "2026-06-29": 6,
		"2026-06-30": micro * 1000, // the program's own is newer than what was imported
		"2026-07-01": 7,
	} {
		require.Equal(t, want, on("USD", at), at)
	}
	require.Equal(t, int64(1_000_000_000), on("CNY", "2026-08-01"))
	require.Zero(t, rated.On("XXX", day(t, "2026-08-01")))
	require.Zero(t, rated.On("", 0))
	require.Equal(t, rates.Rate{Nano: 50, Day: day(t, "2026-08-05"), Import: 2}, rated.On("KPW", day(t, "2026-08-07")))
	require.Equal(t, 2, rated.On("KPW", day(t, "2026-08-07")).Age(day(t, "2026-08-07")))
	require.Zero(t, rated.On("CNY", day(t, "2026-08-07")).Age(day(t, "2026-08-07")))
}

// A table is never changed by what comes after it, and the same imports make the same version, in one step or in several.
func TestTablesAreImmutable(t *testing.T) {
	first := []rates.Quote{quote(t, "KPW", "2026-08-03", 3), quote(t, "KPW", "2026-08-05", 5)}
	second := []rates.Quote{quote(t, "KPW", "2026-08-04", 4), quote(t, "KPW", "2026-08-05", 50)}
	one := table(t, nil, first)
	version := one.Version()
	require.Regexp(t, `^1-[0-9a-f]{12}$`, version)
	two := table(t, one, second)
	require.Equal(t, int64(5), one.On("KPW", day(t, "2026-08-05")).Nano)
	require.Equal(t, int64(3), one.On("KPW", day(t, "2026-08-04")).Nano)
	require.Equal(t, version, one.Version())
	require.Equal(t, table(t, nil, first, second).Version(), two.Version())
	require.NotEqual(t, table(t, nil, second, first).Version(), two.Version())
	require.Empty(t, (*rates.Table)(nil).Version())
	require.Empty(t, table(t, nil).Version())
	require.Zero(t, (*rates.Table)(nil).Number())
	require.Equal(t, 2, two.Number())
}

func TestYuan(t *testing.T) {
	require.Equal(t, 12.5*float64(7_803_000)/1e6, rates.Rate{Nano: 7_803_000_000}.Yuan(12.5), "to the last bit as with millionths")
	require.InDelta(t, 0.000263456, rates.Rate{Nano: 263_456}.Yuan(1), 1e-15)
	require.Equal(t, "0.000263456", rates.Text(263_456))
	require.Equal(t, "7.8", rates.Text(7_800_000_000))
	require.Equal(t, "100", rates.Text(100_000_000_000))
}

func BenchmarkOn(b *testing.B) {
	var quotes []rates.Quote
	for _, currency := range []string{"EUR", "GBP", "USD"} {
		for d := range 7000 {
			quotes = append(quotes, rates.Quote{Currency: currency, Day: rates.Day(13000 + d), Nano: 7_000_000_000})
		}
	}
	rated := table(b, nil, quotes)
	var sink int64
	b.Run("today", func(b *testing.B) {
		for b.Loop() {
			sink += rated.On("USD", 20500).Nano
		}
	})
	b.Run("past", func(b *testing.B) {
		for b.Loop() {
			sink += rated.On("USD", 15000).Nano
		}
	})
	b.Run("swap", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			next := rated.Edit()
			next.Add(2, []rates.Quote{{Currency: "USD", Day: 20600, Nano: 7_000_000_001}})
			sink += int64(next.Table().Number())
		}
	})
	require.NotZero(b, sink)
}
