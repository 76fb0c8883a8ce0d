package goods

import (
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io/fs"
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

// sources gives the clause for each law that a table names.
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

// things are what words and headings can name, by key.
var things = loadThings()

func loadThings() map[string]*Thing {
	all := map[string]*Thing{}
	for _, row := range readTable("things.csv", "key", "kind", "control", "names", "names_zh", "source") {
		if all[row[0]] != nil {
			panic(fmt.Errorf("things: %q is there twice", row[0]))
		}
		all[row[0]] = &Thing{
			Key: row[0], Kind: kindOf(row[1]), Control: row[2], Names: row[3], NamesZH: row[4], Source: sourceOf(row[5]), Law: row[5],
		}
	}
	return all
}

func thingOf(key string) *Thing {
	thing := things[key]
	if thing == nil {
		panic(fmt.Errorf("table cell %q: no such thing", key))
	}
	return thing
}

var version = hashTables()

func hashTables() string {
	hash := sha256.New()
	names, err := fs.Glob(tables, "tables/*.csv")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := tables.ReadFile(name)
		if err != nil {
			panic(err) // embedded files can be read
		}
		hash.Write([]byte(name + "\n"))
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

func kindOf(cell string) Kind {
	if !slices.Contains(Kinds, Kind(cell)) {
		panic(fmt.Errorf("table cell %q: no kind", cell))
	}
	return Kind(cell)
}
