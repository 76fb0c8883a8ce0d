// Package refdata answers, from embedded tables that name their source and date, which codes exist and what they mean.
package refdata

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readTable parses an embedded table: comment lines, a header of exactly the given columns, then rows
// in strictly rising order of their first column. It panics on anything else, because a broken table
// is a broken build and no caller could do better.
func readTable(text string, columns ...string) [][]string {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		panic(fmt.Errorf("table of %s: %w", columns[0], err))
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		panic(fmt.Errorf("table of %s: header is not %v", columns[0], columns))
	}
	rows = rows[1:]
	for i := 1; i < len(rows); i++ {
		if rows[i-1][0] >= rows[i][0] {
			panic(fmt.Errorf("table of %s: %q does not come after %q", columns[0], rows[i][0], rows[i-1][0]))
		}
	}
	return rows
}

// wholeNumber reads a table's numeric cell.
func wholeNumber(cell string) int64 {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		panic(fmt.Errorf("table cell: %w", err))
	}
	return n
}

// codeIndex says in which row a code of two or three digits or capitals stands; unknown codes are in
// row 0, which tables leave empty. An array answers in a few nanoseconds, without hashing or allocating.
type codeIndex [37 * 37 * 37]uint16

var indexValues = valuesOf("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

// valuesOf maps each byte to its value in an alphabet plus one, so that 0 means foreign.
func valuesOf(alphabet string) (values [256]uint8) {
	for i := range len(alphabet) {
		values[alphabet[i]] = uint8(i) + 1
	}
	return values
}

// newCodeIndex numbers rows from 1 by their first column.
func newCodeIndex(rows [][]string) *codeIndex {
	index := new(codeIndex)
	for i, row := range rows {
		at := indexPosition(row[0])
		if at == 0 {
			panic(fmt.Errorf("table code %q: not two or three digits or capitals", row[0]))
		}
		index[at] = uint16(i + 1)
	}
	return index
}

func (x *codeIndex) row(code string) int {
	return int(x[indexPosition(code)])
}

// indexPosition is 0, where no code stands, for anything that cannot be one.
func indexPosition(code string) int {
	if len(code) != 2 && len(code) != 3 {
		return 0
	}
	first, second, third := int(indexValues[code[0]]), int(indexValues[code[1]]), 0
	if len(code) == 3 {
		if third = int(indexValues[code[2]]); third == 0 {
			return 0
		}
	}
	if first == 0 || second == 0 {
		return 0
	}
	return (first*37+second)*37 + third
}
