package app

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
)

// held is a parcel and its unit as this test looks at them.
type heldParcel struct {
	Status        string `json:"status"`
	ConsignmentID string `json:"consignment_id"`
	Reasons       []struct {
		Matched struct{ Name string } `json:"matched"`
	} `json:"reasons"`
}

type heldUnit struct {
	ID        string                              `json:"id"`
	Status    string                              `json:"status"`
	Holds     []struct{ ParcelID, Reason string } `json:"holds"`
	Departure struct{ ID string }                 `json:"departure"`
}

func (r *running) get(role account.Role, path string, into any) {
	r.t.Helper()
	require.NoError(r.t, r.client(role).call(r.t.Context(), http.MethodGet, path, nil, into))
}

// scanned has the carrier report of a unit.
func (r *running) scanned(unit, what string) error {
	scan := map[string]string{"id": what, "type": what, "classifier": "actual", "occurred_at": time.Now().UTC().Format(time.RFC3339)}
	return r.client(account.Carrier).call(r.t.Context(), http.MethodPost, "/v1/consignments/"+unit+"/events", scan, nil)
}

// shipped posts an order to a listed name and brings it as far as its unit is to be: to be stored only, bundled, sealed or departed.
func (r *running) shipped(no, as string) (id string, unit heldUnit) {
	r.t.Helper()
	changes := []string{"Person " + no, "Invented Denied"}
	if as == "stored" {
		changes = append(changes, `"country":"DE"`, `"country":"AU"`)
	}
	id = r.post(order(no, changes...))[0]
	if as == "stored" {
		eventually(r.t, "stored", func() bool { return r.feed()[id]["unrouted"] == 1 })
		return id, unit
	}
	eventually(r.t, "bundled", func() bool { return r.feed()[id]["bundled"] == 1 })
	var p heldParcel
	r.get(account.Platform, "/v1/parcels/"+id, &p)
	r.get(account.Officer, "/v1/consignments/"+p.ConsignmentID, &unit)
	if as == "bundled" {
		return id, unit
	}
	require.NoError(r.t, r.scanned(unit.ID, "sealed"))
	if as == "departed" {
		require.NoError(r.t, r.client(account.Officer).call(r.t.Context(), http.MethodPost, "/v1/consignments/"+unit.ID+"/release", nil, nil))
		require.NoError(r.t, r.scanned(unit.ID, "departed"))
	}
	return id, unit
}

// A name that comes onto a list holds what is stored and has not departed, wherever it is; two officers let it go again.
func TestANewNameHoldsWhatHasNotDeparted(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0", "--roles", "api,screen,bundle")
	r := start(t, at.settings(t))
	r.plan("TEST-1", 10*time.Minute)
	departed, _ := r.shipped("1", "departed")
	sealed, unit := r.shipped("2", "sealed")
	bundled, open := r.shipped("3", "bundled")
	stored, _ := r.shipped("4", "stored")
	require.NotEqual(t, unit.ID, open.ID)

	require.NoError(t, r.denyParty(t.Context(), "DENIED Invented"))
	eventually(t, "what has not departed is held", func() bool {
		feed := r.feed()
		return feed[sealed]["held"]+feed[bundled]["held"]+feed[stored]["held"] == 3 && feed[departed]["rescreened"] == 1
	})
	require.NoError(t, r.stop())
	r = start(t, at.settings(t)) // whoever comes next does nothing twice
	after := r.post(order("5"))[0]
	eventually(t, "it goes on", func() bool { return r.feed()[after]["bundled"] == 1 })

	feed := r.feed()
	for _, id := range []string{sealed, bundled, stored} {
		require.Equal(t, 1, feed[id]["held"])
		var p heldParcel
		r.get(account.Platform, "/v1/parcels/"+id, &p)
		require.Equal(t, "held", p.Status)
		require.Equal(t, "DENIED Invented", p.Reasons[0].Matched.Name)
	}
	require.Zero(t, feed[departed]["held"])
	var was heldParcel
	r.get(account.Platform, "/v1/parcels/"+departed, &was)
	require.Equal(t, "departed", was.Status)
	require.Len(t, was.Reasons, 1, "what was found too late is known all the same")

	var shown struct{ Holds []map[string]string }
	r.get(account.Carrier, "/v1/consignments/"+unit.ID, &shown)
	require.Len(t, shown.Holds, 1)
	require.Equal(t, sealed, shown.Holds[0]["parcel_id"])
	officer, admin := r.client(account.Officer), r.client(account.Admin)
	release := "/v1/consignments/" + unit.ID + "/release"
	require.ErrorContains(t, officer.call(t.Context(), http.MethodPost, release, nil, nil), "held")
	require.ErrorContains(t, officer.call(t.Context(), http.MethodDelete, "/v1/consignments/"+unit.ID+"/holds/"+shown.Holds[0]["id"], nil, nil), "409")
	for _, who := range []*client{officer, admin} {
		require.NoError(t, who.call(t.Context(), http.MethodPost, "/v1/reviews/rev_"+sealed[4:]+"/decision", map[string]string{"action": "release", "reason": "another person"}, nil))
	}
	require.NoError(t, officer.call(t.Context(), http.MethodPost, release, nil, nil))
	require.NoError(t, r.scanned(unit.ID, "departed"))
	require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/reviews/rev_"+bundled[4:]+"/decision", map[string]string{"action": "detain", "reason": "it is them"}, nil))
	var left heldUnit
	r.get(account.Officer, "/v1/consignments/"+open.ID, &left)
	require.Empty(t, left.Holds)
	eventually(t, "the feed tells all of it", func() bool {
		feed := r.feed()
		return feed[sealed]["departed"] == 1 && feed[sealed]["cleared"] == 2 && feed[bundled]["detained"] == 1
	})
}
