package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
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

// press is a publisher that does what it is told to.
type press struct {
	*httptest.Server
	handle atomic.Pointer[http.HandlerFunc]
	asked  atomic.Int64
}

func newPress(t *testing.T) *press {
	t.Helper()
	p := &press{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		(*p.handle.Load())(w, r)
	}))
	t.Cleanup(p.Close)
	p.answer(http.StatusServiceUnavailable)
	return p
}

func (p *press) do(handle http.HandlerFunc) { p.handle.Store(&handle) }

func (p *press) answer(status int) {
	p.do(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func (p *press) print(text string) {
	p.do(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
}

// tear sends the first half of a text, and no more.
func (p *press) tear(text string) {
	p.do(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		io.WriteString(w, text[:len(text)/2])
	})
}

// hangUp is a server that is not there any more: it ends each connection without a word.
func (p *press) hangUp() {
	p.do(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// The service starts and screens while a publisher is down, has its list when it is back, and keeps it when what comes next is cut.
func TestListsAreKeptFresh(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--lists-urls", "custom="+p.URL, "--lists-every", "1s").settings(t))
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

// Whatever becomes of a publisher, its last good list stays in force and orders are screened by it, after a restart too; once it is well again,
// what it has is taken.
func TestAFailingPublisherStopsNothing(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	at := scratch(t, "--screening-random-basis-points", "0", "--lists-urls", "custom="+p.URL, "--lists-every", "1s")
	p.print(ownList(100, "Tessaly ORVANE"))
	r := start(t, at.settings(t))
	n := 0
	judged := func(name string) string {
		n++
		id := r.post(order(strconv.Itoa(n), "Person "+strconv.Itoa(n), name))[0]
		var status string
		eventually(t, "judged", func() bool {
			for kind := range r.feed()[id] {
				if kind == "held" || kind == "cleared" {
					status = kind
				}
			}
			return status != ""
		})
		return status
	}
	eventually(t, "the list is in force", func() bool { return judged("Tessaly Orvane") == "held" })
	version := r.rulesVersion()

	good := ownList(100, "Somebody Else")
	for _, trouble := range []struct {
		name, outcome string
		does          func()
	}{
		{"errors", "unreachable", func() { p.answer(http.StatusInternalServerError) }},
		{"no connection", "unreachable", p.hangUp},
		{"half a file", "unreachable", func() { p.tear(good) }},
		{"a file cut where its maker ran out of room", "refused", func() { p.print(good[:len(good)/3]) }},
		{"an empty file", "refused", func() { p.print("") }},
		{"a web page", "refused", func() { p.print("<!DOCTYPE html><html><body>We are moving</body></html>") }},
	} {
		seen := func() float64 {
			value, _ := r.gauge(`alataw_list_refreshes_total{outcome="` + trouble.outcome + `",source="custom"}`)
			return value
		}
		trouble.does()
		before, asked := seen(), p.asked.Load()
		eventually(t, trouble.name+" was met", func() bool { return p.asked.Load() > asked+1 && seen() > before+1 })
		require.Equal(t, "held", judged("Tessaly Orvane"), trouble.name)
		require.Equal(t, "cleared", judged("Somebody Else"), trouble.name)
		require.Equal(t, version, r.rulesVersion(), trouble.name)
	}

	p.hangUp()
	require.NoError(t, r.stop())
	r = start(t, at.settings(t))
	require.Equal(t, version, r.rulesVersion(), "a start without the publisher has the list of before")
	require.Equal(t, "held", judged("Tessaly Orvane"))
	p.print(good)
	eventually(t, "the publisher's next list is taken", func() bool { return judged("Somebody Else") == "held" })
	require.Equal(t, "cleared", judged("Tessaly Orvane"))
}

// The commands work while the service runs, and beside its own refreshing.
func TestListsCommands(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	at := scratch(t, "--lists-urls", "custom="+p.URL, "--lists-every", "1s")
	start(t, at.settings(t))
	lists := func(args ...string) (string, error) { return at.command(t, append([]string{"lists"}, args...)...) }
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

	p.answer(http.StatusServiceUnavailable) // from here on only commands change anything
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
	require.ErrorContains(t, err, "LISTS_URLS has no address of un")
	_, err = lists("refresh", "--lists-urls", "")
	require.ErrorContains(t, err, "LISTS_URLS is empty")
	out, err = lists("show", "--all")
	require.NoError(t, err)
	require.GreaterOrEqual(t, strings.Count(out, "until"), 3, out)
}
