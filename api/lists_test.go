package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/watchlist"
)

func TestWatchListsInForce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := watchlist.Import{
		Source: watchlist.UN, Hash: "abc", By: "refresh", Published: time.Date(2026, 2, 27, 0, 0, 9, 0, time.UTC),
		Entries: []watchlist.Entry{{List: watchlist.UN, ID: "1", Name: "Borduria", Primary: true}, {List: watchlist.UN, ID: "1", Name: "Bord"}},
	}
	imported, err := h.store.ReplaceList(t.Context(), in)
	require.NoError(t, err)
	require.True(t, imported)
	page := got[api.Page[api.WatchList]](t, 200, h.get(t, account.Officer, "/v1/lists"))
	require.Len(t, page.Data, 1)
	list := page.Data[0]
	require.Equal(t, []any{"un", "abc", "refresh", 1, 1}, []any{list.Source, list.Hash, list.ImportedBy, list.Parties, list.Aliases})
	require.Equal(t, "2026-02-27-"+watchlist.DigestOf(in.Entries)[:12], list.Version)
	require.Equal(t, "2026-02-27T00:00:09Z", *list.PublishedAt)
	h.get(t, account.Platform, "/v1/lists").refused(t, 403, "wrong_role")
	h.get(t, account.Officer, "/v1/lists?source=un").refused(t, 400, "invalid_query")
}

// trust asks that the consignee of a parcel is trusted against what its review says it was found to be like.
func (h *house) trust(t *testing.T, parcelID string, options ...string) answer {
	t.Helper()
	matched := got[api.Review](t, 200, h.get(t, account.Officer, reviewPath(parcelID))).Reasons[0].Matched
	body, err := json.Marshal(map[string]string{
		"parcel_id": parcelID, "list": matched.List, "entry": matched.Entry, "reason": "another date of birth",
		"expires_at": h.clock.now().Add(30 * 24 * time.Hour).UTC().Format(time.RFC3339),
	})
	require.NoError(t, err)
	return h.post(t, account.Officer, "/v1/trusted-pairs", strings.NewReplacer(options...).Replace(string(body)))
}

func TestTrustedPairs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, suspicious(1), strings.Replace(suspicious(2), "Boris Badenov", "BADENOV, Boris", 1), numbered(3))
	pair := got[api.TrustedPair](t, 201, h.trust(t, ids[0]))
	require.Equal(t, []any{"badenov boris", ids[0], "officer", "another date of birth"}, []any{pair.Name, pair.ParcelID, pair.MadeBy, pair.Reason})
	require.Nil(t, pair.EndedAt)
	a := h.trust(t, ids[1])
	a.refused(t, 409, "pair_in_force")
	require.Contains(t, a.problem(t).Detail, pair.ID)

	trusted, err := h.store.Trusted(t.Context())
	require.NoError(t, err)
	require.True(t, trusted.Trusts(pair.List, pair.Entry, "Boris Badenov", pair.Country, h.clock.now().Add(time.Minute)))

	require.Equal(t, []api.TrustedPair{pair}, walk[api.TrustedPair](t, h, account.Officer, "/v1/trusted-pairs?in_force=true&list="+pair.List, 1))
	require.Empty(t, walk[api.TrustedPair](t, h, account.Officer, "/v1/trusted-pairs?entry=none", 1))
	ended := got[api.TrustedPair](t, 200, h.call(t, secondOfficer, "DELETE", "/v1/trusted-pairs/"+pair.ID, ""))
	require.Equal(t, "officer-2", *ended.EndedBy)
	require.Equal(t, ended, got[api.TrustedPair](t, 200, h.call(t, account.Officer, "DELETE", "/v1/trusted-pairs/"+pair.ID, "")), "once")
	require.Empty(t, walk[api.TrustedPair](t, h, account.Officer, "/v1/trusted-pairs?in_force=true", 1))

	h.clock.ahead.Store(int64(time.Minute))
	again := got[api.TrustedPair](t, 201, h.trust(t, ids[1]))
	require.Equal(t, []api.TrustedPair{again, ended}, walk[api.TrustedPair](t, h, account.Officer, "/v1/trusted-pairs?", 1), "the newest first, and nothing is lost")
}

func TestTrustedPairsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, suspicious(1), numbered(2))
	h.trust(t, ids[0], ids[0], ids[1]).refused(t, 409, "not_matched")
	h.trust(t, ids[0], `"entry":"`, `"entry":"x`).refused(t, 409, "not_matched")
	h.trust(t, ids[0], ids[0], "pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa").refused(t, 404, "not_stored")
	for name, row := range map[string]struct {
		from, to, pointer string
	}{
		"no parcel's id":    {ids[0], "rev_1", "/parcel_id"},
		"no reason":         {"another date of birth", " ", "/reason"},
		"a reason of pages": {"another date of birth", strings.Repeat("x", 501), "/reason"},
		"no list":           {`"list":"`, `"list":"\u0000`, "/list"},
		"expired":           {`"expires_at":"20`, `"expires_at":"21`, "/expires_at"},
		"no time":           {`"expires_at":"`, `"expires_at":"x`, "/expires_at"},
	} {
		a := h.trust(t, ids[0], row.from, row.to)
		a.refused(t, 422, "invalid_request")
		require.Equal(t, row.pointer, a.problem(t).Errors[0].Pointer, name)
	}
	past := h.clock.now().UTC().Format("2006-01-02")
	h.trust(t, ids[0], h.clock.now().Add(30*24*time.Hour).UTC().Format("2006-01-02"), past[:8]+"01").refused(t, 422, "invalid_request")
	h.post(t, account.Platform, "/v1/trusted-pairs", "{}").refused(t, 403, "wrong_role")
	h.call(t, account.Officer, "DELETE", "/v1/trusted-pairs/trp_none", "").refused(t, 404, "pair_not_found")
	h.call(t, account.Officer, "DELETE", "/v1/trusted-pairs/"+url.PathEscape("a\x00b"), "").refused(t, 404, "not_found")
	h.get(t, account.Officer, "/v1/trusted-pairs?cursor=moon").refused(t, 400, "invalid_cursor")
}
