package refdata

import (
	_ "embed"
	"fmt"
	"slices"
	"time"
)

//go:embed tables/currencies.csv
var currenciesCSV string

//go:embed tables/rates.csv
var ratesCSV string

var currencies = loadCurrencies(currenciesCSV, ratesCSV)

// Currency is an entry of ISO 4217 list one that goods can be priced in.
type Currency struct {
	Code        string // three upper-case letters
	Numeric     string // three digits
	MinorDigits int    // digits after the point: JPY 0, CNY 2, KWD 3
	Name        string // English
}

type currencyTable struct {
	*codeIndex
	rows     []Currency
	microCNY []int64     // beside rows; 0: no rate
	ratedOn  []time.Time // beside rows; zero: no rate, or one that never changes
}

func loadCurrencies(list, rates string) currencyTable {
	rows := readTable(list, "code", "numeric", "minor_digits", "name")
	table := currencyTable{
		codeIndex: newCodeIndex(rows),
		rows:      make([]Currency, 1, len(rows)+1),
		microCNY:  make([]int64, len(rows)+1),
		ratedOn:   make([]time.Time, len(rows)+1),
	}
	for _, row := range rows {
		table.rows = append(table.rows, Currency{
			Code: row[0], Numeric: row[1], MinorDigits: int(wholeNumber(row[2])), Name: row[3],
		})
	}
	for _, row := range readTable(rates, "code", "micro_cny", "as_of") {
		at := table.row(row[0])
		if at == 0 {
			panic(fmt.Errorf("rates: %s is no currency", row[0]))
		}
		table.microCNY[at], table.ratedOn[at] = wholeNumber(row[1]), lastDay(row[2])
	}
	return table
}

// lastDay gives the last day of a month like 2026-06, and zero for a rate that is fixed.
func lastDay(month string) time.Time {
	if month == "fixed" {
		return time.Time{}
	}
	first, err := time.Parse("2006-01", month)
	if err != nil {
		panic(fmt.Errorf("rates: %w", err))
	}
	return first.AddDate(0, 1, -1)
}

// CurrencyOf gives the currency of an active ISO 4217 code, in upper case. Funds, units of account,
// metals and test codes (XDR, CHE, XAU, XTS, XXX) are unknown here: no parcel is priced in them.
func CurrencyOf(code string) (Currency, bool) {
	at := currencies.row(code)
	return currencies.rows[at], at != 0
}

// Currencies gives all currencies that CurrencyOf knows, in the order of their codes.
func Currencies() []Currency { return slices.Clone(currencies.rows[1:]) }

// CurrencyPlace gives a currency's place among Currencies, counted from 1, and 0 for an unknown code. It takes a few nanoseconds.
func CurrencyPlace(code string) int { return currencies.row(code) }

// MicroCNY gives what one unit of a currency is worth in millionths of a yuan, and false where the
// table has no rate. The rates are indicative and dated in tables/rates.csv: good enough to compare a
// parcel with a value threshold until somebody imports newer ones (package rates), never to compute a duty.
func MicroCNY(currency string) (int64, bool) {
	micro := currencies.microCNY[currencies.row(currency)]
	return micro, micro != 0
}

// RatedOn gives the last day of the month that MicroCNY's rate is of; zero where there is none, and for the yuan's own.
func RatedOn(currency string) time.Time { return currencies.ratedOn[currencies.row(currency)] }
