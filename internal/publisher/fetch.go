package publisher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// How a publisher's server may behave; how long it may take is the configuration's.
const (
	headerWait   = 30 * time.Second
	mostRedirect = 5
)

// Client fetches lists.
type Client struct {
	http    *http.Client
	timeout time.Duration
}

// NewClient makes a client that gives a file at most timeout. Proxies are those of the environment.
func NewClient(timeout time.Duration) *Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: min(headerWait, timeout),
		MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	}
	return &Client{http: &http.Client{Transport: transport, CheckRedirect: follow}, timeout: timeout}
}

// follow refuses redirects without end, and from https to http.
func follow(next *http.Request, before []*http.Request) error {
	switch {
	case len(before) > mostRedirect:
		return fmt.Errorf("more than %d redirects", mostRedirect)
	case next.URL.Scheme != "https" && before[len(before)-1].URL.Scheme == "https":
		return errors.New("a redirect from https to http")
	}
	return nil
}

// Fetched is a list as it was fetched.
type Fetched struct {
	Entries []watchlist.Entry
	Report  watchlist.Report
	Origins []watchlist.Origin
}

// Fetch reads a list from its files' addresses as they come, without keeping a file. When since says what was fetched before and every
// server says that nothing has changed, it gives nil. A list that is refused is a fault.Invalid, as watchlist.Parse has them;
// a server that does not answer, or not with the file, is a fault.Unavailable.
func (c *Client) Fetch(ctx context.Context, source Source, since []watchlist.Origin) (*Fetched, error) {
	files := make([]*remote, len(source.URLs))
	for i, address := range source.URLs {
		files[i] = &remote{client: c, ctx: ctx, address: address, name: shown(address)} //nolint:containedctx // it lives as long as this call
	}
	defer func() {
		for _, f := range files {
			f.close()
		}
	}()
	changed, err := c.changed(files, since) //nolint:contextcheck // each file has ctx
	if err != nil || !changed {
		return nil, err
	}
	var order []watchlist.File
	for _, open := range []bool{true, false} { // the one whose server has begun to send goes first
		for _, f := range files {
			if (f.body != nil) == open {
				order = append(order, watchlist.File{Name: f.name, Reader: f})
			}
		}
	}
	entries, report, err := watchlist.Parse(source.Name, order)
	if err != nil {
		return nil, err
	}
	fetched := &Fetched{Entries: entries, Report: report}
	for _, f := range files {
		fetched.Origins = append(fetched.Origins, f.origin)
	}
	return fetched, nil
}

// changed asks the servers, in turn, until one has news, whose file is left open.
func (c *Client) changed(files []*remote, since []watchlist.Origin) (bool, error) {
	if len(since) != len(files) {
		return true, nil
	}
	for i, f := range files {
		if since[i].URL != f.name || since[i].ETag == "" && since[i].LastModified == "" {
			return true, nil
		}
	}
	for i, f := range files {
		if news, err := f.open(since[i]); err != nil || news {
			return news, err
		}
	}
	return false, nil
}

// remote is a file that is asked for when it is first read.
type remote struct {
	client  *Client
	ctx     context.Context //nolint:containedctx // of the Fetch that it is a part of
	address string
	name    string
	origin  watchlist.Origin
	body    io.ReadCloser
	cancel  context.CancelFunc
}

// Read reads on, and says what kind of trouble it met.
func (r *remote) Read(p []byte) (int, error) {
	if r.body == nil {
		if _, err := r.open(watchlist.Origin{}); err != nil {
			return 0, err
		}
	}
	n, err := r.body.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a wrapped EOF is no clean end
		err = r.unavailable(err, "stopped sending")
	}
	return n, err
}

// open asks for the file; with what is known of it, news is false when the server says that it is the same.
func (r *remote) open(known watchlist.Origin) (news bool, err error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.client.timeout)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.address, nil)
	if err != nil {
		cancel()
		return false, fault.New(fault.Invalid, "list_address", "%s is no address", r.name)
	}
	request.Header.Set("User-Agent", "alataw")
	if known.ETag != "" {
		request.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		request.Header.Set("If-Modified-Since", known.LastModified)
	}
	answer, err := r.client.http.Do(request)
	if err != nil {
		cancel()
		return false, r.unavailable(err, "does not answer")
	}
	switch {
	case answer.StatusCode == http.StatusOK:
		r.body, r.cancel = answer.Body, cancel
		r.origin = watchlist.Origin{URL: r.name, ETag: header(answer, "ETag"), LastModified: header(answer, "Last-Modified")}
		return true, nil
	case answer.StatusCode == http.StatusNotModified && known != (watchlist.Origin{}):
		err = nil
	default:
		err = fault.New(fault.Unavailable, "publisher_unreachable", "%s answers %s", r.name, answer.Status)
	}
	cancel()
	_ = answer.Body.Close() // what it holds is not wanted
	return false, err
}

// header gives a header that is short enough to be sent back.
func header(answer *http.Response, name string) string {
	if value := answer.Header.Get(name); len(value) <= 500 {
		return value
	}
	return ""
}

// unavailable keeps the address out of the error: it may hold a password.
func (r *remote) unavailable(err error, what string) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if wrong, ok := errors.AsType[*url.Error](err); ok {
		err = wrong.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // a file's end it is not
		err = errors.New("the connection was cut off")
	}
	return fault.Wrap(err, fault.Unavailable, "publisher_unreachable", "%s %s", r.name, what)
}

func (r *remote) close() {
	if r.body != nil {
		_ = r.body.Close() // it has been read, or is not wanted
		r.cancel()
	}
}

// shown is an address without user, password and parameters, any of which may be secret.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// Open asks for a file that is no list, to be read as it comes, and gives its address as it may be shown. The reader's errors and Open's
// are as Fetch has them; it lives as long as ctx does, and has to be closed.
func (c *Client) Open(ctx context.Context, address string) (_ io.ReadCloser, shownAs string, err error) {
	file := &remote{client: c, ctx: ctx, address: address, name: shown(address)} //nolint:containedctx // it lives as long as the caller's reading
	if _, err := file.open(watchlist.Origin{}); err != nil {                     //nolint:contextcheck // it has ctx
		return nil, "", err
	}
	return file, file.name, nil
}

// Close lets go of the connection.
func (r *remote) Close() error {
	r.close()
	return nil
}
