package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/event"
)

// plan adds a departure on the China–Europe route whose cut-off lies some time ahead.
func (r *running) plan(number string, cutoff time.Duration) {
	r.t.Helper()
	at := time.Now().UTC().Add(cutoff)
	require.NoError(r.t, r.client(account.Admin).call(r.t.Context(), http.MethodPost, "/v1/departures", map[string]any{
		"route": "CN-EU", "number": number, "cutoff_at": at.Format(time.RFC3339Nano), "departs_at": at.Add(time.Minute).Format(time.RFC3339Nano), "slots": 55,
	}, nil))
}

func (r *running) post(orders ...[]byte) []string {
	r.t.Helper()
	ids, err := postBatch(r.t.Context(), r.client(account.Platform), orders)
	require.NoError(r.t, err)
	return ids
}

// feed gives how often each kind stands in the platform's feed for each parcel.
func (r *running) feed() map[string]map[string]int {
	return kindsOf(r.t, receipts(r.t, r.client(account.Platform)))
}

// Orders in, a released train out: cleared ones at the cut-off, a held one by an officer's word, an unrouted one told so.
func TestOrderInReleaseOut(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--screening-random-basis-points", "0").settings(t))
	for i, seconds := range []int{4, 10, 20, 40} { // on a busy machine the last orders miss the first train, and take the next
		r.plan(fmt.Sprint("TEST-1-", i), time.Duration(seconds)*time.Second)
	}
	var orders [][]byte
	for n := range 200 {
		orders = append(orders, order(fmt.Sprint(1000+n)))
	}
	orders = append(orders,
		order("2001", "LED desk lamp", "gift"),
		order("2002", `"country":"DE"`, `"country":"AU"`),
		order("2003", `"gross_weight_g":500`, `"gross_weight_g":30001`),
		order("2004", `"mode":"9610"`, `"mode":"9610","service":"express"`))
	ids := r.post(orders...)
	require.Len(t, ids, 203, "one is refused at the door")
	held, unrouted := ids[200], ids[201]

	routed := append(ids[:200:200], ids[202])
	eventually(t, "the train is released at its cut-off, with everybody", func() bool {
		feed := r.feed()
		return !slices.ContainsFunc(routed, func(id string) bool { return feed[id]["released"] == 0 })
	})
	feed := r.feed()
	for _, id := range routed {
		require.Equal(t, map[string]int{"cleared": 1, "bundled": 1, "sealed": 1, "released": 1}, feed[id])
	}
	require.Equal(t, map[string]int{"cleared": 1, "unrouted": 1}, feed[unrouted])
	require.Equal(t, map[string]int{"held": 1}, feed[held])

	r.plan("TEST-2", time.Second+500*time.Millisecond)
	require.NoError(t, r.client(account.Officer).call(t.Context(), http.MethodPost, "/v1/reviews/rev_"+held[4:]+"/decision",
		map[string]string{"action": "release", "reason": "it is a lamp"}, nil))
	eventually(t, "the officer's word takes effect downstream", func() bool { return r.feed()[held]["bundled"] == 1 })
	var p struct {
		Status        string `json:"status"`
		ConsignmentID string `json:"consignment_id"`
		History       []struct {
			Kind string `json:"kind"`
			Why  string `json:"why"`
		} `json:"history"`
	}
	require.NoError(t, r.client(account.Platform).call(t.Context(), http.MethodGet, "/v1/parcels/"+held, nil, &p))
	require.NotEmpty(t, p.ConsignmentID)
	require.Contains(t, fmt.Sprint(p.History), "it is a lamp")
}

// A whole train in one act of an officer, with what stays behind and why.
func TestAnOfficerReleasesATrain(t *testing.T) {
	t.Parallel()
	cfg := scratch(t, "--screening-random-basis-points", "0", "--roles", "api,screen,bundle").settings(t)
	r := start(t, cfg)
	r.plan("TEST-1", time.Minute)
	ids := r.post(order("1"), order("2"))
	eventually(t, "bundled", func() bool {
		feed := r.feed()
		return feed[ids[0]]["bundled"] == 1 && feed[ids[1]]["bundled"] == 1
	})
	var units page[demoUnit]
	officer, carrier := r.client(account.Officer), r.client(account.Carrier)
	require.NoError(t, carrier.call(t.Context(), http.MethodGet, "/v1/consignments?", nil, &units))
	unit := units.Data[0]
	var report struct {
		Released    []any `json:"released"`
		NotReleased []struct {
			Why string `json:"why"`
		} `json:"not_released"`
	}
	release := func() {
		t.Helper()
		require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/departures/"+unit.Departure.ID+"/release", nil, &report))
	}
	release()
	require.Empty(t, report.Released)
	require.Contains(t, report.NotReleased[0].Why, "open")

	scan := map[string]string{"id": "s1", "type": "sealed", "classifier": "actual", "occurred_at": time.Now().UTC().Format(time.RFC3339)}
	require.NoError(t, carrier.call(t.Context(), http.MethodPost, "/v1/consignments/"+unit.ID+"/events", scan, nil))
	release()
	require.Len(t, report.Released, 1)
	require.Empty(t, report.NotReleased)
	eventually(t, "released", func() bool {
		feed := r.feed()
		return feed[ids[0]]["released"] == 1 && feed[ids[1]]["released"] == 1
	})
}

func TestASecondServiceOnTheSameDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	at := scratch(t)
	start(t, at.settings(t))
	err := serve(t.Context(), at.settings(t), &logged{}, func(*service) {})
	require.ErrorIs(t, err, embedded.ErrInUse)
	require.ErrorContains(t, err, fmt.Sprint(os.Getpid()))
}

func TestATakenPortIsTold(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t).settings(t))
	cfg := scratch(t).settings(t)
	cfg.Listen = r.url[len("http://"):]
	err := serve(t.Context(), cfg, &logged{}, func(*service) {})
	require.ErrorContains(t, err, cfg.Listen)
	require.ErrorContains(t, err, "--listen")
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	first := start(t, at.settings(t))
	id := first.post(order("1"))[0]
	eventually(t, "cleared", func() bool { return first.feed()[id]["cleared"] == 1 })
	require.NoError(t, first.stop())
	second := start(t, at.settings(t))
	require.Equal(t, first.keys, second.keys)
	require.Equal(t, 1, second.feed()[id]["cleared"])
	again := second.post(order("1"), order("2"))
	require.Equal(t, id, again[0], "a retry names the same parcel")
	eventually(t, "the second", func() bool { return second.feed()[again[1]]["cleared"] == 1 })
	require.Equal(t, 1, second.feed()[id]["cleared"], "and makes no second one")
}

// While the database is down orders are taken; screening catches up by itself when it is back.
func TestIntakeDoesNotWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	own := bareScratch(t)
	startDatabase := func() *embedded.Postgres {
		p, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: own})
		require.NoError(t, err)
		return p
	}
	server := startDatabase()
	at := scratch(t, "--database-url", server.URL(embedded.Database), "--screening-random-basis-points", "0")
	_, err := at.command(t, "migrate")
	require.NoError(t, err)
	key, err := at.command(t, "keys", "create", "platform", "shop")
	require.NoError(t, err)
	r := start(t, at.settings(t))
	c := newClient(r.url, strings.TrimSpace(key))

	stop, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, server.Stop(stop))
	ids, err := postBatch(t.Context(), c, [][]byte{order("1"), order("2")})
	require.NoError(t, err, "202 without a database")
	require.Len(t, ids, 2)
	require.ErrorContains(t, c.call(t.Context(), http.MethodGet, "/v1/parcels/"+ids[0], nil, nil), "503")

	server = startDatabase()
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	eventually(t, "screening catches up", func() bool {
		var p struct{ Status string }
		return c.call(t.Context(), http.MethodGet, "/v1/parcels/"+ids[1], nil, &p) == nil && p.Status != ""
	})
}

// A record that is no order is parked with its reason, its neighbours go on, and once mended by nobody it can be replayed.
func TestABadRecordIsParkedAndReplayed(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	bad := event.Envelope{
		ID: "bad/0", Type: "org.alataw.parcel.declared", Source: "/accounts/1", Subject: "pcl_x", Time: time.Now(),
		Schema: 1, ContentType: "application/json", Key: []byte("k"), Data: []byte(`{"order_no":"x"}`),
	}
	require.NoError(t, r.queue.Topic(topicDeclared).Publish(t.Context(), []event.Envelope{bad}))
	id := r.post(order("1"))[0]
	eventually(t, "its neighbour goes on", func() bool { return r.feed()[id]["cleared"] == 1 })
	listed := func(args ...string) string {
		said, err := at.command(t, append([]string{"parked"}, args...)...)
		require.NoError(t, err, said)
		return said
	}
	eventually(t, "it is parked with its reason", func() bool { return strings.Contains(listed("list"), "/items items.required") })
	require.Contains(t, listed("replay", "--all"), "1 record(s)")
	eventually(t, "it is no better, and parked again", func() bool {
		return strings.Count(listed("list", "--all"), "invalid_declaration") == 2
	})
}

// A process without the role api answers for its health, and nothing that asks for a key.
func TestAWorkerAnswersOnlyForItsHealth(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--roles", "screen,bundle").settings(t))
	require.NoError(t, r.client(account.Platform).call(t.Context(), http.MethodGet, "/readyz", nil, nil))
	require.ErrorContains(t, r.client(account.Platform).call(t.Context(), http.MethodGet, "/v1/receipts?", nil, nil), "404")
}

// A list imported while the service runs holds the next parcel to a name on it, in whatever spelling, and says which entry it met.
func TestAnImportedListIsInForceWithoutARestart(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--screening-random-basis-points", "0").settings(t))
	before := r.post(order("1", "Person 1", "Invented Denied"))[0]
	eventually(t, "not listed yet", func() bool { return r.feed()[before]["cleared"] == 1 })
	require.NoError(t, r.denyParty(t.Context(), "DENIED Invented"))
	after := r.post(order("2", "Person 2", "invented denied"))[0]
	eventually(t, "held", func() bool { return r.feed()[after]["held"] == 1 })
	for _, line := range receipts(t, r.client(account.Platform)) {
		if line.ParcelID == after {
			require.Equal(t, "sanctions", line.Reasons[0].Category)
			require.Contains(t, line.Reasons[0].Explanation, "DENIED Invented")
		}
	}
}
