package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
)

// Pool holds orders in memory and gives them again and again, for runs that are longer than what there is to post. From the second
// round on order numbers are new, and so are consignees, by the first line of their addresses: otherwise a second round would be
// nothing but repeats, and a tenth nothing but split consignments.
type Pool struct {
	orders [][]byte
	next   atomic.Int64
}

// NewPool reads up to most orders of a source.
func NewPool(from Source, most int) (*Pool, error) {
	p := &Pool{}
	for len(p.orders) < most {
		order, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("orders: %w", err)
		}
		p.orders = append(p.orders, bytes.Clone(order))
	}
	if len(p.orders) == 0 {
		return nil, errors.New("orders: there are none")
	}
	return p, nil
}

// Len is the number of orders held.
func (p *Pool) Len() int { return len(p.orders) }

// Held gives an order as it was read. It must not be changed.
func (p *Pool) Held(i int) []byte { return p.orders[i%len(p.orders)] }

// Orders is a source that goes on from where the pool's others have come to, until more, asked before each order, says no.
// The sources of a pool never give the same order number twice.
func (p *Pool) Orders(more func() bool) Source { return &poolSource{pool: p, more: more} }

// First is a source of the next n orders.
func (p *Pool) First(n int) Source {
	return p.Orders(func() bool { n--; return n >= 0 })
}

type poolSource struct {
	pool *Pool
	more func() bool
	buf  []byte
}

// Next gives the pool's next order.
func (s *poolSource) Next() ([]byte, error) {
	if !s.more() {
		return nil, io.EOF
	}
	n := s.pool.next.Add(1) - 1
	round, order := n/int64(len(s.pool.orders)), s.pool.Held(int(n%int64(len(s.pool.orders))))
	if round == 0 {
		return order, nil
	}
	s.buf = again(s.buf[:0], order, round)
	return s.buf, nil
}

// The places where a round leaves its mark: behind each text, wherever it stands first, with what keeps it apart from the value.
var marks = []struct {
	behind []byte
	apart  byte
}{
	{[]byte(`"order_no":"`), '-'},
	{[]byte(`"lines":["`), ' '},
}

// again appends an order as it is in a later round.
func again(dst, order []byte, round int64) []byte {
	for _, mark := range marks {
		at := bytes.Index(order, mark.behind)
		if at < 0 {
			continue
		}
		at += len(mark.behind)
		dst = append(dst, order[:at]...)
		dst = strconv.AppendInt(append(dst, 'r'), round, 10)
		dst = append(dst, mark.apart)
		order = order[at:]
	}
	return append(dst, order...)
}
