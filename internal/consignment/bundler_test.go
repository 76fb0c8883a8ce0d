package consignment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
)

func TestRouteTableTakesTheFirstRouteByCode(t *testing.T) {
	t.Parallel()
	table := newRouteTable([]Route{
		{Code: "CN-RU", Destinations: []string{"RU", "BY"}},
		{Code: "CN-EU", Destinations: []string{"DE", "BY"}},
		{Code: "CN-ZZ"},
	})
	require.Equal(t, routeTable{"RU": "CN-RU", "DE": "CN-EU", "BY": "CN-EU"}, table)
}

func TestSortOut(t *testing.T) {
	t.Parallel()
	decided := func(n byte, kind parcel.Kind, destination string) parcel.Decided {
		return parcel.Decided{ID: parcel.ID{n}, Account: 7, Kind: kind, Destination: destination, Express: n == 3, Weight: 100, Volume: 200, At: time.Time{}}
	}
	s := sortOut([]parcel.Decided{
		decided(1, parcel.KindCleared, "DE"),
		decided(2, parcel.KindHeld, "DE"),
		decided(3, parcel.KindCleared, "DE"),
		decided(1, parcel.KindCleared, "DE"), // delivered twice
		decided(4, parcel.KindCleared, "AU"),
		decided(5, parcel.KindCleared, "KZ"),
		decided(6, parcel.KindRefused, "AU"),
		decided(4, parcel.KindCleared, "AU"),
	}, routeTable{"DE": "CN-EU", "KZ": "CN-KZ"})
	require.Equal(t, sorted{
		byRoute: map[string][]Load{
			"CN-EU": {
				{Parcel: parcel.ID{1}, Account: 7, Weight: 100, Volume: 200},
				{Parcel: parcel.ID{3}, Account: 7, Weight: 100, Volume: 200, Express: true},
			},
			"CN-KZ": {{Parcel: parcel.ID{5}, Account: 7, Weight: 100, Volume: 200}},
		},
		unrouted: []Load{{Parcel: parcel.ID{4}, Account: 7, Weight: 100, Volume: 200}},
		passed:   4,
	}, s)
}

func TestTalliesAddUp(t *testing.T) {
	t.Parallel()
	require.Equal(t, Tally{Bundled: 11, Unrouted: 22, Passed: 33, Units: 44},
		Tally{Bundled: 1, Unrouted: 2, Passed: 3, Units: 4}.plus(Tally{Bundled: 10, Unrouted: 20, Passed: 30, Units: 40}))
}
