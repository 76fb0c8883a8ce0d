package screening

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// listedName is the rule sanctions.name: consignee and seller may not be called like a party on a watch list, compared as
// watchlist.Normalise does. That the name is the same is certain; whether the person is, only an officer can say.
func (r *Rules) listedName(s *Subject, sellers unlisted, h *hits) {
	r.listed("/consignee/name", "The consignee", s.Declaration.Consignee.Name, h)
	if seller := s.Declaration.Seller.Name; !sellers[seller] && !r.listed("/seller/name", "The seller", seller, h) {
		sellers[seller] = true
	}
}

// unlisted are names that no list has. A batch is of many consignees and few sellers; remembering these saves half the look-ups.
type unlisted map[string]bool

func (r *Rules) listed(field, who, name string, h *hits) bool {
	entry, ok := r.lists.Find(name)
	if !ok {
		return false
	}
	h.add(parcel.Reason{
		Rule: "sanctions.name", Category: parcel.Sanctions, Lane: parcel.Red, Score: 1, Field: field, Value: name,
		Matched: &parcel.Matched{List: entry.List, Entry: entry.ID, Name: entry.Name},
		Explanation: fmt.Sprintf("%s has the name of a listed party: %s. Case, accents, punctuation and the order of words aside, they are equal.",
			who, describe(&entry, r.lists.VersionOf(entry.List))),
	})
	return true
}

// describe says who an entry is, as far as its list does.
func describe(e *watchlist.Entry, version string) string {
	facts := []string{e.Kind}
	if !e.Primary {
		facts = append(facts, "an alias")
	}
	if e.Program != "" {
		facts = append(facts, "program "+e.Program)
	}
	if e.Country != "" {
		facts = append(facts, e.Country)
	}
	return fmt.Sprintf("%q (%s), entry %s of %s %s", e.Name, strings.Join(facts, ", "), e.ID, e.List, version)
}
