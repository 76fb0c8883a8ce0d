package watchlist

import (
	"regexp"
	"strings"
	"time"
)

// ukList reads the United Kingdom's lists of financial sanctions' targets in CSV, whichever it is given: OFSI's consolidated list in
// its 2022 format (ConList.csv), and the UK Sanctions List, which has taken its place. Both have a line with the date first, then a header,
// then a line for each name of a party. Aliases of low quality are weak.
type ukList struct {
	*register
	date time.Time
}

// ukColumns are the names, in lower case, of a list's columns. The names of a party are name 1 to name 6 in both: given names first, then the
// surname or an entity's whole name.
type ukColumns struct{ id, kind, nameType, quality, birth, nationality, country, regime string }

const (
	ukOriginal = "name non-latin script"
	ukSurname  = "name 6"
)

var (
	ukConsolidated = ukColumns{"group id", "group type", "alias type", "alias quality", "dob", "nationality", "country", "regime"}
	ukSanctions    = ukColumns{"unique id", "designation type", "name type", "alias strength", "d.o.b", "nationality(/ies)", "address country", "regime name"}
)

func (l *ukList) read(c *content) (FileReport, error) {
	t := newTable(c)
	t.folds = true
	header, err := l.header(t)
	if err != nil {
		return FileReport{}, err
	}
	of := ukConsolidated
	if _, ok := header[ukSanctions.id]; ok {
		of = ukSanctions
	}
	for _, needed := range []string{of.id, of.kind, of.nameType, ukSurname} {
		if _, ok := header[needed]; !ok {
			return FileReport{}, t.fault("the header has no column called %q", needed)
		}
	}
	width := len(t.fields)
	t.records = 0
	err = t.eachRecord(width, func(record []string) error { return l.add(header, of, record) })
	if err == nil && t.records == 0 {
		err = t.fault("nobody is on the list")
	}
	return FileReport{Part: "names", Records: t.records}, err
}

// header reads the lines before the names: the date, which older files lack, and the columns.
func (l *ukList) header(t *table) (columns, error) {
	for range 2 {
		record, err := t.next()
		if err != nil {
			return nil, err
		}
		header, err := t.columnsOf(record)
		if _, found := header[ukSurname]; found || err != nil {
			return header, err
		}
		if l.date.IsZero() {
			l.date = ukDate(record)
		}
	}
	return nil, t.fault("there is no header with a column called %q", ukSurname)
}

var ukDates = regexp.MustCompile(`\d{1,2}[/-](\d{1,2}|[A-Za-z]{3})[/-]\d{4}`)

// ukDate finds the date of "Last Updated,01/09/2026" or "Report Date: 13-Feb-2026".
func ukDate(record []string) time.Time {
	for _, value := range record {
		for _, layout := range []string{"2/1/2006", "2-Jan-2006", "2/Jan/2006", "2-1-2006"} {
			if date, err := time.Parse(layout, ukDates.FindString(value)); err == nil {
				return date
			}
		}
	}
	return time.Time{}
}

func (l *ukList) add(header columns, of ukColumns, record []string) error {
	kind, err := ukKind(header.get(record, of.kind))
	if err != nil {
		return err
	}
	id, err := tidy(header.get(record, of.id))
	if err != nil || id == "" {
		return flaw("a party has no number")
	}
	p := l.party(strings.Clone(id), kind)
	p.listed(header.get(record, of.regime))
	for _, country := range ukParts(header.get(record, of.nationality) + "|" + header.get(record, of.country)) {
		p.from(country)
	}
	for _, birth := range ukParts(header.get(record, of.birth)) {
		p.born(birth)
	}
	primary := strings.EqualFold(header.get(record, of.nameType), "primary name")
	weak := strings.Contains(strings.ToLower(header.get(record, of.quality)), "low")
	var names []string
	for _, column := range []string{"name 1", "name 2", "name 3", "name 4", "name 5", ukSurname} {
		names = append(names, header.get(record, column))
	}
	if err := p.call(strings.Join(names, " "), primary, weak); err != nil {
		return err
	}
	return p.call(header.get(record, ukOriginal), false, weak)
}

func ukKind(text string) (string, error) {
	switch strings.ToLower(text) {
	case "individual":
		return Individual, nil
	case "entity":
		return Entity, nil
	case "ship", "vessel":
		return Vessel, nil
	case "aircraft":
		return Aircraft, nil
	}
	return "", flaw("a party of no known type")
}

var ukNumbering = regexp.MustCompile(`\(\d+\)|[|;]`)

// ukParts splits "(1) Iran. (2) Iraq." and "Iran|Iraq".
func ukParts(text string) (parts []string) {
	for _, part := range ukNumbering.Split(text, -1) {
		if part = strings.Trim(part, " ."); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func (l *ukList) published() time.Time { return l.date }
