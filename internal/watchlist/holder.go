package watchlist

import "sync/atomic"

// Holder holds the index in force. Swapping it is one step: every look-up sees the old index or the new one, whole.
type Holder struct{ current atomic.Pointer[Index] }

// NewHolder makes a holder of an index without lists.
func NewHolder() *Holder {
	h := &Holder{}
	h.Swap(NewIndex(nil))
	return h
}

// Current gives the index in force. Who asks once for a batch judges the whole batch by it.
func (h *Holder) Current() *Index { return h.current.Load() }

// Swap puts another index in force.
func (h *Holder) Swap(x *Index) { h.current.Store(x) }
