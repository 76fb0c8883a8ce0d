package screening

import (
	"fmt"

	"github.com/alataw/alataw/internal/parcel"
)

// fewestLetters is how many letters a description needs, outside words that could stand for anything, to say something.
const fewestLetters = 3

// emptyDescription is the rule description.empty: a description must let an officer picture the goods. One of nothing but
// general words, charges, numbers and single letters does not (tables/vague.csv; Delegated Regulation (EU) 2015/2446,
// annex B, data element 18 05, and the customs' rule that names be exact).
func emptyDescription(it item, h *hits) {
	if it.letters >= fewestLetters {
		return
	}
	reason := it.about("description.empty", parcel.Description, "description", it.Description)
	reason.Lane, reason.Score = parcel.Yellow, 0.8
	reason.Explanation = fmt.Sprintf("%q does not say what the goods are: it has only general words, charges, numbers or single letters.", it.Description)
	h.add(reason)
}
