package refdata

import _ "embed"

//go:embed tables/units.csv
var unitsCSV string

var units = loadNames(unitsCSV, "code", "name")

// nameTable is a table of codes and their names.
type nameTable struct {
	*codeIndex
	names []string
}

func loadNames(text string, columns ...string) nameTable {
	rows := readTable(text, columns...)
	table := nameTable{codeIndex: newCodeIndex(rows), names: make([]string, 1, len(rows)+1)}
	for _, row := range rows {
		table.names = append(table.names, row[1])
	}
	return table
}

func (t nameTable) name(code string) string {
	return t.names[t.row(code)]
}

// IsUnit reports whether code is a unit of measure of UN/ECE Recommendation 20: current and deprecated
// codes are, deleted ones (PK, BX, CT) and the package codes of Recommendation 21 are not.
func IsUnit(code string) bool {
	return units.row(code) != 0
}

// UnitName gives the English name of a unit of measure, or "" when there is no such code.
func UnitName(code string) string {
	return units.name(code)
}
