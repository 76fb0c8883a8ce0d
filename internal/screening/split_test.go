package screening_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

func at(d parcel.Declared, received time.Time) parcel.Declared {
	d.ReceivedAt = received
	return d
}

func TestSplitParcels(t *testing.T) {
	cfg := quiet()
	cfg.SplitParcels = 3
	rules := rulesOf(cfg)
	stream := func(m parcel.Mode) []parcel.Declared {
		return []parcel.Declared{declared(1, mode(m)), declared(2, mode(m)), declared(3, mode(m)), declared(4, mode(m)), declared(5, mode(m))}
	}
	for m, want := range map[parcel.Mode][]bool{
		parcel.ModeRetail:    {false, false, false, true, true},
		parcel.ModeBonded:    {false, false, false, true, true},
		parcel.ModeB2B:       {false, false, false, false, false},
		parcel.ModeWarehouse: {false, false, false, false, false},
	} {
		for i, v := range screened(t, rules, stream(m)...) {
			require.Equal(t, want[i], v.Status == parcel.Held, "parcel %d by %s", i+1, m)
			if want[i] {
				require.Equal(t, []string{"split.parcels"}, hitsOf(v))
				require.Contains(t, v.Reasons[0].Explanation, "within 24 hours")
			}
		}
	}
	mixed := stream(parcel.ModeRetail)
	mixed[2].Declaration.Consignee.Name = "Somebody Else"
	require.Empty(t, hitsOf(screened(t, rules, mixed...)[3]), "the third went to somebody else")
	require.Equal(t, []string{"split.parcels"}, hitsOf(screened(t, rules, mixed...)[4]))
}

func TestSplitValue(t *testing.T) {
	yuan := func(n int, amount string, changes ...change) parcel.Declared {
		return declared(n, append(changes, worth(amount, "CNY"))...)
	}
	later := func(d parcel.Declared, after time.Duration) parcel.Declared { return at(d, noon.Add(after)) }
	rows := []struct {
		name   string
		stream []parcel.Declared
		hits   []string // of the last
	}{
		{"together at the limit", []parcel.Declared{yuan(1, "2000"), yuan(2, "3000")}, nil},
		{"together over it", []parcel.Declared{yuan(1, "2000"), yuan(2, "3000.01")}, []string{"split.value"}},
		{"three of them", []parcel.Declared{yuan(1, "2000"), yuan(2, "2000"), yuan(3, "2000")}, []string{"split.value"}},
		{"over it alone", []parcel.Declared{yuan(1, "2000"), yuan(2, "5000.01")}, []string{"value.limit"}},
		{"one alone at the limit", []parcel.Declared{yuan(1, "5000")}, nil},
		{"to somebody else", []parcel.Declared{yuan(1, "4000"), yuan(2, "4000", consignee("Irma Castafiore"))}, nil},
		{"to a warehouse", []parcel.Declared{yuan(1, "4000", mode("9810")), yuan(2, "4000", mode("9810"))}, nil},
		{"to a business", []parcel.Declared{yuan(1, "4000", mode("9710")), yuan(2, "4000", mode("9710"))}, []string{"split.value"}},
		{"a day later", []parcel.Declared{later(yuan(1, "4000"), 0), later(yuan(2, "4000"), 24*time.Hour)}, nil},
		{"just within the day", []parcel.Declared{later(yuan(1, "4000"), 0), later(yuan(2, "4000"), 24*time.Hour-time.Microsecond)}, []string{"split.value"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			verdicts := screened(t, rulesOf(quiet()), row.stream...)
			require.ElementsMatch(t, row.hits, hitsOf(verdicts[len(verdicts)-1]))
		})
	}
	v := screened(t, rulesOf(quiet()), yuan(1, "2000"), yuan(2, "3500"))[1]
	require.Contains(t, v.Reasons[0].Explanation, "worth about 3,500.00 CNY")
	require.Contains(t, v.Reasons[0].Explanation, "is sent 2 within 24 hours, worth 5,500.00 CNY together: over the limit of 5,000.00 CNY")
}

// A stream gets the same verdicts however it is cut into batches, and when parts of it come twice.
func TestBatchesDoNotMatter(t *testing.T) {
	cfg := screening.Config{TicketFen: 5_000_00, SplitParcels: 2, RandomBasisPoints: 1000}
	rules := rulesOf(cfg)
	rapid.Check(t, func(t *rapid.T) {
		stream := drawStream(t)
		whole := newLedger()
		screenInto(t, rules, whole, stream)

		cut := newLedger()
		for rest := stream; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			screenInto(t, rules, cut, rest[:n])
			if rapid.Bool().Draw(t, "delivered again") {
				screenInto(t, rules, cut, rest[:n])
			}
			rest = rest[n:]
		}
		require.Equal(t, whole.verdicts, cut.verdicts)
		require.Len(t, cut.verdicts, len(stream))
	})
}

// drawStream draws orders to three consignees over two days, not quite in the order of their times.
func drawStream(t *rapid.T) []parcel.Declared {
	stream := make([]parcel.Declared, rapid.IntRange(1, 30).Draw(t, "parcels"))
	for i := range stream {
		name := rapid.SampledFrom([]string{"Bianca Castafiore", "Castafiore, Bianca", "Irma", "Cutts"}).Draw(t, "consignee")
		amount := rapid.SampledFrom([]string{"1", "1500", "2500", "5000", "6000"}).Draw(t, "value")
		m := rapid.SampledFrom([]parcel.Mode{"9610", "9610", "9710", "9810"}).Draw(t, "mode")
		stream[i] = at(declared(i, consignee(name), worth(amount, "CNY"), mode(m)),
			noon.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 11, 12, 13, 23, 24, 25, 36, 48}).Draw(t, "hour"))*time.Hour+
				time.Duration(rapid.SampledFrom([]int{0, 1, 999, 1000}).Draw(t, "ns"))))
	}
	return stream
}
