package app

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
)

// sold gives n lamps of 200 g that twelve sellers sell from 3 to 30 euros each.
func sold(from, n int) (orders [][]byte) {
	for i := range n {
		orders = append(orders, lamp(fmt.Sprint(from+i), fmt.Sprintf("65019600%02d", i%12), 300+i*7919%n*2700/n))
	}
	return orders
}

// lamp is an order of two lamps of 200 g at so many cents each.
func lamp(no, seller string, cents int) []byte {
	return order(no, "91650000MA0000001N", seller, `"unit_price":"5.00"`, fmt.Sprintf(`"unit_price":"%d.%02d"`, cents/100, cents%100),
		`"goods_value":"10.00"`, fmt.Sprintf(`"goods_value":"%d.%02d"`, cents*2/100, cents*2%100))
}

// What goods cost is learned from what was cleared; then what is far too cheap is held, explained, and judged the same again after
// something else has been learned.
func TestPricesAreLearned(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0", "--profiles-every", "0")
	r := start(t, at.settings(t))
	cleared := func(ids []string) {
		t.Helper()
		eventually(t, "cleared", func() bool {
			feed, n := r.feed(), 0
			for _, id := range ids {
				n += feed[id]["cleared"]
			}
			return n == len(ids)
		})
	}
	cleared(append(r.post(sold(10_000, 600)...), r.post(lamp("9", "91650000MA0000001N", 12))...))
	said, err := at.command(t, "profiles", "show")
	require.NoError(t, err)
	require.Contains(t, said, "prices  none")

	learn := func() string {
		t.Helper()
		before := r.rulesVersion()
		said, err := at.command(t, "profiles", "learn")
		require.NoError(t, err)
		eventually(t, "what was learned is in force", func() bool { return r.rulesVersion() != before })
		return said
	}
	said = learn()
	require.Regexp(t, `^prices  [0-9a-f]{12} from 601, \d+ bytes\nrisk    too little to learn from: 0\n$`, said)

	cheap := r.post(lamp("10", "91650000MA0000001N", 12))[0]
	eventually(t, "it is held now", func() bool { return r.feed()[cheap]["held"] == 1 })
	var p struct {
		Reasons []struct{ Rule, Explanation string }
	}
	require.NoError(t, r.client(account.Officer).call(t.Context(), http.MethodGet, "/v1/parcels/"+cheap, nil, &p))
	require.Equal(t, "undervaluation.price", p.Reasons[0].Rule)
	require.Contains(t, p.Reasons[0].Explanation, "CNY/kg; 99 % of 601 like it (heading 9405 to DE) are above ")

	cleared(r.post(sold(20_000, 300)...))
	require.NotContains(t, learn(), "from 601,")
	said, err = at.command(t, "explain", cheap)
	require.NoError(t, err, said)
	require.Regexp(t, `judged again +the same`, said)
	require.Contains(t, said, `CNY/千克；同类 601 项（品目 9405，运往 DE）中 99 % 高于`)
	require.Regexp(t, `profiles +prices [0-9a-f]{12}, risk none`, said)
	said, err = at.command(t, "profiles", "show")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^prices +[0-9a-f]{64} .* 901 +\d+$`, said)
}

// A young system learns prices as soon as it can, and again as it grows, however seldom it is told to.
func TestAYoungSystemLearnsAsItGrows(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0", "--profiles-every", "24h")
	r := start(t, at.settings(t))
	samples := func() (n int) {
		said, err := at.command(t, "profiles", "show")
		require.NoError(t, err)
		if found := regexp.MustCompile(`(?m)^prices +[0-9a-f]{64} .* (\d+) +\d+$`).FindStringSubmatch(said); found != nil {
			n, err = strconv.Atoi(found[1])
			require.NoError(t, err)
		}
		return n
	}
	r.post(sold(10_000, profilesFirst)...)
	eventually(t, "it has learned", func() bool { return samples() == profilesFirst })
	for n := range profilesGrowth - 1 {
		r.post(sold(20_000+n*profilesFirst, profilesFirst)...)
	}
	eventually(t, "it has learned more", func() bool { return samples() == profilesGrowth*profilesFirst })
}

// Officers' outcomes teach which seller to look at, and the service learns them by itself.
func TestRiskIsLearned(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "10000", "--profiles-every", "1s")
	r := start(t, at.settings(t))
	orders := sold(10_000, 240)
	ids := r.post(orders...)
	eventually(t, "all are held at random", func() bool { return len(r.feed()) == len(ids) })
	officer := r.client(account.Officer)
	for i, id := range ids {
		action := "release"
		if bytes.Contains(orders[i], []byte("6501960003")) {
			action = "detain"
		}
		require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/reviews/rev_"+strings.TrimPrefix(id, "pcl_")+"/decision",
			map[string]string{"action": action, "reason": "looked inside"}, nil))
	}
	said, err := at.command(t, "profiles", "learn")
	require.NoError(t, err)
	require.Regexp(t, `risk    [0-9a-f]{12} from 240, \d+ bytes`, said)
	eventually(t, "the seller is known", func() bool {
		said, err = at.command(t, "profiles", "show")
		return err == nil && strings.Contains(said, "240 inspected, 20 at fault") && strings.Contains(said, "seller 6501960003")
	})
}
