package refdata

import _ "embed"

//go:embed tables/places.csv
var placesCSV string

var places = loadPlaces(placesCSV)

// Place is a border crossing, terminal or town on a route.
type Place struct {
	Code    string // UN/LOCODE, five characters without the space
	Name    string // usual English name, which the official list often spells otherwise
	NameZH  string // simplified Chinese
	Country string // ISO 3166-1 alpha-2
	Gauge   int    // mm, 1435 or 1520, of the country's own network at the terminal; 0 where routes arrive by road only
}

func loadPlaces(text string) map[string]Place {
	rows := readTable(text, "code", "name", "name_zh", "country", "gauge")
	table := make(map[string]Place, len(rows))
	for _, row := range rows {
		table[row[0]] = Place{
			Code: row[0], Name: row[1], NameZH: row[2], Country: row[3], Gauge: int(wholeNumber(row[4])),
		}
	}
	return table
}

// PlaceOf gives the place of a UN/LOCODE that the routes know. A border has one code on each side:
// Alashankou CNAKL and Dostyk KZDOS, Khorgos CNHRS and its dry port beside Altynkol station KZHOR.
func PlaceOf(code string) (Place, bool) {
	place, ok := places[code]
	return place, ok
}
