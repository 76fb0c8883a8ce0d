package goods

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/parcel"
)

// microsPerMAh is how many millionths of a watt-hour a thousandth of a milliampere-hour is at the lowest nominal voltage of a lithium cell on the
// market: the 3.2 V of iron phosphate, rounded down.
const microsPerMAh = 3

// mostDigits is how long a number can be that is still read as one.
const mostDigits = 9

// energyOf reads the largest energy that a description gives a battery, in millionths of a watt-hour, and the words it does so with: "99 Wh", or
// "20000 mAh" at the lowest voltage. It is 0 where the description gives none.
func energyOf(description string) (micros int64, phrase string) {
	for i := 0; i < len(description); {
		if c := description[i]; c < '0' || c > '9' {
			i++
			continue
		}
		thousandths, size := number(description[i:])
		unit, length := energyUnit(description[i+size:])
		if got := thousandths * unit; unit > 0 && got > micros {
			micros, phrase = got, description[i:i+size+length]
		}
		i += size
	}
	return micros, phrase
}

// number reads a number in thousandths, with a point or comma before its places; a comma before three digits parts thousands. What is too long is 0.
func number(text string) (thousandths int64, size int) {
	digits, places, point := 0, 0, -1
	for ; size < len(text); size++ {
		c := text[size]
		if (c == '.' || c == ',') && point < 0 && size+1 < len(text) && isDigit(text[size+1]) {
			point = size
			continue
		}
		if !isDigit(c) {
			break
		}
		if point >= 0 {
			places++
		}
		if places <= 3 {
			thousandths = thousandths*10 + int64(c-'0')
			digits++
		}
		if digits > mostDigits {
			thousandths = 0
		}
	}
	if point >= 0 && text[point] == ',' && places == 3 {
		places = 0
	}
	for range 3 - min(places, 3) {
		thousandths *= 10
	}
	if digits > mostDigits {
		return 0, size
	}
	return thousandths, size
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// energyUnit reads a unit of energy or charge behind a number: how many millionths of a watt-hour a thousandth of it is, and how long it is with the space before it.
func energyUnit(text string) (micros int64, size int) {
	trimmed := strings.TrimLeft(text, " ")
	for _, unit := range [...]struct {
		name   string
		micros int64
	}{
		{"mah", microsPerMAh}, {"毫安", microsPerMAh}, {"мач", microsPerMAh}, {"ма·ч", microsPerMAh},
		{"wh", 1000}, {"瓦时", 1000}, {"вт·ч", 1000}, {"втч", 1000},
	} {
		if len(trimmed) < len(unit.name) || !strings.EqualFold(trimmed[:len(unit.name)], unit.name) {
			continue
		}
		if next := trimmed[len(unit.name):]; next == "" || next[0] >= utf8.RuneSelf || !isLetter(next[0]) {
			return unit.micros, len(text) - len(next)
		}
	}
	return 0, 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// wattHours gives millionths of a watt-hour as a decimal with one place, rounded down.
func wattHours(micros int64) parcel.Decimal {
	return parcel.MustDecimal(fmt.Sprintf("%d.%d", micros/1_000_000, micros/100_000%10))
}
