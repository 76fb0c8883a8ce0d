package goods

import (
	"fmt"
	"strconv"
	"strings"
)

// Range is what one piece of the goods under a heading weighs, a row of tables/weights.csv.
type Range struct {
	Heading     string // the row; "" where only what holds for any goods is known
	Least, Most int64  // in milligrams
	Names       string // for people, in English: "jewellery"
	NamesZH     string
}

// anything is what a piece of any goods weighs: a sequin ten milligrams, and no parcel takes a ton.
var anything = Range{Least: 10, Most: 1_000_000_000, Names: "goods", NamesZH: "货物"}

// Weigh gives what a piece of goods under an HS code weighs, and whether so many milligrams a piece fit. The ranges are wide: from
// the smallest part to the largest thing that is sold under the heading, or packed with others as one piece.
func Weigh(hs string, perPiece int64) (r Range, plausible bool) {
	r = anything
	if row, ok := weights.find(hs); ok {
		r = *row
	}
	return r, perPiece >= r.Least && perPiece <= r.Most
}

// CountsPieces tells whether a unit of UN/ECE Recommendation 20 counts things rather than measures them.
func CountsPieces(unit string) bool {
	switch unit {
	case "H87", "C62", "EA", "NAR", "SET", "PR", "NPR":
		return true
	}
	return false
}

var weights = loadWeights()

func loadWeights() *prefixes[*Range] {
	t := newPrefixes[*Range]()
	for _, row := range readTable("weights.csv", "heading", "least_g", "most_g", "names", "names_zh") {
		r := &Range{Heading: row[0], Least: milligrams(row[1]), Most: milligrams(row[2]), Names: row[3], NamesZH: row[4]}
		if r.Least < anything.Least || r.Most > anything.Most || r.Least >= r.Most {
			panic(fmt.Errorf("weights: %q is no range", row[0]))
		}
		t.add(row[0], r)
	}
	return t
}

// milligrams reads grams with up to three places.
func milligrams(cell string) int64 {
	whole, places, _ := strings.Cut(cell, ".")
	n, err := strconv.ParseInt(whole+(places + "000")[:3], 10, 64)
	if err != nil {
		panic(fmt.Errorf("table cell %q: no grams", cell))
	}
	return n
}
