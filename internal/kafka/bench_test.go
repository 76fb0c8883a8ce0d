package kafka_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/kafka"
)

// cost reports the records done a second, and the processor time each took: broker, client and test together.
func cost(b *testing.B, records int, work func()) {
	used := func() time.Duration {
		var usage syscall.Rusage
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before := used()
	work()
	total := float64(b.N * records)
	b.ReportMetric(float64((used()-before).Microseconds())/total, "cpu-µs/record")
	b.ReportMetric(total/b.Elapsed().Seconds(), "records/s")
}

// orders makes facts of about 690 bytes that compress about as well as orders do.
func orders(count int) []event.Envelope {
	words := []string{"WHITE", "HANGING", "HEART", "LIGHT", "HOLDER", "METAL", "LANTERN", "CREAM", "CUPID", "COAT", "HANGER", "KNITTED", "FLAG", "BOTTLE"}
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]event.Envelope, count)
	for i := range all {
		data := fmt.Appendf(nil, `{"order_no":"%d-%d","tracking_no":"LX%09dCN","seller":{"registration_no":"91650000MA%07dN"},"items":[`, random.IntN(1e6), i, random.IntN(1e9), random.IntN(1e7))
		for len(data) < 670 {
			data = fmt.Appendf(data, `{"sku":"%d","description":"%s %s %s","quantity":"%d","unit_price":"%d.%02d"},`, random.IntN(1e5),
				words[random.IntN(len(words))], words[random.IntN(len(words))], words[random.IntN(len(words))], random.IntN(20), random.IntN(90), random.IntN(100))
		}
		all[i] = fact("", fmt.Sprintf("pcl_%016x", random.Uint64()))
		all[i].ID, all[i].Data = string(all[i].Key), append(data, "]}"...)
	}
	return all
}

func BenchmarkPublish500(b *testing.B) {
	for _, callers := range []int{1, 4} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			client := newEnv(b).client(b)
			producer := client.Topic(topic(b, client, 6))
			batch := orders(500)
			b.SetParallelism(callers) // of each processor
			cost(b, len(batch), func() {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						require.NoError(b, producer.Publish(context.Background(), batch))
					}
				})
			})
		})
	}
}

func BenchmarkPublishOne(b *testing.B) {
	client := newEnv(b).client(b)
	producer := client.Topic(topic(b, client, 6))
	all := orders(1000)
	var next atomic.Int64
	b.SetParallelism(64) // 128 goroutines on two processors
	cost(b, 1, func() {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := next.Add(1) % 1000
				require.NoError(b, producer.Publish(context.Background(), all[i:i+1]))
			}
		})
	})
}

func BenchmarkConsume(b *testing.B) {
	const records = 200_000
	client := newEnv(b).client(b)
	name := topic(b, client, 6)
	batch := orders(500)
	for range records / len(batch) {
		require.NoError(b, client.Topic(name).Publish(context.Background(), batch))
	}
	cost(b, records, func() {
		for round := 0; b.Loop(); round++ {
			var seen atomic.Int64
			all := make(chan struct{})
			stop := run(b, client, kafka.Stage{Topic: name, Group: fmt.Sprintf("%s-%d", name, round), Handle: func(_ context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
				if seen.Add(int64(len(batch))) == records {
					close(all)
				}
				return nil, nil
			}}, newLedger().park)
			<-all
			stop()
		}
	})
}
