package load_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

const benchBatch = 500

// cycle gives the same orders over and over: what making or unpacking them costs is not the client's.
type cycle struct {
	orders [][]byte
	at, n  int
}

func newCycle(b *testing.B, n int) *cycle {
	b.Helper()
	c := &cycle{n: n}
	day := load.Sample(1, 10*benchBatch)
	for range 10 * benchBatch {
		order, err := day.Next()
		require.NoError(b, err)
		c.orders = append(c.orders, append([]byte(nil), order...))
	}
	return c
}

func (c *cycle) Next() ([]byte, error) {
	if c.at == c.n {
		return nil, io.EOF
	}
	c.at++
	return c.orders[c.at%len(c.orders)], nil
}

// taken is the answer to a batch of which all is taken, as long as the server's.
func taken() string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"accepted":%d,"refused":0,"results":[`, benchBatch)
	for i := range benchBatch {
		fmt.Fprintf(&b, `%s{"index":%d,"order_no":"SD1-%07d","id":"pcl_abcdefghijklmnopqrst%06d","status":"received"}`, [2]string{"", ","}[min(i, 1)], i, i, i)
	}
	return b.String() + "]}"
}

// instant is a network without a kernel: what is left is the client's own work.
type instant string

func (answer instant) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	body := `{"data":[],"next_cursor":"0"}`
	if r.Method == http.MethodPost {
		body = string(answer)
	}
	return &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, err
}

func BenchmarkClient(b *testing.B) {
	benchRun(b, load.Config{URL: "http://instant", Key: "k", Workers: 1, Transport: instant(taken())})
}

// BenchmarkLoopback adds HTTP and the kernel, of both ends.
func BenchmarkLoopback(b *testing.B) {
	answer := taken()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	benchRun(b, load.Config{URL: server.URL, Key: "k", Workers: 2})
}

func benchRun(b *testing.B, cfg load.Config) {
	batches := b.N/benchBatch + 1
	source := newCycle(b, batches*benchBatch)
	b.ReportAllocs()
	b.ResetTimer()
	report, err := load.Run(b.Context(), cfg, source)
	require.NoError(b, err)
	b.ReportMetric(float64(report.Posted)/b.Elapsed().Seconds(), "orders/s")
}
