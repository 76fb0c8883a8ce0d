package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// What one platform's single posts take while others are quiet, while a thousand polls wait, and while another platform floods:
//
//	go test ./api -run '^$' -bench Others -benchtime 1000x
//
// Posts are due every 10 ms whatever became of those before, and are timed from when they were due.
func BenchmarkOthers(b *testing.B) {
	quiet := func(context.Context, testing.TB, *house) func() string { return func() string { return "" } }
	polls := func(ctx context.Context, t testing.TB, h *house) func() string { return h.poll(ctx, t, 1000) }
	singles := func(ctx context.Context, t testing.TB, h *house) func() string {
		return h.flood(ctx, t, 64, "/v1/parcels", order)
	}
	batches := func(ctx context.Context, t testing.TB, h *house) func() string {
		return h.flood(ctx, t, 64, batchPath, batchOf500())
	}
	const shared, unshared = 4 << 20, 1 << 40
	for _, c := range []struct {
		name string
		work int64
		with func(context.Context, testing.TB, *house) (stop func() string)
	}{
		{"alone", shared, quiet},
		{"polls", shared, polls},
		{"flood-of-singles", shared, singles},
		{"flood-of-singles-unshared", unshared, singles},
		{"flood-of-batches", shared, batches},
		{"flood-of-batches-unshared", unshared, batches},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := newHouse(b, func(_ *api.Deps, cfg *api.Config) { cfg.Waits, cfg.Work = 1000, c.work })
			ctx, cancel := context.WithCancel(b.Context())
			stop := c.with(ctx, b, h)
			b.ResetTimer()
			took, refused := h.postSteadily(b, secondPlatform, b.N, 10*time.Millisecond)
			b.StopTimer()
			cancel()
			said := stop()
			slices.Sort(took)
			at := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1000 }
			b.ReportMetric(at(.5), "p50-ms")
			b.ReportMetric(at(.99), "p99-ms")
			b.ReportMetric(float64(refused), "refused")
			b.ReportMetric(0, "ns/op")
			if said != "" {
				b.Log(said)
			}
		})
	}
}

func batchOf500() string {
	orders := make([]string, 500)
	for i := range orders {
		orders[i] = numbered(i)
	}
	return batchOf(orders...)
}

// postSteadily posts n orders, one every gap, and gives how long each took from when it was due.
func (h *house) postSteadily(t testing.TB, role account.Role, n int, gap time.Duration) (took []time.Duration, refused int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	took = make([]time.Duration, n)
	var posting sync.WaitGroup
	var failed atomic.Int64
	begin := time.Now()
	for i := range n {
		due := begin.Add(time.Duration(i) * gap)
		time.Sleep(time.Until(due))
		r := h.request(t, role, "POST", "/v1/parcels", strings.NewReader(numbered(i)))
		posting.Go(func() {
			reply, err := client.Do(r)
			if took[i] = time.Since(due); err != nil || reply.StatusCode != http.StatusAccepted {
				failed.Add(1)
			}
			if err == nil {
				_, _ = io.Copy(io.Discard, reply.Body)
				_ = reply.Body.Close()
			}
		})
	}
	posting.Wait()
	return took, int(failed.Load())
}

// flood posts over conns connections as fast as it is answered, until ctx ends. It does next to nothing for each request, as it
// shares the machine with the service. stop waits, and tells what came of it.
func (h *house) flood(ctx context.Context, t testing.TB, conns int, path, body string) (stop func() string) {
	t.Helper()
	address := strings.TrimPrefix(h.url, "http://")
	request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		path, h.keys[account.Platform], len(body), body)
	var statuses [600]atomic.Int64
	var flooding sync.WaitGroup
	for range conns {
		flooding.Go(func() {
			for ctx.Err() == nil {
				_ = floodOnce(ctx, address, request, &statuses) // a connection that is cut is opened anew
			}
		})
	}
	began := time.Now()
	return func() string {
		flooding.Wait()
		var said []string
		for status := range statuses {
			if n := statuses[status].Load(); n > 0 {
				said = append(said, fmt.Sprintf("%d: %.0f/s", status, float64(n)/time.Since(began).Seconds()))
			}
		}
		return "the flood is answered with " + strings.Join(said, ", ")
	}
}

func floodOnce(ctx context.Context, address, request string, statuses *[600]atomic.Int64) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in := bufio.NewReader(conn)
	for ctx.Err() == nil {
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		reply, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, reply.Body); err != nil {
			return err
		}
		statuses[reply.StatusCode].Add(1)
	}
	return nil
}

// poll keeps n long polls of the platform open until ctx ends.
func (h *house) poll(ctx context.Context, t testing.TB, n int) (stop func() string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	var polling sync.WaitGroup
	var answered atomic.Int64
	for range n {
		r := h.request(t, account.Platform, "GET", "/v1/receipts?wait=30", nil).WithContext(ctx)
		polling.Go(func() {
			for ctx.Err() == nil {
				reply, err := client.Do(r)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, reply.Body)
				_ = reply.Body.Close()
				answered.Add(1)
			}
		})
	}
	h.awaitGauge(t, "alataw_http_waits", float64(n))
	return func() string {
		polling.Wait()
		client.CloseIdleConnections()
		return fmt.Sprintf("%d polls waited, %d were answered", n, answered.Load())
	}
}
