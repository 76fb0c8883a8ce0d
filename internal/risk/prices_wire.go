package risk

import (
	"bytes"
	"encoding/binary"
	"math"
)

// pricesMagic begins every encoding; another form gets another number.
const pricesMagic = "alataw risk prices 1\n"

// Encode writes the profiles down. Equal profiles have equal bytes.
func (p *Prices) Encode() []byte {
	to := appendText([]byte(pricesMagic), p.currency)
	to = binary.AppendUvarint(to, uint64(p.minCount))
	to = binary.AppendUvarint(to, uint64(len(p.profiles)))
	for _, at := range p.places() {
		of := p.profiles[at]
		to = binary.AppendUvarint(to, uint64(at.code))
		to = binary.AppendUvarint(to, uint64(at.destination))
		to = binary.AppendUvarint(to, uint64(of.sellers))
		to = of.perPiece.append(of.perKg.append(to))
	}
	return to
}

func (h *histogram) append(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(h.counts)))
	if len(h.counts) > 0 {
		to = binary.AppendUvarint(to, uint64(h.first))
	}
	for _, n := range h.counts {
		to = binary.AppendUvarint(to, uint64(n))
	}
	return to
}

// DecodePrices reads what Encode wrote, and nothing else.
func DecodePrices(raw []byte) (*Prices, error) {
	s := &scanner{raw: raw}
	s.magic(pricesMagic)
	p := s.prices()
	if err := s.end("price profiles"); err != nil {
		return nil, err
	}
	if s.need(bytes.Equal(p.Encode(), raw)); s.bad { // e.g. places out of order
		return nil, s.end("price profiles")
	}
	p.version = versionOf(raw)
	return p, nil
}

func (s *scanner) prices() *Prices {
	p := &Prices{currency: s.text(), minCount: s.number(math.MaxInt32)}
	s.need(len(p.currency) == 3 && p.minCount > 0)
	profiles := s.count(5)
	p.profiles = make(map[place]*profile, profiles)
	for range profiles {
		at := place{uint16(s.number(chapters + 99)), uint16(s.number(math.MaxUint16))}
		of := &profile{sellers: s.number(sellersTold)}
		of.perKg, of.perPiece = s.curve(p.minCount), s.curve(p.minCount)
		s.need(of.perKg.all()+of.perPiece.all() > 0)
		if s.bad {
			return p
		}
		p.profiles[at] = of
	}
	return p
}

// curve reads a histogram that has prices enough, or none.
func (s *scanner) curve(minCount int) curve {
	var h histogram
	width := s.number(bins)
	if width == 0 || width > len(s.raw) {
		s.need(width == 0)
		return curve{}
	}
	h.first, h.counts = s.number(uint64(bins-width)), make([]uint32, width)
	total := 0
	for i := range h.counts {
		h.counts[i] = uint32(s.number(math.MaxInt32))
		total += int(h.counts[i])
	}
	s.need(total >= minCount && total <= math.MaxInt32 && h.counts[0] > 0 && h.counts[width-1] > 0)
	if s.bad {
		return curve{}
	}
	return newCurve(h)
}
