package consignment

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// ReleaseReport says what became of a departure's units when it was released as a whole, each list in the order of their numbers.
type ReleaseReport struct {
	Departure Departure
	Released  []ID          // by this act
	Already   []ID          // before
	Not       []NotReleased // left behind
}

// NotReleased is a unit that was left behind, and why.
type NotReleased struct {
	ID     ID
	Number string
	Code   string // consignment_open or consignment_held
	Why    string
}

// allLeft tells whether there were units and none is released.
func (r ReleaseReport) allLeft() bool {
	return len(r.Not) > 0 && len(r.Released) == 0 && len(r.Already) == 0
}

// attempts notes what came of releasing each unit. A unit offered again, when the store repeats its transaction, is noted anew.
type attempts map[ID]attempt

type attempt struct {
	unit     Consignment
	released bool
	conflict *fault.Error
}

// release tries each unit, and leaves one that may not go as it is, so that the others can.
func (a attempts) release(by string, now time.Time) Change {
	release := Release(by, now)
	return func(c Consignment) (Consignment, []Event, error) {
		changed, events, err := release(c)
		conflict, inTheWay := errors.AsType[*fault.Error](err)
		if err != nil && !inTheWay {
			return c, nil, err
		}
		a[c.ID] = attempt{unit: c, released: len(events) > 0, conflict: conflict}
		return changed, events, nil
	}
}

func (a attempts) report() ReleaseReport {
	var r ReleaseReport
	byNumber := func(x, y attempt) int { return cmp.Compare(x.unit.Number, y.unit.Number) }
	for _, t := range slices.SortedFunc(maps.Values(a), byNumber) {
		r.Departure = t.unit.Departure
		switch {
		case t.conflict != nil:
			r.Not = append(r.Not, NotReleased{ID: t.unit.ID, Number: t.unit.Number, Code: t.conflict.Code, Why: t.conflict.Detail})
		case t.released:
			r.Released = append(r.Released, t.unit.ID)
		default:
			r.Already = append(r.Already, t.unit.ID)
		}
	}
	return r
}
