package risk

// repeats keeps what became of declarations of the very same goods. A key is a hash: whoever wants to pass for a repeat of something
// declares the same, and need not look for a collision.
type repeats struct {
	byKey  map[uint64]int32
	groups []group
}

// group is declarations that are repeats of one another.
type group struct {
	key          uint64
	seen, faults int32
	alone        bool    // it has no key: nothing can repeat it
	expected     float64 // mean of what the terms say of them
}

func newRepeats() repeats { return repeats{byKey: map[uint64]int32{}} }

// add counts an outcome and gives the number of its group.
func (r *repeats) add(v value, sick bool) int32 {
	number, ok := int32(len(r.groups)), false
	if v.known {
		if known, is := r.byKey[hashed(v.text)]; is {
			number, ok = known, true
		}
	}
	if !ok {
		r.groups = append(r.groups, group{key: hashed(v.text), alone: !v.known})
	}
	if v.known {
		r.byKey[hashed(v.text)] = number
	}
	g := &r.groups[number]
	g.seen++
	if sick {
		g.faults++
	}
	return number
}

// hashed is FNV-1a in 64 bits.
func hashed(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// expect keeps what the terms say of each group.
func (r *repeats) expect(expected []float64, groups []int32) {
	for i, p := range expected {
		g := &r.groups[groups[i]]
		g.expected += p / float64(g.seen)
	}
}

// strength is how many outcomes of repeats all the terms are worth.
func (r *repeats) strength() float64 {
	return likeliest(usualOfRepeat, func(a float64) (sum float64) {
		for i := range r.groups {
			if g := &r.groups[i]; g.seen > 1 {
				sum += betaBinomial(a, g.expected, float64(g.faults), float64(g.seen))
			}
		}
		return sum
	})
}
