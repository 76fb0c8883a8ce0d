package refdata

import _ "embed"

//go:embed tables/loading_units.csv
var loadingUnitsCSV string

var loadingUnits = loadLoadingUnits(loadingUnitsCSV)

// LoadingUnit is a kind of container or trailer. Its figures are defaults: the plate of the real unit
// and the line limit of a departure outrank them.
type LoadingUnit struct {
	Type            string // 20GP, 40GP, 40HC, 45HC, TRAILER13.6
	PayloadG        int64  // grams
	VolumeCM3       int64  // geometric, cubic centimetres
	UsableVolumeCM3 int64  // 0.85 of VolumeCM3: parcels never fill the corners
	Mode            string // rail or road
}

func loadLoadingUnits(text string) []LoadingUnit {
	rows := readTable(text, "type", "payload_g", "volume_cm3", "usable_volume_cm3", "mode")
	table := make([]LoadingUnit, 0, len(rows))
	for _, row := range rows {
		table = append(table, LoadingUnit{
			Type: row[0], PayloadG: wholeNumber(row[1]), VolumeCM3: wholeNumber(row[2]),
			UsableVolumeCM3: wholeNumber(row[3]), Mode: row[4],
		})
	}
	return table
}

// LoadingUnitOf gives the kind of loading unit of that name.
func LoadingUnitOf(typ string) (LoadingUnit, bool) {
	for i := range loadingUnits { // a handful: looking through them beats hashing
		if loadingUnits[i].Type == typ {
			return loadingUnits[i], true
		}
	}
	return LoadingUnit{}, false
}
