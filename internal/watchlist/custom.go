package watchlist

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// customList reads one's own list: a header that has name, and may have id, kind, country, born and weak in any order, then a name a
// line. Without a kind a party is an entity; without an id it is called by its line's number; lines of one id are one party, the first
// its primary name. born is a date or a year, weak is yes for an alias that many have.
type customList struct {
	parties []Entry
	known   map[string]bool
}

var customColumns = []string{"name", "id", "kind", "country", "born", "weak"}

func (l *customList) published() time.Time { return time.Time{} }

func (l *customList) read(c *content) (FileReport, error) {
	t := newTable(c)
	t.strict = true // one's own list in another encoding would match nobody
	header, err := t.next()
	if err != nil {
		return FileReport{}, err
	}
	columns, err := customColumnsOf(t, header)
	if err != nil {
		return FileReport{}, err
	}
	t.records = 0 // the header is none
	before := len(l.parties)
	record, err := t.next()
	for ; record != nil && err == nil; record, err = t.next() {
		if err := l.party(t, columns, record); err != nil {
			return FileReport{}, err
		}
	}
	if err == nil && len(l.parties) == before {
		err = fault.New(fault.Invalid, "list_empty", "%s names nobody", t.name)
	}
	return FileReport{Part: "names", Records: t.records}, err
}

// customColumnsOf gives what each column holds.
func customColumnsOf(t *table, header []string) ([]string, error) {
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
	e := Entry{List: Custom, Kind: Entity}
	for i, column := range columns {
		value := strings.Clone(record[i])
		switch column {
		case "name":
			e.Name = value
		case "id":
			e.ID = value
		case "country":
			e.Country, e.Countries = value, addCountry(nil, value)
		case "born":
			e.Births = addBirth(nil, value)
		case "weak":
			e.Weak = strings.EqualFold(value, "yes")
		case "kind":
			e.Kind = strings.ToLower(value)
		}
	}
	e.Primary = e.ID == "" || !l.known[e.ID]
	if e.ID == "" {
		e.ID = strconv.Itoa(t.line)
	} else {
		l.known[e.ID] = true
	}
	if e.Kind == "" {
		e.Kind = Entity
	}
	e.Weak = e.Weak && !e.Primary
	return l.add(t, e)
}

func (l *customList) add(t *table, e Entry) error {
	if Fold(e.Name) == "" {
		return t.fault("the party has no name")
	}
	if kinds := []string{Entity, Individual, Vessel, Aircraft}; !slices.Contains(kinds, e.Kind) {
		return t.fault("%q is no kind of party: %s are", e.Kind, strings.Join(kinds, ", "))
	}
	l.parties = append(l.parties, e)
	return nil
}

func (l *customList) entries() ([]Entry, error) { return l.parties, nil }
