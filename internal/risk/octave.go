package risk

import (
	"math"
	"strconv"
)

// Doublings that have a name; what lies outside is put to the nearest.
const (
	lowestOctave  = -20
	highestOctave = 50
)

var octaves = nameOctaves()

func nameOctaves() (names [highestOctave - lowestOctave + 1]string) {
	short := func(e int) string {
		if e < -3 || e > 40 {
			return strconv.FormatFloat(math.Ldexp(1, e), 'g', 3, 64)
		}
		return strconv.FormatFloat(math.Ldexp(1, e), 'f', -1, 64)
	}
	for i := range names {
		names[i] = short(lowestOctave+i) + " to " + short(lowestOctave+i+1)
	}
	return names
}

// Octave names the doubling in which an amount lies, such as "8 to 16" for 10: a mass, a price or a price per kilogram as a
// factor's value. Amounts that are nought, negative or not finite have the value "".
func Octave(amount float64) string {
	if !(amount > 0) || math.IsInf(amount, 1) {
		return ""
	}
	_, above := math.Frexp(amount) // amount is at least half of two to that, and less than that
	return octaves[max(lowestOctave, min(above-1, highestOctave))-lowestOctave]
}
