package load

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Answers and receipts come in any order and any number of times; the ledger's sums must not depend on it.
func TestLedgerSumsWhateverTheOrder(t *testing.T) {
	kinds := []string{"cleared", "held", "conflict", "bundled"}
	type event struct {
		parcel int
		kind   string // "" is the acceptance
	}
	const parcels, accepted = 10_000, 7_000
	var events []event
	for i := range parcels {
		if i < accepted {
			events = append(events, event{i, ""}, event{i, ""})
		}
		if i%10 != 0 {
			events = append(events, event{i, kinds[i%4]}, event{i, kinds[i%4]})
		}
	}
	want := map[string]int64{}
	var decided int64
	for i := range accepted {
		if i%10 == 0 {
			continue
		}
		want[kinds[i%4]]++
		if kinds[i%4] != "bundled" {
			decided++
		}
	}
	for seed := range uint64(5) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		l := newLedger()
		for _, e := range events {
			key := l.key(fmt.Appendf(nil, "pcl_%d", e.parcel))
			if e.kind == "" {
				l.accept([]uint64{key})
			} else {
				l.told(key, []byte(e.kind))
			}
		}
		gotAccepted, gotDecided := l.standing()
		require.EqualValues(t, accepted, gotAccepted)
		require.Equal(t, decided, gotDecided)
		require.Equal(t, want, l.byKind())
	}
}

func TestLedgerKeepsTheFirstVerdict(t *testing.T) {
	l := newLedger()
	l.told(1, []byte("held"))
	l.told(1, []byte("cleared"))
	require.EqualValues(t, 1, l.accept([]uint64{1, 1}), "it was decided before it was accepted")
	l.told(1, []byte("conflict"))
	require.Equal(t, map[string]int64{"held": 1, "conflict": 1}, l.byKind())
}

func TestLedgerOfMoreKindsThanMarks(t *testing.T) {
	l := newLedger()
	l.accept([]uint64{1, 2})
	for i := range 100 {
		l.told(1, fmt.Appendf(nil, "kind-%d", i))
	}
	l.told(2, []byte("held"))
	kinds := l.byKind()
	require.Len(t, kinds, 27)
	require.EqualValues(t, 1, kinds["other"])
	require.EqualValues(t, 1, kinds["held"])
	_, decided := l.standing()
	require.EqualValues(t, 1, decided)
}
