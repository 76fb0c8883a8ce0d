package api_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

func TestDeclare(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.post(t, account.Platform, "/v1/parcels", order)
	r := got[api.Received](t, 202, a)
	id := parcel.DeriveID(h.accounts[account.Platform].ID, "536365-1").String()
	require.Equal(t, api.Received{ID: id, OrderNo: "536365-1", Status: "received"}, r)
	require.Equal(t, "/v1/parcels/"+id, a.header.Get("Location"))

	declared := h.queue.declared(t)
	require.Len(t, declared, 1)
	require.True(t, bytes.Equal([]byte(order), declared[0].Document), "the platform's own bytes go on")
	require.Equal(t, id, declared[0].ID.String())

	again := got[api.Received](t, 202, h.post(t, account.Platform, "/v1/parcels", order))
	require.Equal(t, r, again, "a retry names the same parcel")
	other := got[api.Received](t, 202, h.post(t, secondPlatform, "/v1/parcels", order))
	require.NotEqual(t, r.ID, other.ID, "another platform's order of the same number is another parcel")
	names := map[string]bool{}
	for _, f := range h.queue.taken() {
		names[f.ID] = true
	}
	require.Len(t, names, 3, "each posting is a fact of its own")
}

func TestDeclareAcceptsWhatIsUsual(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct{ name, body, header string }{
		{"no media type", order, "Content-Type: -"},
		{"a charset", order, "Content-Type: application/json; charset=UTF-8"},
		{"a media type in capitals", order, "Content-Type: Application/JSON"},
		{"identity", order, "Content-Encoding: identity"},
		{"gzip", packed(t, "gzip", order), "Content-Encoding: gzip"},
		{"x-gzip", packed(t, "gzip", order), "Content-Encoding: x-gzip"},
		{"gzip in two members", packed(t, "gzip", order[:99]) + packed(t, "gzip", order[99:]), "Content-Encoding: gzip"},
		{"zstd", packed(t, "zstd", order), "Content-Encoding: zstd"},
		{"blanks around", " \n" + order + "\r\n", "Accept: */*"},
		{"numbers for decimals", with(`"15.30"`, `15.30`, `"2.55"`, `2.55`, `"6"`, `6`), "Accept: */*"},
		{"the scheme in small letters", order, "Authorization: bearer " + h.keys[account.Platform]},
		{"an admin", order, "Authorization: Bearer " + h.keys[account.Admin]},
	} {
		require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels", c.body, c.header).status, c.name)
	}
	streamed := h.request(t, account.Platform, "POST", "/v1/parcels", io.MultiReader(strings.NewReader(order))) // of unknown length
	require.Equal(t, 202, do(t, streamed).status)
}

func TestDeclareWithoutQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.NoError(t, h.broker.Close())
	for path, body := range map[string]string{"/v1/parcels": order, "/v1/parcels/batch": batchOf(order)} {
		a := h.post(t, account.Platform, path, body)
		a.refused(t, 503, "queue_unavailable")
		require.Equal(t, "1", a.header.Get("Retry-After"))
		require.NotContains(t, strings.ToLower(string(a.body)), "kafka")
	}
	a := h.post(t, account.Platform, "/v1/parcels/batch", order+"\n", "Content-Type: application/x-ndjson")
	a.refused(t, 503, "queue_unavailable")
	require.Empty(t, h.queue.taken())
}

// A full queue refuses before it reads: the body of this request never ends.
func TestBacklogRefusesUnread(t *testing.T) {
	t.Parallel()
	full := fault.New(fault.Unavailable, "queue_full", "9 orders wait")
	full.RetryAfter = 4200 * time.Millisecond
	h := newHouse(t, func(d *api.Deps, _ *api.Config) { d.Backlog = func() error { return full } })
	for _, media := range []string{"application/json", "application/x-ndjson"} {
		body, end := io.Pipe()
		a := do(t, h.request(t, account.Platform, "POST", "/v1/parcels/batch", body, "Content-Type: "+media))
		require.NoError(t, end.Close())
		a.refused(t, 503, "queue_full")
		require.Equal(t, "5", a.header.Get("Retry-After"))
	}
}

func TestRateLimitCountsParcels(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.RatePerSecond = 10 })
	h.queue.Queue = discard{}
	five := batchOf(numbered(1), numbered(2), numbered(3), numbered(4), numbered(5))
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels/batch", five).status)
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels/batch", five).status)
	a := h.post(t, account.Platform, "/v1/parcels/batch", five)
	a.refused(t, 429, "too_many_parcels")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 202, h.post(t, secondPlatform, "/v1/parcels", order).status, "each account has its own rate")

	h.clock.ahead.Store(int64(time.Hour))
	many := make([]string, 100)
	for i := range many {
		many[i] = numbered(i)
	}
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(many...)).status, "a batch above the rate comes in when the second is free")
	a = h.post(t, account.Platform, "/v1/parcels", order)
	a.refused(t, 429, "too_many_parcels")
	require.Contains(t, []string{"9", "10"}, a.header.Get("Retry-After"), "and the seconds after it pay")
}

// Large bodies of all requests together have a bound.
func TestBodyMemoryIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.BodyMemory = 1 << 20 })
	a := h.post(t, account.Platform, "/v1/parcels/batch", batchOf(order)+strings.Repeat(" ", 2<<20))
	a.refused(t, 503, "busy")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(order)).status, "what was held is free again")
}

// A client that does not send what it announced is told so, in time.
func TestSlowBodyEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.Patience = 200 * time.Millisecond })
	body, end := io.Pipe()
	defer end.Close()
	go func() { _, _ = end.Write([]byte(order[:100])) }() // the pipe's end unblocks it
	a := do(t, h.request(t, account.Platform, "POST", "/v1/parcels", body))
	a.refused(t, 408, "body_too_slow")
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	err := api.Config{RatePerSecond: -1, Waits: -1}.Validate()
	for _, name := range []string{"RATE_LIMIT", "MAX_WAITS", "MAX_POSTS", "INTAKE_WORK", "BODY_MEMORY", "REQUEST_TIMEOUT"} {
		require.ErrorContains(t, err, name)
	}
	require.NoError(t, api.Config{RatePerSecond: 50_000, Waits: 100, Posts: 10, Work: 1 << 20, BodyMemory: 1 << 28, Patience: time.Minute}.Validate())
}

func TestDecodedLimitIsExact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	padded := func(size int) string { return order + strings.Repeat(" ", size-len(order)) }
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels", padded(parcel.MaxDocument)).status)
	h.post(t, account.Platform, "/v1/parcels", padded(parcel.MaxDocument+1)).refused(t, 413, "body_too_large")
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels", packed(t, "gzip", padded(parcel.MaxDocument)), "Content-Encoding: gzip").status)
	h.post(t, account.Platform, "/v1/parcels", packed(t, "gzip", padded(parcel.MaxDocument+1)), "Content-Encoding: gzip").refused(t, 413, "body_too_large")
	require.True(t, bytes.Equal(h.queue.declared(t)[0].Document, []byte(padded(parcel.MaxDocument))))
}
