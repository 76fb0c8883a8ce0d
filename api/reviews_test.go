package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

func reviewPath(parcelID string) string {
	return "/v1/reviews/" + strings.Replace(parcelID, "pcl_", "rev_", 1)
}

func TestReviewIsClaimedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.Equal(t, 204, h.post(t, account.Officer, "/v1/reviews/next", "").status, "an empty desk")
	path := reviewPath(h.declared(t, account.Platform, suspicious(1))[0])

	r := got[api.Review](t, 200, h.get(t, account.Officer, path))
	require.Equal(t, "open", r.State)
	require.Equal(t, "red", r.Lane)
	require.Nil(t, r.Claim)
	require.Equal(t, "Boris Badenov", r.Reasons[0].Matched.Name)

	claimed := got[api.Review](t, 200, h.post(t, account.Officer, path+"/claim", ""))
	require.Equal(t, "officer", claimed.Claim.Name)
	a := h.post(t, secondOfficer, path+"/claim", "{}")
	a.refused(t, 409, "review_claimed")
	require.Contains(t, a.problem(t).Detail, "officer holds this case until")
	h.post(t, secondOfficer, path+"/release-claim", "").refused(t, 409, "review_claimed")
	h.post(t, secondOfficer, path+"/decision", `{"action":"detain","reason":"x"}`).refused(t, 409, "review_claimed")
	require.Equal(t, 204, h.post(t, secondOfficer, "/v1/reviews/next", "").status)

	h.clock.ahead.Store(int64(16 * time.Minute))
	require.Equal(t, "officer-2", got[api.Review](t, 200, h.post(t, secondOfficer, path+"/claim", "")).Claim.Name, "claims expire")
	require.Nil(t, got[api.Review](t, 200, h.post(t, secondOfficer, path+"/release-claim", "")).Claim)
	require.NotNil(t, got[api.Review](t, 200, h.post(t, account.Officer, "/v1/reviews/next", "")).Claim)

	unknown := reviewPath("pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa")
	h.get(t, account.Officer, unknown).refused(t, 404, "review_not_found")
	h.post(t, account.Officer, unknown+"/claim", "").refused(t, 404, "review_not_found")
	h.post(t, account.Officer, unknown+"/release-claim", "").refused(t, 404, "review_not_found")
	h.post(t, account.Officer, unknown+"/decision", `{"action":"detain","reason":"x"}`).refused(t, 404, "review_not_found")
}

func TestSanctionsTakeTwoOfficers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.declared(t, account.Platform, suspicious(1))[0]
	release := `{"action":"release","reason":"another Boris","note":"seen his passport"}`
	first := got[api.Review](t, 200, h.post(t, account.Officer, reviewPath(id)+"/decision", release))
	require.Equal(t, "open", first.State)
	require.Equal(t, "officer", first.Approval.Name)
	h.post(t, account.Officer, reviewPath(id)+"/decision", release).refused(t, 409, "second_officer_needed")
	second := got[api.Review](t, 200, h.post(t, secondOfficer, reviewPath(id)+"/decision", release))
	require.Equal(t, "closed", second.State)
	require.Equal(t, "cleared", second.Status)
	require.Len(t, second.Decisions, 2)
	h.post(t, account.Officer, reviewPath(id)+"/decision", release).refused(t, 409, "review_closed")
	h.bundle(t, 1)
	require.Equal(t, "bundled", got[api.Parcel](t, 200, h.get(t, account.Platform, "/v1/parcels/"+id)).Status, "the effect is downstream at once")
}

func TestListReviews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, suspicious(0), suspicious(1), strings.Replace(suspicious(2), `"standard"`, `"express"`, 1))
	listed := walk[api.Review](t, h, account.Officer, "/v1/reviews?status=open", 1)
	require.Len(t, listed, 3)
	require.Equal(t, ids[2], listed[0].ParcelID, "express first")

	require.Equal(t, 200, h.post(t, account.Officer, reviewPath(ids[0])+"/claim", "").status)
	require.Equal(t, 200, h.post(t, account.Officer, reviewPath(ids[1])+"/decision", `{"action":"detain","reason":"listed"}`).status)
	for query, want := range map[string]int{
		"": 2, "status=closed": 1, "lane=red": 2, "lane=yellow": 0, "category=sanctions": 2, "category=batteries": 0,
		"assignee=me": 1, "assignee=none": 1, "assignee=999999": 0,
	} {
		require.Len(t, walk[api.Review](t, h, account.Officer, "/v1/reviews?"+query, 1), want, query)
	}
	require.Empty(t, walk[api.Review](t, h, secondOfficer, "/v1/reviews?assignee=me", 1))
}
