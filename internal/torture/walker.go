package torture

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// receipt is what is read of a line of a platform's feed.
type receipt struct {
	Sequence string `json:"sequence"`
	ParcelID string `json:"parcel_id"`
	OrderNo  string `json:"order_no"`
	Kind     string `json:"kind"`
}

type page[T any] struct {
	Data []T    `json:"data"`
	Next string `json:"next_cursor"`
}

const pageSize = 500

// walked is what a walk along a feed adds up to: two that saw the same lines are equal.
type walked struct {
	lines int64
	sum   uint64
}

// walker follows a platform's feed with one cursor, whatever happens.
type walker struct {
	*platform
	walked
	cursor, last string
	until        string // sequence after which lines are left out; "" for none
	examine      func(r receipt)
}

// next reads a page of the feed, for at most so many seconds waiting, and gives how many lines it had.
func (w *walker) next(ctx context.Context, c *caller, seconds int) (int, error) {
	var p page[receipt]
	path := fmt.Sprintf("/v1/receipts?limit=%d&wait=%d&cursor=%s", pageSize, seconds, url.QueryEscape(w.cursor))
	if err := c.get(ctx, path, &p); err != nil {
		return 0, err
	}
	for _, r := range p.Data {
		if w.until == "" || r.Sequence <= w.until {
			w.line(r)
		}
	}
	w.cursor = p.Next
	return len(p.Data), nil
}

// line checks one line by itself and against the one before.
func (w *walker) line(r receipt) {
	if r.Sequence <= w.last {
		w.guard.violated("order of a feed", "%s comes after %s", r.Sequence, w.last)
	}
	w.last = r.Sequence
	if !strings.HasPrefix(r.OrderNo, w.prefix) {
		w.guard.violated("tenants", "platform %d was told of %s", w.number+1, r.OrderNo)
	}
	w.lines++
	w.sum += w.ledger.hash(r.Sequence + " " + r.ParcelID + " " + r.Kind)
	w.examine(r)
}

// follow walks until ctx ends.
func (w *walker) follow(ctx context.Context) {
	c := newCaller(w.house, w.site.Keys.Platforms[w.number], w.number)
	for ctx.Err() == nil {
		if _, err := w.next(ctx, c, 2); err != nil && ctx.Err() == nil {
			w.guard.violated("answers", "%s", err)
			pause(ctx, longerPause)
		}
	}
}

// toEnd walks until a page is empty.
func (w *walker) toEnd(ctx context.Context) error {
	c := newCaller(w.house, w.site.Keys.Platforms[w.number], w.number)
	for {
		if n, err := w.next(ctx, c, 0); err != nil || n == 0 {
			return err
		}
	}
}

// enter checks a receipt against what was told of its parcel before.
func (w *walker) enter(r receipt) {
	s, known := steps[r.Kind]
	if !known {
		w.guard.violated("receipts", "kind %q of %s is none that is documented", r.Kind, r.OrderNo)
		return
	}
	w.ledger.of(r.ParcelID, w.number, serial(r.OrderNo), func(e *entry) {
		if e.told&s.mark != 0 && !s.again {
			w.guard.violated("doubled", "%s is %s a second time, at %s", r.OrderNo, r.Kind, r.Sequence)
		}
		if s.rank > 0 && (int8(s.rank) < e.rank || int8(s.rank) == e.rank && !s.again && e.told&s.mark == 0) {
			w.guard.violated("backwards", "%s is %s after what came before (%b), at %s", r.OrderNo, r.Kind, e.told, r.Sequence)
		}
		e.told |= s.mark
		e.rank = max(e.rank, int8(s.rank))
	})
	if s.mark == asked {
		w.send(errand{id: r.ParcelID, order: serial(r.OrderNo)})
	}
}
