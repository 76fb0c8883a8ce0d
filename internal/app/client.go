package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// client speaks to the API as any other client does, for the demo and the benchmark.
type client struct {
	url, key string
	http     *http.Client
}

func newClient(url, key string) *client {
	return &client{url: url, key: key, http: &http.Client{Timeout: time.Minute}}
}

// call sends a request and reads its answer into out; an answer of 400 and up is an error with the problem's detail.
func (c *client) call(ctx context.Context, method, path string, body, out any) error {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		var problem struct {
			Detail string        `json:"detail"`
			Errors []fault.Field `json:"errors"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&problem) // without it, the status says enough
		return fmt.Errorf("%s %s: %s: %s %v", method, path, resp.Status, problem.Detail, problem.Errors)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// page is a page of any list.
type page[T any] struct {
	Data []T    `json:"data"`
	Next string `json:"next_cursor"`
}

// walk calls visit for every entry of a list or feed, until a page comes that is not filled.
func walk[T any](ctx context.Context, c *client, path string, visit func(T)) error {
	const limit = 500
	for cursor := ""; ; {
		var p page[T]
		if err := c.call(ctx, http.MethodGet, fmt.Sprintf("%s&limit=%d&cursor=%s", path, limit, cursor), nil, &p); err != nil {
			return err
		}
		for _, entry := range p.Data {
			visit(entry)
		}
		if len(p.Data) < limit || p.Next == "" {
			return nil
		}
		cursor = p.Next
	}
}
