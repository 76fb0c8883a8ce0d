package publisher_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/publisher"
	"github.com/alataw/alataw/internal/watchlist"
)

// press is a publisher whose server does what a test wants.
type press struct {
	*httptest.Server
	mu     sync.Mutex
	handle map[string]http.HandlerFunc // by path
	asked  []*http.Request
}

func newPress(t *testing.T) *press {
	t.Helper()
	p := &press{handle: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r)
		handle := p.handle[r.URL.Path]
		p.mu.Unlock()
		if handle == nil {
			http.NotFound(w, r)
			return
		}
		handle(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *press) on(path string, handle http.HandlerFunc) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handle[path] = handle
	return p.URL + path
}

func (p *press) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// prints serves a text, with an ETag that it knows again.
func prints(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"%d-%x"`, len(text), text[:min(8, len(text))])
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, text)
	}
}

// custom is a list of n parties.
func custom(n int) string {
	var list strings.Builder
	list.WriteString("id,name\n")
	for i := range n {
		fmt.Fprintf(&list, "%d,Party %04d\n", i, i)
	}
	return list.String()
}

func ownList(urls ...string) publisher.Source {
	return publisher.Source{Name: watchlist.Custom, URLs: urls}
}

func fetch(t *testing.T, source publisher.Source, since []watchlist.Origin) (*publisher.Fetched, error) {
	t.Helper()
	return publisher.NewClient(2*time.Second).Fetch(t.Context(), source, since)
}

func TestFetch(t *testing.T) {
	p := newPress(t)
	url := p.on("/list", prints(custom(3)))
	fetched, err := fetch(t, ownList(url+"?token=s3cret"), nil)
	require.NoError(t, err)
	require.Len(t, fetched.Entries, 3)
	require.Equal(t, url, fetched.Origins[0].URL, "what may be secret is not kept")
	require.NotEmpty(t, fetched.Origins[0].ETag)
	again, err := fetch(t, ownList(url), fetched.Origins)
	require.NoError(t, err)
	require.Nil(t, again, "304")
	p.on("/list", prints(custom(4)))
	news, err := fetch(t, ownList(url), fetched.Origins)
	require.NoError(t, err)
	require.Len(t, news.Entries, 4)
}

// Of a list in several files all are read when one has changed.
func TestFetchOfSeveralFiles(t *testing.T) {
	p := newPress(t)
	sdn := `1,"ORVANE, Tessaly","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n"
	source := publisher.Source{Name: watchlist.OFAC, URLs: []string{
		p.on("/sdn.csv", prints(sdn)), p.on("/alt.csv", prints(`1,1,"aka","OVANE, Tess",-0- `+"\r\n")), p.on("/add.csv", prints(`1,1,-0- ,"Klow","Iran",-0- `+"\r\n")),
	}}
	fetched, err := fetch(t, source, nil)
	require.NoError(t, err)
	require.Len(t, fetched.Entries, 2)
	require.Equal(t, 3, p.requests())
	same, err := fetch(t, source, fetched.Origins)
	require.NoError(t, err)
	require.Nil(t, same)
	require.Equal(t, 6, p.requests())
	p.on("/alt.csv", prints(`1,1,"aka","OVANE, Tessa",-0- `+"\r\n"))
	news, err := fetch(t, source, fetched.Origins)
	require.NoError(t, err)
	require.Equal(t, "OVANE, Tessa", news.Entries[1].Name)
	require.Equal(t, []string{"IR"}, news.Entries[1].Countries)
	require.Equal(t, 10, p.requests(), "two are asked before there is news, then the first and the third in full")
	require.Len(t, news.Origins, 3)
	for i, origin := range news.Origins {
		require.Equal(t, source.URLs[i], origin.URL)
	}
}

func TestFetchOfWhatServersDo(t *testing.T) {
	p := newPress(t)
	release := make(chan struct{})
	defer close(release)
	zipped := func(cut int) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := io.WriteString(w, custom(300))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.Bytes()[:out.Len()-cut]
	}
	rows := map[string]struct {
		handle http.HandlerFunc
		kind   fault.Kind
		says   string // "" for 300 parties
	}{
		"gzip on the way": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zipped(0))
		}, 0, ""},
		"a gzip file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/gzip")
			w.Write(zipped(0))
		}, 0, ""},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/good", http.StatusFound) }, 0, ""},
		"gzip on the way, cut off": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(zipped(20))
			}, fault.Unavailable, "stopped sending: the connection was cut off",
		},
		"a gzip file, cut off": {func(w http.ResponseWriter, _ *http.Request) { w.Write(zipped(20)) }, fault.Invalid, "list_truncated"},
		"a cut connection": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			io.WriteString(w, custom(10))
		}, fault.Unavailable, "stopped sending: the connection was cut off"},
		"a web page": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!DOCTYPE html><html></html>") }, fault.Invalid, "is a web page, not a list"},
		"nothing":    {func(http.ResponseWriter, *http.Request) {}, fault.Invalid, "is empty"},
		"not found":  {http.NotFound, fault.Unavailable, "answers 404 Not Found"},
		"trouble":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, fault.Unavailable, "answers 502 Bad Gateway"},
		"nothing new, though nobody asked": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, fault.Unavailable, "answers 304",
		},
		"redirects for ever": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/list", http.StatusFound) }, fault.Unavailable, "more than 5 redirects"},
		"a redirect to a file": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, fault.Unavailable, "unsupported protocol scheme"},
		"silence": {func(http.ResponseWriter, *http.Request) { <-release }, fault.Unavailable, "does not answer"},
		"silence in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, custom(10))
			w.(http.Flusher).Flush()
			<-release
		}, fault.Unavailable, "stopped sending"},
		"a connection that is cut": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Unavailable, "does not answer: the connection was cut off"},
	}
	p.on("/good", prints(custom(300)))
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			url := p.on("/list", row.handle)
			client := publisher.NewClient(2 * time.Second)
			if strings.HasPrefix(name, "silence") {
				client = publisher.NewClient(100 * time.Millisecond)
			}
			fetched, err := client.Fetch(t.Context(), ownList(strings.Replace(url, "http://", "http://me:s3cret@", 1)), nil)
			if row.says == "" {
				require.NoError(t, err)
				require.Len(t, fetched.Entries, 300)
				return
			}
			require.Nil(t, fetched)
			require.Equal(t, row.kind, fault.KindOf(err), "%v", err)
			require.ErrorContains(t, err, row.says)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		_, err := fetch(t, ownList("http://127.0.0.1:1/list"), nil)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.ErrorContains(t, err, "http://127.0.0.1:1/list does not answer")
		require.Equal(t, 1, strings.Count(err.Error(), "refused"), "the cause is told once: %v", err)
	})
	t.Run("told to stop", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		url := p.on("/list", func(http.ResponseWriter, *http.Request) { cancel(); <-release })
		_, err := publisher.NewClient(time.Minute).Fetch(ctx, ownList(url), nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// shelf keeps lists in memory, as the database does.
type shelf struct {
	mu       sync.Mutex
	now      func() time.Time
	editions map[string]watchlist.Edition
	fails    error
}

func (s *shelf) ListsInForce(context.Context) (all []watchlist.Edition, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, edition := range s.editions {
		all = append(all, edition)
	}
	return all, nil
}

func (s *shelf) ReplaceList(_ context.Context, in watchlist.Import) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return false, s.fails
	}
	was, is := s.editions[in.Source], watchlist.CountsOf(in.Entries)
	if err := watchlist.Shrunk(in.Source, watchlist.Counts{Parties: was.Parties, Aliases: was.Aliases}, is, in.MaxShrink); err != nil {
		return false, err
	}
	next := watchlist.Edition{Source: in.Source, Version: in.Version(s.now()), Parties: is.Parties, Aliases: is.Aliases, CheckedAt: s.now(), Origins: in.Origins}
	s.editions[in.Source] = next
	return next.Version != was.Version, nil
}

func (s *shelf) ConfirmList(_ context.Context, source string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	edition := s.editions[source]
	edition.CheckedAt = s.now()
	s.editions[source] = edition
	return nil
}

func (s *shelf) edition(source string) *watchlist.Edition {
	s.mu.Lock()
	defer s.mu.Unlock()
	if edition, ok := s.editions[source]; ok {
		return &edition
	}
	return nil
}

// tally counts outcomes.
type tally struct {
	mu   sync.Mutex
	seen map[publisher.Outcome]int
}

func (t *tally) observe(_ string, outcome publisher.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[outcome]++
}

func (t *tally) count(outcome publisher.Outcome) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[outcome]
}

func refresher(t *testing.T, cfg publisher.Config) (*publisher.Refresher, *shelf, *tally) {
	t.Helper()
	s, seen := &shelf{now: time.Now, editions: map[string]watchlist.Edition{}}, &tally{seen: map[publisher.Outcome]int{}}
	r, err := publisher.NewRefresher(cfg, s, time.Now, slog.New(slog.DiscardHandler), seen.observe)
	require.NoError(t, err)
	return r, s, seen
}

// TestRefresh: what a publisher does next, and what becomes of the list in force.
func TestRefresh(t *testing.T) {
	p := newPress(t)
	url := p.on("/list", prints(custom(100)))
	r, shelf, seen := refresher(t, publisher.Config{URLs: "custom=" + url, Every: time.Hour, Timeout: 2 * time.Second, MaxShrink: 20})
	step := func(handle http.HandlerFunc, want publisher.Outcome, parties int) {
		t.Helper()
		p.on("/list", handle)
		before := seen.count(want)
		outcome, err := r.Refresh(t.Context(), r.Sources()[0], shelf.edition(watchlist.Custom))
		require.Equal(t, want, outcome, "%v", err)
		require.Equal(t, want == publisher.Imported || want == publisher.Unchanged, err == nil)
		require.Equal(t, parties, shelf.edition(watchlist.Custom).Parties)
		require.Equal(t, before+1, seen.count(want))
	}
	step(prints(custom(100)), publisher.Imported, 100)
	step(prints(custom(100)), publisher.Unchanged, 100)
	step(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, custom(100)) }, publisher.Unchanged, 100) // a server without ETags
	step(prints(custom(79)), publisher.Refused, 100)
	step(prints("<html>gone</html>"), publisher.Refused, 100)
	step(http.NotFound, publisher.Unreachable, 100)
	shelf.fails = errors.New("disk on fire")
	step(prints(custom(90)), publisher.Failed, 100)
	shelf.fails = nil
	step(prints(custom(90)), publisher.Imported, 90)
}

// Run asks when a list is due, goes on while a publisher is away, and has its news when it is back.
func TestRun(t *testing.T) {
	p := newPress(t)
	good, bad := p.on("/good", prints(custom(10))), p.on("/bad", http.NotFound)
	r, shelf, seen := refresher(t, publisher.Config{URLs: "custom=" + good + ";un=" + bad, Every: time.Second, Timeout: time.Second, MaxShrink: 20})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	reaches := func(what string, reached func() bool) {
		t.Helper()
		require.Eventually(t, reached, 20*time.Second, 10*time.Millisecond, what)
	}
	reaches("the list is there", func() bool { e := shelf.edition(watchlist.Custom); return e != nil && e.Parties == 10 })
	reaches("the other is told", func() bool { return seen.count(publisher.Unreachable) > 1 })
	reaches("it is asked again", func() bool { return seen.count(publisher.Unchanged) > 0 })
	p.on("/good", prints(custom(11)))
	reaches("the news is there", func() bool { return shelf.edition(watchlist.Custom).Parties == 11 })
	cancel()
	require.NoError(t, <-done)
	require.Nil(t, shelf.edition(watchlist.UN))
}

// A list that somebody has just checked is left alone.
func TestRunLeavesFreshListsAlone(t *testing.T) {
	p := newPress(t)
	stale, fresh := p.on("/stale", prints(custom(10))), p.on("/fresh", prints(custom(10)))
	r, shelf, seen := refresher(t, publisher.Config{URLs: "un=" + fresh + ";custom=" + stale, Every: time.Hour, Timeout: time.Second, MaxShrink: 20})
	shelf.editions[watchlist.UN] = watchlist.Edition{Source: watchlist.UN, CheckedAt: time.Now().Add(-50 * time.Minute)}
	shelf.editions[watchlist.Custom] = watchlist.Edition{Source: watchlist.Custom, CheckedAt: time.Now().Add(-67 * time.Minute)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	require.Eventually(t, func() bool { return seen.count(publisher.Imported) == 1 }, 20*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, 1, p.requests())
}

func TestConfig(t *testing.T) {
	good := publisher.Config{URLs: " ofac_sdn=https://a.example/sdn.csv, https://a.example/alt.csv ; un=http://b.example/x?y=1;", Every: time.Hour, Timeout: time.Minute, MaxShrink: 20}
	require.NoError(t, good.Validate())
	sources, err := good.Sources()
	require.NoError(t, err)
	require.Equal(t, []publisher.Source{
		{Name: "ofac_sdn", URLs: []string{"https://a.example/sdn.csv", "https://a.example/alt.csv"}}, {Name: "un", URLs: []string{"http://b.example/x?y=1"}},
	}, sources)
	for urls, says := range map[string]string{
		"moon=https://s3cret.example": "source is one of ofac_sdn",
		"https://s3cret.example/x":    "source=URL",
		"un=/s3cret/file":             "un: an http or https URL is needed",
		"un=ftp://s3cret":             "un: an http or https URL is needed",
		"un=":                         "un: an http or https URL is needed",
		"un=https://s3cret/a;un=https://s3cret/b":   "un is there twice",
		"un=https://me:s3cret@x.example/a;;eu=moon": "eu: an http",
	} {
		bad := good
		bad.URLs = urls
		require.ErrorContains(t, bad.Validate(), says, urls)
		require.NotContains(t, bad.Validate().Error(), "s3cret")
	}
	for _, bad := range []publisher.Config{{Every: time.Millisecond, Timeout: time.Minute}, {Every: time.Hour}, {Every: time.Hour, Timeout: time.Minute, MaxShrink: 101}} {
		require.Error(t, bad.Validate())
	}
}

// A file that is no list is read as it comes; what goes wrong does not tell an address that may hold a password.
func TestOpen(t *testing.T) {
	p := newPress(t)
	client := publisher.NewClient(2 * time.Second)
	file, name, err := client.Open(t.Context(), p.on("/rates.csv", prints("Date,USD\n"))+"?token=s3cret")
	require.NoError(t, err)
	require.Equal(t, p.URL+"/rates.csv", name)
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Equal(t, "Date,USD\n", string(text))

	_, _, err = client.Open(t.Context(), p.URL+"/moved?token=s3cret")
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.ErrorContains(t, err, "answers 404 Not Found")
	require.NotContains(t, err.Error(), "s3cret")
	cut, _, err := client.Open(t.Context(), p.on("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		io.WriteString(w, "Date,USD\n")
	}))
	require.NoError(t, err)
	_, err = io.ReadAll(cut)
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "a connection that breaks is no short file")
	require.NoError(t, cut.Close())
}
