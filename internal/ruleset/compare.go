package ruleset

import (
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// Comparison counts how a set's verdicts differ from those that were given.
type Comparison struct {
	Parcels int            `json:"parcels"` // that were compared
	Lanes   map[Move]int   `json:"lanes"`   // parcels by the lane they were given and the set's, those that keep theirs too
	Hits    map[string]int `json:"hits"`    // by rule of the set: parcels that it hit
	Errors  int            `json:"errors"`  // parcels that could not be judged
}

// Move is a lane that was given and the lane that a set gives: "green yellow".
type Move string

// MoveOf names a move.
func MoveOf(from, to parcel.Lane) Move { return Move(from + " " + to) }

// Changed tells how many parcels get another lane.
func (c *Comparison) Changed() (n int) {
	for _, from := range parcel.Lanes {
		for _, to := range parcel.Lanes {
			if from != to {
				n += c.Lanes[MoveOf(from, to)]
			}
		}
	}
	return n
}

// add counts a parcel.
func (c *Comparison) add(from parcel.Lane, v *screening.Verdict) {
	if c.Lanes == nil {
		c.Lanes, c.Hits = map[Move]int{}, map[string]int{}
	}
	c.Parcels++
	c.Lanes[MoveOf(from, v.Lane)]++
	for _, rule := range rulesOf(v) {
		c.Hits[rule]++
	}
}

// rulesOf gives the rules that hit, each once, the heaviest first.
func rulesOf(v *screening.Verdict) []string {
	var rules []string
	seen := map[string]bool{}
	for i := range v.Reasons {
		if rule := v.Reasons[i].Rule; !seen[rule] {
			seen[rule] = true
			rules = append(rules, rule)
		}
	}
	return rules
}
