package rates

import (
	"slices"
	"strconv"
	"strings"
)

var customColumns = []string{"date", "currency", "units", "cny"}

const mostUnits = 1_000_000

// custom reads one's own file: a header of date, currency, units and cny in any order, then a rate a line: so many units of the currency
// are worth so many yuan from that day on.
func (r *reading) custom() error {
	if !r.ended { // a number that is cut off is a number still
		return r.truncated("the last line has no end, so that nobody can tell whether all of it is there")
	}
	columns := make([]int, len(customColumns))
	for i, column := range customColumns {
		columns[i] = slices.IndexFunc(r.header, func(cell string) bool { return strings.EqualFold(cell, column) })
		if columns[i] < 0 || len(r.header) != len(customColumns) {
			return r.fault("the header must be %s", strings.Join(customColumns, ","))
		}
	}
	for {
		cells, err := r.next()
		if err != nil || cells == nil {
			return err
		}
		if len(cells) != len(r.header) {
			return r.fault("%d values, where the header has %d", len(cells), len(r.header))
		}
		if err := r.ownRate(cells[columns[0]], cells[columns[1]], cells[columns[2]], cells[columns[3]]); err != nil {
			return err
		}
	}
}

func (r *reading) ownRate(date, currency, units, cny string) error {
	day, err := ParseDay(date)
	if err != nil {
		return r.fault("%q is no day like 2026-03-09", date)
	}
	if day, err = r.day(day, aheadCustom); err != nil {
		return err
	}
	if !known(currency) {
		return r.fault("%q is no currency of ISO 4217 that is in use", currency)
	}
	n, err := strconv.ParseInt(units, 10, 64)
	if err != nil || n < 1 || n > mostUnits {
		return r.fault("%q units: a whole number from 1 to %d is needed", units, mostUnits)
	}
	worth, ok := readNumber(cny)
	if !ok {
		return r.fault("%q is no decimal number above 0", cny)
	}
	nano, ok := worth.over(number{digits: n})
	if !ok {
		return r.fault("%s for %d %s cannot be: one is worth from a billionth of a yuan to %d yuan", cny, n, currency, mostYuan)
	}
	if currency == Yuan {
		if nano != 1_000_000_000 {
			return r.fault("a yuan is worth a yuan")
		}
		return nil
	}
	r.add(currency, day, nano)
	return nil
}
