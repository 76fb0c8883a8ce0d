package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// suspicious is the order, to somebody on a list.
func suspicious(n int) string { return strings.Replace(numbered(n), "Jane Doe", "Boris Badenov", 1) }

// declared posts orders and takes them through screening and bundling; it gives their ids.
func (h *house) declared(t testing.TB, role account.Role, orders ...string) []string {
	t.Helper()
	answer := got[api.BatchAnswer](t, 202, h.post(t, role, "/v1/parcels/batch", batchOf(orders...)))
	require.Equal(t, len(orders), answer.Accepted)
	ids := make([]string, len(orders))
	for i, r := range answer.Results {
		ids[i] = r.ID
	}
	h.settle(t)
	return ids
}

func TestParcelBeforeAndAfterItIsStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := got[api.Received](t, 202, h.post(t, account.Platform, "/v1/parcels", order))
	for _, role := range []account.Role{account.Platform, secondPlatform, account.Officer} {
		a := h.get(t, role, "/v1/parcels/"+r.ID)
		a.refused(t, 404, "not_stored")
		require.Equal(t, "1", a.header.Get("Retry-After"))
	}
	h.settle(t)
	a := h.get(t, account.Platform, "/v1/parcels/"+r.ID)
	p := got[api.Parcel](t, 200, a)
	require.Equal(t, "bundled", p.Status)
	require.Equal(t, "green", *p.Lane)
	require.NotNil(t, p.ConsignmentID)
	require.NotNil(t, p.ScreenedAt)
	require.Equal(t, "15.30", p.Declaration.GoodsValue, "decimals keep their digits")
	require.Equal(t, "12.5", *p.Declaration.Items[0].Battery.WattHours)
	require.Nil(t, p.Declaration.Consignee.Email)
	var kinds []string
	for _, c := range p.History {
		kinds = append(kinds, c.Kind)
	}
	require.Equal(t, []string{"received", "cleared", "bundled"}, kinds)
	require.True(t, strings.HasSuffix(p.ReceivedAt, "Z"))

	h.get(t, secondPlatform, "/v1/parcels/"+r.ID).refused(t, 404, "not_stored")
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/parcels/"+r.ID).status)
	require.Equal(t, 200, h.get(t, account.Admin, "/v1/parcels/"+r.ID).status)
}

func TestETag(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.declared(t, account.Platform, suspicious(1))[0]
	path := "/v1/parcels/" + id
	first := h.get(t, account.Platform, path)
	tag := first.header.Get("ETag")
	require.Regexp(t, `^"[\w-]+"$`, tag, "strong")
	require.Equal(t, "private, no-cache", first.header.Get("Cache-Control"))
	for _, have := range []string{tag, `"other", ` + tag, "W/" + tag, "*"} {
		a := h.get(t, account.Platform, path, "If-None-Match: "+have)
		require.Equal(t, 304, a.status, have)
		require.Empty(t, a.body)
		require.Equal(t, tag, a.header.Get("ETag"))
		require.Empty(t, a.header.Get("Content-Type"))
	}
	require.Equal(t, 200, h.get(t, account.Platform, path, `If-None-Match: "other"`).status)
	require.Equal(t, tag, h.get(t, account.Officer, path).header.Get("ETag"), "the same bytes have the same tag, whoever asks")

	require.Equal(t, 202, h.post(t, account.Platform, path+"/cancellation", `{"reason":"changed mind"}`).status)
	changed := h.get(t, account.Platform, path, "If-None-Match: "+tag)
	require.Equal(t, 200, changed.status)
	require.NotEqual(t, tag, changed.header.Get("ETag"))

	head := h.call(t, account.Platform, "HEAD", path, "")
	require.Equal(t, 200, head.status)
	require.Empty(t, head.body)
	require.Equal(t, changed.header.Get("ETag"), head.header.Get("ETag"))
}

// walk reads a list to its end, page by page, and gives its rows.
func walk[T any](t testing.TB, h *house, role account.Role, path string, limit int) []T {
	t.Helper()
	var all []T
	for cursor := ""; ; {
		u, err := url.Parse(path)
		require.NoError(t, err)
		q := u.Query()
		q.Set("limit", fmt.Sprint(limit))
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		u.RawQuery = q.Encode()
		page := got[api.Page[T]](t, 200, h.get(t, role, u.String()))
		require.LessOrEqual(t, len(page.Data), limit)
		all = append(all, page.Data...)
		if page.NextCursor == nil || len(page.Data) == 0 {
			return all
		}
		cursor = *page.NextCursor
	}
}

// walkUntil walks a feed until it has n rows: a fact can be read when every transaction before it has ended.
func walkUntil[T any](t testing.TB, h *house, role account.Role, path string, n int) (all []T) {
	t.Helper()
	require.Eventually(t, func() bool {
		all = walk[T](t, h, role, path, 1)
		return len(all) >= n
	}, 20*time.Second, 5*time.Millisecond, "%s has %d of %d", path, len(all), n)
	require.Len(t, all, n)
	return all
}

func TestListParcels(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, numbered(0), numbered(1), suspicious(2), numbered(3), strings.Replace(numbered(4), `"GB"`, `"AU"`, 1))
	h.declared(t, secondPlatform, numbered(0))

	listed := walk[api.Parcel](t, h, account.Platform, "/v1/parcels", 2)
	var seenIDs []string
	for _, p := range listed {
		seenIDs = append(seenIDs, p.ID)
		require.Nil(t, p.History)
	}
	require.ElementsMatch(t, ids, seenIDs, "each once, and only one's own")
	require.Len(t, walk[api.Parcel](t, h, account.Officer, "/v1/parcels", 4), 6)

	for query, want := range map[string][]string{
		"order_no=order-3": {ids[3]}, "status=held": {ids[2]}, "unrouted=true": {ids[4]}, "order_no=nothing": nil,
		"status=bundled&order_no=order-1": {ids[1]}, "order_no=&status=": seenIDs, "tracking_no=LX474724577CN": seenIDs,
	} {
		var found []string
		for _, p := range walk[api.Parcel](t, h, account.Platform, "/v1/parcels?"+query, 500) {
			found = append(found, p.ID)
		}
		require.ElementsMatch(t, want, found, query)
	}
	require.Len(t, walk[api.Parcel](t, h, account.Officer, "/v1/parcels?order_no=order-0", 1), 2, "an order number of two platforms")
}

// A cursor belongs to its list, its filters and its account.
func TestCursorsAreBound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declared(t, account.Platform, numbered(0), numbered(1), numbered(2))
	page := got[api.Page[api.Parcel]](t, 200, h.get(t, account.Platform, "/v1/parcels?limit=1&status=bundled"))
	cursor := url.QueryEscape(*page.NextCursor)
	require.Equal(t, 200, h.get(t, account.Platform, "/v1/parcels?status=bundled&limit=500&cursor="+cursor).status, "the limit may change")
	for role, path := range map[account.Role]string{
		account.Platform: "/v1/parcels?cursor=" + cursor,
		account.Officer:  "/v1/parcels?status=bundled&cursor=" + cursor,
		secondPlatform:   "/v1/receipts?cursor=" + cursor,
		account.Carrier:  "/v1/consignments?status=released&cursor=" + cursor,
	} {
		h.get(t, role, path).refused(t, 400, "invalid_cursor")
	}
	h.get(t, account.Platform, "/v1/parcels?status=held&cursor="+cursor).refused(t, 400, "invalid_cursor")
	for i := range len(*page.NextCursor) {
		h.get(t, account.Platform, "/v1/parcels?status=bundled&cursor="+url.QueryEscape(flipped(*page.NextCursor, i))).refused(t, 400, "invalid_cursor")
	}
}

func TestCancelAndInform(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, numbered(0), suspicious(1))
	reason := `{"reason":"the customer cancelled"}`

	h.post(t, secondPlatform, "/v1/parcels/"+ids[0]+"/cancellation", reason).refused(t, 404, "not_stored")
	h.post(t, account.Platform, "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa/cancellation", reason).refused(t, 404, "not_stored")
	taken := got[api.Taken](t, 202, h.post(t, account.Platform, "/v1/parcels/"+ids[0]+"/cancellation", reason))
	require.Equal(t, api.Taken{ID: ids[0], Status: "cancelled"}, taken)
	p := got[api.Parcel](t, 200, h.get(t, account.Platform, "/v1/parcels/"+ids[0]))
	require.Equal(t, "cancelled", p.Status)
	require.Nil(t, p.ConsignmentID)
	require.Equal(t, "the customer cancelled", p.History[len(p.History)-1].Why)

	info := `{"text":"it is a toy","documents":["https://example.com/toy"]}`
	h.post(t, account.Platform, "/v1/parcels/"+ids[0]+"/information", info).refused(t, 409, "status_forbids")
	review := "/v1/reviews/" + strings.Replace(ids[1], "pcl_", "rev_", 1)
	require.Equal(t, 200, h.post(t, account.Officer, review+"/decision", `{"action":"request_information","reason":"what is it?"}`).status)
	require.Equal(t, "information_requested", got[api.Parcel](t, 200, h.get(t, account.Platform, "/v1/parcels/"+ids[1])).Status)
	h.post(t, secondPlatform, "/v1/parcels/"+ids[1]+"/information", info).refused(t, 404, "not_stored")
	require.Equal(t, "held", got[api.Taken](t, 202, h.post(t, account.Platform, "/v1/parcels/"+ids[1]+"/information", info)).Status)
	require.Equal(t, "held", got[api.Parcel](t, 200, h.get(t, account.Officer, "/v1/parcels/"+ids[1])).Status)
}

func TestSorter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declared(t, account.Platform,
		strings.Replace(numbered(0), "LX474724577CN", "GOOD-1", 1), strings.Replace(suspicious(1), "LX474724577CN", "BAD/1", 1))
	for number, want := range map[string]string{"GOOD-1": "pass", "BAD%2F1": "divert", "NEVER-SEEN": "unknown", "%ff": "unknown", "a%00b": "unknown"} {
		s := got[api.Sorting](t, 200, h.get(t, account.Officer, "/v1/sorter/"+number))
		require.Equal(t, want, s.Instruction, number)
		require.NotEmpty(t, s.Reason)
	}
	require.Equal(t, "the parcel is held, lane red", got[api.Sorting](t, 200, h.get(t, account.Officer, "/v1/sorter/BAD%2F1")).Reason)
}
