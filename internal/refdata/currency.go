package refdata

import (
	_ "embed"
	"fmt"
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
	microCNY []int64 // beside rows; 0: no rate
}

func loadCurrencies(list, rates string) currencyTable {
	rows := readTable(list, "code", "numeric", "minor_digits", "name")
	table := currencyTable{
		codeIndex: newCodeIndex(rows),
		rows:      make([]Currency, 1, len(rows)+1),
		microCNY:  make([]int64, len(rows)+1),
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
		table.microCNY[at] = wholeNumber(row[1])
	}
	return table
}

// CurrencyOf gives the currency of an active ISO 4217 code, in upper case. Funds, units of account,
// metals and test codes (XDR, CHE, XAU, XTS, XXX) are unknown here: no parcel is priced in them.
func CurrencyOf(code string) (Currency, bool) {
	at := currencies.row(code)
	return currencies.rows[at], at != 0
}

// MicroCNY gives what one unit of a currency is worth in millionths of a yuan, and false where the
// table has no rate. The rates are indicative and dated in tables/rates.csv: good enough to compare a
// parcel with a value threshold, never to compute a duty.
func MicroCNY(currency string) (int64, bool) {
	micro := currencies.microCNY[currencies.row(currency)]
	return micro, micro != 0
}
