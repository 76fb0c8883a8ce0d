package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/rates"
)

// ratesFile writes lines of date, currency, units and yuan.
func ratesFile(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rates.csv")
	require.NoError(t, os.WriteFile(path, []byte("date,currency,units,cny\n"+lines), 0o600))
	return path
}

// A missing rate holds a parcel and says what to do; once the rate is imported, while the service runs, the next parcels are judged with
// it, and what was judged before is explained as it was.
func TestRatesAreImportedWhileParcelsAreJudged(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	run := func(more ...string) string {
		t.Helper()
		said, err := at.command(t, more...)
		require.NoError(t, err, said)
		return said
	}
	won := func(no string) string { return r.post(order(no, `"EUR"`, `"KPW"`))[0] }
	reasons := func(id string) (said string) {
		t.Helper()
		var p struct {
			Reasons []struct{ Rule, Explanation string }
		}
		eventually(t, "judged", func() bool { return len(r.feed()[id]) > 0 })
		require.NoError(t, r.client(account.Officer).call(t.Context(), http.MethodGet, "/v1/parcels/"+id, nil, &p))
		for _, reason := range p.Reasons {
			said += reason.Rule + ": " + reason.Explanation + "\n"
		}
		return said
	}
	imported := func(lines string, more ...string) {
		t.Helper()
		before := r.rulesVersion()
		said := run(append([]string{"rates", "import", ratesFile(t, lines)}, more...)...)
		require.Contains(t, said, "in force within seconds")
		eventually(t, "they are", func() bool { return r.rulesVersion() != before })
	}
	today := rates.DayOf(time.Now())

	first := won("1")
	require.Contains(t, reasons(first), "value.unrated: There is no rate from KPW to yuan for "+today.String())
	found := consult(t, at.flags...)["exchange rates"]
	require.Equal(t, doubt, found.Level)
	require.Contains(t, found.Detail, "none imported; EUR of 2026-06-30; USD of 2026-06-30; none for KPW: 1 parcels were held for it in 7 days")

	imported((today - 1).String() + ",KPW,1,0.05\n" + (today + 20).String() + ",KPW,1,0.06\n" + today.String() + ",EUR,1,7.9\n" + today.String() + ",USD,100,690\n")
	second := won("2")
	require.Empty(t, reasons(second), "ten won are worth half a yuan")
	require.Equal(t, fine, consult(t, at.flags...)["exchange rates"].Level)
	_, err := at.command(t, "rates", "import", ratesFile(t, today.String()+",KPW,1,600\n"))
	require.ErrorContains(t, err, "rates_jump")
	require.ErrorContains(t, err, "--accept-jumps takes the file all the same")
	imported(today.String()+",KPW,1,600\n", "--accept-jumps")
	third := won("3")
	require.Contains(t, reasons(third), "value.limit: ")

	said := run("explain", first)
	require.Regexp(t, `rates +the program's own; no rate of KPW on `, said)
	require.Regexp(t, `judged again +the same`, said)
	said = run("explain", second)
	require.Regexp(t, `rates +1-[0-9a-f]{12}; KPW 0\.05 CNY of `+(today-1).String(), said)
	require.Regexp(t, `judged again +the same`, said)
	said = run("explain", third)
	require.Regexp(t, `rates +2-[0-9a-f]{12}; KPW 600 CNY of `+today.String(), said)
	require.Regexp(t, `judged again +the same`, said)
	eventually(t, "their age is measured", func() bool {
		age, ok := r.gauge(`alataw_exchange_rate_age_seconds{currency="USD"}`)
		return ok && age < 48*3600
	})
}

func TestRatesCommands(t *testing.T) {
	t.Parallel()
	at := scratch(t)
	r := start(t, at.settings(t))
	ratesOf := func(more ...string) (string, error) { return at.command(t, append([]string{"rates"}, more...)...) }
	eventually(t, "the log warns of old rates", func() bool {
		return strings.Contains(r.logs.String(), `"exchange rates are old: import newer ones with alataw rates import","rates":"EUR of 2026-06-30, USD of 2026-06-30"`)
	})

	said, err := ratesOf("show", "--date", "2026-08-01", "usd", "VND", "CNY")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^USD +6\.776 +2026-06-30 +32 days +program +- +US Dollar$`, said)
	require.Regexp(t, `(?m)^VND +0\.000263 +2026-05-31 `, said)
	require.Regexp(t, `(?m)^CNY +1 +always +0 days `, said)
	said, err = ratesOf("show", "KPW", "USD")
	require.ErrorContains(t, err, "rate_missing: no rate of KPW on ")
	require.ErrorContains(t, err, "alataw rates import --source custom FILE")
	require.Regexp(t, `(?m)^KPW +none `, said)
	_, err = ratesOf("show", "XYZ")
	require.ErrorContains(t, err, `currency_unknown: "XYZ" is no currency`)
	_, err = ratesOf("show", "--date", "1.8.2026")
	require.ErrorContains(t, err, "rates_day")
	said, err = ratesOf("show")
	require.NoError(t, err, "without a code it is no failure that some have no rate")
	require.Regexp(t, `(?m)^KPW +none `, said)

	day := rates.DayOf(time.Now()).String()
	press := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/eurofxref-hist.csv" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("Date,USD,BGN,CNY,RUB,\n" + day + ",1.1000,1.9558,7.8000,N/A,\n2005-03-31,1.2964,1.9559,N/A,36.08,\n"))
	}))
	t.Cleanup(press.Close)
	said, err = ratesOf("import", press.URL+"/eurofxref-hist.csv?token=s3cret")
	require.NoError(t, err)
	require.Contains(t, said, "ecb "+press.URL+"/eurofxref-hist.csv: 2 rates of 2 currencies, "+day+" to "+day+"\n")
	require.Contains(t, said, "not read, for nothing is priced in them any more: BGN\n")
	require.Contains(t, said, "there is no rate of the yuan to cross through: 1 days\n")
	require.Regexp(t, `1-[0-9a-f]{12}: 2 rates added, 0 changed; in force within seconds`, said)
	said, err = ratesOf("import", "--source", "ecb", press.URL+"/eurofxref-hist.csv")
	require.NoError(t, err)
	require.Contains(t, said, "in force already: nothing is changed")
	_, err = ratesOf("import", press.URL+"/moved")
	require.ErrorContains(t, err, "404 Not Found")
	_, err = ratesOf("import", "--source", "custom", press.URL+"/eurofxref-hist.csv")
	require.ErrorContains(t, err, "line 1: the header must be date,currency,units,cny")
	_, err = ratesOf("import", filepath.Join(at.dir, "nothing.csv"))
	require.ErrorIs(t, err, os.ErrNotExist)
	said, err = ratesOf("show", "USD", "EUR")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^USD +7\.090909091 +`+day+` +0 days +ecb +1-[0-9a-f]{12} +US Dollar$`, said)
	said, err = ratesOf("show", "--imports")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^1-[0-9a-f]{12} +ecb +`+day+` +`+day+` +2 +0 .* rates import by .*eurofxref-hist\.csv +[0-9a-f]{64}$`, said)
}
