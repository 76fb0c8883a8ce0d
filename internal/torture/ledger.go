package torture

import (
	"fmt"
	"hash/maphash"
	"sync"
)

// mark is one thing that was told of a parcel, or promised about it, as a bit.
type mark uint32

const (
	cleared mark = 1 << iota
	held
	refused
	conflict
	cancelled
	unrouted
	asked
	answered
	inspection
	detained
	returned
	bundled
	sealed
	released
	departed
	arrived
	otherwise
)

// step says of a kind of receipt how far on its way a parcel is by it, and whether it may come more than once.
type step struct {
	mark  mark
	rank  int // 0: it moves nothing
	again bool
}

// lastRank is that of what ends a parcel's journey before the road.
const lastRank = 20

var steps = map[string]step{
	"held":                  {held, 1, false},
	"information_requested": {asked, 2, true},
	"information_given":     {answered, 2, true},
	"inspection":            {inspection, 2, true},
	"cleared":               {cleared, 3, false},
	"unrouted":              {unrouted, 4, false},
	"bundled":               {bundled, 4, false},
	"sealed":                {sealed, 5, false},
	"released":              {released, 6, false},
	"departed":              {departed, 7, false},
	"arrived":               {arrived, 8, false},
	"refused":               {refused, lastRank, false},
	"cancelled":             {cancelled, lastRank, false},
	"detained":              {detained, lastRank, false},
	"returned":              {returned, lastRank, false},
	"conflict":              {conflict, 0, true},
}

// entry is what is known of one parcel: 32 bytes, so that a million fit anywhere.
type entry struct {
	order    uint32 // the number in its platform's day
	told     mark   // by receipts
	owed     mark   // promised by an answer, to be told by a receipt
	rank     int8
	platform uint8
	units    uint8 // that carry it in the end
	acked    bool
}

// verdict tells whether the parcel has been decided.
func (e *entry) verdict() bool { return e.told&(cleared|held|refused) != 0 }

// settled tells whether nothing that was promised is still to come.
func (e *entry) settled() bool {
	switch {
	case e.owed&^e.told != 0:
		return false
	case e.acked && !e.verdict():
		return false
	case e.told&cleared != 0:
		return e.told&(bundled|unrouted|cancelled) != 0
	}
	return true
}

// name says which order it is.
func (e *entry) name() string { return fmt.Sprintf("order %d of platform %d", e.order, e.platform+1) }

// ledger remembers every order that was acknowledged and every word about it, by a hash of the parcel's id.
type ledger struct {
	mu      sync.Mutex
	seed    maphash.Seed
	entries map[uint64]*entry
}

func newLedger() *ledger { return &ledger{seed: maphash.MakeSeed(), entries: map[uint64]*entry{}} }

func (l *ledger) hash(text string) uint64 { return maphash.String(l.seed, text) }

// of runs work on a parcel's entry, new or not.
func (l *ledger) of(id string, platform int, order uint32, work func(e *entry)) {
	key := l.hash(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[key]
	if !ok {
		e = &entry{platform: uint8(platform), order: order}
		l.entries[key] = e
	}
	work(e)
}

// acknowledge notes a 202.
func (l *ledger) acknowledge(id string, platform int, order uint32) {
	l.of(id, platform, order, func(e *entry) { e.acked = true })
}

// owe notes that an answer has promised a word.
func (l *ledger) owe(id string, platform int, order uint32, m mark) {
	l.of(id, platform, order, func(e *entry) { e.owed |= m })
}

// find gives the entry of a parcel that is known; work may be called for none.
func (l *ledger) find(id string, work func(e *entry)) (known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.entries[l.hash(id)]
	if known {
		work(e)
	}
	return known
}

// each visits every entry.
func (l *ledger) each(visit func(e *entry)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		visit(e)
	}
}

// pending counts what is not settled, and gives one that is not.
func (l *ledger) pending() (n int, example entry) {
	l.each(func(e *entry) {
		if !e.settled() {
			n++
			example = *e
		}
	})
	return n, example
}
