package app

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
)

// An officer's word lets the next parcels of a consignee pass, hers alone and in her country alone, until it is ended or expires; every
// verdict can be given again by the pairs of its time.
func TestATrustedPairLetsTheNextParcelPass(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	require.NoError(t, r.denyParty(t.Context(), "DENIED Invented"))
	officer := r.client(account.Officer)
	n := 0
	judged := func(name, country string) (id, status string) {
		n++
		no := fmt.Sprint(n)
		id = r.post(order(no, "Person "+no, name, `"country":"DE"`, `"country":"`+country+`"`))[0]
		eventually(t, "judged", func() bool { feed := r.feed()[id]; return feed["held"]+feed["cleared"] == 1 })
		if r.feed()[id]["held"] == 1 {
			return id, "held"
		}
		return id, "cleared"
	}
	comesTo := func(what, want string) (id string) {
		t.Helper()
		eventually(t, what, func() bool {
			var status string
			id, status = judged("Invented Denied", "DE")
			return status == want
		})
		return id
	}
	explained := func(id, want string) {
		t.Helper()
		said, err := at.command(t, "explain", id)
		require.NoError(t, err, said)
		require.Regexp(t, want, said)
		require.Regexp(t, `judged again +the same`, said)
	}

	first, status := judged("Invented Denied", "DE")
	require.Equal(t, "held", status)
	_, status = judged("Inventid Denied", "DE")
	require.Equal(t, "held", status)
	var p struct {
		Reasons []struct{ Matched struct{ List, Entry string } }
	}
	r.get(account.Officer, "/v1/parcels/"+first, &p)
	trust := func(ahead time.Duration) string {
		t.Helper()
		var pair struct{ ID string }
		require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/trusted-pairs", map[string]string{
			"parcel_id": first, "list": p.Reasons[0].Matched.List, "entry": p.Reasons[0].Matched.Entry,
			"reason": "another date of birth", "expires_at": time.Now().UTC().Add(ahead).Format(time.RFC3339Nano),
		}, &pair))
		return pair.ID
	}

	pair := trust(time.Hour)
	passed := comesTo("her next parcel passes", "cleared")
	_, status = judged("Invented Denied", "FR")
	require.Equal(t, "held", status, "who has the name elsewhere is another person")
	_, status = judged("Inventid Denied", "DE")
	require.Equal(t, "held", status, "so is who has another name")
	_, status = judged("DENIED, Invented", "DE")
	require.Equal(t, "cleared", status, "the order of the words does not matter")

	require.NoError(t, officer.call(t.Context(), http.MethodDelete, "/v1/trusted-pairs/"+pair, nil, nil))
	again := comesTo("the word was ended", "held")
	trust(12 * time.Second)
	comesTo("for a while it passes", "cleared")
	expired := comesTo("the word has expired", "held")

	explained(first, `trusted pairs +none`)
	explained(passed, `trusted pairs +1-[0-9a-f]{12}`)
	explained(again, `trusted pairs +2-[0-9a-f]{12}`)
	explained(expired, `trusted pairs +3-[0-9a-f]{12}`)
}
