package rates

import (
	"slices"
	"strings"
	"time"
)

// ecb reads the euro foreign exchange reference rates: a column of days, then one for each currency with what a euro is worth in it, or
// N/A. Rates to the yuan are crossed through the yuan's of the same day. The history has days like 2026-11-20, the newest first, the daily
// file one like 20 November 2026, and every line of either ends with a comma.
func (r *reading) ecb(sheet *Sheet) error {
	columns, err := r.ecbColumns(sheet)
	if err != nil {
		return err
	}
	yuan := slices.Index(columns, Yuan)
	if yuan < 0 {
		return r.fault("there is no column %s to cross rates through", Yuan)
	}
	for last := ""; ; {
		cells, err := r.next()
		if err != nil {
			return err
		}
		if cells == nil {
			return r.ecbEnd(last)
		}
		if len(cells) != len(r.header) {
			return r.fault("%d values, where the header has %d: the line is cut off or another's", len(cells), len(r.header))
		}
		if err := r.ecbDay(sheet, columns, yuan, cells); err != nil {
			return err
		}
		last = cells[len(cells)-1]
	}
}

// ecbEnd tells whether the last line is whole: it ends with the end of a line, or with the comma that is its last but nothing.
func (r *reading) ecbEnd(last string) error {
	if !r.ended && (last != "" || r.header[len(r.header)-1] != "") {
		return r.truncated("the last line has no end, so that nobody can tell whether all of it is there")
	}
	return nil
}

// ecbColumns gives the currency of each column, "" for what is not read.
func (r *reading) ecbColumns(sheet *Sheet) ([]string, error) {
	columns := make([]string, len(r.header))
	if !strings.EqualFold(r.header[0], "date") {
		return nil, r.fault("the header begins with %q, where rates of the ECB begin with Date", r.header[0])
	}
	for i, code := range r.header[1:] {
		switch {
		case code == "" && i+2 == len(r.header): // behind the last comma
		case !isCode(code):
			return nil, r.fault("%q is no code of a currency", code)
		case slices.Contains(columns, code), slices.Contains(sheet.Unknown, code):
			return nil, r.fault("%s is there twice", code)
		case !known(code):
			sheet.Unknown = append(sheet.Unknown, code)
		default:
			columns[i+1] = code
		}
	}
	return columns, nil
}

func isCode(text string) bool {
	return len(text) == 3 && strings.IndexFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) < 0
}

func (r *reading) ecbDay(sheet *Sheet, columns []string, yuan int, cells []string) error {
	date, err := time.Parse(time.DateOnly, cells[0])
	if err != nil {
		date, err = time.Parse("2 January 2006", cells[0])
	}
	if err != nil {
		return r.fault("%q is no day like 2026-11-20 or 20 November 2026", cells[0])
	}
	day, err := r.day(DateOf(date), aheadECB)
	if err != nil {
		return err
	}
	var worth number
	for i, cell := range cells[1:] {
		if cell == "N/A" || cell == "" {
			continue
		}
		n, ok := readNumber(cell)
		if !ok {
			return r.fault("%q in column %s is no decimal number above 0", cell, r.header[i+1])
		}
		if i+1 == yuan {
			worth = n
		}
	}
	if worth.digits == 0 {
		sheet.Gaps++
		return nil
	}
	return r.cross(day, worth, columns, cells)
}

// cross adds what each currency is worth, where a euro is worth so many yuan.
func (r *reading) cross(day Day, euro number, columns, cells []string) error {
	nano, ok := euro.over(number{digits: 1})
	for i := 0; ok && i < len(columns); i++ {
		if columns[i] == "" || columns[i] == Yuan || columns[i] == "EUR" {
			continue
		}
		n, there := readNumber(cells[i])
		if !there {
			continue // N/A: the others were read before
		}
		var worth int64
		if worth, ok = euro.over(n); ok {
			r.add(columns[i], day, worth)
		}
	}
	if !ok {
		return r.fault("the rates of this day cannot be: a unit is worth from a billionth of a yuan to %d yuan", mostYuan)
	}
	r.add("EUR", day, nano)
	return nil
}
