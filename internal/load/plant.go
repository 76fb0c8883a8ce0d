package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Planted is a source that plants suspicious orders of its own between those of another, and remembers what it planted and what for. The
// same seed plants the same cases between the same orders. What it is told of the receipts it counts: see Told and Report.
type Planted struct {
	source Source
	cfg    Plant
	dice   dice
	prefix string // of the planted order numbers

	model   plantOrder // the last order that new ones can be made like
	usable  bool
	read    int   // orders of the source
	begun   int   // cases planted
	serial  int   // of the last planted order
	ended   error // of the source
	waiting [][]byte
	turns   []int // how many cases each kind has had
	ledger  *plantLedger
}

// Plant tells what to plant.
type Plant struct {
	Cases int      // how many cases; one may be several orders
	Seed  uint64   // another seed gives other order numbers
	Names []string // of listed parties; without any no case of sanctions is planted
}

// plantEvery is between how many orders of a source that does not know how far it has come a case is planted.
const plantEvery = 20

// NewPlanted makes a source that plants between the orders of another.
func NewPlanted(source Source, cfg Plant) *Planted {
	p := &Planted{source: source, cfg: cfg, dice: dice{newPCG(cfg.Seed)}, prefix: "PL" + strconv.FormatUint(cfg.Seed, 36) + "-"}
	p.ledger = newPlantLedger(p.prefix)
	p.turns = make([]int, len(plantKinds))
	return p
}

// Next gives the next order, the source's or a planted one.
func (p *Planted) Next() ([]byte, error) {
	for {
		if len(p.waiting) > 0 {
			order := p.waiting[0]
			p.waiting = p.waiting[1:]
			return order, nil
		}
		if p.ended != nil && (p.begun >= p.cfg.Cases || !p.usable || !errors.Is(p.ended, io.EOF)) {
			return nil, p.ended
		}
		if p.usable && p.due() {
			if err := p.plant(); err != nil {
				return nil, fmt.Errorf("plant: %w", err)
			}
			continue
		}
		order, err := p.source.Next()
		if err != nil {
			p.ended = err
			continue
		}
		p.take(order)
		return order, nil
	}
}

// Far gives how far the source has come, if it knows.
func (p *Planted) Far() (done, total int64) {
	if m, ok := p.source.(Measured); ok {
		return m.Far()
	}
	return 0, 0
}

// due tells whether the next case's turn has come: the cases stand evenly in the source, and those left over behind it.
func (p *Planted) due() bool {
	if p.begun >= p.cfg.Cases {
		return false
	}
	if p.ended != nil {
		return true
	}
	if done, total := p.Far(); total > 0 {
		return float64(done)*float64(p.cfg.Cases) >= (float64(p.begun)+0.5)*float64(total)
	}
	return p.read >= (p.begun+1)*plantEvery
}

// take remembers an order of the source.
func (p *Planted) take(order []byte) {
	p.read++
	var o plantOrder
	if err := json.Unmarshal(order, &o); err != nil {
		return // for the door to refuse
	}
	p.ledger.posts(o.OrderNo)
	if o.likely() {
		p.model, p.usable = o, true
	}
}

// plant makes the next case and queues its orders.
func (p *Planted) plant() error {
	kind := p.nextKind()
	p.begun++
	if kind == nil {
		return nil
	}
	var numbers []string
	for _, o := range kind.make(p) {
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		p.waiting = append(p.waiting, text)
		numbers = append(numbers, o.OrderNo)
	}
	p.ledger.plants(kind, numbers)
	return nil
}

// nextKind gives the kind that is most behind its share; nil when none can be planted.
func (p *Planted) nextKind() *plantKind {
	best := -1
	for i := range plantKinds {
		if plantKinds[i].named && len(p.cfg.Names) == 0 || plantKinds[i].late && p.begun*3 < p.cfg.Cases*2 {
			continue
		}
		if best < 0 || (p.turns[i]+1)*plantKinds[best].share < (p.turns[best]+1)*plantKinds[i].share {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	p.turns[best]++
	return &plantKinds[best]
}
