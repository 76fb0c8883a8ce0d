package torture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alataw/alataw/internal/load"
)

// platform is a shop's system: it posts its day, keeps posting what was not answered, and sometimes changes its mind.
type platform struct {
	*run
	number int
	prefix string // of its order numbers
	ids    idList // of parcels whose content is looked at in the end

	mu     sync.Mutex
	source load.Source
	given  int
	pace   time.Duration // between two orders
	start  time.Time

	errands chan errand
}

// errand is something a platform does about one parcel besides posting.
type errand struct {
	id     string
	order  uint32
	cancel bool // else it answers an officer's question
}

const (
	workers     = 4 // of a platform, that post
	mostErrands = 1000
	mostIDs     = 2000
)

func newPlatform(r *run, number int) (*platform, error) {
	share := r.cfg.Parcels / r.cfg.Platforms
	source := load.Sample(r.cfg.Seed<<8+uint64(number), share)
	first, err := load.Sample(r.cfg.Seed<<8+uint64(number), 1).Next()
	if err != nil {
		return nil, err
	}
	no := orderNo(first)
	return &platform{
		run: r, number: number, source: source, pace: r.cfg.Duration / time.Duration(max(1, share)),
		prefix: no[:strings.LastIndexByte(no, '-')+1], errands: make(chan errand, mostErrands),
	}, nil
}

// orderNo reads the order number of a sample order, which begins with it.
func orderNo(order []byte) string {
	_, rest, _ := bytes.Cut(order, []byte(`"order_no":"`))
	no, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(no)
}

// serial is the number at the end of an order number.
func serial(orderNo string) uint32 {
	n, err := strconv.ParseUint(orderNo[strings.LastIndexByte(orderNo, '-')+1:], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// take gives the next orders, and when the last of them is due.
func (p *platform) take(n int) (orders [][]byte, due time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(orders) < n {
		order, err := p.source.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, due, fmt.Errorf("sample: %w", err)
		}
		orders = append(orders, bytes.Clone(order))
	}
	p.given += len(orders)
	return orders, p.start.Add(time.Duration(p.given) * p.pace), nil
}

// post posts the platform's whole day.
func (p *platform) post(ctx context.Context) error {
	p.start = time.Now()
	var working sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		working.Go(func() {
			dice := rand.New(rand.NewPCG(p.cfg.Seed, uint64(100+p.number*workers+w)))
			errs[w] = p.work(ctx, dice, newCaller(p.house, p.site.Keys.Platforms[p.number], w))
		})
	}
	working.Wait()
	return errors.Join(errs...)
}

func (p *platform) work(ctx context.Context, dice *rand.Rand, c *caller) error {
	for {
		how, n := p.shape(dice)
		orders, due, err := p.take(n)
		if err != nil || len(orders) == 0 {
			return err
		}
		if !pause(ctx, time.Until(due)) {
			return context.Cause(ctx)
		}
		if err := p.deliver(ctx, dice, c, how, orders); err != nil {
			return err
		}
	}
}

// shape draws how the next orders are posted, and how many. Singles are few orders and many requests.
func (p *platform) shape(dice *rand.Rand) (how form, n int) {
	most := min(500, max(10, p.cfg.Parcels/p.cfg.Platforms/100))
	switch dice.IntN(10) {
	case 0, 1, 2, 3, 4, 5:
		return single, 1
	case 6, 7, 8:
		return batch, 1 + dice.IntN(most)
	default:
		return stream, 1 + dice.IntN(2*most)
	}
}

// deliver posts orders until each has its answer, and then perhaps something that disturbs.
func (p *platform) deliver(ctx context.Context, dice *rand.Rand, c *caller, how form, orders [][]byte) error {
	if dice.IntN(20) == 0 {
		return p.contest(ctx, c, how, orders)
	}
	taken, err := p.insistOn(ctx, c, how, orders)
	if err != nil || len(taken) == 0 {
		return err
	}
	p.count(int64(len(taken)), int64(len(orders)-len(taken)), 0)
	one := taken[dice.IntN(len(taken))]
	switch dice.IntN(12) {
	case 0:
		return p.again(ctx, c, orders)
	case 1:
		return p.contradict(ctx, c, one)
	case 2:
		p.send(errand{id: one.id, order: serial(one.orderNo), cancel: true})
	}
	return nil
}

func (p *platform) count(posted, refused, repeated int64) { p.stats.count(posted, refused, repeated) }

// again posts orders a second time: the same parcels are answered for.
func (p *platform) again(ctx context.Context, c *caller, orders [][]byte) error {
	taken, err := p.insistOn(ctx, c, batch, orders[:min(len(orders), mostInBatch)])
	p.count(0, 0, int64(len(taken)))
	return err
}

// other gives an order with another content.
func other(order []byte) []byte {
	return bytes.Replace(order, []byte(`"insurance":"0.00"`), []byte(`"insurance":"0.07"`), 1)
}

const otherInsurance = "0.07"

// contradict posts an acknowledged order with another content: the first stays, and the platform is told.
func (p *platform) contradict(ctx context.Context, c *caller, first taken) error {
	taken, err := p.insistOn(ctx, c, single, [][]byte{other(first.order)})
	if err != nil || len(taken) == 0 {
		return err
	}
	p.ledger.owe(first.id, p.number, serial(first.orderNo), conflict)
	p.ids.keep(kept{id: first.id, orderNo: first.orderNo, platform: p.number, first: true})
	return nil
}

// contest posts orders and others under the same numbers at the same time: one of them stays, and the platform is told.
func (p *platform) contest(ctx context.Context, c *caller, how form, orders [][]byte) error {
	others := make([][]byte, len(orders))
	for i := range orders {
		others[i] = other(orders[i])
	}
	var rival []taken
	var rivalErr error
	var posting sync.WaitGroup
	posting.Go(func() { rival, rivalErr = p.insistOn(ctx, newCaller(p.house, c.key, c.door+1), how, others) })
	mine, err := p.insistOn(ctx, c, how, orders)
	posting.Wait()
	if err := errors.Join(err, rivalErr); err != nil {
		return err
	}
	p.count(int64(len(mine)), int64(len(orders)-len(mine)), int64(len(rival)))
	for _, t := range rival {
		p.ledger.owe(t.id, p.number, serial(t.orderNo), conflict)
		p.ids.keep(kept{id: t.id, orderNo: t.orderNo, platform: p.number})
	}
	return nil
}

// send gives an errand to do; one too many is dropped.
func (p *platform) send(e errand) {
	select {
	case p.errands <- e:
	default:
	}
}

// run does errands until ctx ends.
func (p *platform) runErrands(ctx context.Context) {
	c := newCaller(p.house, p.site.Keys.Platforms[p.number], p.number)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-p.errands:
			if e.cancel {
				p.cancel(ctx, c, e)
			} else {
				p.inform(ctx, c, e)
			}
		}
	}
}

// cancel takes a parcel back. It waits until the parcel is stored.
func (p *platform) cancel(ctx context.Context, c *caller, e errand) {
	for {
		a := c.insist(ctx, "POST", "/v1/parcels/"+e.id+"/cancellation", map[string]string{"reason": "the customer changed their mind"})
		switch a.status {
		case 0: // the run is over
		case 404:
			if pause(ctx, longerPause) {
				continue
			}
		case statusAccepted:
			p.ledger.owe(e.id, p.number, e.order, cancelled)
		case 409: // its unit is sealed, or an officer was faster
		default:
			p.guard.violated("answers", "cancellation of %s: %d %s", e.id, a.status, a.body)
		}
		return
	}
}

func (p *platform) inform(ctx context.Context, c *caller, e errand) {
	a := c.insist(ctx, "POST", "/v1/parcels/"+e.id+"/information", map[string]string{"text": "It is what the order says."})
	switch a.status {
	case 0, statusAccepted, 409:
	default:
		p.guard.violated("answers", "information about %s: %d %s", e.id, a.status, a.body)
	}
}

// kept is a parcel whose content is looked at in the end.
type kept struct {
	id, orderNo string
	platform    int
	first       bool // it must be the first that was acknowledged
}

// idList keeps some parcels.
type idList struct {
	mu  sync.Mutex
	all []kept
}

func (l *idList) keep(k kept) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) < mostIDs {
		l.all = append(l.all, k)
	}
}
