package risk

import "math"

// The strengths that are tried, each half the one before, and those below which much has to be seen for them to be believed.
const (
	strongest     = 1 << 16
	weakest       = 1.0 / 64
	usual         = 16 // of a term
	usualOfRepeat = 4  // of what became of the very same goods
)

// strengths finds for each term how many outcomes its parent's rate is worth: empirical Bayes. Rates within a parent are taken for
// beta-distributed around the parent's, and the strength is the one under which the counts seen are the likeliest. Values
// that tell nothing, such as sellers' numbers where all sellers are alike, get the strongest, and move nothing.
func (c *course) strengths(caution float64) []float64 {
	strength, byTerm := make([]float64, len(c.terms)), make([][]int32, len(c.terms))
	for i := range c.cells {
		byTerm[c.cells[i].term] = append(byTerm[c.cells[i].term], int32(i))
	}
	for t, cells := range byTerm {
		strength[t] = caution * likeliest(usual, func(a float64) float64 { return c.likelihood(cells, a) })
		for _, number := range cells {
			at := &c.cells[number]
			at.draw(c.parentRate(at), strength[t])
		}
	}
	return strength
}

// likeliest is the strength of the highest likelihood, the strongest among equals. Three outcomes that happen to agree must not
// make a strength very weak, so those under the usual are held to be unlikely beforehand.
func likeliest(usual float64, likelihood func(float64) float64) float64 {
	best, highest := 0.0, math.Inf(-1)
	for a := float64(strongest); a >= weakest; a /= 2 {
		under := math.Log(min(a/usual, 1))
		if l := likelihood(a) - under*under/4; l > highest {
			best, highest = a, l
		}
	}
	return best
}

// likelihood is the logarithm of the beta-binomial likelihood of the cells' counts, up to what the strength does not change;
// a single outcome is as likely under one strength as under another.
func (c *course) likelihood(cells []int32, strength float64) float64 {
	sum := 0.0
	for _, number := range cells {
		if at := &c.cells[number]; at.weight > 1 {
			sum += betaBinomial(strength, c.parentRate(at), at.sick, at.weight)
		}
	}
	return sum
}

func betaBinomial(strength, mean, sick, all float64) float64 {
	return rising(strength*mean, sick) + rising(strength*(1-mean), all-sick) - rising(strength, all)
}

// rising is the logarithm of Γ(x+n)/Γ(x).
func rising(x, n float64) float64 {
	if n <= 0 {
		return 0
	}
	above, _ := math.Lgamma(x + n)
	below, _ := math.Lgamma(x)
	return above - below
}
