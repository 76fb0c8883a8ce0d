package review

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// PairOf names the consignee of a parcel and the entry of a list that it was found to be like, so that an officer can say that they are not
// the same. It is a fault.Conflict when the parcel's consignee was not found to be like that entry, or its declaration is not kept any longer.
func PairOf(p parcel.Parcel, list, entry string) (watchlist.Pair, error) {
	if !foundLike(p.Reasons, list, entry) {
		return watchlist.Pair{}, fault.New(fault.Conflict, "not_matched", "the consignee of %s was not found to be like entry %s of %s", p.ID, entry, list)
	}
	if p.Document == nil {
		return watchlist.Pair{}, fault.New(fault.Conflict, "declaration_retired", "the declaration of %s is not kept any longer", p.ID)
	}
	d, err := parcel.Read(p.Document)
	if err != nil {
		return watchlist.Pair{}, fmt.Errorf("declaration of %s: %w", p.ID, err)
	}
	return watchlist.Pair{
		List: list, Entry: entry, Name: watchlist.Normalise(d.Consignee.Name), Country: d.Consignee.Address.Country, Parcel: p.ID.String(),
	}, nil
}

func foundLike(reasons []parcel.Reason, list, entry string) bool {
	for _, r := range reasons {
		if m := r.Matched; m != nil && m.List == list && m.Entry == entry && strings.HasPrefix(r.Field, "/consignee") {
			return true
		}
	}
	return false
}
