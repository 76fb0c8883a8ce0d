package watchlist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/alataw/alataw/internal/account"
)

// Pair is an officer's word that a consignee is not a listed party, however alike their names are. It is never rewritten, only ended.
type Pair struct {
	ID          string
	List, Entry string // the party: source, and the publisher's number
	Name        string // the consignee's, as Normalise gives it
	Country     string // the consignee's, ISO 3166-1 alpha-2
	Parcel      string // id of the parcel that was looked at
	Reason      string
	Officer     account.ID
	MadeBy      string // the officer's account
	MadeAt      time.Time
	ExpiresAt   time.Time
	EndedBy     string     // "" while nobody has ended it
	EndedAt     *time.Time // nil while nobody has
}

// inForce tells whether a pair held at a moment.
func (p *Pair) inForce(at time.Time) bool {
	return !at.Before(p.MadeAt) && at.Before(p.ExpiresAt) && (p.EndedAt == nil || at.Before(*p.EndedAt))
}

// Trusted are all pairs there are and have been, up to a change. It is immutable: the same version answers the same for ever.
// The zero value and nil trust nobody.
type Trusted struct {
	byPair  map[pairKey][]Pair
	version string
}

type pairKey struct{ list, entry, name, country string }

// NewTrusted makes the value of the pairs as they were after a number of changes.
func NewTrusted(changes int64, pairs []Pair) *Trusted {
	t := &Trusted{byPair: make(map[pairKey][]Pair, len(pairs))}
	h := sha256.New()
	for _, p := range pairs {
		key := pairKey{p.List, p.Entry, p.Name, p.Country}
		t.byPair[key] = append(t.byPair[key], p)
		var ended int64
		if p.EndedAt != nil {
			ended = p.EndedAt.UnixMicro()
		}
		fmt.Fprintf(h, "%q %q %q %q %q %d %d %d\n", p.ID, p.List, p.Entry, p.Name, p.Country, p.MadeAt.UnixMicro(), p.ExpiresAt.UnixMicro(), ended)
	}
	if len(pairs) > 0 {
		t.version = fmt.Sprintf("%d-%s", changes, hex.EncodeToString(h.Sum(nil))[:12])
	}
	return t
}

// Trusts tells whether an officer had said, at a moment, that a consignee of this name (as it stands in the declaration) and country is
// not that entry. The moment is when the parcel was received, not when it is judged, so that judging it again says the same.
func (t *Trusted) Trusts(list, entry, name, country string, at time.Time) bool {
	if t == nil || len(t.byPair) == 0 {
		return false
	}
	pairs := t.byPair[pairKey{list, entry, Normalise(name), country}]
	for i := range pairs {
		if pairs[i].inForce(at) {
			return true
		}
	}
	return false
}

// Version names the pairs: the number of changes they have seen, and 12 digits of their hash; "" when there are none.
func (t *Trusted) Version() string {
	if t == nil {
		return ""
	}
	return t.version
}

// PairQuery asks for pairs, the newest first.
type PairQuery struct {
	List, Entry string // "" for any
	InForce     bool   // only those that neither ended nor expired
	Now         time.Time
	After       PairPlace
	Limit       int
}

// PairPlace is a pair's place in the list.
type PairPlace struct {
	MadeAt time.Time
	ID     string
}
