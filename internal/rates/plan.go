package rates

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/alataw/alataw/internal/fault"
)

// MostJump is by how much a rate may rise or fall against the one before it without a word of somebody's: to the double or the half, and
// as much again for each further year between them. A slip of the decimal point is a factor of ten.
const MostJump = 2

// Plan is what an import would change.
type Plan struct {
	Quotes  []Quote // that are not in force already
	Added   int     // of them, those for days that had none
	Changed int     // and those that take the place of another
}

// Plan compares a file with the rates in force. One whose rates jump is a fault.Invalid, unless that is accepted; it names the first.
func (t *Table) Plan(sheet *Sheet, acceptJumps bool) (Plan, error) {
	var p Plan
	for _, q := range sheet.Quotes {
		switch known := t.at(q.Currency, q.Day); {
		case known.Nano == q.Nano:
			continue
		case known.Known():
			p.Changed++
		default:
			p.Added++
		}
		p.Quotes = append(p.Quotes, q)
	}
	if jumps := t.jumps(p.Quotes); len(jumps) > 0 && !acceptJumps {
		return Plan{}, jumped(sheet.Name, jumps)
	}
	return p, nil
}

// jump is a rate that is too far from one beside it.
type jump struct {
	Quote
	from Rate
}

// jumps holds each rate against the one before it, in the file or in force, and against the one in force that comes after it. The program's
// own, which stands in where nothing is as old, is held against only where the file has nothing before it either.
func (t *Table) jumps(quotes []Quote) (all []jump) {
	for i, q := range quotes {
		before := t.On(q.Currency, q.Day)
		if i > 0 && quotes[i-1].Currency == q.Currency && (quotes[i-1].Day > before.Day || before.Day > q.Day) {
			before = Rate{Nano: quotes[i-1].Nano, Day: quotes[i-1].Day}
		}
		after := t.after(q.Currency, q.Day)
		if i+1 < len(quotes) && quotes[i+1].Currency == q.Currency && quotes[i+1].Day <= after.Day {
			after = Rate{} // that one is held against this
		}
		switch {
		case q.jumps(before):
			all = append(all, jump{q, before})
		case q.jumps(after):
			all = append(all, jump{q, after})
		}
	}
	return all
}

func (q *Quote) jumps(other Rate) bool {
	if !other.Known() {
		return false
	}
	apart := int(q.Day - other.Day)
	years := max(apart, -apart)/366 + 1
	return factor(q.Nano, other.Nano) > math.Pow(MostJump, float64(years))
}

// factor is by how much two rates differ, at least 1.
func factor(a, b int64) float64 { return float64(max(a, b)) / float64(min(a, b)) }

func jumped(name string, jumps []jump) error {
	const few = 3
	told := make([]string, 0, few)
	for _, j := range jumps[:min(few, len(jumps))] {
		told = append(told, fmt.Sprintf("line %d: %s would be worth %s CNY on %s, and is %s CNY on %s", j.Line, j.Currency, Text(j.Nano), j.Day, Text(j.from.Nano), j.from.Day))
	}
	if len(jumps) > few {
		told = append(told, fmt.Sprintf("and %d more", len(jumps)-few))
	}
	return fault.New(fault.Invalid, "rates_jump", "%s, %s; rates may double or halve, not more; the rates before stay in force", name, strings.Join(told, "; "))
}

// Text writes billionths as a decimal number, without zeros at the end.
func Text(nano int64) string {
	text := strings.TrimRight(big.NewRat(nano, 1_000_000_000).FloatString(9), "0")
	return strings.TrimSuffix(text, ".")
}
