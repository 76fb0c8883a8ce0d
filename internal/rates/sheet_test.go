package rates_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/rates"
)

const (
	history = "Date,USD,JPY,BGN,CNY,IDR,RUB,\n" +
		"2026-11-20,1.1000,170.00,1.9558,7.8000,18000.00,N/A,\n" +
		"2026-11-19,1.1020,171.00,1.9558,7.8100,18010.00,N/A,\n" +
		"2005-03-31,1.2964,138.44,1.9559,N/A,12283.00,36.08,\n"
	daily = "Date, USD, JPY, CNY, \n20 November 2026, 1.1000, 170.00, 7.8000, \n"
	own   = "date,currency,units,cny\n2026-12-01,USD,100,709.35\n2026-12-01,VND,10000,2.6912\n2026-12-01,CNY,1,1\n2026-11-01,KPW,1,0.0545\n"
)

const today = "2026-11-22"

func parse(t testing.TB, source, text string) (*rates.Sheet, error) {
	t.Helper()
	return rates.Parse(source, "rates.csv", strings.NewReader(text), day(t, today))
}

// said gives quotes as texts.
func said(s *rates.Sheet) (lines []string) {
	for _, q := range s.Quotes {
		lines = append(lines, q.Currency+" "+q.Day.String()+" "+rates.Text(q.Nano))
	}
	return lines
}

func TestParseECB(t *testing.T) {
	want := []string{
		"EUR 2026-11-19 7.81", "EUR 2026-11-20 7.8", "IDR 2026-11-19 0.000433648", "IDR 2026-11-20 0.000433333",
		"JPY 2026-11-19 0.045672515", "JPY 2026-11-20 0.045882353", "USD 2026-11-19 7.087114338", "USD 2026-11-20 7.090909091",
	}
	var zipped, gzipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	w, err := archive.Create("eurofxref-hist.csv")
	require.NoError(t, err)
	w.Write([]byte(history))
	require.NoError(t, archive.Close())
	packed := gzip.NewWriter(&gzipped)
	packed.Write([]byte(history))
	require.NoError(t, packed.Close())
	hashes := map[string]bool{}
	for name, text := range map[string]string{
		"plain": history, "zip": zipped.String(), "gzip": gzipped.String(), "no end of line": strings.TrimSuffix(history, "\n"), "windows": strings.ReplaceAll(history, "\n", "\r\n"),
		"byte order mark": "\ufeff" + history,
	} {
		s, err := parse(t, "", text)
		require.NoError(t, err, name)
		require.Equal(t, rates.ECB, s.Source)
		require.Equal(t, want, said(s), name)
		require.Equal(t, []string{"EUR", "IDR", "JPY", "USD"}, s.Currencies, "no rouble: it was last quoted when the yuan was not")
		require.Equal(t, []string{"BGN"}, s.Unknown)
		require.Equal(t, 1, s.Gaps)
		require.Equal(t, "2026-11-19 2026-11-20", s.First.String()+" "+s.Last.String())
		hashes[s.Hash] = true
	}
	require.Len(t, hashes, 3, "the hash is of the text: with and without an end, and with other ends")
	s, err := parse(t, rates.ECB, daily)
	require.NoError(t, err)
	require.Equal(t, []string{"EUR 2026-11-20 7.8", "JPY 2026-11-20 0.045882353", "USD 2026-11-20 7.090909091"}, said(s))
}

func TestParseCustom(t *testing.T) {
	want := []string{"KPW 2026-11-01 0.0545", "USD 2026-12-01 7.0935", "VND 2026-12-01 0.00026912"}
	for name, text := range map[string]string{
		"as documented":  own,
		"comments":       "# customs, December\n" + own,
		"another order":  "CNY,Units,Currency,Date\n709.35,100,USD,2026-12-01\n2.6912,10000,VND,2026-12-01\n0.0545,1,KPW,2026-11-01\n",
		"the same twice": own + "2026-12-01,USD,1,7.0935\n",
	} {
		s, err := parse(t, "", text)
		require.NoError(t, err, name)
		require.Equal(t, rates.Custom, s.Source)
		require.Equal(t, want, said(s), name)
	}
	s, err := parse(t, rates.Custom, "date,currency,units,cny\n2026-11-01,IRR,1000000,6.14\n")
	require.NoError(t, err)
	require.Equal(t, int64(6140), s.Quotes[0].Nano, "six thousandths of a thousandth of a yuan")
}

// TestParseRefuses: each broken file is refused whole, and told where it is broken.
func TestParseRefuses(t *testing.T) {
	var two bytes.Buffer
	archive := zip.NewWriter(&two)
	for _, name := range []string{"a", "b"} {
		_, err := archive.Create(name)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	line := func(row string) string { return "date,currency,units,cny\n2026-11-01,USD,100,709.35\n" + row + "\n" }
	for name, row := range map[string]struct{ source, text, code, says string }{
		"nothing":                 {"", "", "rates_empty", "rates.csv is empty"},
		"blanks":                  {"", " \n\n", "rates_empty", "rates.csv is empty"},
		"only comments":           {"", "# nothing\n", "rates_empty", "no rates in it"},
		"only a header":           {"", "date,currency,units,cny\n", "rates_empty", "no rates in it"},
		"only a header of ECB":    {"", "Date,USD,CNY,\n", "rates_empty", "no rates in it"},
		"a web page":              {"", "<!DOCTYPE html><html>", "rates_malformed", "web page"},
		"an unknown source":       {"moon", own, "rates_unknown_source", `"moon" is none of ecb, custom`},
		"gzip cut":                {"", "\x1f\x8b\x08\x00\x00\x00", "rates_truncated", "cut off or damaged"},
		"zip cut":                 {"", "PK\x03\x04\x00\x00", "rates_truncated", "cut off or damaged"},
		"zip of two":              {"", two.String(), "rates_malformed", "2 files"},
		"cut in a number":         {"", strings.TrimSuffix(own, "45\n"), "rates_truncated", "the last line has no end"},
		"cut in a line":           {"", "date,currency,units,cny\n2026-11-01,USD\n", "rates_malformed", "line 2: 2 values, where the header has 4"},
		"another header":          {"custom", "day,currency,units,cny\n", "rates_malformed", "line 1: the header must be date,currency,units,cny"},
		"a column more":           {"", "date,currency,units,cny,note\n", "rates_malformed", "the header must be"},
		"a column twice":          {"", "date,currency,units,units\n", "rates_malformed", "the header must be"},
		"an unknown currency":     {"", line("2026-11-01,XYZ,1,1"), "rates_malformed", `line 3: "XYZ" is no currency`},
		"a withdrawn currency":    {"", line("2026-11-01,BGN,1,1"), "rates_malformed", `line 3: "BGN" is no currency`},
		"small letters":           {"", line("2026-11-01,usd,1,1"), "rates_malformed", `line 3: "usd" is no currency`},
		"no day":                  {"", line("01.11.2026,USD,1,1"), "rates_malformed", `line 3: "01.11.2026" is no day`},
		"no such day":             {"", line("2026-02-30,USD,1,7"), "rates_malformed", `line 3: "2026-02-30" is no day`},
		"a slip in the year":      {"", line("2206-11-01,USD,1,7"), "rates_malformed", "line 3: 2206-11-01 lies ahead; rates may be for 2026-12-23 at the latest"},
		"too old":                 {"", line("0206-11-01,USD,1,7"), "rates_malformed", "line 3: 0206-11-01 is before 1999-01-01"},
		"no units":                {"", line("2026-11-01,USD,0,7"), "rates_malformed", `line 3: "0" units`},
		"half a unit":             {"", line("2026-11-01,USD,0.5,7"), "rates_malformed", `line 3: "0.5" units`},
		"a comma for a point":     {"", line(`2026-11-01,USD,100,"709,35"`), "rates_malformed", `line 3: "709,35" is no decimal number`},
		"a comma and no quotes":   {"", line(`2026-11-01,USD,100,709,35`), "rates_malformed", `line 3: 5 values`},
		"nothing for something":   {"", line("2026-11-01,USD,100,0.00"), "rates_malformed", `line 3: "0.00" is no decimal number above 0`},
		"less than nothing":       {"", line("2026-11-01,USD,100,-7"), "rates_malformed", `"-7" is no decimal number`},
		"an exponent":             {"", line("2026-11-01,USD,100,7e2"), "rates_malformed", `"7e2" is no decimal number`},
		"too much":                {"", line("2026-11-01,USD,1,709350"), "rates_malformed", "line 3: 709350 for 1 USD cannot be"},
		"too little":              {"", line("2026-11-01,IRR,1000000,0.0001"), "rates_malformed", "line 3: 0.0001 for 1000000 IRR cannot be"},
		"the yuan in yuan":        {"", line("2026-11-01,CNY,100,709.35"), "rates_malformed", "line 3: a yuan is worth a yuan"},
		"two words on one day":    {"", line("2026-11-01,USD,1,7.0936"), "rates_malformed", "line 3: USD is worth 7.0936 CNY on 2026-11-01, where line 2 says 7.0935"},
		"a quote not closed":      {"", line(`2026-11-01,"USD,1,7`), "rates_malformed", "line 3: "},
		"ECB: no yuan":            {"", "Date,USD,\n2026-11-20,1.1,\n", "rates_malformed", "line 1: there is no column CNY"},
		"ECB: another header":     {"ecb", "Day,USD,CNY,\n", "rates_malformed", `line 1: the header begins with "Day"`},
		"ECB: no code":            {"", "Date,USD,Yuan,\n", "rates_malformed", `"Yuan" is no code`},
		"ECB: a column twice":     {"", "Date,USD,CNY,USD,\n", "rates_malformed", "USD is there twice"},
		"ECB: cut in a line":      {"", strings.TrimSuffix(history, "283.00,36.08,\n"), "rates_malformed", "line 4: 6 values, where the header has 8"},
		"ECB: cut in the last":    {"", "Date,USD,CNY\n2026-11-20,1.1,7.8", "rates_truncated", "the last line has no end"},
		"ECB: no day":             {"", "Date,USD,CNY,\n20/11/2026,1.1,7.8,\n", "rates_malformed", `line 2: "20/11/2026" is no day`},
		"ECB: a day ahead":        {"", "Date,USD,CNY,\n2026-11-24,1.1,7.8,\n", "rates_malformed", "line 2: 2026-11-24 lies ahead"},
		"ECB: no number":          {"", "Date,USD,CNY,\n2026-11-20,1;1,7.8,\n", "rates_malformed", `line 2: "1;1" in column USD is no decimal number`},
		"ECB: impossible":         {"", "Date,USD,CNY,\n2026-11-20,0.0000001,7.8,\n", "rates_malformed", "line 2: the rates of this day cannot be"},
		"ECB: two words of a day": {"", "Date,USD,CNY,\n2026-11-20,1.1,7.8,\n2026-11-20,1.2,7.8,\n", "rates_malformed", "line 3: USD is worth 6.5 CNY on 2026-11-20, where line 2 says 7.090909091"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, row.source, row.text)
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			code, detail := fault.Describe(err)
			require.Equal(t, row.code, code, detail)
			require.Contains(t, detail, row.says)
		})
	}
}

// A slip of the point is not taken in silence, wherever it stands: against what is in force, what the program has, and within the file.
func TestJumps(t *testing.T) {
	force := table(t, nil, []rates.Quote{quote(t, "KPW", "2026-11-02", 50_000_000), quote(t, "KPW", "2026-11-04", 60_000_000)})
	for name, c := range map[string]struct{ rows, says string }{
		"twice as much":             {"2026-11-05,KPW,1,0.12", ""},
		"half":                      {"2026-11-05,KPW,1,0.03", ""},
		"ten times":                 {"2026-11-05,KPW,1,0.6", "line 2: KPW would be worth 0.6 CNY on 2026-11-05, and is 0.06 CNY on 2026-11-04"},
		"a tenth":                   {"2026-11-05,KPW,1,0.006", "0.06 CNY on 2026-11-04"},
		"another word for a day":    {"2026-11-04,KPW,1,0.6", "and is 0.06 CNY on 2026-11-04"},
		"before what is in force":   {"2026-11-01,KPW,1,0.5", "and is 0.05 CNY on 2026-11-02"},
		"within the file":           {"2026-11-05,KPW,1,0.061\n2026-11-06,KPW,1,0.61\n2026-11-07,KPW,1,0.062", "line 3: KPW would be worth 0.61 CNY on 2026-11-06, and is 0.061 CNY on 2026-11-05; line 4: KPW"},
		"the program's own":         {"2026-11-05,USD,1,67.8", "line 2: USD would be worth 67.8 CNY on 2026-11-05, and is 6.776 CNY on 2026-06-30"},
		"the program's own, before": {"2026-01-05,USD,1,0.7", "and is 6.776 CNY on 2026-06-30"},
		"within a file of old":      {"2020-03-02,KPW,1,0.05\n2020-03-03,KPW,1,0.5\n2020-03-02,USD,1,6.9\n2020-03-03,USD,1,69\n2020-03-04,USD,1,6.9", "line 3: KPW would be worth 0.5 CNY on 2020-03-03, and is 0.05 CNY on 2020-03-02; line 5: USD would be worth 69 CNY on 2020-03-03, and is 6.9 CNY on 2020-03-02; line 6: USD"},
		"years are long":            {"2010-11-05,TRY,1,4.6", ""},
		"a file that is all wrong":  {"2026-11-05,USD,1,70\n2026-11-05,EUR,1,80\n2026-11-05,GBP,1,90\n2026-11-05,JPY,1,0.4\n2026-11-05,CHF,1,85", "and 2 more"},
		"a currency nobody had":     {"2026-11-05,SYP,1,0.06", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sheet, err := parse(t, rates.Custom, "date,currency,units,cny\n"+c.rows+"\n")
			require.NoError(t, err)
			plan, err := force.Plan(sheet, true)
			require.NoError(t, err)
			require.Len(t, plan.Quotes, len(sheet.Quotes))
			_, err = force.Plan(sheet, false)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "rates_jump")
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestPlan(t *testing.T) {
	force := table(t, nil, []rates.Quote{quote(t, "KPW", "2026-11-02", 50_000_000), quote(t, "KPW", "2026-11-04", 60_000_000)})
	sheet, err := parse(t, "", "date,currency,units,cny\n2026-11-02,KPW,1,0.05\n2026-11-03,KPW,1,0.055\n2026-11-04,KPW,1,0.061\n")
	require.NoError(t, err)
	plan, err := force.Plan(sheet, false)
	require.NoError(t, err)
	require.Equal(t, 1, plan.Added)
	require.Equal(t, 1, plan.Changed)
	require.Len(t, plan.Quotes, 2)
	same, err := table(t, force, plan.Quotes).Plan(sheet, false)
	require.NoError(t, err)
	require.Empty(t, same.Quotes)
}

// FuzzParse: whatever a file holds, it is taken whole or refused as what is wrong with it; what is taken is in order and within bounds.
func FuzzParse(f *testing.F) {
	for _, text := range []string{history, daily, own, "", "PK\x03\x04", "\x1f\x8b", "Date,CNY\n2026-11-20,7\n", "date,currency,units,cny\n2026-11-20,USD,1,7.1\n"} {
		f.Add("", text)
		f.Add(rates.ECB, text)
		f.Add(rates.Custom, text)
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		sheet, err := rates.Parse(source, "f", strings.NewReader(text), day(t, today))
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			return
		}
		require.NotEmpty(t, sheet.Quotes)
		for i, q := range sheet.Quotes {
			require.Positive(t, q.Nano)
			require.LessOrEqual(t, q.Nano, int64(1000_000_000_000))
			require.True(t, q.Day >= sheet.First && q.Day <= sheet.Last && sheet.Last <= day(t, "2026-12-23"))
			require.NotEqual(t, rates.Yuan, q.Currency)
			if i > 0 {
				p := sheet.Quotes[i-1]
				require.True(t, p.Currency < q.Currency || p.Currency == q.Currency && p.Day < q.Day)
			}
		}
		plan, err := (*rates.Table)(nil).Plan(sheet, true)
		require.NoError(t, err)
		rated := table(t, nil, plan.Quotes)
		for _, q := range plan.Quotes {
			if q.Day >= day(t, "2026-07-01") { // the program's own are older
				require.Equal(t, rates.Rate{Nano: q.Nano, Day: q.Day, Import: 1}, rated.On(q.Currency, q.Day))
			}
		}
	})
}
