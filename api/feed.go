package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
)

// A waiting feed is asked again when the pulse says so. A fact may become readable a moment after it was announced, while
// older transactions still run, and an announcement may be lost with a connection: so it is also asked again from time to time.
const (
	firstLook  = 20 * time.Millisecond
	longestGap = time.Second
)

// place is the place in a feed that a request goes on from.
func feedPlace(l list, q *query) (event.Position, error) {
	cursor := q.get("cursor")
	if cursor == "" {
		return event.Position{}, nil
	}
	text, err := l.place(cursor)
	if err != nil {
		return event.Position{}, err
	}
	at, err := event.ParsePosition(text)
	if err != nil || at.String() != text {
		return event.Position{}, unknownCursor()
	}
	return at, nil
}

// look reads a feed once: how much it found behind the request's place.
type look func(ctx context.Context) (found int, err error)

// hold looks until something is found or the wait is over. The pulse of an account is the owner's, that of 0 is everybody's.
func (d *door) hold(c *gin.Context, pulse account.ID, wait time.Duration, look look) error {
	ctx := c.Request.Context()
	changed := d.deps.Pulse.Changed(pulse) // before looking: what comes in between is not missed
	found, err := look(ctx)
	if err != nil || found > 0 || wait == 0 {
		return err
	}
	who := caller(c).ID
	if err := d.waits.enter(who); err != nil {
		return err
	}
	defer d.waits.leave(who)
	d.watched.waiting.Inc()
	defer d.watched.waiting.Dec()
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(d.deps.Now().Add(wait + d.cfg.Patience))
	return d.holdFor(ctx, pulse, changed, wait, look)
}

func (d *door) holdFor(ctx context.Context, pulse account.ID, changed <-chan struct{}, wait time.Duration, look look) error {
	over := time.NewTimer(wait)
	defer over.Stop()
	gap := time.NewTimer(longestGap)
	defer gap.Stop()
	next := longestGap
	for {
		select {
		case <-changed:
			changed, next = d.deps.Pulse.Changed(pulse), firstLook
		case <-gap.C:
			next = min(2*next, longestGap)
		case <-over.C:
			return nil
		case <-d.deps.Closing:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if found, err := look(ctx); err != nil || found > 0 {
			return err
		}
		gap.Reset(next)
	}
}
