package screening

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"

	"github.com/alataw/alataw/internal/parcel"
)

//go:embed tables
var tables embed.FS

// readTable parses an embedded table: comment lines, a header of exactly the given columns, rows. It panics on anything else,
// because a broken table is a broken build and no caller could do better.
func readTable(name string, columns ...string) [][]string {
	file, err := tables.Open("tables/" + name)
	if err != nil {
		panic(fmt.Errorf("table %s: %w", name, err))
	}
	defer func() { _ = file.Close() }() // embedded
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		panic(fmt.Errorf("table %s: %w", name, err))
	}
	if len(rows) < 2 || !slices.Equal(rows[0], columns) {
		panic(fmt.Errorf("table %s: header is not %v, or nothing follows it", name, columns))
	}
	return rows[1:]
}

// laneOf reads a table's lane.
func laneOf(cell string) parcel.Lane {
	lane := parcel.Lane(cell)
	if !slices.Contains(parcel.Lanes, lane) {
		panic(fmt.Errorf("table cell %q: no lane", cell))
	}
	return lane
}

// sources gives the sentence for each law that a table names.
var sources = loadSources()

func loadSources() map[string]string {
	titles := map[string]string{}
	for _, row := range readTable("sources.csv", "key", "title") {
		titles[row[0]] = row[1]
	}
	return titles
}

// sourceOf gives a table row's law in words.
func sourceOf(key string) string {
	title, ok := sources[key]
	if !ok {
		panic(fmt.Errorf("table cell %q: no such source", key))
	}
	return title
}
