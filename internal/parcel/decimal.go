package parcel

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
)

// Decimal is a non-negative decimal number with at most 14 digits before and 5 after the point (the customs' N19,5).
// It keeps the digits it was declared with: "12.50" stays "12.50". It is never a float.
type Decimal struct {
	digits uint64 // the number without its point; 19 digits fit
	places uint8  // how many of the digits stand after the point
}

const (
	maxWholeDigits = 14
	maxPlaces      = 5
)

var pow10 = [...]uint64{1, 10, 100, 1_000, 10_000, 100_000}

// ErrDecimal tells why a text is not such a number.
var ErrDecimal = errors.New("a decimal has 1 to 14 digits, then optionally a point and 1 to 5 digits; no sign, no exponent")

// ParseDecimal reads a number digit by digit. No sign, exponent, blank or superfluous leading zero is taken.
func ParseDecimal(s string) (Decimal, error) {
	var d Decimal
	whole := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			d.digits = d.digits*10 + uint64(c-'0')
			if d.places > 0 || whole < i {
				d.places++
			} else {
				whole++
			}
		case c == '.' && whole == i && whole > 0 && i+1 < len(s):
			continue
		default:
			return Decimal{}, ErrDecimal
		}
		if whole > maxWholeDigits || d.places > maxPlaces {
			return Decimal{}, ErrDecimal
		}
	}
	if whole == 0 || (whole > 1 && s[0] == '0') {
		return Decimal{}, ErrDecimal
	}
	return d, nil
}

// String prints the number as it was declared.
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append prints the number to buf.
func (d Decimal) Append(buf []byte) []byte {
	scale := pow10[d.places]
	buf = strconv.AppendUint(buf, d.digits/scale, 10)
	if d.places == 0 {
		return buf
	}
	buf = append(buf, '.')
	frac := d.digits % scale
	for s := scale / 10; s > 0; s /= 10 {
		buf = append(buf, byte('0'+frac/s%10))
	}
	return buf
}

// MarshalText prints the number; in JSON it is therefore a string.
func (d Decimal) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads the number.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, err := ParseDecimal(string(text))
	*d = v
	return err
}

// IsZero tells whether the number is 0 (or was never declared).
func (d Decimal) IsZero() bool { return d.digits == 0 }

// Trimmed is the same number without zeros at its end, so that equal numbers are equal values.
func (d Decimal) Trimmed() Decimal {
	for d.places > 0 && d.digits%10 == 0 {
		d.digits, d.places = d.digits/10, d.places-1
	}
	return d
}

// MustDecimal is ParseDecimal for constants.
func MustDecimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(fmt.Sprintf("decimal constant %q: %v", s, err))
	}
	return d
}

// Micros is the number in millionths; ok is false where that does not fit 63 bits (from about 9.2 × 10^12 on).
func (d Decimal) Micros() (micros int64, ok bool) {
	hi, lo := bits.Mul64(d.digits, 1_000_000/pow10[d.places])
	return int64(lo), hi == 0 && lo < 1<<63
}

// wide is a number in units of 10^-10, wide enough for a product of two decimals; over says that it was not.
type wide struct {
	hi, lo uint64
	over   bool
}

// plusProduct adds a × b.
func (w wide) plusProduct(a, b Decimal) wide {
	x, okX := a.fifths()
	y, okY := b.fifths()
	hi, lo := bits.Mul64(x, y)
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, lo, 0)
	w.hi, carry = bits.Add64(w.hi, hi, carry)
	w.over = w.over || carry > 0 || !okX || !okY
	return w
}

// fifths is the number in units of 10^-5. Fourteen whole digits and five places always fit.
func (d Decimal) fifths() (uint64, bool) {
	hi, lo := bits.Mul64(d.digits, pow10[maxPlaces-d.places])
	return lo, hi == 0
}

// cents rounds half up to two decimals: the sum the customs compare with goods_value.
func (w wide) cents() (uint64, bool) {
	const perCent = 100_000_000 // 10^-10 to 10^-2
	lo, carry := bits.Add64(w.lo, perCent/2, 0)
	hi := w.hi + carry
	if w.over || hi >= perCent { // the quotient would not fit: larger than any declarable value
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, perCent)
	return q, true
}

// cents is a declared amount in hundredths; ok is false when it has a fraction of a cent.
func (d Decimal) cents() (uint64, bool) {
	d = d.Trimmed()
	if d.places > 2 {
		return 0, false
	}
	hi, lo := bits.Mul64(d.digits, pow10[2-d.places])
	return lo, hi == 0
}
