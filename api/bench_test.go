package api_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// What the door itself costs for an order, over a socket, with a queue that takes everything.
func BenchmarkIntake(b *testing.B) {
	const size = 500
	orders := make([]string, size)
	for i := range orders {
		orders[i] = numbered(i)
	}
	for name, c := range map[string]struct{ media, body string }{
		"batch":  {"application/json", batchOf(orders...)},
		"stream": {"application/x-ndjson", strings.Join(orders, "\n")},
		"gzip":   {"application/json", packed(b, "gzip", batchOf(orders...))},
	} {
		b.Run(name, func(b *testing.B) {
			door := httptest.NewServer(api.New(api.Deps{
				Intake: parcel.NewIntake(discard{}, time.Now), Keys: anybody{}, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			}, api.Config{}))
			defer door.Close()
			key := "Bearer " + account.NewKey()
			b.SetBytes(int64(size * len(order)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequest(http.MethodPost, door.URL+"/v1/parcels/batch", bytes.NewReader([]byte(c.body)))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Authorization", key)
				r.Header.Set("Content-Type", c.media)
				if name == "gzip" {
					r.Header.Set("Content-Encoding", "gzip")
				}
				reply, err := http.DefaultClient.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, reply.Body)
				if err != nil || n < size*50 || reply.StatusCode != http.StatusAccepted {
					b.Fatal(reply.Status, n, err)
				}
				_ = reply.Body.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/order")
		})
	}
}
