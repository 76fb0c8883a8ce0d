package load

import (
	"errors"
	"fmt"
)

// answer is what the server said of one batch. It is used again for the next, so that reading an answer allocates next to nothing.
type answer struct {
	keys      []uint64         // of the parcels accepted, in the ledger's hash; left empty without one
	accepted  int64            // orders, the same one twice counted twice
	refused   int64            // orders
	refusedBy map[string]int64 // error code → refused orders that have it

	ledger *ledger
	codes  []string // of the order being read
}

func (a *answer) reset() {
	a.keys, a.accepted, a.refused = a.keys[:0], 0, 0
	clear(a.refusedBy)
}

// errCut tells that the answer says nothing of some orders of the batch. Whether they were queued is unknown; they are posted again.
var errCut = errors.New("the answer does not cover the whole batch")

// batch reads the answer to a JSON batch of n orders: an object whose results hold one element per order.
func (a *answer) batch(body []byte, n int) error {
	a.reset()
	s := scanner{data: body}
	err := s.object(func(name []byte) error {
		if string(name) != "results" {
			return s.skip()
		}
		return s.array(func() error { return a.result(&s) })
	})
	if err != nil {
		return err
	}
	if got := a.accepted + a.refused; got != int64(n) {
		return fmt.Errorf("the answer covers %d of %d orders", got, n)
	}
	return nil
}

// single reads the answer to an order posted by itself.
func (a *answer) single(body []byte, _ int) error {
	a.reset()
	return a.result(&scanner{data: body})
}

// refuse takes down that an order posted by itself was refused.
func (a *answer) refuse(code string) {
	a.reset()
	a.refused = 1
	a.refusedBy[code]++
}

// stream reads the answer to an NDJSON batch of n orders: one line per order, in order. A line that speaks of no order is passed over.
func (a *answer) stream(body []byte, n int) error {
	a.reset()
	s := scanner{data: body}
	for s.peek() != 0 {
		if err := a.result(&s); err != nil {
			if errors.Is(err, errNotJSON) && s.at >= len(body) {
				return fmt.Errorf("%w: %w", errCut, err) // the connection ended within a line
			}
			return err
		}
	}
	if got := a.accepted + a.refused; got != int64(n) {
		return fmt.Errorf("%w: %d of %d orders", errCut, got, n)
	}
	return nil
}

// result reads what is said of one order: its status, its id when it was received, the codes of its errors when it was refused.
func (a *answer) result(s *scanner) error {
	var r result
	a.codes = a.codes[:0]
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "id":
			r.id, err = s.text()
		case "status":
			err = r.readStatus(s)
		case "detail":
			r.detail, err = s.text()
		case "errors":
			err = s.array(func() error { return a.code(s) })
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.record(r)
}

// result is one order's part of an answer, or the problem document that a stream ended with.
type result struct {
	id, status, detail []byte
	problem            int // the HTTP status within a problem document
}

func (r *result) readStatus(s *scanner) (err error) {
	if s.peek() == '"' {
		r.status, err = s.text()
		return err
	}
	r.problem, err = s.whole()
	return err
}

func (a *answer) code(s *scanner) error {
	return s.object(func(name []byte) error {
		if string(name) != "code" {
			return s.skip()
		}
		code, err := s.text()
		a.note(code)
		return err
	})
}

// note keeps an error code once per order. A code met before in the batch costs no allocation.
func (a *answer) note(code []byte) {
	for _, noted := range a.codes {
		if noted == string(code) {
			return
		}
	}
	for met := range a.refusedBy {
		if met == string(code) {
			a.codes = append(a.codes, met)
			return
		}
	}
	a.codes = append(a.codes, string(code))
}

func (a *answer) record(r result) error {
	switch status := string(r.status); {
	case r.problem != 0 && temporary(r.problem):
		return fmt.Errorf("%w: the stream ended with status %d: %s", errCut, r.problem, r.detail)
	case r.problem != 0:
		return &ProblemError{Status: r.problem, Detail: string(r.detail)}
	case status == "unavailable": // the queue failed in the middle of a stream
		return fmt.Errorf("%w: the queue does not take it", errCut)
	case status == "received":
		return a.received(r.id)
	case status == "refused":
		a.refused++
		for _, code := range a.codes {
			a.refusedBy[code]++
		}
	case status != "": // a line without a status sums up a stream
		return fmt.Errorf("the answer calls an order %q, neither received nor refused", status)
	}
	return nil
}

func (a *answer) received(id []byte) error {
	a.accepted++
	if a.ledger == nil {
		return nil
	}
	if len(id) == 0 {
		return errors.New("a received order has no id in the answer")
	}
	a.keys = append(a.keys, a.ledger.key(id))
	return nil
}
