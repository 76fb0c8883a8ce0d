package screening

import (
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// Added judges stored parcels by the names that a list has added, and by nothing else: of the rules only those for parties are asked.
// It belongs to one goroutine.
type Added struct{ desk *desk }

// Added gives the judge of what index has. Its reasons bear the version of these rules.
func (r *Rules) Added(index *watchlist.Index) Added {
	rules := *r
	rules.Lists = index
	return Added{rules.newDesk()}
}

// Meets tells whether a declaration has a name that may be a listed one. It is the quick look that most parcels end with.
func (a Added) Meets(d *parcel.Declaration) bool {
	return a.finds(d.Consignee.Name) || a.finds(d.Seller.Name)
}

func (a Added) finds(name string) bool {
	d := a.desk
	d.matches = d.Lists.Match(watchlist.Query{Name: name}, d.matches[:0])
	return len(d.matches) > 0
}

// Reasons gives what the rules say of the listed parties a parcel meets.
func (a Added) Reasons(s *Subject, past Past) []parcel.Reason {
	d := a.desk
	d.hits = hits{lane: parcel.Green}
	d.facts = d.factsOf(s, past)
	d.scoreRisk(s)
	d.parties(s)
	return d.hits.verdict(d.version).Reasons
}

// Unknown gives those of found that known does not have: another rule, another field, or another entry of a list. Which version of the
// rules says so makes no difference, nor does a random draw: a parcel is drawn once.
func Unknown(known, found []parcel.Reason) []parcel.Reason {
	had := make(map[reasonKey]bool, len(known))
	for i := range known {
		had[keyOfReason(&known[i])] = true
	}
	var unknown []parcel.Reason
	for i := range found {
		if key := keyOfReason(&found[i]); !had[key] && found[i].Category != parcel.Random {
			had[key] = true
			unknown = append(unknown, found[i])
		}
	}
	return unknown
}

type reasonKey struct{ rule, field, list, entry string }

func keyOfReason(r *parcel.Reason) reasonKey {
	key := reasonKey{rule: r.Rule, field: r.Field}
	if r.Matched != nil {
		key.list, key.entry = r.Matched.List, r.Matched.Entry
	}
	return key
}
