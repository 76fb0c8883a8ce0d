package risk

import (
	"cmp"
	"maps"
	"slices"
)

// Prices are profiles of what goods cost, by heading and destination, by heading, and by chapter. They never change, and any number of
// goroutines may use them.
type Prices struct {
	currency string
	minCount int
	profiles map[place]*profile
	version  string
}

// profile is what is known of a place's prices. A curve with too few prices is left out.
type profile struct {
	sellers         int
	perKg, perPiece curve
}

// Level says how particular the profile was that a price was held against.
type Level string

// The levels, the most particular first. The next is taken where there are too few prices.
const (
	ByDestination Level = "heading and destination"
	ByHeading     Level = "heading"
	ByChapter     Level = "chapter"
)

var levels = [...]Level{ByDestination, ByHeading, ByChapter}

// Finding is where a price per kilogram and a price per piece stand.
type Finding struct {
	PerKg    Standing
	PerPiece Standing
}

// Standing is where a price stands among others of its kind. The zero value says nothing: the price is not known, or too few others are.
type Standing struct {
	Price       float64
	Cheaper     float64 // share of the prices that are lower still, 0 to 1
	Distance    float64 // below the median, in spreads; above it negative
	Low1        float64 // 99 % of the prices are above
	Low5        float64 // 95 % are
	Median      float64
	Spread      float64 // the factor of one spread: for a normal distribution of logarithms, a standard deviation
	Count       int     // prices
	Sellers     int     // who declared them; of more than a few thousand a part
	Level       Level
	Code        string // the heading or chapter
	Destination string // "" unless the level is by destination
	Currency    string
	Piece       bool // the prices are per piece, not per kilogram
}

// Known tells whether the standing says anything.
func (s *Standing) Known() bool { return s.Count > 0 }

// prices keeps the accounts that have prices enough.
func (l ledger) prices(o PriceOptions) *Prices {
	p := &Prices{currency: o.Currency, minCount: o.MinCount, profiles: map[place]*profile{}}
	enough := func(h histogram) curve {
		if h.total() < o.MinCount {
			return curve{}
		}
		return newCurve(h)
	}
	for at, a := range l {
		of := &profile{len(a.bySeller), enough(a.perKg), enough(a.perPiece)}
		if of.perKg.all()+of.perPiece.all() > 0 {
			p.profiles[at] = of
		}
	}
	p.version = versionOf(p.Encode())
	return p
}

// Judge says where the prices of goods stand among those cleared before. A price that is not above nought is not known. Nothing is allocated.
func (p *Prices) Judge(hs, destination string, perKg, perPiece float64) (f Finding) {
	places, ok := placesOf(hs, destination)
	if !ok {
		return f
	}
	for i, at := range places {
		if (f.PerKg.Known() || !(perKg > 0)) && (f.PerPiece.Known() || !(perPiece > 0)) {
			break
		}
		of, ok := p.profiles[at]
		if !ok || i == 0 && at.destination == 0 {
			continue
		}
		codes := [...]string{hs[:4], hs[:4], hs[:2]}
		to := [...]string{destination, "", ""}
		s := Standing{Sellers: of.sellers, Level: levels[i], Code: codes[i], Destination: to[i], Currency: p.currency}
		if !f.PerKg.Known() && perKg > 0 {
			f.PerKg = s.among(&of.perKg, perKg)
		}
		if s.Piece = true; !f.PerPiece.Known() && perPiece > 0 {
			f.PerPiece = s.among(&of.perPiece, perPiece)
		}
	}
	return f
}

// among is the standing filled in from a curve, zero where it has none.
func (s Standing) among(c *curve, price float64) Standing {
	if c.all() == 0 {
		return Standing{}
	}
	at := position(price)
	s.Price, s.Count, s.Cheaper = price, int(c.all()), c.below(at)
	s.Distance = (c.mid - at) / c.spread
	s.Low1, s.Low5, s.Median, s.Spread = c.price1, c.price5, c.median, c.spreading
	return s
}

// Version names the profiles by their content: the SHA-256 of their encoding, in hex.
func (p *Prices) Version() string { return p.version }

// Profiles is how many profiles there are.
func (p *Prices) Profiles() int { return len(p.profiles) }

// places are those of the profiles, in order.
func (p *Prices) places() []place {
	return slices.SortedFunc(maps.Keys(p.profiles), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.destination, b.destination))
	})
}
