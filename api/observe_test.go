package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// line is one line of the log.
type line struct {
	Level, Msg, Method, Route, Problem, Error, Panic, Stack string
	RequestID                                               string `json:"request_id"`
	Status, Account, Accepted, Refused, Bytes               int
	Duration                                                float64 `json:"duration_ms"`
}

func (h *house) lines(t testing.TB) []line {
	t.Helper()
	var all []line
	for text := range strings.Lines(h.log.String()) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		all = append(all, l)
	}
	return all
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.Equal(t, "my-id.1", h.get(t, "", "/healthz", "X-Request-Id: my-id.1").header.Get("X-Request-Id"))
	for _, bad := range []string{"-", "", "with blank", "ümlaut", strings.Repeat("x", 129)} {
		id := h.get(t, "", "/healthz", "X-Request-Id: "+bad).header.Get("X-Request-Id")
		require.Regexp(t, `^[A-Z2-7]{26}$`, id, "%q is replaced", bad)
	}
	long := strings.Repeat("x", 128)
	require.Equal(t, long, h.get(t, "", "/nothing", "X-Request-Id: "+long).problem(t).Instance)
}

func TestOneWideLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.post(t, account.Platform, "/v1/parcels/batch", batchOf(numbered(0), "{}", "{}"), "X-Request-Id: batch-1")
	h.get(t, account.Platform, "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa?", "X-Request-Id: read-1")
	h.get(t, "", "/v1/no/such/thing?name=Jane", "X-Request-Id: lost-1")
	h.get(t, "", "/healthz")
	require.Eventually(t, func() bool { return len(h.lines(t)) == 3 }, 10*time.Second, time.Millisecond, "probes stay out: %s", h.log)
	all := h.lines(t)
	id := int(h.accounts[account.Platform].ID)
	require.Equal(t, []string{"POST", "/v1/parcels/batch", "batch-1"}, []string{all[0].Method, all[0].Route, all[0].RequestID})
	require.Equal(t, []int{202, id, 1, 2}, []int{all[0].Status, all[0].Account, all[0].Accepted, all[0].Refused})
	require.Positive(t, all[0].Bytes)
	require.Positive(t, all[0].Duration)
	require.Equal(t, []string{"/v1/parcels/:id", "not_stored", "read-1"}, []string{all[1].Route, all[1].Problem, all[1].RequestID})
	require.Equal(t, []string{"unmatched", "not_found", "lost-1"}, []string{all[2].Route, all[2].Problem, all[2].RequestID})
	for _, l := range all {
		require.Equal(t, "request", l.Msg)
	}
	require.NotContains(t, h.log.String(), "Jane")

	metrics := string(h.get(t, "", "/metrics").body)
	require.Contains(t, metrics, `alataw_http_requests_total{method="POST",route="/v1/parcels/batch",status="2xx"} 1`)
	require.Contains(t, metrics, `alataw_http_requests_total{method="GET",route="unmatched",status="4xx"} 1`)
	require.Contains(t, metrics, `alataw_http_parcels_total{result="refused"} 2`)
	require.Contains(t, metrics, `alataw_http_request_duration_seconds_count{method="GET",route="/v1/parcels/:id"} 1`)
	require.Contains(t, metrics, `alataw_http_requests_in_flight 1`)
	h.call(t, "", "BREW", "/v1/parcels", "")
	require.Contains(t, string(h.get(t, "", "/metrics").body), `method="OTHER"`, "methods are bounded")
}

// broken is a part of the house that fails in the ways of no part we know.
type broken struct{ err error }

// ReceiptsAfter fails.
func (b broken) ReceiptsAfter(context.Context, account.ID, event.Position, int) ([]parcel.Receipt, event.Position, error) {
	if b.err == nil {
		panic("SELECT secret FROM parcels")
	}
	return nil, event.Position{}, b.err
}

func TestTroubleOfOurOwn(t *testing.T) {
	t.Parallel()
	down := fault.Wrap(errors.New("pq: secret"), fault.Unavailable, "database_unavailable", "the database does not answer; try again")
	down.RetryAfter = 2 * time.Second
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"a panic":               {nil, 500, "internal"},
		"an error of ours":      {errors.New("pq: secret syntax error"), 500, "internal"},
		"an internal fault":     {fault.New(fault.Internal, "secret", "secret"), 500, "internal"},
		"a database away":       {fmt.Errorf("receipts: %w", down), 503, "database_unavailable"},
		"a deadline":            {fmt.Errorf("secret: %w", context.DeadlineExceeded), 503, "timeout"},
		"a code nobody listed":  {fault.New(fault.Forbidden, "brand_new", "something new"), 403, "brand_new"},
		"a cancelled statement": {fmt.Errorf("secret: %w", context.Canceled), 500, "internal"},
	} {
		h := newHouse(t, func(d *api.Deps, _ *api.Config) { d.Receipts = broken{c.err} })
		a := h.get(t, account.Platform, "/v1/receipts")
		a.refused(t, c.status, c.code)
		require.NotContains(t, string(a.body), "secret", name)
		require.NotContains(t, string(a.body), "goroutine", name)
		require.NotEmpty(t, a.problem(t).Title, name)
		require.Equal(t, c.status == 503, a.header.Get("Retry-After") != "", name)
		last := h.lines(t)[len(h.lines(t))-1]
		require.Equal(t, c.code, last.Problem, name)
		if c.status == 500 && c.err != nil {
			require.Contains(t, last.Error, "secret", "%s: the log knows", name)
		}
	}
}

func TestPanicIsLoggedWithItsStack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *api.Deps, _ *api.Config) { d.Receipts = broken{} })
	h.get(t, account.Platform, "/v1/receipts", "X-Request-Id: oops").refused(t, 500, "internal")
	first := h.lines(t)[0]
	require.Equal(t, "handler panicked", first.Msg)
	require.Equal(t, "oops", first.RequestID)
	require.Contains(t, first.Stack, "ReceiptsAfter")
	require.Equal(t, 200, h.get(t, "", "/healthz").status, "the process lives on")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var queue, database error
	h := newHouse(t, func(d *api.Deps, _ *api.Config) {
		d.Checks = []api.Check{
			{Name: "queue", Needed: true, Ask: func(context.Context) error { return queue }},
			{Name: "database", Ask: func(context.Context) error { return database }},
		}
	})
	require.Equal(t, api.Health{Status: "ok"}, got[api.Health](t, 200, h.get(t, "", "/healthz")))
	ready := func() api.Health {
		h.clock.ahead.Add(int64(time.Second)) // answers are kept for half a second
		a := h.get(t, "", "/readyz")
		health := read[api.Health](t, a)
		require.Equal(t, health.Status == "unavailable", a.status == 503)
		return health
	}
	well := api.HealthResult{Status: "ok"}
	require.Equal(t, api.Health{Status: "ok", Checks: map[string]api.HealthResult{"queue": well, "database": well}}, ready())
	database = fault.New(fault.Unavailable, "database_unavailable", "the database does not answer")
	require.Equal(t, api.Health{Status: "late", Checks: map[string]api.HealthResult{"queue": well, "database": {Status: "failed", Detail: "the database does not answer"}}}, ready())
	queue = errors.New("dial tcp 10.0.0.7:9092: secret")
	unwell := ready()
	require.Equal(t, "unavailable", unwell.Status)
	require.NotContains(t, unwell.Checks["queue"].Detail, "secret")
	queue, database = nil, nil
	require.Equal(t, "unavailable", read[api.Health](t, h.get(t, "", "/readyz")).Status, "an answer is kept for a moment: anybody may ask")
	require.Equal(t, "ok", ready().Status)
}

func TestProblemsAreDocumented(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	all := got[api.Page[api.ProblemType]](t, 200, h.get(t, "", "/problems"))
	require.Equal(t, api.Catalogue(), all.Data)
	codes := map[string]bool{}
	for _, p := range all.Data {
		require.False(t, codes[p.Code], p.Code)
		codes[p.Code] = true
		require.Equal(t, p, got[api.ProblemType](t, 200, h.get(t, "", "/problems/"+p.Code)))
	}
}

// Broken HTTP never reaches a handler, and never takes the process down.
func TestBrokenHTTP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, sent := range []string{
		"GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x00\xa5\x01", "POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
		"POST /v1/parcels HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		require.NoError(t, err)
		_, _ = conn.Write([]byte(sent)) // the server may have hung up already
		_ = conn.(*net.TCPConn).CloseWrite()
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		status, _ := bufio.NewReader(conn).ReadString('\n')
		require.NotContains(t, status, " 500 ")
		require.NotContains(t, status, " 200 ")
		require.NoError(t, conn.Close())
	}
	require.Equal(t, 200, h.get(t, "", "/healthz").status)
}
