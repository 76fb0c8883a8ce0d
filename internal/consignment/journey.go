package consignment

import (
	"slices"
	"time"
)

// progress is how far along its legs a unit is, as one number that only grows: 0 before the first leg,
// 2k+1 on leg k, 2k+2 at the end of leg k.
type progress int

func onLeg(k int) progress { return progress(2*k + 1) }

func endOf(k int) progress { return progress(2*k + 2) }

func (c Consignment) progress() progress {
	var p progress
	for k, leg := range c.Legs {
		switch leg.Status {
		case LegUnderway:
			p = onLeg(k)
		case LegDone:
			p = endOf(k)
		case LegPlanned:
		}
	}
	return p
}

// current is the leg that a unit is on or has just ended; -1 before the first.
func (p progress) current() int { return (int(p)+1)/2 - 1 }

// advance gives the unit with its legs as they are at p. Legs passed over on the way are done: being further on proves it,
// though nobody said when. It never goes back.
func (c Consignment) advance(p progress) Consignment {
	p = max(p, c.progress())
	c.Legs = slices.Clone(c.Legs)
	for k := range c.Legs {
		switch {
		case p >= endOf(k):
			c.Legs[k].Status = LegDone
		case p == onLeg(k):
			c.Legs[k].Status = LegUnderway
		}
	}
	return c
}

// arriveAt notes when a leg ended, unless that is known.
func (c Consignment) arriveAt(k int, at time.Time) Consignment {
	if k < 0 || k >= len(c.Legs) || c.Legs[k].ActualAt != nil {
		return c
	}
	c.Legs = slices.Clone(c.Legs)
	c.Legs[k].ActualAt = &at
	return c
}
