package risk

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// modelMagic begins every encoding; another form gets another number.
const modelMagic = "alataw risk model 1\n"

// Encode writes the model down. Equal models have equal bytes.
func (m *Model) Encode() []byte {
	to := []byte(modelMagic)
	to = binary.AppendUvarint(to, uint64(len(m.terms)))
	for i, t := range m.terms {
		to = binary.AppendUvarint(to, uint64(t.parent+1))
		to = appendText(to, m.factors[t.factor])
		to = appendFloat(appendFloat(to, m.weights[i]), m.strength[i])
	}
	to = binary.AppendUvarint(to, uint64(len(m.repeat)))
	for _, factor := range m.repeat {
		to = appendText(to, m.factors[factor])
	}
	to = binary.AppendVarint(to, int64(m.base))
	to = appendFloat(to, m.trust)
	to = m.total.append(to)
	return m.appendRepeated(m.appendNodes(to))
}

func (m *Model) appendNodes(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(m.nodes)))
	for _, n := range m.nodes {
		to = binary.AppendUvarint(to, uint64(n.term))
		to = binary.AppendUvarint(to, uint64(n.parent+1))
		to = appendText(to, n.value)
		to = n.append(to)
		to = binary.AppendVarint(to, int64(n.steps))
	}
	return to
}

func (m *Model) appendRepeated(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(m.repeated)))
	for _, key := range slices.Sorted(maps.Keys(m.repeated)) {
		to = m.repeated[key].append(binary.BigEndian.AppendUint64(to, key))
	}
	return to
}

func (t tally) append(to []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(to, uint64(t.seen)), uint64(t.faults))
}

// DecodeModel reads what Encode wrote, and nothing else: bytes that another program or a broken disk has made are an error.
func DecodeModel(raw []byte) (*Model, error) {
	s := &scanner{raw: raw}
	s.magic(modelMagic)
	m := s.model()
	if err := s.end("risk model"); err != nil {
		return nil, err
	}
	if s.need(bytes.Equal(m.Encode(), raw)); s.bad { // e.g. numbers written longer than they need be
		return nil, s.end("risk model")
	}
	m.index, m.version = indexOf(m.nodes, len(m.terms)), versionOf(raw)
	return m, nil
}

func (s *scanner) model() *Model {
	m := &Model{}
	s.terms(m)
	m.base = s.signed(2 * farthest)
	m.trust = s.float(math.MaxFloat32)
	s.need(m.trust > 0 || s.bad)
	m.total = s.tally()
	m.nodes = make([]learned, s.count(6))
	for i := range m.nodes {
		m.nodes[i] = s.node(m, i)
	}
	keys, before := s.count(10), uint64(0)
	m.repeated = make(map[uint64]tally, keys)
	for i := range keys {
		key := s.fixed()
		s.need(i == 0 || key > before)
		m.repeated[key], before = s.tally(), key
	}
	return m
}

// terms reads the shape, which a plan could have made.
func (s *scanner) terms(m *Model) {
	terms := s.number(maxTerms)
	for i := range terms {
		parent, factor := s.number(uint64(i))-1, s.text()
		number, err := m.extend(parent, factor)
		s.need(err == nil && number == i && m.depth(number) <= maxDepth)
		m.weights = append(m.weights, s.float(math.MaxFloat32))
		m.strength = append(m.strength, s.float(math.MaxFloat32))
		if s.bad {
			return
		}
	}
	for range s.number(maxFactors) {
		s.need(m.repeatBy([]string{s.text()}) == nil)
	}
}

// depth is how many factors a term has.
func (s *shape) depth(term int) int {
	if term < 0 {
		return 0
	}
	return 1 + s.depth(s.terms[term].parent)
}

// node reads the node of a place: after the one before it, its parent of its term's parent.
func (s *scanner) node(m *Model, place int) (n learned) {
	if s.bad {
		return n
	}
	n.term, n.parent = s.number(maxTerms), int32(s.number(uint64(place)))-1
	n.value, n.tally, n.steps = s.text(), s.tally(), s.signed(farthest)
	if s.need(n.term < len(m.terms)); s.bad {
		return n
	}
	above := -1
	if n.parent >= 0 {
		above = m.nodes[n.parent].term
	}
	s.need(above == m.terms[n.term].parent)
	if place > 0 {
		last := m.nodes[place-1]
		s.need(n.term > last.term || n.term == last.term && n.compare(last.node) > 0)
	}
	return n
}
