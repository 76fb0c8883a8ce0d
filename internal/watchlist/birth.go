package watchlist

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Years of birth that publishers mean; others are mistakes, or of a calendar that is not ours.
const (
	firstBirth = 1850
	lastBirth  = 2100
	mostYears  = 30 // of a range; a longer one tells nobody apart
)

// birthLayouts are the ways in which whole dates of birth are written, beside 1961-01-31.
var birthLayouts = []string{time.DateOnly, "02 Jan 2006", "2 Jan 2006", "02/01/2006", "2/1/2006", "2 January 2006", "January 2, 2006"}

var fourDigits = regexp.MustCompile(`\b\d{4}\b`)

// addBirth adds what a text says of somebody's birth, as Entry.Births has it: a whole date as an ISO date; a year or a month of a
// year as the year; a range ("1957 to 1959", "01 Jan 1957 to 31 Dec 1959") as each of its years; "circa 1961" as that year and its neighbours,
// for a year off is no reason to think of another person.
func addBirth(births []string, text string) []string {
	text = strings.TrimSpace(text)
	for _, layout := range birthLayouts {
		if date, err := time.Parse(layout, text); err == nil {
			return addBirthDate(births, date)
		}
	}
	var years []int
	for _, digits := range fourDigits.FindAllString(text, 2) {
		year, _ := strconv.Atoi(digits) // four digits are a number
		years = append(years, year)
	}
	switch {
	case len(years) == 0:
		return births
	case len(years) == 2:
		return addYears(births, years[0], years[1])
	case approximate(text):
		return addYears(births, years[0]-1, years[0]+1)
	}
	return addYears(births, years[0], years[0])
}

func approximate(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "circa") || strings.Contains(text, "approx") || strings.HasPrefix(text, "c.")
}

func addBirthDate(births []string, date time.Time) []string {
	if date.Year() < firstBirth || date.Year() > lastBirth {
		return births
	}
	return addOnce(births, date.Format(time.DateOnly))
}

func addYears(births []string, from, to int) []string {
	if from < firstBirth || to > lastBirth || to < from || to-from >= mostYears {
		return births
	}
	for year := from; year <= to; year++ {
		births = addOnce(births, strconv.Itoa(year))
	}
	return births
}

// addOnce adds a birth that is not there; one of hundreds tells nobody apart.
func addOnce(all []string, one string) []string {
	if slices.Contains(all, one) || len(all) == maxBirths {
		return all
	}
	return append(all, one)
}
