package risk

import (
	"math"
	"time"
)

// weigh weighs the samples: an old one less, and repeats together as one.
func (c *course) weigh(halfLife time.Duration) {
	var newest time.Time
	for _, at := range c.at {
		if at.After(newest) {
			newest = at
		}
	}
	c.weight = make([]float64, len(c.at))
	for i, at := range c.at {
		c.weight[i] = 1 / float64(c.groups[c.group[i]].seen)
		if halfLife > 0 {
			c.weight[i] *= math.Exp2(-float64(newest.Sub(at)) / float64(halfLife))
		}
	}
}

// share is the share of all samples at fault, drawn towards the prior.
func (c *course) share(prior float64) float64 {
	sick, all := prior*priorOutcomes, float64(priorOutcomes)
	for i, w := range c.weight {
		all += w
		if c.fault[i] {
			sick += w
		}
	}
	return sick / all
}

// stretch tells in which stretch of time a sample lies. All repeats of one thing lie where the first does.
func (c *course) stretch(sample int) int { return int(c.group[sample]) * stretches / len(c.groups) }

func (c *course) row(sample int) []int32 {
	return c.rows[sample*len(c.terms) : (sample+1)*len(c.terms)]
}

// count counts the cells anew, without the samples of one stretch of time; -1 counts all.
func (c *course) count(without int) {
	for i := range c.cells {
		at := &c.cells[i]
		at.seen, at.faults, at.weight, at.sick = 0, 0, 0, 0
	}
	for i, sick := range c.fault {
		if c.stretch(i) == without {
			continue
		}
		for _, number := range c.row(i) {
			if number >= 0 {
				c.cells[number].see(sick, c.weight[i])
			}
		}
	}
}

func (at *cell) see(sick bool, weight float64) {
	at.seen++
	at.weight += weight
	if sick {
		at.faults++
		at.sick += weight
	}
}

// estimate gives every cell its rate. Parents come before their children.
func (c *course) estimate(strength []float64) {
	for i := range c.cells {
		c.cells[i].draw(c.parentRate(&c.cells[i]), strength[c.cells[i].term])
	}
}

// draw gives a cell the mean of what was seen and of the parent's rate, which weighs as much as strength outcomes.
func (at *cell) draw(parent, strength float64) {
	at.rate = (at.sick + strength*parent) / (at.weight + strength)
	at.odds = logit(at.rate)
}

func (c *course) parentRate(at *cell) float64 {
	if at.parent < 0 {
		return c.base
	}
	return c.cells[at.parent].rate
}

// step is how much further a cell's log-odds go than its parent's.
func (c *course) step(at *cell) float64 {
	if at.parent < 0 {
		return at.odds - logit(c.base)
	}
	return at.odds - c.cells[at.parent].odds
}

// columns gives for each term what it says of every sample, learned from other stretches of time only: what a sample's own outcome,
// or its day's, has put into a rate must not pass for the rate's skill.
func (c *course) columns(strength []float64) [][]float32 {
	columns := make([][]float32, len(c.terms))
	for t := range columns {
		columns[t] = make([]float32, len(c.fault))
	}
	for stretch := range stretches {
		c.count(stretch)
		c.estimate(strength)
		for i := range c.fault {
			if c.stretch(i) != stretch {
				continue
			}
			for t, number := range c.row(i) {
				if number >= 0 {
					columns[t][i] = float32(c.step(&c.cells[number]))
				}
			}
		}
	}
	return columns
}
