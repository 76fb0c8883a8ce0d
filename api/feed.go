package api

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
)

// A waiting feed is asked again when the pulse says so, and, because an announcement may be lost with a connection, from time to
// time. What was announced may be somebody else's: after a look that found nothing the feed rests, longer each time, so that a
// thousand waiting feeds do not ask the database at every change. They also take turns at it.
const (
	firstRest   = 20 * time.Millisecond
	longestRest = time.Second
	longestGap  = 10 * time.Second // at least half of it, by chance, so that feeds which began together do not look together
	looksAtOnce = 4
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
	gap := longestGap/2 + rand.N(longestGap/2)
	again := time.NewTimer(gap)
	defer again.Stop()
	// sleep waits for one of the two, or for nothing more to wait for.
	sleep := func(changed <-chan struct{}) (goOn bool, err error) {
		select {
		case <-changed:
			return true, nil
		case <-again.C:
			return true, nil
		case <-over.C:
			return false, nil
		case <-d.deps.Closing:
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	for rest := firstRest; ; rest = min(2*rest, longestRest) {
		if goOn, err := sleep(changed); !goOn {
			return err
		}
		changed = d.deps.Pulse.Changed(pulse)
		if found, err := d.lookInTurn(ctx, look); err != nil || found > 0 {
			return err
		}
		again.Reset(rest)
		if goOn, err := sleep(nil); !goOn {
			return err
		}
		again.Reset(gap)
	}
}

// lookInTurn looks when few others do: waiting feeds leave connections to those who do not wait.
func (d *door) lookInTurn(ctx context.Context, look look) (found int, err error) {
	select {
	case d.looks <- struct{}{}:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	defer func() { <-d.looks }()
	return look(ctx)
}
