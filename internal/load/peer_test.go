package load_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

const peerKey = "key-of-a-platform"

// peer is the other end of the contract, as far as a load client meets it: batches, and the receipts feed.
type peer struct {
	intercept func(w http.ResponseWriter, r *http.Request, batch int) bool // answers in the peer's place; batch counts posts from 0
	refuse    func(order string) string                                    // the code to refuse an order with, "" to take it
	decide    func(order string) []string                                  // the kinds of receipts an order is given; nil decides nothing
	delay     time.Duration                                                // from the answer to the receipts

	mu       sync.Mutex
	posts    int
	bodies   []string
	times    []time.Time
	parcels  map[string]string // order number → content
	receipts []string
	grown    chan struct{} // closed when receipts come
	deciding sync.WaitGroup
}

func newPeer() *peer {
	return &peer{
		parcels: map[string]string{}, grown: make(chan struct{}),
		decide: func(string) []string { return []string{"cleared", "bundled"} },
	}
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Authorization") != "Bearer "+peerKey:
		problem(w, http.StatusUnauthorized, "unauthenticated", "no such key")
	case r.Method == http.MethodPost && r.URL.Path == "/v1/parcels/batch":
		p.batch(w, r)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/parcels":
		p.single(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/v1/receipts":
		p.feed(w, r)
	default:
		problem(w, http.StatusNotFound, "not_found", r.URL.Path)
	}
}

func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "/problems/" + code, "status": status, "detail": detail})
}

func (p *peer) batch(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	post := p.posts
	p.posts++
	p.bodies = append(p.bodies, string(body))
	p.times = append(p.times, time.Now())
	p.mu.Unlock()
	if p.intercept != nil && p.intercept(w, r, post) {
		return
	}
	p.answer(w, r, body)
}

// single answers to an order posted by itself.
func (p *peer) single(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	result := p.take(body)
	if result["status"] == "refused" {
		problem(w, http.StatusUnprocessableEntity, "invalid_declaration", "wrong")
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(result)
}

func (p *peer) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	results, accepted := []map[string]any{}, 0
	for i, order := range split(r, body) {
		result := p.take(order)
		result["index"] = i
		if result["status"] == "received" {
			accepted++
		}
		results = append(results, result)
	}
	w.WriteHeader(http.StatusAccepted)
	encode := json.NewEncoder(w)
	if isStream(r) {
		for _, result := range results {
			_ = encode.Encode(result)
		}
		return
	}
	_ = encode.Encode(map[string]any{"accepted": accepted, "refused": len(results) - accepted, "results": results})
}

func isStream(r *http.Request) bool { return r.Header.Get("Content-Type") == "application/x-ndjson" }

func split(r *http.Request, body []byte) (orders []json.RawMessage) {
	if !isStream(r) {
		var batch struct{ Parcels []json.RawMessage }
		if err := json.Unmarshal(body, &batch); err != nil {
			panic(err)
		}
		return batch.Parcels
	}
	decode := json.NewDecoder(bytes.NewReader(body))
	for decode.More() {
		var order json.RawMessage
		if err := decode.Decode(&order); err != nil {
			panic(err)
		}
		orders = append(orders, order)
	}
	return orders
}

// take takes an order in, as the contract has it: the same again is no second parcel, other content is a conflict.
func (p *peer) take(raw json.RawMessage) map[string]any {
	var order struct {
		OrderNo string `json:"order_no"`
	}
	if err := json.Unmarshal(raw, &order); err != nil {
		panic(err)
	}
	if p.refuse != nil {
		if code := p.refuse(order.OrderNo); code != "" {
			wrong := map[string]string{"pointer": "/x", "code": code, "detail": "“\\\" and more"}
			return map[string]any{"order_no": order.OrderNo, "status": "refused", "errors": []any{wrong, wrong}}
		}
	}
	p.mu.Lock()
	before, known := p.parcels[order.OrderNo]
	if !known {
		p.parcels[order.OrderNo] = string(raw)
	}
	p.mu.Unlock()
	switch {
	case !known:
		p.later(order.OrderNo, p.decide(order.OrderNo))
	case before != string(raw):
		p.later(order.OrderNo, []string{"conflict"})
	}
	return map[string]any{"order_no": order.OrderNo, "id": "pcl_" + order.OrderNo, "status": "received"}
}

func (p *peer) later(order string, kinds []string) {
	if p.delay == 0 {
		p.tell(order, kinds)
		return
	}
	p.deciding.Go(func() {
		time.Sleep(p.delay)
		p.tell(order, kinds)
	})
}

func (p *peer) tell(order string, kinds []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kind := range kinds {
		p.receipts = append(p.receipts, fmt.Sprintf(
			`{"sequence":"%d","parcel_id":"pcl_%s","order_no":%q,"kind":%q,"status":%q,"reasons":[{"rule":"r","category":"value","score":0.5,"value":"a \"b\""}]}`,
			len(p.receipts), order, order, kind, kind))
	}
	close(p.grown)
	p.grown = make(chan struct{})
}

func (p *peer) feed(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.Atoi(r.FormValue("cursor"))
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	wait, _ := strconv.Atoi(r.FormValue("wait"))
	expired := time.NewTimer(time.Duration(wait) * time.Second)
	defer expired.Stop()
	for {
		p.mu.Lock()
		page, grown := p.receipts[from:], p.grown
		p.mu.Unlock()
		if len(page) == 0 && wait > 0 {
			select {
			case <-grown:
				continue
			case <-expired.C:
			case <-r.Context().Done():
				return
			}
		}
		page = page[:min(limit, len(page))]
		fmt.Fprint(w, `{"next_cursor":"`, from+len(page), `","data":[`)
		for i, receipt := range page {
			fmt.Fprint(w, [2]string{"", ","}[min(i, 1)], receipt)
		}
		fmt.Fprint(w, `]}`)
		return
	}
}

// postedAt gives when each post came, from the first.
func (p *peer) postedAt() (at []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.times {
		at = append(at, t.Sub(p.times[0]))
	}
	return at
}

// serve serves the peer over pipes in memory, so that a test in a synctest bubble owns the clock of both ends.
func (p *peer) serve(t *testing.T) load.Config {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: p, ReadHeaderTimeout: time.Hour}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	transport := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 100}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
		p.deciding.Wait()
	})
	return load.Config{URL: "http://peer", Key: peerKey, Transport: transport}
}

// orders is a source of texts.
type orders []string

func (o *orders) Next() ([]byte, error) {
	if len(*o) == 0 {
		return nil, io.EOF
	}
	next := (*o)[0]
	*o = (*o)[1:]
	return []byte(next), nil
}

// numbered gives n orders, named o-0 and so on.
func numbered(n int) *orders {
	var o orders
	for i := range n {
		o = append(o, fmt.Sprintf(`{"order_no":"o-%d","items":[]}`, i))
	}
	return &o
}

// brittle is a source that breaks off.
type brittle struct {
	orders
	err error
}

func (b *brittle) Next() ([]byte, error) {
	if order, err := b.orders.Next(); err == nil {
		return order, nil
	}
	return nil, b.err
}
