package api_test

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

func TestReceipts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	empty := got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts"))
	require.Empty(t, empty.Data)
	require.NotNil(t, empty.NextCursor, "a feed always gives a cursor")

	ids := h.declared(t, account.Platform, numbered(0), suspicious(1))
	h.declared(t, secondPlatform, numbered(2))
	changed := got[api.BatchAnswer](t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(with("536365-1", "order-0", "Jane Doe", "John Doe"))))
	require.Equal(t, ids[0], changed.Results[0].ID)
	h.settle(t)

	all := walkUntil[api.Receipt](t, h, account.Platform, "/v1/receipts", 4)
	found := map[string][]string{}
	sequences := map[string]bool{}
	last := ""
	for _, r := range all {
		found[r.ParcelID] = append(found[r.ParcelID], r.Kind)
		require.False(t, sequences[r.Sequence])
		require.Less(t, last, r.Sequence, "the feed grows")
		sequences[r.Sequence], last = true, r.Sequence
		if r.Kind == "conflict" {
			require.Equal(t, []string{"/consignee/name"}, r.Fields)
		}
		if r.Kind == "held" {
			require.Equal(t, "sanctions", r.Reasons[0].Category)
		}
	}
	require.Equal(t, map[string][]string{ids[0]: {"cleared", "bundled", "conflict"}, ids[1]: {"held"}}, found)

	later := got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts?cursor="+url.QueryEscape(*empty.NextCursor)))
	require.Len(t, later.Data, len(all), "the cursor of the empty feed goes on from there")
}

func TestReceiptsWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		page := got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts?wait=30"))
		require.NotEmpty(t, page.Data)
	})
	h.awaitGauge(t, "alataw_http_waits", 1)
	began := time.Now()
	h.declared(t, secondPlatform, numbered(1)) // not its own
	h.declared(t, account.Platform, numbered(2))
	waiting.Wait()
	require.Less(t, time.Since(began), 10*time.Second, "it was woken")

	walkUntil[api.Receipt](t, h, account.Platform, "/v1/receipts", 2)
	cursor := *got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts")).NextCursor
	began = time.Now()
	page := got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts?wait=1&cursor="+url.QueryEscape(cursor)))
	require.Empty(t, page.Data)
	require.NotNil(t, page.NextCursor)
	require.GreaterOrEqual(t, time.Since(began), time.Second)
}

// awaitGauge waits until a metric has a value.
func (h *house) awaitGauge(t testing.TB, name string, want float64) {
	t.Helper()
	require.Eventually(t, func() bool { return h.metric(t, name) == want }, 20*time.Second, 2*time.Millisecond, name)
}

func (h *house) metric(t testing.TB, name string) float64 {
	t.Helper()
	families, err := h.registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1
}

func TestWaitsAreBoundedAndEndWithTheirClients(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.Waits = 2 })
	ctx, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 2 {
		r := h.request(t, account.Platform, "GET", "/v1/receipts?wait=30", nil).WithContext(ctx)
		waiting.Go(func() {
			reply, err := http.DefaultClient.Do(r)
			if err == nil {
				_ = reply.Body.Close()
			}
		})
	}
	h.awaitGauge(t, "alataw_http_waits", 2)
	a := h.get(t, account.Platform, "/v1/receipts?wait=30")
	a.refused(t, 429, "too_many_waits")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 200, h.get(t, account.Platform, "/v1/receipts").status, "one that does not wait is let in")
	require.Equal(t, 200, h.get(t, account.Carrier, "/v1/consignments?wait=1").status, "so is another account's")
	leave()
	waiting.Wait()
	h.awaitGauge(t, "alataw_http_waits", 0)
}

func TestWaitsEndWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		require.Empty(t, got[api.Page[api.Receipt]](t, 200, h.get(t, account.Platform, "/v1/receipts?wait=30")).Data)
	})
	h.awaitGauge(t, "alataw_http_waits", 1)
	close(h.closing)
	waiting.Wait()
}
