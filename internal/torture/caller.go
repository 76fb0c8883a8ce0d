package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	statusOK          = http.StatusOK
	statusAccepted    = http.StatusAccepted
	statusUnavailable = http.StatusServiceUnavailable
	statusTooMany     = http.StatusTooManyRequests

	patience    = 40 * time.Second // with one request: more than any answer may take, a long poll's included
	firstPause  = 50 * time.Millisecond
	longerPause = time.Second

	contentJSON   = "application/json"
	contentStream = "application/x-ndjson"
)

// caller is a client with one key, that goes to the next door when one is shut.
type caller struct {
	house *cluster
	key   string
	http  *http.Client
	door  int
}

func newCaller(house *cluster, key string, door int) *caller {
	return &caller{house: house, key: key, door: door, http: &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second},
	}}
}

// once sends one request to an open door.
func (c *caller) once(ctx context.Context, method, path, content string, body []byte) answer {
	at := c.house.door(c.door)
	if at == "" {
		return answer{err: errNoDoor}
	}
	began := time.Now()
	a := c.exchange(ctx, method, at+path, content, body)
	a.took = time.Since(began)
	if a.err != nil || a.status >= http.StatusInternalServerError {
		c.door++
	}
	return a
}

func (c *caller) exchange(ctx context.Context, method, url, content string, body []byte) (a answer) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if content != "" {
		req.Header.Set("Content-Type", content)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	a.retryAfter = resp.Header.Get("Retry-After")
	if a.body, a.err = io.ReadAll(resp.Body); a.err == nil || content == contentStream { // a stream's lines count one by one
		a.status = resp.StatusCode
	}
	return a
}

// passing tells whether the same request may be answered otherwise a moment later.
func (a answer) passing() bool {
	return a.status == 0 || a.status == statusTooMany || a.status >= http.StatusBadGateway
}

// insist repeats a request until an answer comes that would not change, or ctx ends; then the status is 0.
func (c *caller) insist(ctx context.Context, method, path string, body any) answer {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{err: err}
	}
	content := contentJSON
	if body == nil {
		raw, content = nil, ""
	}
	for wait := firstPause; ; wait = min(2*wait, longerPause) {
		a := c.once(ctx, method, path, content, raw)
		if !a.passing() {
			return a
		}
		if !pause(ctx, wait) {
			return answer{err: context.Cause(ctx)}
		}
	}
}

// get insists on a 200 and reads it.
func (c *caller) get(ctx context.Context, path string, into any) error {
	a := c.insist(ctx, http.MethodGet, path, nil)
	if a.status != statusOK {
		return fmt.Errorf("GET %s: %d %s: %w", path, a.status, a.body, orUnexpected(a.err))
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

var errUnexpected = fmt.Errorf("unexpected answer")

func orUnexpected(err error) error {
	if err != nil {
		return err
	}
	return errUnexpected
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
