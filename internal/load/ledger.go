package load

import (
	"bytes"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
)

// The kinds of receipts that are the first decision on a parcel. A conflict tells that the parcel was there before, so it is
// decided or will be; a cancelled one needs no verdict any more.
var decisions = []string{"cleared", "held", "refused", "conflict", "cancelled"}

const (
	markAccepted = 1      // the mark of a parcel the server took in this run; the kinds' marks follow it
	markVerdict  = 0b1110 // cleared, held, refused: of these only the first is counted
	markDecided  = 0b11111 << 1
	otherKind    = "other" // every kind past the mark's bits
	maxKinds     = 31
	firstLedger  = 1 << 12
)

// ledger knows which parcels were accepted and what the receipts say of each.
//
// The same order posted twice is one parcel with one decision, and an order of an earlier run was decided long ago, so counting
// alone never ends right. The ledger keeps a 64-bit hash of each parcel's id, accepted or told of, and 32 bits of marks: 12 bytes,
// 16 to 32 with the room a table needs, in whichever order answer and receipt come. Two of a million parcels share a hash once in
// 40 million runs; then one fewer is waited for.
type ledger struct {
	mu    sync.Mutex
	seed  maphash.Seed
	keys  []uint64 // open addressing; 0 is a free place
	marks []uint32
	used  int

	kinds    []string // of mark 1<<(i+1)
	perKind  []int64  // accepted parcels with that mark
	accepted int64
	decided  int64 // of the accepted
}

func newLedger() *ledger {
	l := &ledger{seed: maphash.MakeSeed(), keys: make([]uint64, firstLedger), marks: make([]uint32, firstLedger)}
	l.kinds = slices.Clone(decisions)
	l.perKind = make([]int64, len(l.kinds))
	return l
}

// key hashes a parcel's id. It may be called by many goroutines.
func (l *ledger) key(id []byte) uint64 { return max(1, maphash.Bytes(l.seed, id)) }

// accept marks parcels the server took. It gives how many of them, met for the first time, were decided already.
func (l *ledger) accept(keys []uint64) (known int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		mark := l.place(key)
		if *mark&markAccepted != 0 {
			continue
		}
		*mark |= markAccepted
		if *mark&markDecided != 0 {
			known++
		}
		l.count(*mark)
	}
	return known
}

// count adds a parcel just accepted, with what had been told of it before.
func (l *ledger) count(mark uint32) {
	l.accepted++
	if mark&markDecided != 0 {
		l.decided++
	}
	for i := range l.kinds {
		if mark&(1<<(i+1)) != 0 {
			l.perKind[i]++
		}
	}
}

// told marks a parcel with the kind of a receipt.
func (l *ledger) told(key uint64, kind []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.kind(kind)
	bit := uint32(1) << (i + 1)
	mark := l.place(key)
	if *mark&bit != 0 || (bit&markVerdict != 0 && *mark&markVerdict != 0) {
		return
	}
	first := *mark&markDecided == 0
	*mark |= bit
	if *mark&markAccepted == 0 {
		return
	}
	l.perKind[i]++
	if first && bit&markDecided != 0 {
		l.decided++
	}
}

// kind gives the number of a kind, which it learns when it is new.
func (l *ledger) kind(name []byte) int {
	i := slices.IndexFunc(l.kinds, func(known string) bool { return string(name) == known })
	switch {
	case i >= 0:
		return i
	case len(l.kinds) == maxKinds:
		return maxKinds - 1
	case len(l.kinds) == maxKinds-1:
		name = []byte(otherKind)
	}
	l.kinds = append(l.kinds, string(bytes.Clone(name)))
	l.perKind = append(l.perKind, 0)
	return len(l.kinds) - 1
}

// place finds a key's mark, or makes one.
func (l *ledger) place(key uint64) *uint32 {
	if l.used*4 >= len(l.keys)*3 {
		l.grow()
	}
	mask := uint64(len(l.keys) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch l.keys[i] {
		case key:
			return &l.marks[i]
		case 0:
			l.keys[i] = key
			l.used++
			return &l.marks[i]
		}
	}
}

func (l *ledger) grow() {
	keys, marks := l.keys, l.marks
	l.keys, l.marks, l.used = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys)), 0
	for i, key := range keys {
		if key != 0 {
			*l.place(key) = marks[i]
		}
	}
}

// standing gives the accepted parcels and how many of them are decided.
func (l *ledger) standing() (accepted, decided int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.accepted, l.decided
}

// byKind gives the accepted parcels of each kind that came.
func (l *ledger) byKind() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int64, len(l.kinds))
	for i, kind := range l.kinds {
		counts[kind] = l.perKind[i]
	}
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
	return counts
}
