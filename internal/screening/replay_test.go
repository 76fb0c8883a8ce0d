package screening_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// restarted gives rules as another process makes them of what was stored.
func restarted(t require.TestingT, rules *screening.Rules) *screening.Rules {
	raw, err := json.Marshal(rules.Record(""))
	require.NoError(t, err)
	var record screening.Record
	require.NoError(t, json.Unmarshal(raw, &record))
	again, err := record.Rules("a secret", rules.Basis)
	require.NoError(t, err)
	require.Equal(t, rules.Version(), again.Version())
	return again
}

// replayed takes a stream through the rules in any batches, with restarts between them and parts delivered again, as a queue does.
func replayed(t *rapid.T, rules, again *screening.Rules, stream []parcel.Declared) *ledger {
	store := newLedger()
	for rest := stream; len(rest) > 0; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
		screenInto(t, rules, store, rest[:n])
		if rapid.Bool().Draw(t, "restart") {
			rules, again = again, rules
		}
		if rapid.Bool().Draw(t, "delivered again") {
			from := rapid.IntRange(0, len(stream)-len(rest)+n-1).Draw(t, "from")
			screenInto(t, rules, store, stream[from:len(stream)-len(rest)+n])
		}
		rest = rest[n:]
	}
	return store
}

// Whatever the order, the batches, restarts and redelivery: a parcel with the same past gets the same verdict, lane, reasons and version; it
// is the one that rules made of what was stored give it alone; and of one consignee's parcels each is judged by a count of its own.
func TestTheSameInputsGiveTheSameDecision(t *testing.T) {
	for name, set := range map[string]*screening.Set{
		"built in": screening.Builtin(),
		"drawn":    compiled(t, several("when|sent_parcels > 1|percent|50", "each|item|field|description|when|words contains 'gun'|percent|30|lane|red")),
	} {
		t.Run(name, func(t *testing.T) {
			basis := rulesOf(quiet()).Basis
			basis.Set = set
			basis.Trusted = watchlist.NewTrusted(1, []watchlist.Pair{{
				ID: "trp_1", List: "ofac_sdn", Entry: "107", Name: watchlist.Normalise("Фёдор Ёлкин"), Country: "IT", MadeAt: noon, ExpiresAt: noon.Add(time.Hour),
			}})
			rules := screening.NewRules(screening.Config{TicketFen: 5_000_00, SplitParcels: 3, RandomBasisPoints: 1000, SampleKey: "a secret"}, basis)
			again := restarted(t, rules)
			rapid.Check(t, func(t *rapid.T) { requireSameDecisions(t, rules, again) })
		})
	}
}

func requireSameDecisions(t *rapid.T, rules, again *screening.Rules) {
	stream := drawSuspicious(t)
	one := replayed(t, rules, again, stream)
	other := replayed(t, rules, again, rapid.Permutation(stream).Draw(t, "order"))
	counts := map[*ledger]map[string][]int{one: {}, other: {}}
	for _, d := range stream {
		for store, seen := range counts {
			v, found := store.verdicts[d.ID]
			require.True(t, found)
			requireSound(t, rules, v)
			evidence := screening.Evidence{Declared: d, Past: v.Past}
			require.Equal(t, v, evidence.Again(again))
			seen[d.Declaration.Consignee.Name] = append(seen[d.Declaration.Consignee.Name], v.Past.Parcels)
		}
		if one.verdicts[d.ID].Past == other.verdicts[d.ID].Past {
			require.Equal(t, one.verdicts[d.ID], other.verdicts[d.ID])
		}
	}
	for _, seen := range counts {
		require.ElementsMatch(t, slices.Collect(maps.Keys(counts[one])), slices.Collect(maps.Keys(seen)))
		for _, ns := range seen {
			slices.Sort(ns)
			for n := range ns {
				require.Equal(t, n, ns[n], "each is counted once")
			}
		}
	}
	require.Len(t, one.verdicts, len(stream))
	require.Len(t, other.verdicts, len(stream))
}

// drawSuspicious draws parcels of one moment, some of which rules mind, for what they are, to whom they go, or how many there are.
func drawSuspicious(t *rapid.T) []parcel.Declared {
	stream := make([]parcel.Declared, rapid.IntRange(1, 25).Draw(t, "parcels"))
	for i := range stream {
		name := rapid.SampledFrom([]string{"Bianca Castafiore", "Irma Cutts", "Tessaly Orvane", "Фёдор Ёлкин", "王小明"}).Draw(t, "consignee")
		what := rapid.SampledFrom([]string{"Cotton scarf, blue", "gift", "toy gun", "handgun", "手枪", "power bank 20000mAh", "шарф"}).Draw(t, "description")
		amount := rapid.SampledFrom([]string{"1", "1500", "2500", "6000"}).Draw(t, "value")
		stream[i] = at(declared(i, consignee(name), describe(what), worth(amount, "CNY")), noon)
	}
	return stream
}
