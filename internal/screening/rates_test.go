package screening_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// quote is a rate in billionths of a yuan.
func quote(currency, day string, nano int64) rates.Quote {
	of, err := rates.ParseDay(day)
	if err != nil {
		panic(err)
	}
	return rates.Quote{Currency: currency, Day: of, Nano: nano}
}

// tableOf is what imports, one of each list of quotes, come to.
func tableOf(imports ...[]rates.Quote) *rates.Table {
	var b = (*rates.Table)(nil).Edit()
	for i, quotes := range imports {
		b.Add(i+1, quotes)
	}
	return b.Table()
}

func ratedRules(table *rates.Table) *screening.Rules {
	basis := basisOf(watchlist.NewIndex(nil))
	basis.Rates = table
	return screening.NewRules(quiet(), basis)
}

func receivedAt(text string, d parcel.Declared) parcel.Declared {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	d.ReceivedAt = at
	return d
}

// A value is worked out by the rate of the day of receipt in China, and nothing but it.
func TestTheRateIsThatOfTheDayOfReceipt(t *testing.T) {
	rules := ratedRules(tableOf([]rates.Quote{
		quote("KPW", "2026-03-01", 1_000_000_000), quote("KPW", "2026-03-09", 2_000_000_000), quote("KPW", "2026-03-10", 500_000_000),
	}))
	for at, want := range map[string]int64{
		"2026-02-28T15:59:59Z": 0, // there is none yet: in China it is the 28th
		"2026-02-28T16:00:00Z": 100_00, "2026-03-08T15:59:59Z": 100_00, "2026-03-08T16:00:00Z": 200_00, "2026-03-09T15:59:59Z": 200_00,
		"2026-03-09T16:00:00Z": 50_00, "2027-03-09T00:00:00Z": 50_00,
	} {
		store := newLedger()
		screenInto(t, rules, store, []parcel.Declared{receivedAt(at, declared(1, worth("100", "KPW")))})
		require.Equal(t, want, store.subjects[0].Fen, at)
		var hits []string
		if want == 0 {
			hits = []string{"value.unrated"}
		}
		require.Subset(t, hitsOf(store.verdicts[store.subjects[0].ID]), hits)
		require.Equal(t, want == 0, len(store.verdicts[store.subjects[0].ID].Reasons) > 0, at)
	}
}

// A parcel without a rate tells which currency, which day, and what there is to do.
func TestWhatIsSaidOfAMissingRate(t *testing.T) {
	v := screened(t, rulesOf(quiet()), receivedAt("2026-03-09T20:00:00Z", declared(1, worth("100", "KPW"))))[0]
	require.Equal(t, []string{"value.unrated"}, hitsOf(v))
	require.Contains(t, v.Reasons[0].Explanation, "no rate from KPW to yuan for 2026-03-10")
	require.Contains(t, v.Reasons[0].Explanation, "100 KPW")
	require.Contains(t, v.Reasons[0].Explanation, "Find out what the goods are worth")
	require.Contains(t, v.Reasons[0].ExplanationZH, "2026-03-10 没有 KPW 兑人民币的汇率")
}

// Every way to judge a parcel uses the same rate: in a batch, again from what is stored, and from the record.
func TestEveryWayToJudgeHasTheSameRate(t *testing.T) {
	rules := ratedRules(tableOf([]rates.Quote{quote("EUR", "2026-03-09", 400_000_000_001)}))
	d := declared(1)
	store := newLedger()
	screenInto(t, rules, store, []parcel.Declared{d})
	v := store.verdicts[d.ID]
	require.Equal(t, int64(5_000_00), store.subjects[0].Fen)
	require.Equal(t, []string{"value.limit"}, hitsOf(screened(t, ratedRules(tableOf([]rates.Quote{quote("EUR", "2026-03-09", 401_000_000_000)})), d)[0]))
	require.Empty(t, v.Reasons)

	again := screening.SubjectOf(d)
	require.Equal(t, v, rules.Judge(&again, v.Past))
	require.Equal(t, v, rules.JudgeAgain([]screening.Subject{again}, []screening.Past{v.Past})[0])
	require.Equal(t, "5000", fmt.Sprint(screening.ShipmentOf(&again, nil, rules.Rates).Value))

	record, err := json.Marshal(rules.Record(""))
	require.NoError(t, err)
	e := screening.Evidence{Declared: d, Past: v.Past}
	require.NoError(t, json.Unmarshal(record, &e.Basis))
	require.Equal(t, rules.Rates.Version(), e.Basis.Rates)
	remade, err := e.Basis.Rules("", screening.Basis{Lists: watchlist.NewIndex(nil), Rates: rules.Rates})
	require.NoError(t, err)
	require.Equal(t, v, e.Again(remade))
}

// Who imported nothing has the version from before there was anything to import.
func TestRatesAreInTheVersion(t *testing.T) {
	first := []rates.Quote{quote("EUR", "2026-03-09", 7_800_000_000)}
	none := ratedRules(nil).Version()
	require.Equal(t, none, ratedRules(&rates.Table{}).Version())
	seen := map[string]bool{none: true}
	for _, table := range []*rates.Table{tableOf(first), tableOf(first, []rates.Quote{quote("EUR", "2026-03-10", 7_800_000_000)}), tableOf([]rates.Quote{quote("EUR", "2026-03-09", 7_800_000_001)})} {
		seen[ratedRules(table).Version()] = true
	}
	require.Len(t, seen, 4)
}

func TestFactsOfRates(t *testing.T) {
	rules := judges(t, several(`when|received_on == "2026-03-09" and rate_days == 3|lane|blue`))
	basis := rules.Basis
	basis.Rates = tableOf([]rates.Quote{quote("EUR", "2026-03-06", 7_800_000_000)})
	require.Len(t, screened(t, screening.NewRules(quiet(), basis), declared(1))[0].Reasons, 1)
	require.Empty(t, screened(t, rules, declared(1))[0].Reasons)
}
