package screening

import (
	"math"
	"strings"

	"github.com/expr-lang/expr"
)

// The functions that formulas have besides those of expr that they may use.
const (
	fnRatio    = "ratio"    // ratio(a, b): a divided by b, and 0 where b is 0
	fnYuan     = "yuan"     // yuan(x): "6,256.00 CNY"
	fnListed   = "listed"   // listed("name", text): the text is a value of that list, or begins with a prefix of it
	fnMentions = "mentions" // mentions("name", words): a keyword of that list stands among the words
	fnFirst    = "first"    // first(text, n): its first n characters
)

func (c *compiler) functions() []expr.Option {
	named := c.named
	return []expr.Option{
		expr.Function(fnRatio, func(args ...any) (any, error) { return ratio(number(args[0]), number(args[1])), nil },
			new(func(float64, float64) float64), new(func(int, int) float64), new(func(float64, int) float64), new(func(int, float64) float64)),
		expr.Function(fnYuan, func(args ...any) (any, error) { return yuan(int64(math.Round(number(args[0]) * 100))), nil },
			new(func(float64) string), new(func(int) string)),
		expr.Function(fnListed, func(args ...any) (any, error) { return named.has(args[0].(string), args[1].(string)), nil },
			new(func(string, string) bool)),
		expr.Function(fnMentions, func(args ...any) (any, error) { return named.mentions(args[0].(string), args[1].(string)), nil },
			new(func(string, string) bool)),
		expr.Function(fnFirst, func(args ...any) (any, error) { return first(args[0].(string), args[1].(int)), nil },
			new(func(string, int) string)),
	}
}

func number(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func first(text string, n int) string {
	for i := range text {
		if n <= 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// yuan prints hundredths of a yuan: "6,256.00 CNY".
func yuan(fen int64) string {
	var b strings.Builder
	if fen < 0 {
		b.WriteByte('-')
		fen = -fen
	}
	whole := []byte{}
	for n := fen / 100; ; n /= 10 {
		whole = append(whole, byte('0'+n%10))
		if n < 10 {
			break
		}
	}
	for i := len(whole) - 1; i >= 0; i-- {
		b.WriteByte(whole[i])
		if i > 0 && i%3 == 0 {
			b.WriteByte(',')
		}
	}
	cents := fen % 100
	b.WriteByte('.')
	b.WriteByte(byte('0' + cents/10))
	b.WriteByte(byte('0' + cents%10))
	b.WriteString(" CNY")
	return b.String()
}
