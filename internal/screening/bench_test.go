package screening_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// belt is a queue that keeps the facts of the last publication.
type belt struct{ facts []event.Envelope }

func (b *belt) Publish(_ context.Context, facts []event.Envelope) error {
	b.facts = facts
	return nil
}

// sampleBatch is the right ones of the first n orders of a sample day, as screening gets them.
func sampleBatch(b *testing.B, n int) []parcel.Declared {
	day, orders := load.Sample(1, n), make([][]byte, n)
	for i := range orders {
		order, err := day.Next()
		require.NoError(b, err)
		orders[i] = append(orders[i], order...)
	}
	var queue belt
	_, err := parcel.NewIntake(&queue, time.Now).Take(b.Context(), 1, "request", orders)
	require.NoError(b, err)
	var batch []parcel.Declared
	for _, fact := range queue.facts {
		declared, err := parcel.OpenDeclared(fact)
		require.NoError(b, err)
		batch = append(batch, declared...)
	}
	return batch
}

// listed is a list of n names that nobody has.
func listed(n int) *watchlist.Index {
	entries := make([]watchlist.Entry, n)
	for i := range entries {
		entries[i] = watchlist.Entry{ID: fmt.Sprint(i), List: "custom", Name: fmt.Sprintf("Nobody%d Nowhere%d", i, i*7), Kind: "individual", Primary: true}
	}
	return watchlist.NewIndex([]watchlist.List{{Source: "custom", Version: "1", Entries: entries}})
}

// judging is a store that what it is given and keeps nothing.
type judging struct{}

func (judging) Record(_ context.Context, subjects []screening.Subject, judge screening.Judge) (screening.Tally, error) {
	return screening.Tally{Judged: len(judge(subjects, make([]screening.Past, len(subjects))))}, nil
}

// BenchmarkScreenSample prepares and judges batches of 500 sample orders without storing them; its time is that of one order.
func BenchmarkScreenSample(b *testing.B) {
	batch := sampleBatch(b, 500)
	rules := screening.NewRules(screening.DefaultConfig(), basisOf(listed(20_000)))
	screener := screening.NewScreener(func() *screening.Rules { return rules }, judging{})
	b.ReportAllocs()
	b.ResetTimer() // an index of 20,000 names takes a second
	for n := 0; n < b.N; n += len(batch) {
		_, err := screener.Screen(b.Context(), batch)
		require.NoError(b, err)
	}
}
