package api

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/ruleset"
)

// RuleSetShadow is what a rule set came to in the shadow, over the days that are listed.
type RuleSetShadow struct {
	Parcels    int         `json:"parcels" example:"18400"`  // compared
	Changed    int         `json:"changed" example:"52"`     // of them, on another lane
	HeldBefore int         `json:"held_before" example:"92"` // by the rules in force
	HeldAfter  int         `json:"held_after" example:"130"` // by these
	Missed     int         `json:"missed" example:"0"`       // not compared: screening had the machine for itself
	Errors     int         `json:"errors" example:"0"`       // could not be judged
	Lanes      []LaneMove  `json:"lanes"`                    // parcels that stay and that change
	Rules      []RuleHits  `json:"rules"`                    // of these rules, the most hits first
	Days       []ShadowDay `json:"days"`                     // the last first, 31 at the most
} //	@name	RuleSetShadow

// ShadowDay is what a rule set came to in the shadow on a day (UTC).
type ShadowDay struct {
	Day        string `json:"day" format:"date" example:"2026-11-22"`
	Parcels    int    `json:"parcels" example:"18400"`
	Changed    int    `json:"changed" example:"52"`
	HeldBefore int    `json:"held_before" example:"92"`
	HeldAfter  int    `json:"held_after" example:"130"`
	Missed     int    `json:"missed" example:"0"`
	Errors     int    `json:"errors" example:"0"`
} //	@name	ShadowDay

// LaneMove counts parcels by the lane they were given and the lane that a rule set gives them.
type LaneMove struct {
	From    string `json:"from" enums:"green,blue,yellow,red" example:"green"`
	To      string `json:"to" enums:"green,blue,yellow,red" example:"yellow"`
	Parcels int    `json:"parcels" example:"45"`
} //	@name	LaneMove

// RuleHits counts the parcels that a rule hit.
type RuleHits struct {
	Rule    string `json:"rule" example:"value.high"`
	Parcels int    `json:"parcels" example:"45"`
} //	@name	RuleHits

// ruleSetShadowOf sums days up; nil when there are none.
func ruleSetShadowOf(days []ruleset.ShadowDay) *RuleSetShadow {
	if len(days) == 0 {
		return nil
	}
	all := ruleset.Comparison{Lanes: map[ruleset.Move]int{}, Hits: map[string]int{}}
	s := &RuleSetShadow{}
	for i := range days {
		day := &days[i]
		s.Missed += day.Missed
		all.Parcels, all.Errors = all.Parcels+day.Parcels, all.Errors+day.Errors
		for move, n := range day.Lanes {
			all.Lanes[move] += n
		}
		for rule, n := range day.Hits {
			all.Hits[rule] += n
		}
		s.Days = append(s.Days, shadowDayOf(day))
	}
	s.Parcels, s.Errors, s.Changed, s.Lanes, s.Rules = all.Parcels, all.Errors, all.Changed(), lanesOf(&all), hitsOf(&all)
	s.HeldBefore, s.HeldAfter = all.Held()
	return s
}

func shadowDayOf(d *ruleset.ShadowDay) ShadowDay {
	day := ShadowDay{Day: d.Day.Format(time.DateOnly), Parcels: d.Parcels, Changed: d.Changed(), Missed: d.Missed, Errors: d.Errors}
	day.HeldBefore, day.HeldAfter = d.Held()
	return day
}

// lanesOf lists the moves from the lightest lane to the heaviest.
func lanesOf(c *ruleset.Comparison) []LaneMove {
	moves := []LaneMove{}
	for _, from := range parcel.Lanes {
		for _, to := range parcel.Lanes {
			if n := c.Lanes[ruleset.MoveOf(from, to)]; n > 0 {
				moves = append(moves, LaneMove{string(from), string(to), n})
			}
		}
	}
	return moves
}

// hitsOf lists rules, the one with the most hits first.
func hitsOf(c *ruleset.Comparison) []RuleHits {
	hits := make([]RuleHits, 0, len(c.Hits))
	for _, rule := range slices.Sorted(maps.Keys(c.Hits)) {
		hits = append(hits, RuleHits{rule, c.Hits[rule]})
	}
	slices.SortStableFunc(hits, func(a, b RuleHits) int { return cmp.Compare(b.Parcels, a.Parcels) })
	return hits
}
