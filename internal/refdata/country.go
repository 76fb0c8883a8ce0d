package refdata

import _ "embed"

//go:embed tables/countries.csv
var countriesCSV string

var countries = loadCountries(countriesCSV)

type countryTable struct {
	*codeIndex
	names, namesZH []string
}

func loadCountries(text string) countryTable {
	rows := readTable(text, "alpha2", "name", "name_zh")
	table := countryTable{codeIndex: newCodeIndex(rows), names: []string{""}, namesZH: []string{""}}
	for _, row := range rows {
		table.names = append(table.names, row[1])
		table.namesZH = append(table.namesZH, row[2])
	}
	return table
}

// IsCountry reports whether alpha2 is an officially assigned ISO 3166-1 alpha-2 code, in upper case.
// User-assigned and reserved codes (XK, EU, UK) are not.
func IsCountry(alpha2 string) bool {
	return countries.row(alpha2) != 0
}

// CountryName gives the English short name of a country, or "" when there is no such code.
func CountryName(alpha2 string) string {
	return countries.names[countries.row(alpha2)]
}

// CountryNameZH gives the short name of a country in simplified Chinese, or "" when there is no such code.
func CountryNameZH(alpha2 string) string {
	return countries.namesZH[countries.row(alpha2)]
}
