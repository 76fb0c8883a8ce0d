package load

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	pageLimit  = 500 // the most a page holds
	waitAnswer = 5   // seconds the server holds an answer until something is new
	// Under load something is always new, so the feed would come in crumbs. A pause after each short page lets it gather:
	// long while orders are posted, short afterwards, for the drain time is measured with it.
	pausePosting  = 250 * time.Millisecond
	pauseDraining = 20 * time.Millisecond
)

// follower reads the receipts feed into a ledger.
type follower struct {
	client *client
	ledger *ledger // nil: receipts are only counted
	told   func(order, kind string, categories []string)
	cursor string
	buf    bytes.Buffer
}

// catchUp reads all that is in the feed already. What was decided before this run is known then, and what comes is of this run.
func (f *follower) catchUp(ctx context.Context) error {
	for {
		n, err := f.page(ctx, 0)
		if err != nil || n < pageLimit {
			return err
		}
	}
}

// follow reads what comes until, after a page, posted is closed, for the last order was posted, and settled says that all are decided.
func (f *follower) follow(ctx context.Context, posted <-chan struct{}, settled func() bool) error {
	for {
		n, err := f.page(ctx, waitAnswer)
		if err != nil {
			return err
		}
		if closed(posted) && settled() {
			return nil
		}
		if n == pageLimit {
			continue
		}
		if err := pause(ctx, posted); err != nil {
			return err
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// pause lets the feed gather. The end of posting cuts a long pause short.
func pause(ctx context.Context, posted <-chan struct{}) error {
	if closed(posted) {
		return sleep(ctx, pauseDraining)
	}
	timer := time.NewTimer(pausePosting)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-posted:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// page reads the page behind the cursor and moves the cursor. It gives the number of receipts on it.
func (f *follower) page(ctx context.Context, wait int) (n int, err error) {
	query := url.Values{"limit": {strconv.Itoa(pageLimit)}}
	if wait > 0 {
		query.Set("wait", strconv.Itoa(wait))
	}
	if f.cursor != "" {
		query.Set("cursor", f.cursor)
	}
	r := request{method: http.MethodGet, path: "/v1/receipts?" + query.Encode()}
	err = f.client.send(ctx, r, &f.buf, func(body []byte) error {
		n, err = f.read(body)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("receipts: %w", err)
	}
	return n, nil
}

// read reads a page. Reading one twice does no harm.
func (f *follower) read(body []byte) (n int, err error) {
	s := scanner{data: body}
	next := f.cursor
	err = s.object(func(name []byte) error {
		switch string(name) {
		case "data":
			return s.array(func() error { n++; return f.receipt(&s) })
		case "next_cursor":
			text, err := s.text()
			if len(text) > 0 {
				next = string(text)
			}
			return err
		default:
			return s.skip()
		}
	})
	if err == nil && n == pageLimit && next == f.cursor {
		err = fmt.Errorf("the cursor %q does not move", next)
	}
	f.cursor = next
	return n, err
}

func (f *follower) receipt(s *scanner) error {
	if f.ledger == nil {
		return s.skip()
	}
	var id, kind, order []byte
	var categories []string
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "parcel_id":
			id, err = s.text()
		case "kind":
			kind, err = s.text()
		case "order_no":
			order, err = s.text()
		case "reasons":
			if f.told == nil {
				return s.skip()
			}
			categories, err = s.categories()
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil && len(id) > 0 && len(kind) > 0 {
		f.ledger.told(f.ledger.key(id), kind)
		if f.told != nil {
			f.told(string(order), string(kind), categories)
		}
	}
	return err
}

// categories reads a list of reasons, or null, down to their categories.
func (s *scanner) categories() (all []string, err error) {
	if s.peek() == 'n' {
		return nil, s.word()
	}
	err = s.array(func() error {
		return s.object(func(name []byte) error {
			if string(name) != "category" {
				return s.skip()
			}
			category, err := s.text()
			all = append(all, string(category))
			return err
		})
	})
	return all, err
}
