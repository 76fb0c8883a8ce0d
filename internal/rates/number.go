package rates

import (
	"math/big"
	"strconv"
	"strings"
)

// number is a decimal number above 0, as it was written.
type number struct {
	digits int64
	places int // behind the point
}

// mostDigits of a number, the point aside; published rates have up to nine.
const mostDigits = 18

// readNumber reads digits with at most one point among them. There are no signs, blanks, exponents, or commas for thousands.
func readNumber(text string) (number, bool) {
	whole, behind, _ := strings.Cut(text, ".")
	digits := whole + behind
	if whole == "" || len(digits) > mostDigits || strings.HasSuffix(text, ".") {
		return number{}, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return number{}, false
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return number{n, len(behind)}, err == nil && n > 0
}

// mostYuan is more than a unit of any currency is worth.
const mostYuan = 1000

// over divides, and gives billionths, rounded half up. It is false where they are none, or too many for what a currency can be worth.
func (n number) over(m number) (nano int64, ok bool) {
	dividend := new(big.Int).Mul(big.NewInt(n.digits), power(9+m.places))
	divisor := new(big.Int).Mul(big.NewInt(m.digits), power(n.places))
	dividend.Add(dividend.Lsh(dividend, 1), divisor) // a/b rounded is (2a+b)/2b
	quotient := dividend.Quo(dividend, divisor.Lsh(divisor, 1))
	if !quotient.IsInt64() || quotient.Sign() == 0 || quotient.Int64() > mostYuan*1_000_000_000 {
		return 0, false
	}
	return quotient.Int64(), true
}

func power(places int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
}
