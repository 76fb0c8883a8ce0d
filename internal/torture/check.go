package torture

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

const commitsEvery = 500 * time.Millisecond

// watchCommits samples the groups' committed offsets: they never go back.
func (r *run) watchCommits(ctx context.Context) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		highest := map[string]int64{}
		for pause(ctx, commitsEvery) {
			if r.forgetting.Load() {
				clear(highest)
				continue
			}
			committed, err := r.site.Committed(ctx)
			if err != nil {
				continue // the queue is away
			}
			r.commits++
			for of, next := range committed {
				if next < highest[of] {
					r.guard.violated("commits", "%s went from %d back to %d", of, highest[of], next)
				}
				highest[of] = next
			}
		}
	}()
	return over
}

// drain waits until everything promised has come true, as the platforms see it, and no stage has anything left to do.
func (r *run) drain(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Drain)
	defer cancel()
	for {
		n, example := r.ledger.pending()
		waiting, err := r.site.Waiting(ctx)
		if n == 0 && waiting == 0 && err == nil {
			return time.Since(began), nil
		}
		if !pause(ctx, 250*time.Millisecond) {
			return time.Since(began), errors.Join(fmt.Errorf(
				"after %s %d parcels are not settled (%s: told %b, owed %b) and %d records wait", r.cfg.Drain, n, example.name(),
				example.told, example.owed, waiting), err)
		}
	}
}

// autopsy lets processes that are stuck write down where they stand, and looks whether new ones do what was left.
func (r *run) autopsy(ctx context.Context) {
	for _, p := range r.house.workers {
		if l := p.signal(syscall.SIGQUIT); l != nil { // Go's runtime prints all stacks and ends
			<-l.ended
		}
	}
	r.guard.check("recovery", r.house.ensure(ctx))
	took, err := r.drain(ctx)
	r.out.line("the stacks of all workers are in their logs; restarted, they were done after %s: %v", took.Round(time.Millisecond), err)
}

// check looks at everything again, from outside, when nothing moves any more.
func (r *run) check(ctx context.Context, c *crowd) {
	for _, w := range c.walkers {
		if err := w.toEnd(ctx); err != nil {
			r.guard.check("answers", err)
			return
		}
	}
	for _, w := range c.walkers {
		r.guard.check("feeds", r.checkFeed(ctx, w))
	}
	r.guard.check("units", r.checkUnits(ctx, c.carrier))
	r.checkEntries()
	for _, p := range c.platforms {
		for _, k := range p.ids.all {
			r.guard.check("content", r.checkContent(ctx, p, k))
		}
	}
}

// checkFeed walks a feed anew: it shows the lines that the walk through the faults showed, no other and no fewer.
func (r *run) checkFeed(ctx context.Context, lived *walker) error {
	fresh := &walker{platform: lived.platform, until: lived.last, examine: func(receipt) {}} // the clock may have sealed a unit meanwhile
	if err := fresh.toEnd(ctx); err != nil {
		return err
	}
	r.lines += fresh.lines
	if fresh.walked != lived.walked {
		return fmt.Errorf("platform %d was told %d lines in all, and is told %d now, or others", lived.number+1, lived.lines, fresh.lines)
	}
	return nil
}

// checkUnits walks all units and what they carry. A unit that the clock moves on meanwhile comes again at the end of the walk.
func (r *run) checkUnits(ctx context.Context, u *carrier) error {
	c := newCaller(r.house, r.site.Keys.Carrier, 0)
	seen := map[string]unit{}
	for cursor := ""; ; {
		var p page[unit]
		if err := c.get(ctx, fmt.Sprintf("/v1/consignments?limit=%d&cursor=%s", pageSize, cursor), &p); err != nil {
			return err
		}
		for _, each := range p.Data {
			if before, again := seen[each.ID]; again && before == each {
				return fmt.Errorf("unit %s stands twice in one walk, unchanged", each.Number)
			}
			seen[each.ID] = each
			u.see(each)
		}
		if cursor = p.Next; len(p.Data) == 0 {
			break
		}
	}
	for id := range u.units {
		if _, still := seen[id]; !still {
			return fmt.Errorf("unit %s was there and is no more", id)
		}
	}
	r.units = len(seen)
	for _, each := range seen {
		if err := r.checkLoads(ctx, c, each); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) checkLoads(ctx context.Context, c *caller, each unit) error {
	n := 0
	for cursor := ""; ; {
		var p page[struct {
			ID      string `json:"id"`
			OrderNo string `json:"order_no"`
		}]
		if err := c.get(ctx, fmt.Sprintf("/v1/consignments/%s/parcels?limit=%d&cursor=%s", each.ID, pageSize, cursor), &p); err != nil {
			return err
		}
		for _, l := range p.Data {
			n++
			if !r.ledger.find(l.ID, func(e *entry) { e.units++ }) {
				r.guard.violated("units", "%s carries %s, of which nobody was told", each.Number, l.OrderNo)
			}
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if n != each.ParcelCount {
		return fmt.Errorf("unit %s says it carries %d parcels, and carries %d", each.Number, each.ParcelCount, n)
	}
	return nil
}

// checkEntries looks at every parcel once all is known.
func (r *run) checkEntries() {
	r.ledger.each(func(e *entry) {
		r.tally.add(e)
		switch in := e.told&bundled != 0 && e.told&cancelled == 0; {
		case e.acked && !e.verdict():
			r.guard.violated("lost", "%s was acknowledged and has no verdict", e.name())
		case e.owed&^e.told != 0:
			r.guard.violated("lost", "%s: an answer promised %b and the receipts say %b", e.name(), e.owed, e.told)
		case e.units > 1:
			r.guard.violated("doubled", "%s is in %d units", e.name(), e.units)
		case in && e.units == 0:
			r.guard.violated("lost", "%s was told to be in a unit and is in none", e.name())
		case !in && e.units > 0:
			r.guard.violated("units", "%s is in a unit, and was told otherwise (%b)", e.name(), e.told)
		}
	})
}

// checkContent looks at a parcel that was posted with two contents, and that nobody but its owner sees it.
func (r *run) checkContent(ctx context.Context, p *platform, k kept) error {
	var stored struct {
		OrderNo     string `json:"order_no"`
		Declaration struct {
			Insurance string `json:"insurance"`
		} `json:"declaration"`
	}
	owner := newCaller(r.house, r.site.Keys.Platforms[p.number], p.number)
	if err := owner.get(ctx, "/v1/parcels/"+k.id, &stored); err != nil {
		return err
	}
	if stored.OrderNo != k.orderNo || k.first && stored.Declaration.Insurance == otherInsurance {
		return fmt.Errorf("%s is stored as %s with insurance %s", k.orderNo, stored.OrderNo, stored.Declaration.Insurance)
	}
	r.contents++
	if len(r.site.Keys.Platforms) == 1 {
		return nil
	}
	stranger := newCaller(r.house, r.site.Keys.Platforms[(p.number+1)%len(r.site.Keys.Platforms)], p.number)
	if a := stranger.insist(ctx, http.MethodGet, "/v1/parcels/"+k.id, nil); a.status != http.StatusNotFound {
		r.guard.violated("tenants", "%s answers another platform with %d", k.orderNo, a.status)
	}
	return nil
}
