package goods

import (
	"strings"

	"github.com/alataw/alataw/internal/parcel"
)

// What lithium cells and batteries may have at most to travel as ordinary goods: special provision 188 of the UN Model Regulations, which
// RID, ADR and SMGS annex 2 share, and special provisions 78 and 79 of China's list of dangerous goods by rail (TB/T 30006-2022), by which the
// guidance that the National Railway Administration published on 2023-11-02 goes.
const (
	MostBatteryWattHours = "100"
	MostCellWattHours    = "20"
	MostBatteryLithiumG  = "2"
	MostCellLithiumG     = "1"
)

// BatteryCase is what is the matter with a battery.
type BatteryCase string

// The cases, in the order they are told in.
const (
	Undeclared    BatteryCase = "undeclared"     // code or words say lithium battery, and none is declared
	FigureMissing BatteryCase = "figure_missing" // watt-hours or grams of lithium are not declared
	OverLimit     BatteryCase = "over_limit"     // a railway carries it as dangerous goods only
	Understated   BatteryCase = "understated"    // the description says more than is declared
	WrongNumber   BatteryCase = "wrong_number"   // code or words are of another battery than the UN number
)

// BatteryFinding is what is the matter with the battery of one item.
type BatteryFinding struct {
	Case     BatteryCase
	Field    string         // of the item: "hs_code", "description", "battery/watt_hours", "battery/lithium_g" or "battery/un_number"
	Value    string         // what stands there
	Figure   parcel.Decimal // that was compared, if one was
	Limit    parcel.Decimal // with this one
	Unit     string         // of both: Wh or g
	What     string         // they measure: "energy" or "lithium"
	Evidence string         // the phrase or code that speaks against the declaration, where one does
	Cell     bool           // the limit is that of a single cell
}

var (
	mostBatteryWattHours = parcel.MustDecimal(MostBatteryWattHours)
	mostCellWattHours    = parcel.MustDecimal(MostCellWattHours)
	mostBatteryLithiumG  = parcel.MustDecimal(MostBatteryLithiumG)
	mostCellLithiumG     = parcel.MustDecimal(MostCellLithiumG)
)

// Batteries appends what is the matter with an item's battery to dst: its HS code, description, what was read in that, and the declared battery or nil.
func Batteries(dst []BatteryFinding, hs, description string, r *Reading, b *parcel.Battery) []BatteryFinding {
	if b == nil {
		return undeclared(dst, hs, description, r)
	}
	metal := b.UNNumber == "UN3090" || b.UNNumber == "UN3091"
	m := r.Of(Battery)
	cell := m != nil && m.Key == "lithium_cell"
	if metal {
		f := BatteryFinding{Field: "battery/lithium_g", Unit: "g", What: "lithium", Limit: either(cell, mostCellLithiumG, mostBatteryLithiumG), Cell: cell}
		return misnumbered(figure(dst, f, b.LithiumG), hs, r, b)
	}
	f := BatteryFinding{Field: "battery/watt_hours", Unit: "Wh", What: "energy", Limit: either(cell, mostCellWattHours, mostBatteryWattHours), Cell: cell}
	dst = figure(dst, f, b.WattHours)
	if b.WattHours != nil {
		dst = understated(dst, description, *b.WattHours)
	}
	return misnumbered(dst, hs, r, b)
}

func either(first bool, a, b parcel.Decimal) parcel.Decimal {
	if first {
		return a
	}
	return b
}

// undeclared speaks where the HS code or the description says lithium battery.
func undeclared(dst []BatteryFinding, hs, description string, r *Reading) []BatteryFinding {
	if IsLithiumCode(hs) {
		return append(dst, BatteryFinding{Case: Undeclared, Field: "hs_code", Value: hs, Evidence: hs})
	}
	if m := r.Of(Battery); m != nil && m.Holds() {
		return append(dst, BatteryFinding{Case: Undeclared, Field: "description", Value: description, Evidence: m.Phrase})
	}
	return dst
}

// figure compares what a battery is measured by with its limit.
func figure(dst []BatteryFinding, f BatteryFinding, declared *parcel.Decimal) []BatteryFinding {
	if declared == nil {
		f.Case = FigureMissing
		return append(dst, f)
	}
	if !over(*declared, f.Limit) {
		return dst
	}
	f.Case, f.Figure, f.Value = OverLimit, *declared, declared.String()
	return append(dst, f)
}

// understated speaks where the description has watt-hours, or ampere-hours at the least voltage of a lithium cell, that are clearly more.
func understated(dst []BatteryFinding, description string, declared parcel.Decimal) []BatteryFinding {
	micros, fits := declared.Micros()
	said, phrase := energyOf(description)
	if !fits || said*9/10 <= micros {
		return dst
	}
	return append(dst, BatteryFinding{
		Case: Understated, Field: "battery/watt_hours", Value: declared.String(), Figure: declared, Limit: wattHours(said), Unit: "Wh", What: "energy",
		Evidence: phrase,
	})
}

// misnumbered speaks where words or code are of a rechargeable battery and the number of one that is not, or the other way round.
func misnumbered(dst []BatteryFinding, hs string, r *Reading, b *parcel.Battery) []BatteryFinding {
	metal := b.UNNumber == "UN3090" || b.UNNumber == "UN3091"
	var evidence string
	switch m := r.Of(Battery); {
	case metal && strings.HasPrefix(hs, "8507"), !metal && strings.HasPrefix(hs, "8506"):
		evidence = hs
	case m != nil && (metal && m.Key == "power_bank" || !metal && m.Key == "lithium_metal"):
		evidence = m.Phrase
	default:
		return dst
	}
	return append(dst, BatteryFinding{Case: WrongNumber, Field: "battery/un_number", Value: b.UNNumber, Evidence: evidence})
}

// IsLithiumCode tells whether a code of the headings for batteries, 8506 and 8507, has or may have lithium ones in it. Those of
// zinc, silver, lead or nickel have subheadings of their own, and so have parts.
func IsLithiumCode(code string) bool {
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

// over tells whether a is more than b; what does not fit is.
func over(a, b parcel.Decimal) bool {
	x, fits := a.Micros()
	limit, _ := b.Micros()
	return !fits || x > limit
}
