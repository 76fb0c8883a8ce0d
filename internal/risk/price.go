package risk

import (
	"iter"
	"math"

	"github.com/alataw/alataw/internal/fault"
)

// Sale is a line of goods that has been cleared. Its prices are in the profiles' currency; what is not above nought is not known.
type Sale struct {
	HS          string // HS code; its first four digits count
	Destination string // ISO 3166-1 alpha-2
	Seller      string // who declared it
	PerKg       float64
	PerPiece    float64
}

// PriceOptions say how prices are learned. A field that is zero takes its default.
type PriceOptions struct {
	Currency string // ISO 4217 of all prices; CNY
	MinCount int    // prices that a profile needs to be one; 200
}

// No seller makes a profile: of one seller as many prices count as are free, and beyond that a part of what the profile has. Five
// sellers are needed, therefore, for a profile to grow, and a flood of one seller's prices never is more than a quarter of it.
const (
	defaultMinCount = 200
	freeOfSeller    = 25
	partOfSeller    = 4
	sellersTold     = 1 << 12 // sellers that are told apart within a profile; two that are not share their part
	maxCells        = 1 << 16 // profiles of a heading and a destination; for others the heading's stands in
)

// LearnPrices makes profiles from what was cleared, in one pass. Memory is bounded by the number of profiles, whatever the number of
// sales. The same sales in the same order give the same profiles.
func LearnPrices(sales iter.Seq[Sale], o PriceOptions) (*Prices, error) {
	if o.Currency == "" {
		o.Currency = "CNY"
	}
	if o.MinCount == 0 {
		o.MinCount = defaultMinCount
	}
	if len(o.Currency) != 3 || o.MinCount < 1 || o.MinCount > math.MaxInt32 {
		return nil, fault.New(fault.Invalid, "price_options", "the currency or the least number of prices is out of bounds")
	}
	l := ledger{}
	for s := range sales {
		l.take(s)
	}
	return l.prices(o), nil
}

// place is what a profile is of: a heading and a destination, a heading, or a chapter.
type place struct {
	code        uint16 // a heading, or a chapter and chapters
	destination uint16 // two letters; 0: any
}

// chapters is added to a chapter's number, to tell it from a heading.
const chapters = 10_000

// placesOf are the places of goods, the most particular first; ok is false when there are none.
func placesOf(hs, destination string) (places [3]place, ok bool) {
	if len(hs) < 4 {
		return places, false
	}
	var code uint16
	for i := range 4 {
		if hs[i] < '0' || hs[i] > '9' {
			return places, false
		}
		code = code*10 + uint16(hs[i]-'0')
	}
	places = [3]place{{code, 0}, {code, 0}, {chapters + code/100, 0}}
	if len(destination) == 2 {
		places[0].destination = uint16(destination[0])<<8 | uint16(destination[1])
	}
	return places, true
}

// ledger is what has been taken in.
type ledger map[place]*account

// account is the prices of one place.
type account struct {
	perKg, perPiece histogram
	bySeller        map[uint16]uint32
	counted         uint32
}

func (l ledger) take(s Sale) {
	places, ok := placesOf(s.HS, s.Destination)
	if !ok || !(s.PerKg > 0) && !(s.PerPiece > 0) {
		return
	}
	if places[0].destination == 0 {
		l.account(places[1]).take(s)
	} else {
		l.account(places[0]).take(s)
		l.account(places[1]).take(s)
	}
	l.account(places[2]).take(s)
}

// account gives a place's account, nil where too many are open; headings and chapters are few.
func (l ledger) account(p place) *account {
	a, ok := l[p]
	if !ok && (p.destination == 0 || len(l) < maxCells) {
		a = &account{bySeller: map[uint16]uint32{}}
		l[p] = a
	}
	return a
}

func (a *account) take(s Sale) {
	if a == nil {
		return
	}
	seller := uint16(hashOn(offset64, s.Seller) % sellersTold)
	if n := a.bySeller[seller]; n >= max(freeOfSeller, a.counted/partOfSeller) || a.counted == math.MaxInt32 {
		return
	}
	a.bySeller[seller]++
	a.counted++
	a.perKg.add(s.PerKg)
	a.perPiece.add(s.PerPiece)
}
