package risk

import (
	"math"
	"slices"
)

// Prices fall into bins of a sixteenth of a doubling, 4.4 %, from two to the -24th to two to the 40th.
const (
	binsOfDoubling = 16
	lowestDoubling = -24
	bins           = 64 * binsOfDoubling
)

// position is where a price stands among the bins; its whole part is the bin.
func position(price float64) float64 {
	return max(0, min((math.Log2(price)-lowestDoubling)*binsOfDoubling, bins-1))
}

// priceAt is the price of a position.
func priceAt(position float64) float64 { return math.Exp2(position/binsOfDoubling + lowestDoubling) }

// histogram counts prices. Between the lowest and the highest bin it holds every bin.
type histogram struct {
	first  int // the bin of counts[0]
	counts []uint32
}

// add counts a price; one that is not known, or infinite, is passed over.
func (h *histogram) add(price float64) {
	if !(price > 0) || math.IsInf(price, 1) {
		return
	}
	bin := int(position(price))
	switch {
	case len(h.counts) == 0:
		h.first, h.counts = bin, []uint32{0}
	case bin < h.first:
		h.counts = slices.Insert(h.counts, 0, make([]uint32, h.first-bin)...)
		h.first = bin
	}
	for bin >= h.first+len(h.counts) {
		h.counts = append(h.counts, 0)
	}
	h.counts[bin-h.first]++
}

func (h *histogram) total() (n int) {
	for _, c := range h.counts {
		n += int(c)
	}
	return n
}

// curve is a histogram made ready to be asked.
type curve struct {
	histogram
	upTo              []uint32 // by bin: prices in it and below
	low1, low5, mid   float64  // positions below which 1 %, 5 % and half of the prices are
	spread            float64  // in bins: the median distance from the median, as a standard deviation
	price1, price5    float64  // the prices at those positions
	median, spreading float64  // the same as a price, and as a factor
}

// A normal distribution's standard deviation is so many median distances; and no spread is below half a bin, which is all a bin can tell.
const (
	deviations  = 1.4826
	leastSpread = 0.5
)

func newCurve(h histogram) curve {
	c := curve{histogram: h, upTo: make([]uint32, len(h.counts))}
	sum := uint32(0)
	for i, n := range h.counts {
		sum += n
		c.upTo[i] = sum
	}
	if sum == 0 {
		return c
	}
	c.low1, c.low5, c.mid = c.quantile(0.01), c.quantile(0.05), c.quantile(0.5)
	c.spread = max(leastSpread, deviations*c.distance())
	c.price1, c.price5, c.median = priceAt(c.low1), priceAt(c.low5), priceAt(c.mid)
	c.spreading = math.Exp2(c.spread / binsOfDoubling)
	return c
}

// all is the number of prices.
func (c *curve) all() uint32 {
	if len(c.upTo) == 0 {
		return 0
	}
	return c.upTo[len(c.upTo)-1]
}

// quantile is the position below which a share of the prices is, taken for even within a bin.
func (c *curve) quantile(share float64) float64 {
	rank := share * float64(c.all())
	bin, _ := slices.BinarySearchFunc(c.upTo, rank, func(n uint32, rank float64) int {
		if float64(n) < rank {
			return -1
		}
		return 1
	})
	within := (rank - float64(c.upTo[bin]-c.counts[bin])) / float64(c.counts[bin])
	return float64(c.first+bin) + within
}

// distance is the median distance from the median, in bins.
func (c *curve) distance() float64 {
	type group struct {
		far float64
		n   uint32
	}
	groups := make([]group, 0, len(c.counts))
	for i, n := range c.counts {
		groups = append(groups, group{math.Abs(float64(c.first+i) + 0.5 - c.mid), n})
	}
	slices.SortFunc(groups, func(a, b group) int {
		if a.far < b.far {
			return -1
		}
		return 1
	})
	seen := uint32(0)
	for _, g := range groups {
		if seen += g.n; 2*uint64(seen) >= uint64(c.all()) {
			return g.far
		}
	}
	return 0
}

// below is the share of the prices that are lower; those of the same bin count half.
func (c *curve) below(at float64) float64 {
	bin := int(at) - c.first
	switch {
	case bin < 0:
		return 0
	case bin >= len(c.upTo):
		return 1
	}
	return (float64(c.upTo[bin]) - float64(c.counts[bin])/2) / float64(c.all())
}
