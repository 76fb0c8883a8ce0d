package watchlist

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"

	"github.com/alataw/alataw/internal/refdata"
)

//go:embed tables/countries.csv
var countriesCSV string

// countryCodes are the folded names of countries, as publishers write them, and what each is in ISO 3166-1 alpha-2.
var countryCodes = loadCountryCodes(countriesCSV)

func loadCountryCodes(text string) map[string]string {
	codes := map[string]string{}
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string([]rune{first, second})
			if name := refdata.CountryName(code); name != "" {
				codes[Fold(name)] = code
			}
		}
	}
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comment = '#'
	records, err := lines.ReadAll()
	if err != nil {
		panic(err) // an embedded table can be read
	}
	for _, record := range records[1:] {
		if !refdata.IsCountry(record[1]) {
			panic("watchlist: countries.csv: " + record[1])
		}
		codes[Fold(record[0])] = record[1]
	}
	return codes
}

// countryCode reads a country as publishers write it: its alpha-2 code, its name, its name with "the". It is "" for what is no
// country of today or unknown, e.g. "former Soviet Union", "undetermined", "Kosovo", which ISO 3166-1 does not know.
func countryCode(text string) string {
	if code := strings.ToUpper(strings.TrimSpace(text)); refdata.IsCountry(code) {
		return code
	}
	name := Fold(text)
	if code := countryCodes[name]; code != "" {
		return code
	}
	return countryCodes[strings.TrimSuffix(strings.TrimPrefix(name, "the "), " the")]
}

// addCountry adds a country as a publisher writes it, once, when it is one.
func addCountry(codes []string, text string) []string {
	code := countryCode(text)
	if code == "" || slices.Contains(codes, code) {
		return codes
	}
	return append(codes, code)
}
