package load

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	attemptTimeout  = time.Minute // one request and its answer
	firstBackoff    = 50 * time.Millisecond
	longestBackoff  = 5 * time.Second
	longestRetry    = 15 * time.Second // a longer Retry-After is cut to this
	longestAnswer   = 256 << 20        // bytes
	longestProblem  = 64 << 10         // bytes
	reasonNetwork   = "network"
	reasonCutAnswer = "cut answer"
)

// ProblemError is an answer that posting again would not change, as the server explained it (RFC 9457).
type ProblemError struct {
	Status int
	Code   string // the last part of the problem's type
	Detail string
}

func (p *ProblemError) Error() string {
	text := strconv.Itoa(p.Status) + " " + cmp.Or(p.Code, http.StatusText(p.Status))
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	return text
}

// againError is an error that a repetition may cure: the server is away, busy or full.
type againError struct {
	reason string        // for the report: the status, or "network"
	wait   time.Duration // what the server asked for, 0 if nothing
	err    error
}

func (a *againError) Error() string { return a.err.Error() }
func (a *againError) Unwrap() error { return a.err }

// client sends requests, and repeats those that did not come through. It is used by many goroutines.
type client struct {
	http     *http.Client
	base     string
	key      string
	patience time.Duration
	now      func() time.Time
	trouble  func(reason string, err error) // told of each repetition, and with a nil error when it came through
}

// request is one HTTP request that can be sent any number of times.
type request struct {
	method, path, contentType string
	body                      []byte
}

// send sends until an answer is read without error. Each 2xx answer's body is put into buf, in place of what is there, and
// given to read; an error of read that wraps errCut sends again.
//
// It repeats on network errors and on the statuses 429, 502, 503 and 504: after Retry-After if the server gives one (at most
// longestRetry), else after a capped, jittered backoff. It gives up after the client's patience.
func (c *client) send(ctx context.Context, r request, buf *bytes.Buffer, read func(body []byte) error) error {
	var since time.Time
	for backoff := firstBackoff; ; backoff = min(2*backoff, longestBackoff) {
		err := c.attempt(ctx, r, buf, read)
		var retry *againError
		if err == nil && !since.IsZero() {
			c.trouble("", nil)
		}
		if err == nil || !errors.As(err, &retry) {
			return err
		}
		c.trouble(retry.reason, err)
		if since.IsZero() {
			since = c.now()
		}
		wait := cmp.Or(retry.wait, backoff/2) + rand.N(backoff/2)
		if c.now().Add(wait).Sub(since) > c.patience {
			return fmt.Errorf("gave up after %s: %w", c.patience, err)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (c *client) attempt(ctx context.Context, r request, buf *bytes.Buffer, read func(body []byte) error) error {
	within, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	answer, err := c.do(within, r)
	if err != nil {
		return c.network(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return c.problem(answer)
	}
	buf.Reset()
	if _, err := buf.ReadFrom(io.LimitReader(answer.Body, longestAnswer)); err != nil {
		return c.network(ctx, fmt.Errorf("read the answer: %w", err))
	}
	if err = read(buf.Bytes()); errors.Is(err, errCut) {
		return &againError{reason: reasonCutAnswer, err: err}
	}
	return err
}

func (c *client) do(ctx context.Context, r request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	return c.http.Do(req)
}

// network tells the server's absence from our own end.
func (c *client) network(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &againError{reason: reasonNetwork, err: err}
}

// problem reads an answer that is not 2xx.
func (c *client) problem(answer *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, longestProblem)) // what came is explanation enough
	p := readProblem(answer.StatusCode, body)
	if !temporary(answer.StatusCode) {
		return p
	}
	return &againError{
		reason: strconv.Itoa(answer.StatusCode),
		wait:   min(longestRetry, retryAfter(answer.Header.Get("Retry-After"), c.now())),
		err:    p,
	}
}

// temporary tells the statuses of a server that is busy, full or restarting.
func temporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads the header of RFC 9110 §10.2.3: seconds or a date. What is neither asks for nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

func readProblem(status int, body []byte) *ProblemError {
	p := &ProblemError{Status: status}
	s := scanner{data: body}
	err := s.object(func(name []byte) error {
		var text []byte
		var err error
		switch string(name) {
		case "type":
			text, err = s.text()
			p.Code = string(text[bytes.LastIndexByte(text, '/')+1:])
		case "detail":
			text, err = s.text()
			p.Detail = string(text)
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil && p.Detail == "" && len(body) > 0 { // not ours: a proxy's page
		p.Detail = string(bytes.ToValidUTF8(body[:min(len(body), 200)], nil))
	}
	return p
}

// sleep waits, or gives the reason why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// newTransport keeps one connection per worker, and one for the receipts, open between requests.
func newTransport(workers int) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConns:        workers + 2,
		MaxIdleConnsPerHost: workers + 2,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
		DisableCompression:  true, // unpacking answers would cost the machine that is measured
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
	}
}
