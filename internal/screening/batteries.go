package screening

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
)

// What a consumer's battery may have at most to travel as ordinary goods: special provision 188 of the UN Model Regulations,
// which the guidance of the National Railway Administration of 2023-11-02 follows (its provisions 78 and 79).
var (
	mostWattHours = parcel.MustDecimal("100")
	mostLithiumG  = parcel.MustDecimal("2")
)

// batteries are the rules batteries.undeclared (a lithium battery must be declared as one, with the figure that tells whether a
// train may carry it) and batteries.limit (a larger one goes as dangerous goods).
func batteries(it item, h *hits) {
	if it.Battery == nil {
		undeclaredBattery(it, h)
		return
	}
	b := it.Battery
	if metal := b.UNNumber == "UN3090" || b.UNNumber == "UN3091"; metal {
		batteryFigure(it, "lithium_g", "lithium", "g", b.LithiumG, mostLithiumG, h)
	} else {
		batteryFigure(it, "watt_hours", "energy", "Wh", b.WattHours, mostWattHours, h)
	}
}

// undeclaredBattery speaks where the HS code or the description says lithium battery and no battery is declared.
func undeclaredBattery(it item, h *hits) {
	var field, value, why string
	if isLithiumCode(it.HSCode) {
		field, value, why = "hs_code", it.HSCode, fmt.Sprintf("HS %s is where lithium batteries are classified", it.HSCode)
	} else if f := firstOf(it.phrases, battery); f != nil {
		field, value, why = "description", it.Description, fmt.Sprintf("the description has %q", it.text(f))
	} else {
		return
	}
	reason := it.about("batteries.undeclared", parcel.Batteries, field, value)
	reason.Lane, reason.Score = parcel.Yellow, 0.8
	reason.Explanation = fmt.Sprintf("No battery is declared, but %s. UN number and watt-hours or grams of lithium are needed to tell whether it may travel by rail.", why)
	h.add(reason)
}

// isLithiumCode tells whether a code of the headings for batteries, 8506 and 8507, has or may have lithium ones in it. Those of
// zinc, silver, lead or nickel have subheadings of their own, and so have parts.
func isLithiumCode(code string) bool {
	if !strings.HasPrefix(code, "8506") && !strings.HasPrefix(code, "8507") {
		return false
	}
	if len(code) < 6 {
		return true
	}
	switch code[:6] {
	case "850650", "850680", "850760", "850780":
		return true
	}
	return false
}

func firstOf(phrases []found, t topic) *found {
	for i := range phrases {
		if phrases[i].topic == t {
			return &phrases[i]
		}
	}
	return nil
}

// batteryFigure compares what a battery is measured by with its limit.
func batteryFigure(it item, name, what, unit string, figure *parcel.Decimal, most parcel.Decimal, h *hits) {
	if figure == nil {
		reason := it.about("batteries.undeclared", parcel.Batteries, "battery/"+name, "")
		reason.Lane, reason.Score = parcel.Yellow, 0.8
		reason.Explanation = fmt.Sprintf("A battery %s is declared without its %s in %s, which tells whether it may travel by rail as ordinary goods (up to %s %s).",
			it.Battery.UNNumber, what, unit, most, unit)
		h.add(reason)
		return
	}
	if !over(*figure, most) {
		return
	}
	reason := it.about("batteries.limit", parcel.Batteries, "battery/"+name, figure.String())
	reason.Lane, reason.Score = parcel.Yellow, 1
	reason.Explanation = fmt.Sprintf("A battery %s with %s %s is over %s %s: a railway carries it as dangerous goods only (UN special provision 188; railway guidance of 2023-11-02).",
		it.Battery.UNNumber, figure, unit, most, unit)
	h.add(reason)
}

// over tells whether a is more than b; what does not fit is.
func over(a, b parcel.Decimal) bool {
	x, fits := a.Micros()
	limit, _ := b.Micros()
	return !fits || x > limit
}
