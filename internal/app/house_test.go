package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/load"
)

// place is where a test's services and commands meet: a data directory and a queue. What leads to it are flags and no environment,
// which all tests of the process would share: they run side by side.
type place struct {
	dir   string
	flags []string
}

// scratch gives a place of the test's own; further flags hold for all that runs there. The queue is the embedded one in make test,
// and Apache Kafka in make test-kafka, with topics and groups of the test's own.
func scratch(t *testing.T, flags ...string) place {
	t.Helper()
	dir := bareScratch(t)
	own := []string{"--data-dir", dir, "--kafka-prefix", filepath.Base(filepath.Dir(dir)) + "."}
	return place{dir: dir, flags: slices.Concat(own, queueFlags(t), flags)}
}

// settings are those of a service at the place.
func (p place) settings(t *testing.T) *Config {
	t.Helper()
	return settings(t, p.flags...)
}

// command runs the program at the place and gives what it prints.
func (p place) command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return command(t, slices.Concat(p.flags, args)...)
}

// bareScratch gives a data directory that the database's user can reach, also when the tests run as root.
func bareScratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "alataw-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() {
		require.NoError(t, embedded.Discard(context.WithoutCancel(t.Context()), filepath.Join(dir, "data")))
		require.NoError(t, os.RemoveAll(dir))
	})
	return filepath.Join(dir, "data")
}

// settings parses a configuration as the program does.
func settings(t *testing.T, flags ...string) *Config {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("alataw"))
	require.NoError(t, err)
	_, err = parser.Parse(append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "warn"}, flags...))
	require.NoError(t, err)
	return &c.Config
}

// command runs the program and gives what it prints, without its log.
func command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, log bytes.Buffer
	err := Run(t.Context(), args, nil, &out, &log)
	return out.String(), err
}

// running is a service that a test has started in its own process.
type running struct {
	*service
	t    *testing.T
	logs *logged
	stop func() error
}

// start runs a service until the test ends, or stop is called.
func start(t *testing.T, cfg *Config) *running {
	t.Helper()
	require.NotEmpty(t, cfg.Kafka.Prefix, "a service runs at a place, or it would share topics or start a queue that the test does not mean")
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan *service, 1), make(chan error, 1)
	logs := &logged{}
	go func() { done <- serve(ctx, cfg, logs, func(s *service) { ready <- s }) }()
	r := &running{t: t, logs: logs}
	r.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		require.NoError(t, r.stop())
		if t.Failed() {
			t.Log(logs.String())
		}
	})
	select {
	case r.service = <-ready:
	case err := <-done:
		done <- err
		require.NoError(t, err, logs.String())
	case <-time.After(time.Minute):
		t.Fatal("the service did not start", logs.String())
	}
	return r
}

// logged keeps a service's log for the case that its test fails.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (r *running) client(role account.Role) *client { return newClient(r.url, r.keys[role]) }

// eventually waits for a state, for a minute at the most.
func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	require.Eventually(t, reached, time.Minute, 20*time.Millisecond, what)
}

// receipt is what a test reads of a receipt.
type receipt struct {
	Sequence string `json:"sequence"`
	ParcelID string `json:"parcel_id"`
	OrderNo  string `json:"order_no"`
	Kind     string `json:"kind"`
	Status   string `json:"status"`
	Reasons  []struct {
		Category    string `json:"category"`
		Explanation string `json:"explanation"`
	} `json:"reasons"`
}

// receipts walks a platform's whole feed.
func receipts(t *testing.T, c *client) (all []receipt) {
	t.Helper()
	require.NoError(t, walk(t.Context(), c, "/v1/receipts?", func(r receipt) { all = append(all, r) }))
	return all
}

// kinds tells for each parcel how often each kind stands in the feed, and that the feed is in order.
func kindsOf(t *testing.T, feed []receipt) map[string]map[string]int {
	t.Helper()
	seen := map[string]map[string]int{}
	last := ""
	for _, r := range feed {
		require.Greater(t, r.Sequence, last)
		last = r.Sequence
		if seen[r.ParcelID] == nil {
			seen[r.ParcelID] = map[string]int{}
		}
		seen[r.ParcelID][r.Kind]++
	}
	return seen
}

// sample gives n orders of the sample day.
func sample(t *testing.T, seed uint64, n int) (orders [][]byte) {
	t.Helper()
	source := load.Sample(seed, n)
	for {
		order, err := source.Next()
		if errors.Is(err, io.EOF) {
			return orders
		}
		require.NoError(t, err)
		orders = append(orders, bytes.Clone(order))
	}
}

// batchAnswer is the answer to a batch.
type batchAnswer struct {
	Accepted int `json:"accepted"`
	Refused  int `json:"refused"`
	Results  []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"results"`
}

// postBatch posts a batch and gives the IDs of accepted orders; anything but 202 is an error.
func postBatch(ctx context.Context, c *client, orders [][]byte) (ids []string, err error) {
	var answer batchAnswer
	body := json.RawMessage(fmt.Sprintf(`{"parcels":[%s]}`, bytes.Join(orders, []byte(","))))
	if err := c.call(ctx, http.MethodPost, "/v1/parcels/batch", body, &answer); err != nil {
		return nil, err
	}
	for _, r := range answer.Results {
		if r.Status == "received" {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// order is one clean order to Germany; options are pairs of text to be replaced.
func order(no string, options ...string) []byte {
	doc := `{"order_no":"` + no + `","tracking_no":"T` + no + `","mode":"9610",
		"seller":{"name":"Huaxin Trading","registration_no":"91650000MA0000001N"},
		"consignee":{"name":"Person ` + no + `","phone":"+4930` + no + `","address":{"country":"DE","city":"Berlin","lines":["Hauptstr. ` + no + `"]}},
		"currency":"EUR","goods_value":"10.00","gross_weight_g":500,"dimensions_mm":{"length":150,"width":150,"height":100},
		"items":[{"description":"LED desk lamp","hs_code":"940521","origin":"CN","quantity":2,"unit":"H87","unit_price":"5.00","net_weight_g":400}]}`
	return []byte(strings.NewReplacer(options...).Replace(doc))
}
