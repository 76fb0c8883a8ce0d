// Package rates tells what a currency was worth in yuan on a day, by the newest rate that was published for on or before it.
package rates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/refdata"
)

// Day is a calendar day, counted from 1970-01-01, which is 0.
type Day int32

const (
	daySeconds   = 24 * 60 * 60
	chinaSeconds = 8 * 60 * 60 // China keeps UTC+8 all year
)

// DayOf gives the day that a moment falls on in China, where customs count days: from 16:00 UTC on it is the next one.
func DayOf(t time.Time) Day {
	seconds := t.Unix() + chinaSeconds
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return Day(day)
}

// DateOf gives the day that a date names.
func DateOf(date time.Time) Day {
	year, month, day := date.Date()
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

// ParseDay reads a day like 2026-03-09.
func ParseDay(text string) (Day, error) {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, err
	}
	return DateOf(date), nil
}

// Date gives the day as a date in UTC.
func (d Day) Date() time.Time { return time.Unix(int64(d)*daySeconds, 0).UTC() }

// String is the day like 2026-03-09.
func (d Day) String() string { return d.Date().Format(time.DateOnly) }

// Yuan is the currency that all others are converted to.
const Yuan = "CNY"

// Main are the currencies that most parcels are priced in: when their rates are old, all are.
var Main = []string{"EUR", "USD"}

// Rate is what one unit of a currency is worth. The zero value is no rate.
type Rate struct {
	Nano   int64 // billionths of a yuan: a dong is some 260,000 of them, a yuan 1,000,000,000
	Day    Day   // that it was published for; of what comes with the program the last day of its month, and 0 for the yuan
	Import int32 // the number of the import that brought it; 0: it came with the program
}

// Known tells whether there is a rate.
func (r Rate) Known() bool { return r.Nano != 0 }

// Yuan converts an amount to yuan, for comparisons. Rates of whole millionths, as the program's own are, are multiplied as such, so that
// what is judged by them is to the last bit what it was before there were finer ones.
func (r Rate) Yuan(amount float64) float64 {
	if r.Nano%1000 == 0 {
		return amount * float64(r.Nano/1000) / 1e6
	}
	return amount * float64(r.Nano) / 1e9
}

// Age gives how many days older than a day the rate is; 0 for one that is not, and for the yuan's.
func (r Rate) Age(day Day) int {
	if r.Day == 0 {
		return 0
	}
	return max(0, int(day-r.Day))
}

// own are the rates that come with the program, by refdata.CurrencyPlace.
var own = ownRates()

// OwnVersion names the rates that come with the program: 12 digits of a hash over them.
func OwnVersion() string { return ownVersion }

var ownVersion = hashOf(own)

func hashOf(rates []Rate) string {
	hash := sha256.New()
	for _, r := range rates {
		fmt.Fprintf(hash, "%+v\n", r)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

func ownRates() []Rate {
	all := refdata.Currencies()
	rates := make([]Rate, len(all)+1)
	for i, currency := range all {
		micro, ok := refdata.MicroCNY(currency.Code)
		if !ok {
			continue
		}
		rates[i+1].Nano = micro * 1000
		if last := refdata.RatedOn(currency.Code); !last.IsZero() {
			rates[i+1].Day = DateOf(last)
		}
	}
	return rates
}

// Table is all rates that were imported up to a version. It is immutable. nil and the zero value have none but the program's own.
type Table struct {
	number  int32 // of the last import
	digest  [digestSize]byte
	version string
	series  [][]Rate // by refdata.CurrencyPlace, each in the order of days, one a day
}

// Number gives the number of the last import; 0 when there is none.
func (t *Table) Number() int {
	if t == nil {
		return 0
	}
	return int(t.number)
}

// Version names the table by the number of the last import and 12 digits of a hash over all of them; "" when nothing was imported.
func (t *Table) Version() string {
	if t == nil {
		return ""
	}
	return t.version
}

// On gives the rate that holds on a day: the newest that is of that day or one before, whether it was imported or came with the program.
// For days before all of them the program's own stands in. The zero Rate says that there is none, or no such currency.
func (t *Table) On(currency string, day Day) Rate {
	at := refdata.CurrencyPlace(currency)
	mine := own[at]
	if t == nil || len(t.series) == 0 {
		return mine
	}
	return newer(newest(t.series[at], day), mine, day)
}

// newer chooses between the newest imported rate of a day or before, which may be none, and the program's own.
func newer(imported, mine Rate, day Day) Rate {
	if !imported.Known() || mine.Day > imported.Day && mine.Day <= day {
		return mine
	}
	return imported
}

// Program is the source of the rates that come with the program.
const Program = "program"

// Standing is the rate of a currency that holds on a day, and where it is from.
type Standing struct {
	Currency refdata.Currency
	Rate     Rate   // zero: there is none
	Source   string // of its import, or Program
	Version  string // of the rates when it was imported; "" for Program
}

// StandingsOn gives for each currency the rate that holds on a day, of what was imported for that day or before: one of each currency.
func StandingsOn(day Day, imported []Standing) []Standing {
	all := make([]Standing, len(own)-1)
	for i, currency := range refdata.Currencies() {
		all[i] = Standing{Currency: currency, Rate: own[i+1], Source: Program}
	}
	for _, s := range imported {
		at := refdata.CurrencyPlace(s.Currency.Code)
		if at == 0 { // withdrawn since
			continue
		}
		if rate := newer(s.Rate, own[at], day); rate == s.Rate {
			s.Currency = all[at-1].Currency
			all[at-1] = s
		}
	}
	return all
}

// newest gives the last rate of a series that is of a day or one before. Mostly it is the last of all.
func newest(series []Rate, day Day) Rate {
	if n := until(series, day); n > 0 {
		return series[n-1]
	}
	return Rate{}
}

// until counts the rates of a series that are of a day or one before. It is written out, for a search by a function takes three times as long.
func until(series []Rate, day Day) int {
	from, to := 0, len(series)
	if to > 0 && series[to-1].Day <= day {
		return to
	}
	for from < to {
		middle := (from + to) / 2
		if series[middle].Day <= day {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from
}

// at gives the imported rate of exactly a day.
func (t *Table) at(currency string, day Day) Rate {
	if t == nil || len(t.series) == 0 {
		return Rate{}
	}
	if found := newest(t.series[refdata.CurrencyPlace(currency)], day); found.Day == day {
		return found
	}
	return Rate{}
}

// after gives the first imported rate of a later day.
func (t *Table) after(currency string, day Day) Rate {
	if t == nil || len(t.series) == 0 {
		return Rate{}
	}
	series := t.series[refdata.CurrencyPlace(currency)]
	if n := until(series, day); n < len(series) {
		return series[n]
	}
	return Rate{}
}
