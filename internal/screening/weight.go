package screening

import (
	"fmt"
	"strconv"

	"github.com/alataw/alataw/internal/parcel"
)

// The densities a parcel can have, in kilograms a cubic metre.
const (
	leastDensity = 3      // an empty corrugated box of a metre's edge weighs three kilograms and more
	mostDensity  = 12_000 // lead has 11,340; what is denser is gold, tungsten or uranium, or is measured wrongly
)

// density is the rule weight.density: weight and size must go together as those of goods in a box do. It speaks only where
// dimensions are declared.
func density(s *Subject, h *hits) {
	d := &s.Declaration
	if d.Dimensions == nil {
		return
	}
	mm3 := int64(d.Dimensions.Length) * int64(d.Dimensions.Width) * int64(d.Dimensions.Height)
	milligrams := int64(d.GrossWeight) * 1000 // a kilogram a cubic metre is a milligram per 1,000 mm³
	if mm3 <= 0 || milligrams*1000 >= leastDensity*mm3 && milligrams*1000 <= mostDensity*mm3 {
		return
	}
	verdict := fmt.Sprintf("lighter than an empty carton, which has about %d kg/m³", leastDensity)
	if milligrams*1000 > mostDensity*mm3 {
		verdict = "denser than lead (11,340 kg/m³)"
	}
	h.add(parcel.Reason{
		Rule: "weight.density", Category: parcel.Weight, Lane: parcel.Yellow, Score: 0.7,
		Field: "/gross_weight_g", Value: strconv.FormatInt(int64(d.GrossWeight), 10),
		Explanation: fmt.Sprintf("%d g in %d × %d × %d mm are %s kg/m³: %s. Weight or dimensions are wrong, or the parcel is not what it says.",
			d.GrossWeight, d.Dimensions.Length, d.Dimensions.Width, d.Dimensions.Height, thousandths(milligrams*1_000_000/mm3), verdict),
	})
}

// piecesPerGram: a piece lighter than a hundredth of a gram is lighter than a sequin.
const piecesPerGram = 100

// pieceWeight is the rule weight.piece: of goods counted in pieces, one must weigh more than a sequin and no more than the
// whole parcel. It speaks only where a net weight is declared.
func pieceWeight(it item, h *hits) {
	if it.NetWeight <= 0 || !countsPieces(it.Unit) {
		return
	}
	const micro = 1_000_000
	net, gross := int64(it.NetWeight), int64(it.parcel.GrossWeight)
	pieces, fits := it.Quantity.Micros()
	var verdict string
	switch {
	case !fits || pieces > net*piecesPerGram*micro:
		verdict = "each would weigh less than 0.01 g"
	case pieces < micro && net*micro > gross*pieces:
		verdict = fmt.Sprintf("a whole one would weigh more than the parcel with its %d g", gross)
	default:
		return
	}
	reason := it.about("weight.piece", parcel.Weight, "net_weight_g", strconv.FormatInt(net, 10))
	reason.Lane, reason.Score = parcel.Yellow, 0.7
	reason.Explanation = fmt.Sprintf("%s pieces (%s) of %d g net in all: %s. Quantity or weight is wrong.", it.Quantity, it.Unit, net, verdict)
	h.add(reason)
}

// countsPieces tells whether a unit of UN/ECE Recommendation 20 counts things rather than measures them.
func countsPieces(unit string) bool {
	switch unit {
	case "H87", "C62", "EA", "NAR", "SET", "PR", "NPR":
		return true
	}
	return false
}

// thousandths prints n/1000 with the places it needs.
func thousandths(n int64) string {
	if n%1000 == 0 || n >= 100_000 {
		return strconv.FormatInt(n/1000, 10)
	}
	return fmt.Sprintf("%d.%03d", n/1000, n%1000)
}
