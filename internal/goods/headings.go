package goods

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
)

// Restriction is what the law says of goods that are classified under a heading: a row of tables/headings.csv or destinations.csv.
type Restriction struct {
	*Thing
	Heading string      // the row that the code begins with; "" where the row is for a kind of goods
	Lane    parcel.Lane // red where the heading holds what is barred and little else, yellow where a licence or a certificate may be shown
	Since   string      // the day the law came into force, as 2024-12-01; "" where it is older than the system
	Group   string      // of destinations, for what is barred there: "EU", "KZ"; "" for what may not leave China
}

// Heading gives what bars or limits the export of goods under an HS code of 4 to 10 digits: the longest row it begins with.
func Heading(hs string) (Restriction, bool) {
	r, ok := headings.find(hs)
	if !ok {
		return Restriction{}, false
	}
	return *r, true
}

// Barred gives what keeps goods under an HS code out of a country (ISO 3166-1 alpha-2), whatever China says.
func Barred(hs, destination string) (Restriction, bool) {
	table := destinations[destination]
	if table == nil {
		return Restriction{}, false
	}
	r, ok := table.find(hs)
	if !ok {
		return Restriction{}, false
	}
	return *r, true
}

// BarredKind is Barred for goods that a description names.
func BarredKind(kind Kind, destination string) (Restriction, bool) {
	if table := destinations[destination]; table != nil && table.kinds[kind] != nil {
		return *table.kinds[kind], true
	}
	return Restriction{}, false
}

// prefixes finds the longest row that a code begins with.
type prefixes[Row any] struct {
	chapters [100]bool // which chapters have rows at all: most codes are done with here
	shortest int
	rows     map[string]Row
	kinds    map[Kind]Row
}

func newPrefixes[Row any]() *prefixes[Row] {
	return &prefixes[Row]{shortest: 2, rows: map[string]Row{}, kinds: map[Kind]Row{}}
}

func (p *prefixes[Row]) add(code string, row Row) {
	if _, twice := p.rows[code]; twice || len(code) < 2 || len(code) > 10 || strings.Trim(code, "0123456789") != "" {
		panic(fmt.Errorf("table of headings: %q is there twice or no heading", code))
	}
	p.chapters[chapterOf(code)] = true
	p.rows[code] = row
}

func (p *prefixes[Row]) find(code string) (row Row, ok bool) {
	if len(code) < p.shortest || !p.chapters[chapterOf(code)] {
		return row, false
	}
	for n := min(len(code), 10); n >= p.shortest; n-- {
		if row, ok = p.rows[code[:n]]; ok {
			return row, true
		}
	}
	return row, false
}

// chapterOf reads a code's first two digits; a parcel whose code has none would not have been read.
func chapterOf(code string) int { return int(code[0]-'0')%10*10 + int(code[1]-'0')%10 }

var headings = loadHeadings()

func loadHeadings() *prefixes[*Restriction] {
	t := newPrefixes[*Restriction]()
	for _, row := range readTable("headings.csv", "heading", "lane", "kind", "control", "names", "names_zh", "source", "since") {
		thing := &Thing{Key: "hs:" + row[0], Kind: kindOf(row[2]), Control: row[3], Names: row[4], NamesZH: row[5], Source: sourceOf(row[6]), Law: row[6]}
		t.add(row[0], &Restriction{Thing: thing, Heading: row[0], Lane: laneOf(row[1]), Since: row[7]})
	}
	return t
}

// destinations are what countries do not let in, by country.
var destinations = loadDestinations()

func loadDestinations() map[string]*prefixes[*Restriction] {
	groups := map[string][]string{}
	for _, row := range readTable("groups.csv", "group", "countries") {
		groups[row[0]] = strings.Fields(row[1])
	}
	all := map[string]*prefixes[*Restriction]{}
	for _, row := range readTable("destinations.csv", "group", "goods", "lane", "kind", "names", "names_zh", "source", "since") {
		thing := &Thing{Key: row[0] + ":" + row[1], Kind: kindOf(row[3]), Names: row[4], NamesZH: row[5], Source: sourceOf(row[6]), Law: row[6]}
		r := &Restriction{Thing: thing, Lane: laneOf(row[2]), Since: row[7], Group: row[0]}
		for _, country := range groups[row[0]] {
			if all[country] == nil {
				all[country] = newPrefixes[*Restriction]()
			}
			if kind, ok := strings.CutPrefix(row[1], "kind:"); ok {
				all[country].kinds[kindOf(kind)] = r
				continue
			}
			r.Heading = row[1]
			all[country].add(row[1], r)
		}
	}
	return all
}
