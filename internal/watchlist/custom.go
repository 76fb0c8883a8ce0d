package watchlist

import (
	"slices"
	"strconv"
	"strings"

	"github.com/alataw/alataw/internal/fault"
)

// customList reads one's own list: a header that has name, and may have id, kind and country in any order, then a party a line.
// Without a kind a party is an entity; without an id it is called by its line's number.
type customList struct{ parties []Entry }

var customColumns = []string{"name", "id", "kind", "country"}

func (l *customList) read(t *table) (string, error) {
	header, err := t.next()
	if err != nil {
		return "", err
	}
	if header == nil {
		return "", fault.New(fault.Invalid, "list_empty", "%s is empty", t.name)
	}
	columns, err := columnsOf(t, header)
	if err != nil {
		return "", err
	}
	t.records = 0 // the header is none
	before := len(l.parties)
	record, err := t.next()
	for ; record != nil && err == nil; record, err = t.next() {
		if err := l.party(t, columns, record); err != nil {
			return "", err
		}
	}
	if err == nil && len(l.parties) == before {
		err = fault.New(fault.Invalid, "list_empty", "%s names nobody", t.name)
	}
	return "names", err
}

// columnsOf gives what each column holds.
func columnsOf(t *table, header []string) ([]string, error) {
	var columns []string
	for _, cell := range header {
		column := strings.ToLower(cell)
		if !slices.Contains(customColumns, column) || slices.Contains(columns, column) {
			return nil, t.fault("the header has %q, where each of %s may stand once", cell, strings.Join(customColumns, ", "))
		}
		columns = append(columns, column)
	}
	if !slices.Contains(columns, "name") {
		return nil, t.fault("the header has no column called name")
	}
	return columns, nil
}

func (l *customList) party(t *table, columns, record []string) error {
	if len(record) != len(columns) {
		return t.fault("%d values, where the header has %d", len(record), len(columns))
	}
	e := Entry{List: Custom, Kind: Entity, Primary: true}
	for i, column := range columns {
		value := strings.Clone(record[i])
		switch column {
		case "name":
			e.Name = value
		case "id":
			e.ID = value
		case "country":
			e.Country = value
		case "kind":
			e.Kind = strings.ToLower(value)
		}
	}
	if e.ID == "" {
		e.ID = strconv.Itoa(t.line)
	}
	if e.Kind == "" {
		e.Kind = Entity
	}
	return l.add(t, e)
}

func (l *customList) add(t *table, e Entry) error {
	if Fold(e.Name) == "" {
		return t.fault("the party has no name")
	}
	if !slices.Contains([]string{Entity, Individual, Vessel, Aircraft}, e.Kind) {
		return t.fault("%q is no kind of party", e.Kind)
	}
	l.parties = append(l.parties, e)
	return nil
}

func (l *customList) entries() ([]Entry, error) { return l.parties, nil }
