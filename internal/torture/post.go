package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// form is a way to post orders.
type form int

const (
	single form = iota
	batch
	stream
)

const mostInBatch = 1000

// taken is an order that was acknowledged.
type taken struct {
	id, orderNo string
	order       []byte
}

// result is what is answered for one order.
type result struct {
	Index   int    `json:"index"`
	ID      string `json:"id"`
	OrderNo string `json:"order_no"`
	Status  string `json:"status"`
}

const (
	statusReceived = "received"
	statusRefused  = "refused"
)

// insistOn posts orders until each has an answer that posting again would not change. It gives those that were acknowledged.
func (p *platform) insistOn(ctx context.Context, c *caller, how form, orders [][]byte) (all []taken, err error) {
	open := orders
	for wait := firstPause; len(open) > 0; {
		got, left, progress, err := p.attempt(ctx, c, how, open)
		if err != nil {
			return all, err
		}
		all = append(all, got...)
		if open = left; len(open) == 0 {
			break
		}
		if progress {
			wait = firstPause
		}
		if !pause(ctx, wait) {
			return all, context.Cause(ctx)
		}
		wait = min(2*wait, longerPause)
	}
	return all, nil
}

// attempt posts orders once, and gives those acknowledged and those without an answer.
func (p *platform) attempt(ctx context.Context, c *caller, how form, orders [][]byte) (got []taken, left [][]byte, progress bool, err error) {
	path, content, body := encode(how, orders)
	cause := p.blame.now()
	a := c.once(ctx, http.MethodPost, path, content, body)
	if ctx.Err() != nil {
		return nil, nil, false, context.Cause(ctx)
	}
	if a.err != errNoDoor { //nolint:errorlint // it is ours, bare
		p.stats.note(cause, a)
	}
	if a.passing() {
		return nil, orders, false, nil
	}
	if a.status == http.StatusUnprocessableEntity && how == single {
		return nil, nil, true, nil // a wrong order of the sample day
	}
	if a.status != statusAccepted {
		p.guard.violated("answers", "POST %s: %d %s", path, a.status, a.body)
		return nil, orders, false, nil
	}
	results, err := decode(how, a.body)
	if err != nil {
		p.guard.violated("answers", "POST %s: %s", path, err)
		return nil, nil, false, nil
	}
	got, left = p.book(orders, results)
	return got, left, len(results) > 0, nil
}

// book enters results into the ledger.
func (p *platform) book(orders [][]byte, results []result) (got []taken, left [][]byte) {
	answered := make([]bool, len(orders))
	for _, r := range results {
		if r.Index < 0 || r.Index >= len(orders) {
			p.guard.violated("answers", "an answer for order %d of %d", r.Index, len(orders))
			continue
		}
		switch no := orderNo(orders[r.Index]); {
		case r.Status == statusRefused:
			answered[r.Index] = true
		case r.Status == statusReceived && r.OrderNo != no:
			p.guard.violated("answers", "order %s was answered as %s", no, r.OrderNo)
		case r.Status == statusReceived:
			answered[r.Index] = true
			p.ledger.acknowledge(r.ID, p.number, serial(no))
			got = append(got, taken{id: r.ID, orderNo: no, order: orders[r.Index]})
		}
	}
	for i, order := range orders {
		if !answered[i] {
			left = append(left, order)
		}
	}
	return got, left
}

func encode(how form, orders [][]byte) (path, content string, body []byte) {
	switch how {
	case single:
		return "/v1/parcels", contentJSON, orders[0]
	case batch:
		body = append([]byte(`{"parcels":[`), bytes.Join(orders, []byte(","))...)
		return "/v1/parcels/batch", contentJSON, append(body, "]}"...)
	default:
		return "/v1/parcels/batch", contentStream, bytes.Join(orders, []byte("\n"))
	}
}

// decode reads an answer of 202. A stream may have broken off anywhere: its whole lines count.
func decode(how form, body []byte) (results []result, err error) {
	switch how {
	case single:
		var r result
		err = json.Unmarshal(body, &r)
		return []result{r}, err
	case batch:
		var answer struct{ Results []result }
		err = json.Unmarshal(body, &answer)
		return answer.Results, err
	default:
		for line := range bytes.Lines(body) {
			var r result
			if !bytes.HasSuffix(line, []byte("\n")) {
				break
			}
			if err := json.Unmarshal(line, &r); err != nil {
				return results, fmt.Errorf("line %q: %w", line, err)
			}
			results = append(results, r)
		}
		return results, nil
	}
}
