package screening

import (
	"fmt"

	"github.com/alataw/alataw/internal/parcel"
)

// heading is a row of tables/headings.csv.
type heading struct {
	code   string
	lane   parcel.Lane
	names  string
	source string
}

// headingTable finds the longest row that a code begins with.
type headingTable struct {
	chapters [100]bool // which chapters have rows at all: most codes are done with here
	rows     map[string]heading
}

var headings = loadHeadings()

func loadHeadings() *headingTable {
	t := &headingTable{rows: map[string]heading{}}
	for _, row := range readTable("headings.csv", "heading", "lane", "names", "source") {
		code := row[0]
		if _, twice := t.rows[code]; twice || len(code) < 4 {
			panic(fmt.Errorf("headings: %q is there twice or too short", code))
		}
		t.chapters[chapterOf(code)] = true
		t.rows[code] = heading{code, laneOf(row[1]), row[2], sourceOf(row[3])}
	}
	return t
}

func (t *headingTable) find(code string) (heading, bool) {
	if len(code) < 4 || !t.chapters[chapterOf(code)] {
		return heading{}, false
	}
	for n := len(code); n >= 4; n-- {
		if row, ok := t.rows[code[:n]]; ok {
			return row, true
		}
	}
	return heading{}, false
}

// chapterOf reads a code's first two digits; a parcel whose code has none would not have been read.
func chapterOf(code string) int { return int(code[0]-'0')%10*10 + int(code[1]-'0')%10 }

// prohibitedHeading is the rule prohibited.heading: goods may not be classified where the Harmonized System puts what may not
// leave China, or leaves by licence only (tables/headings.csv).
func prohibitedHeading(it item, h *hits) {
	row, ok := headings.find(it.HSCode)
	if !ok {
		return
	}
	reason := it.about("prohibited.heading", parcel.Prohibited, "hs_code", it.HSCode)
	reason.Lane, reason.Score = row.lane, scoreOf(row.lane)
	reason.Matched = &parcel.Matched{List: "prohibited_headings", Entry: row.code, Name: row.names}
	reason.Explanation = fmt.Sprintf("The goods are classified under %s, %s: %s.", row.code, row.names, row.source)
	h.add(reason)
}
