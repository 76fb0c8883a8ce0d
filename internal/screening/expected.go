package screening

import (
	"math"

	"github.com/alataw/alataw/internal/parcel"
)

// LaneCounts are parcels by lane.
type LaneCounts map[parcel.Lane]int64

// Total is how many parcels there are.
func (c LaneCounts) Total() (n int64) {
	for _, of := range c {
		n += of
	}
	return n
}

// Counted are the verdicts of one rule set. What random.expected drew counts as green, as the rules had it: else a draw would make
// itself needless, and the next one needed again.
type Counted struct {
	SetHash string
	Lanes   LaneCounts // by what the rules said
	Drawn   LaneCounts // of the green ones, those that random.expected drew, by the lane it drew them into
}

// Count counts the verdicts of a batch.
func Count(verdicts []Verdict) Counted {
	c := Counted{Lanes: LaneCounts{}, Drawn: LaneCounts{}}
	for i := range verdicts {
		lane := verdicts[i].ByRules()
		c.Lanes[lane]++
		if lane != verdicts[i].Lane {
			c.Drawn[verdicts[i].Lane]++
		}
	}
	return c
}

// ByRules gives the lane without what was drawn so that a lane gets its expected share: only green parcels are.
func (v *Verdict) ByRules() parcel.Lane {
	for i := range v.Reasons {
		if v.Reasons[i].Rule == RuleExpected {
			return parcel.Green
		}
	}
	return v.Lane
}

// Reached gives the counts with what was drawn on the lanes it was drawn into.
func (c Counted) Reached() LaneCounts {
	reached := LaneCounts{}
	for lane, n := range c.Lanes {
		reached[lane] += n
	}
	for lane, n := range c.Drawn {
		reached[lane] += n
		reached[parcel.Green] -= n
	}
	return reached
}

// CountedFor gives the counts that say most about a set: its own, or while those are fewer than FewestCounted, all there are.
func CountedFor(setHash string, all []Counted) Counted {
	sum := Counted{SetHash: setHash, Lanes: LaneCounts{}, Drawn: LaneCounts{}}
	for _, c := range all {
		if c.SetHash == setHash && c.Lanes.Total() >= FewestCounted {
			return c
		}
		for lane, n := range c.Lanes {
			sum.Lanes[lane] += n
		}
		for lane, n := range c.Drawn {
			sum.Drawn[lane] += n
		}
	}
	return sum
}

// FewestCounted is how many parcels must have been judged before what a lane lacks is told: of fewer, a share of some per cent
// is mostly chance.
const FewestCounted = 1000

// toppedUp are the lanes that parcels are drawn into, in the order in which they are.
var toppedUp = [...]parcel.Lane{parcel.Red, parcel.Yellow, parcel.Blue}

// Lacking gives by how much lanes fall short of their expected shares, as shares of all parcels, 0..1; lanes that lack nothing are
// left out. What a heavier lane has beyond its own share counts for the lighter ones: whose goods were inspected had its documents
// checked as well.
func (s Sampling) Lacking(counts LaneCounts) map[parcel.Lane]float64 {
	lacking := map[parcel.Lane]float64{}
	total := float64(counts.Total())
	if total == 0 {
		return lacking
	}
	var beyond float64
	for _, lane := range toppedUp {
		have, expected := beyond+float64(counts[lane])/total, float64(s.Expect[lane])/float64(All)
		if have < expected {
			lacking[lane] = expected - have
		}
		beyond = max(0, have-expected)
	}
	return lacking
}

// TopUp works out how many of the green parcels are to be drawn into each lane, so that the lanes get their expected shares.
// counts are by what the rules said, before is what was drawn until now.
//
// It is told in steps of a tenth of the lane's expected share, and stays as it is while it is less than a step away from what would be
// right: each change makes a version of the rules. Of fewer than FewestCounted parcels (half as many once there is something)
// nothing is drawn.
func (s Sampling) TopUp(counts LaneCounts, before map[parcel.Lane]Percent) map[parcel.Lane]Percent {
	fewest := int64(FewestCounted)
	if len(before) > 0 {
		fewest /= 2
	}
	total := counts.Total()
	if total < fewest {
		return nil
	}
	topUp, lacking := map[parcel.Lane]Percent{}, s.Lacking(counts)
	green := float64(counts[parcel.Green]) / float64(total)
	for _, lane := range toppedUp {
		if lacking[lane] == 0 || green <= 0 {
			continue
		}
		points := inSteps(lacking[lane]/green*float64(All), float64(before[lane]), max(1, float64(s.Expect[lane]/10)))
		if points > 0 {
			topUp[lane] = points
			green -= green * float64(points) / float64(All) // who is drawn is not drawn again
		}
	}
	return topUp
}

// inSteps gives before where that is near enough, else exact in whole steps.
func inSteps(exact, before, step float64) Percent {
	if math.Abs(exact-before) <= step {
		return Percent(before)
	}
	return Percent(min(math.Round(exact/step)*step, float64(All)))
}
