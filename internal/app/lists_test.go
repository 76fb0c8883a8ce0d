package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownList is a custom list of n parties, the last of whom is called name.
func ownList(n int, name string) string {
	var list strings.Builder
	list.WriteString("id,name\n")
	for i := range n - 1 {
		fmt.Fprintf(&list, "%d,Borduria Party %04d\n", i, i)
	}
	fmt.Fprintf(&list, "%d,%s\n", n, name)
	return list.String()
}

// press serves what it is told to; nothing is an outage.
type press struct {
	*httptest.Server
	text  atomic.Pointer[string]
	asked atomic.Int64
}

func newPress(t *testing.T) *press {
	t.Helper()
	p := &press{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		text := p.text.Load()
		if text == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, *text)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *press) print(text string) { p.text.Store(&text) }

// The service starts and screens while a publisher is down, has its list when it is back, and keeps it when what comes next is cut.
func TestListsAreKeptFresh(t *testing.T) {
	p := newPress(t)
	r := start(t, settings(t, "--data-dir", scratch(t), "--screening-random-basis-points", "0", "--lists-urls", "custom="+p.URL, "--lists-every", "1s"))
	held := func(orderNo string) func() bool {
		id := r.post(order(orderNo, "Person "+orderNo, "Tessaly Orvane"))[0]
		eventually(t, "judged", func() bool { feed := r.feed()[id]; return feed["held"]+feed["cleared"] == 1 })
		return func() bool { return r.feed()[id]["held"] == 1 }
	}
	eventually(t, "the publisher was asked", func() bool { return p.asked.Load() > 0 })
	require.False(t, held("1")(), "orders are screened without a list")

	changed := func(what string, text string) {
		t.Helper()
		before := r.rules.Load().Version()
		p.print(text)
		eventually(t, what, func() bool { return r.rules.Load().Version() != before })
	}
	changed("its list is in force", ownList(100, "Tessaly ORVANE"))
	require.True(t, held("2")())

	p.print(ownList(10, "Somebody Else"))
	refusals := func() float64 {
		value, _ := r.gauge(`alataw_list_refreshes_total{outcome="refused",source="custom"}`)
		return value
	}
	eventually(t, "a cut list is refused", func() bool { return refusals() > 0 })
	require.True(t, held("3")(), "the list before stays")
	changed("the next is taken", ownList(101, "Somebody Else"))
	require.False(t, held("4")())
}

// The commands work while the service runs, and beside its own refreshing.
func TestListsCommands(t *testing.T) {
	p := newPress(t)
	dir := scratch(t)
	t.Setenv("LISTS_URLS", "custom="+p.URL)
	t.Setenv("LISTS_EVERY", "1s")
	start(t, settings(t, "--data-dir", dir))
	lists := func(args ...string) (string, error) {
		out := &logged{}
		err := Run(t.Context(), append([]string{"lists", "--data-dir", dir}, args...), nil, out, &logged{})
		return out.String(), err
	}
	_, err := lists("refresh")
	require.ErrorContains(t, err, "503 Service Unavailable")

	p.print(ownList(50, "Orvane"))
	var all sync.WaitGroup
	for range 3 { // and the service does it too
		all.Go(func() {
			if out, err := lists("refresh"); err != nil || !strings.HasPrefix(out, "custom: ") {
				t.Errorf("%s, %v", out, err)
			}
		})
	}
	all.Wait()
	out, err := lists("show")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(out, "in force"), out)
	require.Equal(t, 1, strings.Count(out, "custom"), "one of them has stored it: %s", out)

	p.text.Store(nil) // from here on only commands change anything
	q := newPress(t)
	q.print(ownList(50, "Orvane"))
	file := filepath.Join(t.TempDir(), "own.csv")
	require.NoError(t, os.WriteFile(file, []byte(ownList(20, "Orvane")), 0o600))
	_, err = lists("import", "--source", "custom", file)
	require.ErrorContains(t, err, "custom would shrink from 50 parties to 20, by 60 %")
	require.ErrorContains(t, err, "--force")
	_, err = lists("import", "--source", "custom", "--max-shrink", "101", file)
	require.ErrorContains(t, err, "from 0 to 100")
	_, err = lists("import", "--source", "custom", file, q.URL)
	require.ErrorContains(t, err, "from files or from addresses")
	out, err = lists("import", "--source", "custom", "--max-shrink", "60", file)
	require.NoError(t, err)
	require.Contains(t, out, "20 names in force within seconds")
	out, err = lists("import", "--source", "custom", q.URL)
	require.NoError(t, err)
	require.Contains(t, out, "50 names in force within seconds")
	out, err = lists("import", "--source", "custom", "--force", file)
	require.NoError(t, err)
	require.Contains(t, out, "20 names in force within seconds")
	_, err = lists("refresh", "un")
	require.ErrorContains(t, err, "LISTS_URLS has no address of such a list")
	out, err = lists("show", "--all")
	require.NoError(t, err)
	require.GreaterOrEqual(t, strings.Count(out, "until"), 3, out)
}
