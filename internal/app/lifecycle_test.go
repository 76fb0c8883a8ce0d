package app

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/screening"
)

// livedSet is a rule set as this test looks at it.
type livedSet struct {
	ID, Status string
	Events     []struct{ Kind, By string }
	Shadow     *struct{ Parcels, Changed int }
}

// A rule set from its draft to its end, with orders coming in over the queue all the while: tried on what was stored, tried beside the
// set in force, put in force by a second person, judging within seconds, and retired; what it decided can be explained afterwards.
func TestTheLifeOfARuleSet(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	officer, admin := r.client(account.Officer), r.client(account.Admin)
	n := 0
	judged := func() (id, lane string) {
		n++
		id = r.post(order(fmt.Sprint(n)))[0]
		eventually(t, "judged", func() bool { feed := r.feed()[id]; return feed["held"]+feed["cleared"] == 1 })
		var p struct{ Lane string }
		r.get(account.Officer, "/v1/parcels/"+id, &p)
		return id, p.Lane
	}
	comesTo := func(what, want string) (id string) {
		t.Helper()
		began := time.Now()
		eventually(t, what, func() bool {
			var lane string
			id, lane = judged()
			return lane == want
		})
		t.Logf("%s: after %s", what, time.Since(began).Round(10*time.Millisecond))
		return id
	}
	before, lane := judged()
	require.Equal(t, "green", lane)
	_, lane = judged()
	require.Equal(t, "green", lane)

	document, err := screening.ParseDocument([]byte(rulesFile))
	require.NoError(t, err)
	var set livedSet
	require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/rulesets", document, &set))
	require.Equal(t, "draft", set.Status)
	path := "/v1/rulesets/" + set.ID

	report := r.backtest(path)
	require.Equal(t, []int{2, 2, 0, 2}, []int{report.Parcels, report.Changed, report.HeldBefore, report.HeldAfter})
	require.Equal(t, []string{"goods.lamps"}, report.Changes[0].Rules)
	_, lane = judged()
	require.Equal(t, "green", lane, "a backtest changes nothing")

	require.NoError(t, officer.call(t.Context(), http.MethodPost, path+"/shadow", nil, nil))
	eventually(t, "the shadow judges, and decides nothing", func() bool {
		_, lane = judged()
		require.Equal(t, "green", lane)
		r.get(account.Officer, path, &set)
		return set.Shadow != nil && set.Shadow.Parcels > 0 && set.Shadow.Changed == set.Shadow.Parcels
	})

	activate := func(who *client) error { return who.call(t.Context(), http.MethodPost, path+"/activate", nil, &set) }
	require.NoError(t, activate(officer))
	require.Equal(t, "shadow", set.Status, "it waits for a second person")
	require.ErrorContains(t, activate(officer), "409", "who is not the first")
	_, lane = judged()
	require.Equal(t, "green", lane)
	require.NoError(t, activate(admin))
	require.Equal(t, "active", set.Status)
	held := comesTo("the set judges what comes in", "yellow")
	_, lane = judged()
	require.Equal(t, "yellow", lane, "and goes on to")

	require.NoError(t, officer.call(t.Context(), http.MethodPost, path+"/retire", nil, nil))
	after := comesTo("the built-in set judges again", "green")
	for id, name := range map[string]string{before: "builtin", held: "lamps", after: "builtin"} {
		said, err := at.command(t, "explain", id)
		require.NoError(t, err, said)
		require.Regexp(t, `rule set +`+name+`, SHA-256 [0-9a-f]{64}`, said)
		require.Regexp(t, `judged again +the same`, said)
	}
	r.get(account.Officer, path, &set)
	var lived []string
	for _, e := range set.Events {
		lived = append(lived, e.Kind+" by "+e.By)
	}
	require.Equal(t, []string{
		"created by officer-1", "backtested by officer-1", "shadowed by officer-1", "proposed by officer-1", "activated by admin-1", "retired by officer-1",
	}, lived)
}

// tried is the report of a backtest.
type tried struct {
	Parcels    int
	Changed    int
	HeldBefore int `json:"held_before"`
	HeldAfter  int `json:"held_after"`
	Changes    []struct{ Rules []string }
}

// backtest has a rule set judge again what was judged within the last hour.
func (r *running) backtest(path string) tried {
	r.t.Helper()
	now := time.Now().UTC()
	var job struct {
		ID, Status string
		Report     tried
	}
	require.NoError(r.t, r.client(account.Officer).call(r.t.Context(), http.MethodPost, path+"/backtest", map[string]string{
		"from": now.Add(-time.Hour).Format(time.RFC3339), "to": now.Add(time.Hour).Format(time.RFC3339),
	}, &job))
	eventually(r.t, "the backtest is done", func() bool {
		r.get(account.Officer, path+"/backtests/"+job.ID, &job)
		return job.Status == "done"
	})
	return job.Report
}
