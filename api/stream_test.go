package api_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

const (
	batchPath = "/v1/parcels/batch"
	ndjson    = "Content-Type: application/x-ndjson"
)

// results reads the lines of a stream's answer.
func results(t testing.TB, body []byte) []api.Result {
	t.Helper()
	var all []api.Result
	for line := range bytes.Lines(body) {
		var r api.Result
		require.NoError(t, json.Unmarshal(line, &r, json.RejectUnknownMembers(true)), string(line))
		require.Equal(t, len(all), r.Index)
		all = append(all, r)
	}
	return all
}

// said is the results in words.
func said(all []api.Result) []string {
	var out []string
	for _, r := range all {
		line := r.Status + " " + r.OrderNo
		if len(r.Errors) > 0 {
			line += " " + r.Errors[0].Code
		}
		out = append(out, line)
	}
	return out
}

func TestStreamAnswersLineByLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := strings.Join([]string{
		numbered(0), "", "  \t", with(`"940542"`, `"94"`, "536365-1", "order-1"), "{", numbered(3) + "\r",
		with("148 Station Road", strings.Repeat("x", parcel.MaxDocument)), "null", numbered(6), // without a newline behind it
	}, "\n")
	for name, sent := range map[string]struct{ body, header string }{
		"plain": {body, "Accept: */*"}, "gzip": {packed(t, "gzip", body), "Content-Encoding: gzip"}, "zstd": {packed(t, "zstd", body), "Content-Encoding: zstd"},
	} {
		a := h.post(t, account.Platform, batchPath, sent.body, ndjson, sent.header)
		require.Equal(t, 202, a.status, string(a.body))
		require.Equal(t, "application/x-ndjson", a.header.Get("Content-Type"))
		require.Equal(t, []string{
			"received order-0", "refused order-1 hs_code.length", "refused  malformed_json", "received order-3",
			"refused  declaration_too_large", "refused  declaration.type", "received order-6",
		}, said(results(t, a.body)), name)
		require.Equal(t, "3", a.trailer.Get("Alataw-Accepted"))
		require.Equal(t, "4", a.trailer.Get("Alataw-Refused"))
	}
	names := map[string]bool{}
	for _, f := range h.queue.taken() {
		names[f.ID] = true
	}
	require.Len(t, names, 9, "every posting is a fact of its own")
}

// duplex is a stream whose lines are sent and read in turn.
type duplex struct {
	t      *testing.T
	to     *io.PipeWriter
	reply  chan *http.Response
	from   *bufio.Reader
	opened *http.Response
}

func (h *house) open(t *testing.T, headers ...string) *duplex {
	body, to := io.Pipe()
	d := &duplex{t: t, to: to, reply: make(chan *http.Response, 1)}
	r := h.request(t, account.Platform, "POST", batchPath, body, append([]string{ndjson}, headers...)...)
	go func() {
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			_ = to.CloseWithError(err)
		}
		d.reply <- reply
	}()
	t.Cleanup(func() {
		_ = to.CloseWithError(errors.New("the test is over"))
		if d.opened != nil {
			_ = d.opened.Body.Close()
		}
	})
	return d
}

func (d *duplex) send(lines ...string) {
	d.t.Helper()
	for _, l := range lines {
		_, err := io.WriteString(d.to, l+"\n")
		require.NoError(d.t, err)
	}
}

// next reads the next answer, while the request is still open.
func (d *duplex) next() (r api.Result) {
	d.t.Helper()
	if d.opened == nil {
		d.opened = <-d.reply
		require.NotNil(d.t, d.opened)
		require.Equal(d.t, 202, d.opened.StatusCode)
		d.from = bufio.NewReader(d.opened.Body)
	}
	line, err := d.from.ReadBytes('\n')
	require.NoError(d.t, err)
	require.NoError(d.t, json.Unmarshal(line, &r))
	return r
}

func (d *duplex) rest() []byte {
	d.t.Helper()
	body, err := io.ReadAll(d.from)
	require.NoError(d.t, err)
	return body
}

func TestStreamAnswersWhileItReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.open(t)
	for i := range 5 {
		d.send(numbered(i))
		require.Equal(t, fmt.Sprintf("order-%d", i), d.next().OrderNo, "answered before the next line is sent")
		require.Len(t, h.queue.taken(), i+1, "and durable by then")
	}
	require.NoError(t, d.to.Close())
	require.Empty(t, d.rest())
	require.Equal(t, "5", d.opened.Trailer.Get("Alataw-Accepted"))
}

// What was queued before the queue went is answered for; the rest is told to come again.
func TestStreamWhenTheQueueGoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue.before = func(call int) {
		if call == 2 {
			_ = h.broker.Close()
		}
	}
	d := h.open(t)
	d.send(numbered(0))
	require.Equal(t, "received", d.next().Status)
	d.send(numbered(1), "{")
	first, second := d.next(), d.next()
	require.Equal(t, []string{"unavailable order-1 queue_unavailable", "unavailable  queue_unavailable"}, said([]api.Result{first, second}))
	require.Equal(t, 1, first.Index)
	require.Empty(t, d.rest(), "the stream ends, though the request has not")
	require.Equal(t, "1", d.opened.Trailer.Get("Alataw-Accepted"))
	require.Equal(t, "0", d.opened.Trailer.Get("Alataw-Refused"))
	require.Len(t, h.queue.taken(), 1)
}

// A stream that ends because the queue is gone spoils nothing for what its client asks next, be it on the same connection.
func TestAfterAStreamThatTheQueueEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue.before = func(call int) {
		if call == 2 {
			_ = h.broker.Close()
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	ask := func(method, path, body string, headers ...string) int {
		reply, err := client.Do(h.request(t, account.Platform, method, path, strings.NewReader(body), headers...))
		require.NoError(t, err)
		defer reply.Body.Close()
		_, err = io.Copy(io.Discard, reply.Body)
		require.NoError(t, err)
		return reply.StatusCode
	}
	var lines strings.Builder
	for n := range 600 { // more than are queued in one go
		lines.WriteString(numbered(n) + "\n")
	}
	require.Equal(t, http.StatusAccepted, ask("POST", batchPath, lines.String(), ndjson))
	require.Equal(t, http.StatusOK, ask("GET", "/v1/parcels", ""))
}

func TestStreamWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.open(t)
	d.send(numbered(0))
	require.Equal(t, "received", d.next().Status)
	close(h.closing)
	last := d.next()
	require.Equal(t, []string{"unavailable  closing"}, said([]api.Result{last}))
	require.Equal(t, 1, last.Index, "from this line on nothing was taken")
	require.Empty(t, d.rest())
}

func TestBrokenStreams(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue.Queue = discard{}
	two := numbered(0) + "\n" + numbered(1) + "\n"
	zipped := packed(t, "gzip", strings.Repeat(two, 200))
	a := h.post(t, account.Platform, batchPath, zipped[:len(zipped)-20], ndjson, "Content-Encoding: gzip")
	require.Equal(t, 202, a.status, string(a.body))
	all := results(t, a.body)
	require.Equal(t, "refused  body_incomplete", said(all)[len(all)-1])
	require.Greater(t, len(all), 300, "what came whole is taken")

	h.post(t, account.Platform, batchPath, "this is no gzip at all", ndjson, "Content-Encoding: gzip").refused(t, 400, "malformed_encoding")
	h.post(t, account.Platform, batchPath, packed(t, "gzip", two)[:5], ndjson, "Content-Encoding: gzip").refused(t, 400, "body_incomplete")
	h.post(t, account.Platform, batchPath, "\n \n\n", ndjson).refused(t, 422, "invalid_batch")
	h.post(t, account.Platform, batchPath, "", ndjson).refused(t, 422, "invalid_batch")
	a = h.post(t, account.Platform, batchPath, packed(t, "gzip", strings.Repeat("\n", 32<<20)), ndjson, "Content-Encoding: gzip")
	require.Equal(t, []string{"refused  declaration_too_large"}, said(results(t, a.body)), "a bomb of blanks")
	a = h.post(t, account.Platform, batchPath, packed(t, "zstd", two+strings.Repeat("x", 64<<20)), ndjson, "Content-Encoding: zstd")
	require.Equal(t, []string{"received order-0", "received order-1", "refused  declaration_too_large"}, said(results(t, a.body)))
}

// A connection that ends within a line leaves that line unanswered for good, and the lines before it taken.
func TestStreamCutByTheNetwork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	whole := numbered(0) + "\n"
	half := numbered(1)[:200]
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s%s\r\n",
		batchPath, h.keys[account.Platform], ndjson, len(whole)+len(half), whole, half)
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer reply.Body.Close()
	first, err := bufio.NewReader(reply.Body).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, first, `"status":"received"`)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	rest, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "body_incomplete")
	require.Len(t, h.queue.taken(), 1)
}

// A client that trickles is cut; one that sends a line now and then is not.
func TestStreamOfTrickles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.Patience = time.Second })
	d := h.open(t)
	for i := range 4 { // longer in all than the patience
		d.send(numbered(i))
		require.Equal(t, "received", d.next().Status)
		pause(t, 700*time.Millisecond)
	}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for {
			if _, err := io.WriteString(d.to, " \n"); err != nil { // blanks are no progress
				return
			}
		}
	}()
	last := d.next()
	require.Equal(t, 4, last.Index)
	require.Contains(t, []string{"body_too_slow", "declaration_too_large"}, last.Errors[0].Code)
	_ = d.rest()
	_ = d.to.CloseWithError(errors.New("enough"))
	<-stop
}

// pause lets real time pass: what is tested is a deadline of the network's.
func pause(t testing.TB, d time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	<-ctx.Done()
}

// The account's rate slows a stream down and fails nothing.
func TestStreamWaitsForTheRate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.RatePerSecond = 100 })
	var body strings.Builder
	for i := range 150 {
		body.WriteString(numbered(i) + "\n")
	}
	began := time.Now()
	a := h.post(t, account.Platform, batchPath, body.String(), ndjson)
	require.Len(t, results(t, a.body), 150)
	require.Equal(t, "150", a.trailer.Get("Alataw-Accepted"))
	require.GreaterOrEqual(t, time.Since(began), 400*time.Millisecond)
}

// manyOrders gives n orders, one a line, without holding them.
type manyOrders struct {
	n, i int
	rest []byte
}

// Read gives the next bytes.
func (m *manyOrders) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.i == m.n {
			return 0, io.EOF
		}
		m.rest = []byte(numbered(m.i) + "\n")
		m.i++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// Many clients send all before they read anything. Both sides would wait for each other for ever.
func TestStreamToAClientThatReadsLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue.Queue = discard{}
	const n = 60_000 // 6 MB of answers: more than sockets and memory take
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	body, err := io.ReadAll(&manyOrders{n: n})
	require.NoError(t, err)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\nContent-Length: %d\r\n\r\n", batchPath, h.keys[account.Platform], ndjson, len(body))
	_, err = conn.Write(body)
	require.NoError(t, err)
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer reply.Body.Close()
	answers, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	all := results(t, answers)
	require.Len(t, all, n)
	for i, r := range all {
		require.Equal(t, fmt.Sprintf("order-%d", i), r.OrderNo)
	}
	require.Equal(t, fmt.Sprint(n), reply.Trailer.Get("Alataw-Accepted"))
}

func TestStreamKeepsMemoryFlat(t *testing.T) { // not parallel: it measures
	h := newHouse(t)
	h.queue.Queue = discard{}
	h.queue.before = func(int) { h.queue.facts = nil }
	const n = 24_000
	reply, err := http.DefaultClient.Do(h.request(t, account.Platform, "POST", batchPath, &manyOrders{n: n}, ndjson))
	require.NoError(t, err)
	defer reply.Body.Close()
	lines, peak := 0, uint64(0)
	scanner := bufio.NewScanner(reply.Body)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for scanner.Scan() {
		if lines++; lines%4_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	require.NoError(t, scanner.Err())
	require.Equal(t, n, lines)
	require.Less(t, int64(peak)-int64(before.HeapAlloc), int64(12<<20), "19 MB went through, and 3 MB came back")
}
