package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// answer is a reply, read whole.
type answer struct {
	status  int
	header  http.Header
	trailer http.Header
	body    []byte
}

// problem reads the reply as a problem document.
func (a answer) problem(t testing.TB) api.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), string(a.body))
	return read[api.Problem](t, a)
}

// refused checks the status and the code of a problem.
func (a answer) refused(t testing.TB, status int, code string) {
	t.Helper()
	require.Equal(t, status, a.status, string(a.body))
	require.Equal(t, "/problems/"+code, a.problem(t).Type)
}

// read reads the reply's JSON, which has no member that the type has not.
func read[T any](t testing.TB, a answer) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, &v, json.RejectUnknownMembers(true)), string(a.body))
	return v
}

// got reads a good reply of the given status.
func got[T any](t testing.TB, status int, a answer) T {
	t.Helper()
	require.Equal(t, status, a.status, string(a.body))
	return read[T](t, a)
}

// request makes a request. Headers are given as "Name: value"; a value of - takes one away.
func (h *house) request(t testing.TB, role account.Role, method, path string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, body)
	require.NoError(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+h.keys[role])
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		if value == "-" {
			r.Header.Del(name)
		}
	}
	return r
}

// call sends a request and reads the reply.
func (h *house) call(t testing.TB, role account.Role, method, path, body string, headers ...string) answer {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	return do(t, h.request(t, role, method, path, in, headers...))
}

func (h *house) get(t testing.TB, role account.Role, path string, headers ...string) answer {
	t.Helper()
	return h.call(t, role, "GET", path, "", headers...)
}

func (h *house) post(t testing.TB, role account.Role, path, body string, headers ...string) answer {
	t.Helper()
	return h.call(t, role, "POST", path, body, headers...)
}

func do(t checker, r *http.Request) answer {
	t.Helper()
	reply, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	a := answer{status: reply.StatusCode, header: reply.Header, trailer: reply.Trailer, body: body}
	checkDescribed(t, r, a)
	return a
}
