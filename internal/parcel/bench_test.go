package parcel_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
)

// belt is a queue that keeps the facts of the last publication.
type belt struct{ facts []event.Envelope }

func (b *belt) Publish(_ context.Context, facts []event.Envelope) error {
	b.facts = facts
	return nil
}

// sampleOrders are the first of a sample day, the wrong ones among them.
func sampleOrders(b *testing.B, n int) [][]byte {
	day := load.Sample(1, n)
	orders := make([][]byte, n)
	for i := range orders {
		order, err := day.Next()
		require.NoError(b, err)
		orders[i] = append(orders[i], order...)
	}
	return orders
}

// sampleFacts are the right ones of them as they stand in the queue.
func sampleFacts(b *testing.B, n int) []event.Envelope {
	var queue belt
	_, err := parcel.NewIntake(&queue, time.Now).Take(b.Context(), 1, "request", sampleOrders(b, n))
	require.NoError(b, err)
	return queue.facts
}

// BenchmarkReadSample reads sample orders, one after another.
func BenchmarkReadSample(b *testing.B) {
	var orders [][]byte
	for _, fact := range sampleFacts(b, 1000) {
		declared, err := parcel.OpenDeclared(fact)
		require.NoError(b, err)
		for _, d := range declared {
			orders = append(orders, d.Document)
		}
	}
	require.Greater(b, len(orders), 900)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := parcel.Read(orders[i%len(orders)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTake takes batches of 500 at the door; its time is that of one order.
func BenchmarkTake(b *testing.B) {
	orders := sampleOrders(b, 500)
	in := parcel.NewIntake(new(belt), time.Now)
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(orders) {
		if _, err := in.Take(b.Context(), 1, "01JD8Z1V6P7Q", orders); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenDeclared opens records of several orders; its time is that of one order.
func BenchmarkOpenDeclared(b *testing.B) {
	facts := sampleFacts(b, 1000)
	b.ReportAllocs()
	for i, n := 0, 0; n < b.N; i++ {
		declared, err := parcel.OpenDeclared(facts[i%len(facts)])
		if err != nil {
			b.Fatal(err)
		}
		n += len(declared)
	}
}

func BenchmarkDeriveID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parcel.DeriveID(17, "SD1-0000123")
	}
}
