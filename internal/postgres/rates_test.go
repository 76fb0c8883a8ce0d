package postgres

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/refdata"
)

// sheetOf is a custom file of lines of currency, day and yuan.
func sheetOf(t *testing.T, lines ...string) *rates.Sheet {
	t.Helper()
	text := "currency,date,cny,units\n"
	for _, line := range lines {
		text += strings.ReplaceAll(line, " ", ",") + ",1\n"
	}
	sheet, err := rates.Parse(rates.Custom, "own.csv", strings.NewReader(text), rates.DayOf(time.Now())+3650)
	require.NoError(t, err)
	return sheet
}

func importRates(t *testing.T, s *Store, lines ...string) (RateImport, bool) {
	t.Helper()
	done, imported, err := s.ImportRates(t.Context(), sheetOf(t, lines...), "test", false)
	require.NoError(t, err)
	return done, imported
}

func dayIs(t *testing.T, text string) rates.Day {
	t.Helper()
	day, err := rates.ParseDay(text)
	require.NoError(t, err)
	return day
}

func TestRatesAreImportedInVersions(t *testing.T) {
	s := open(t)
	version, err := s.RatesVersion(t.Context())
	require.NoError(t, err)
	require.Empty(t, version)
	none, err := s.Rates(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none.Version())

	first, imported := importRates(t, s, "KPW 2026-07-01 0.05", "USD 2026-07-01 6.9")
	require.True(t, imported)
	require.Equal(t, 1, first.Number)
	require.Equal(t, 2, first.Added)
	version, err = s.RatesVersion(t.Context())
	require.NoError(t, err)
	require.Equal(t, first.Version, version)
	one, err := s.Rates(t.Context(), none)
	require.NoError(t, err)
	require.Equal(t, version, one.Version())

	again, imported := importRates(t, s, "USD 2026-07-01 6.9", "KPW 2026-07-01 0.05")
	require.False(t, imported, "the same again")
	require.Zero(t, again)
	_, _, err = s.ImportRates(t.Context(), sheetOf(t, "EUR 2026-07-02 7.9", "USD 2026-07-02 69"), "test", false)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	require.ErrorContains(t, err, "USD would be worth 69 CNY on 2026-07-02, and is 6.9 CNY on 2026-07-01")
	unchanged, err := s.RatesVersion(t.Context())
	require.NoError(t, err)
	require.Equal(t, version, unchanged, "not a line of it is taken")

	second, imported := importRates(t, s, "KPW 2026-07-01 0.06", "KPW 2026-07-02 0.07", "USD 2026-07-01 6.9")
	require.True(t, imported)
	require.Equal(t, []int{2, 1, 1}, []int{second.Number, second.Added, second.Changed})
	jumped, imported, err := s.ImportRates(t.Context(), sheetOf(t, "USD 2026-07-02 69"), "test", true)
	require.NoError(t, err)
	require.True(t, imported)

	step, err := s.Rates(t.Context(), one)
	require.NoError(t, err)
	whole, err := s.Rates(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, whole, step, "read in one go or in two")
	require.Equal(t, jumped.Version, whole.Version())
	at := dayIs(t, "2026-07-03")
	require.Equal(t, int64(70_000_000), whole.On("KPW", at).Nano)
	require.Equal(t, int64(69_000_000_000), whole.On("USD", at).Nano)
	require.Equal(t, int64(50_000_000), one.On("KPW", at).Nano, "what judged before is as it was")

	// A year later each version is what it was.
	for version, want := range map[string]int64{"": 0, first.Version: 50_000_000, second.Version: 70_000_000, jumped.Version: 70_000_000} {
		old, err := s.RatesOf(t.Context(), version)
		require.NoError(t, err)
		require.Equal(t, version, old.Version())
		require.Equal(t, want, old.On("KPW", at).Nano, version)
	}
	for _, unknown := range []string{"1-000000000000", "9-" + first.Version[2:], "0-1", "x", "-"} {
		_, err := s.RatesOf(t.Context(), unknown)
		require.Equal(t, fault.NotFound, fault.KindOf(err), unknown)
	}
	imports, err := s.RateImports(t.Context())
	require.NoError(t, err)
	require.Len(t, imports, 3)
	require.Equal(t, second.Version, imports[1].Version)
	require.Equal(t, "own.csv custom test 2026-07-01 2026-07-02", fmt.Sprint(imports[1].File, " ", imports[1].Source, " ", imports[1].ImportedBy, " ",
		imports[1].FirstDay.Format(time.DateOnly), " ", imports[1].LastDay.Format(time.DateOnly)))
	require.Len(t, imports[1].Hash, 64)
}

// Rows that somebody has changed by hand do not judge in silence.
func TestDamagedRatesAreNotTaken(t *testing.T) {
	s := open(t)
	first, _ := importRates(t, s, "KPW 2026-07-01 0.05")
	_, err := s.pool.Exec(t.Context(), `UPDATE exchange_rates SET nano_cny = nano_cny + 1`)
	require.NoError(t, err)
	_, err = s.Rates(t.Context(), nil)
	require.ErrorContains(t, err, "rows are damaged or missing")
	_, err = s.RatesOf(t.Context(), first.Version)
	require.ErrorContains(t, err, "rows are damaged or missing")
}

// Imports at the same time come one after the other, and each is whole.
func TestImportsAtTheSameTime(t *testing.T) {
	s := open(t)
	var all sync.WaitGroup
	for i := range 6 {
		sheet := sheetOf(t, fmt.Sprintf("KPW 2026-07-0%d 0.05", i%3+1), "EUR 2026-07-01 7.9")
		all.Go(func() {
			if _, _, err := s.ImportRates(t.Context(), sheet, "test", false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	imports, err := s.RateImports(t.Context())
	require.NoError(t, err)
	require.Len(t, imports, 3, "those of the same rates change nothing")
	table, err := s.Rates(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 3, table.Number())
}

func TestAgeOfRates(t *testing.T) {
	s := open(t)
	at := func(text string) map[string]time.Duration {
		t.Helper()
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return stateAt(t, s, moment).Rates
	}
	require.Equal(t, map[string]time.Duration{"EUR": 36 * time.Hour, "USD": 36 * time.Hour}, at("2026-07-01T12:00:00Z"), "those that come with the program are of June")
	importRates(t, s, "USD 2026-07-01 6.9", "EUR 2026-05-01 7.8", "USD 2026-08-01 6.8", "KPW 2026-07-01 0.05")
	require.Equal(t, map[string]time.Duration{"EUR": 36 * time.Hour, "USD": 12 * time.Hour}, at("2026-07-01T12:00:00Z"))
	require.Zero(t, at("2026-07-31T20:00:00Z")["USD"], "it is August in China")
}

// What the database says of a day is what the rules are given.
func TestRatesOnADay(t *testing.T) {
	s := open(t)
	importRates(t, s, "KPW 2026-07-01 0.05", "USD 2026-06-29 6.5", "EUR 2026-07-02 7.8", "KPW 2026-07-03 0.06")
	second, _ := importRates(t, s, "KPW 2026-07-03 0.07", "EUR 2026-07-01 7.7")
	table, err := s.Rates(t.Context(), nil)
	require.NoError(t, err)
	for _, text := range []string{"2026-01-01", "2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03", "2026-12-01"} {
		day := dayIs(t, text)
		standings, err := s.RatesOn(t.Context(), day)
		require.NoError(t, err)
		require.Len(t, standings, len(refdata.Currencies()))
		for _, standing := range standings {
			rate := table.On(standing.Currency.Code, day)
			require.Equal(t, rate, standing.Rate, text+" "+standing.Currency.Code)
			require.Equal(t, rate.Import == 0, standing.Source == rates.Program)
			require.Equal(t, rate.Import == 0, standing.Version == "")
			require.NotEmpty(t, standing.Currency.Name)
			if standing.Currency.Code == "KPW" && text == "2026-12-01" {
				require.Equal(t, second.Version, standing.Version)
			}
		}
	}
}
