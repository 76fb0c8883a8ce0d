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
func (r *repeats) add(key uint64, hasKey, sick bool) int32 {
	number, ok := r.byKey[key]
	if !ok || !hasKey {
		number = int32(len(r.groups))
		r.groups = append(r.groups, group{key: key, alone: !hasKey})
	}
	if hasKey {
		r.byKey[key] = number
	}
	g := &r.groups[number]
	g.seen++
	if sick {
		g.faults++
	}
	return number
}

// The constants of FNV-1a in 64 bits.
const (
	offset64 = 14695981039346656037
	prime64  = 1099511628211
)

// hashOn hashes on with FNV-1a, from offset64 or from another text's hash.
func hashOn(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime64
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
