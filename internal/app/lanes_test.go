package app

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// judgedAs posts clean orders and gives those that were held, once all are decided.
func (r *running) judgedAs(from, n int) (held []string) {
	r.t.Helper()
	var orders [][]byte
	for i := range n {
		orders = append(orders, order(fmt.Sprint(from+i)))
	}
	ids := r.post(orders...)
	require.Len(r.t, ids, n)
	eventually(r.t, "all are decided", func() bool {
		feed := r.feed()
		held = held[:0]
		cleared := 0
		for _, id := range ids {
			cleared += feed[id]["cleared"]
			if feed[id]["held"] > 0 {
				held = append(held, id)
			}
		}
		return cleared+len(held) == n
	})
	return held
}

func (r *running) topUp() map[parcel.Lane]screening.Percent { return r.rules.Load().TopUp }

// A set expects a share for a lane. What the verdicts before it lack is worked out, and as many are drawn among the green ones; a
// verdict so given is explained, and the draw outlives the process.
func TestALaneGetsItsExpectedShare(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0", "--roles", "api,screen")
	r := start(t, at.settings(t))
	require.Empty(t, r.judgedAs(10_000, 1000))

	document, err := screening.ParseDocument([]byte(rulesFile))
	require.NoError(t, err)
	document.Rules[0].When = `heading == "9404"`
	document.Sampling.Expect = map[parcel.Lane]screening.Percent{parcel.Yellow: 500}
	officer, admin := r.client(account.Officer), r.client(account.Admin)
	var set struct{ ID string }
	require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/rulesets", document, &set))
	for _, who := range []*client{officer, admin} {
		require.NoError(t, who.call(t.Context(), http.MethodPost, "/v1/rulesets/"+set.ID+"/activate", nil, nil))
	}
	eventually(t, "what is lacking is drawn", func() bool { return len(r.topUp()) > 0 })
	require.Equal(t, map[parcel.Lane]screening.Percent{parcel.Yellow: 500}, r.topUp())

	held := r.judgedAs(30_000, 1000)
	require.InDelta(t, 50, len(held), 25)
	var p struct {
		Lane    string
		Reasons []struct{ Rule, Category string }
	}
	r.get(account.Officer, "/v1/parcels/"+held[0], &p)
	require.Equal(t, "yellow", p.Lane)
	require.Equal(t, []struct{ Rule, Category string }{{screening.RuleExpected, "random"}}, p.Reasons)
	require.NoError(t, r.topUpSets(t.Context()))
	require.Equal(t, map[parcel.Lane]screening.Percent{parcel.Yellow: 500}, r.topUp(), "what was drawn does not count against the draw")
	drawn, found := r.gauge(`alataw_lane_drawn_share{lane="yellow"}`)
	require.True(t, found)
	require.InDelta(t, float64(len(held))/1000, drawn, 1e-6, "of the set's own parcels, once they are enough")

	said, err := at.command(t, "rules", "show")
	require.NoError(t, err, said)
	require.Contains(t, said, "# topped up: 5 % of the green into yellow, by 1000 parcels\n")

	before := r.rulesVersion()
	require.NoError(t, r.stop())
	r = start(t, at.settings(t))
	require.Equal(t, before, r.rulesVersion(), "the draw is in force from the start")
	require.Equal(t, map[parcel.Lane]screening.Percent{parcel.Yellow: 500}, r.topUp())
	require.NoError(t, r.client(account.Officer).call(t.Context(), http.MethodPost, "/v1/rulesets/"+set.ID+"/retire", nil, nil))
	eventually(t, "nothing is drawn for another set", func() bool { return len(r.topUp()) == 0 && r.rulesVersion() != before })
	require.Empty(t, r.judgedAs(40_000, 20))

	said, err = at.command(t, "explain", held[0])
	require.NoError(t, err, said)
	require.Regexp(t, `judged again +the same`, said)
	require.Regexp(t, `topped up +5 % of the green into yellow`, said)
	require.Regexp(t, `(?m)^random\.expected +yellow, score 0.00, "500"$`, said)
	require.Contains(t, said, "每 10000 件抽取 500 件，使黄色通道达到本关区的预期比例")
}

// What is counted is folded by the clock, without anybody expecting anything.
func TestLanesAreCountedAlways(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--roles", "api,screen").settings(t))
	require.Empty(t, r.judgedAs(10_000, 30))
	require.NoError(t, r.topUpSets(t.Context()))
	builtin := screening.Builtin().Document()
	counted, err := r.store.CountedLanes(t.Context(), builtin.Office, builtin.Direction, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Len(t, counted, 1)
	require.Equal(t, builtin.Hash(), counted[0].SetHash)
	require.Equal(t, int64(30), counted[0].Lanes[parcel.Green])
	share, found := r.gauge(`alataw_lane_lacking_share{lane="yellow"}`)
	require.True(t, found)
	require.Zero(t, share)
}
