package api_test

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/docs/openapi"
)

// described is the published description. Every reply that a test of this package gets is held against it.
var described = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(openapi.JSON) })

// seen notes which operations have been answered with which statuses.
var seen = struct {
	sync.Mutex
	statuses map[string]bool // "GET /v1/parcels 200"
}{statuses: map[string]bool{}}

// templateOf finds the path of the description that a request's path belongs to; "" when there is none.
func templateOf(doc *openapi3.T, method, path string) string {
	segments := strings.Split(path, "/")
	best := ""
	for template, item := range doc.Paths.Map() {
		if item.GetOperation(method) == nil || !covers(strings.Split(template, "/"), segments) {
			continue
		}
		if best == "" || strings.Count(template, "{") < strings.Count(best, "{") {
			best = template
		}
	}
	return best
}

func covers(template, segments []string) bool {
	if len(template) != len(segments) {
		return false
	}
	for i, t := range template {
		if !strings.HasPrefix(t, "{") && t != segments[i] {
			return false
		}
	}
	return true
}

// checker is a test, or one try of a property's.
type checker interface {
	require.TestingT
	Helper()
}

// checkDescribed holds a reply against the description: its status, its media type, its headers, its schema.
func checkDescribed(t checker, r *http.Request, a answer) {
	t.Helper()
	doc, err := described()
	require.NoError(t, err)
	template := templateOf(doc, r.Method, r.URL.EscapedPath())
	if template == "" {
		return // nothing is promised there
	}
	name := r.Method + " " + template + " " + strconv.Itoa(a.status)
	response := doc.Paths.Value(template).GetOperation(r.Method).Responses.Status(a.status)
	require.NotNil(t, response, "%s is not described; body: %s", name, a.body)
	seen.Lock()
	seen.statuses[name] = true
	seen.Unlock()
	for header := range response.Value.Headers {
		optional := header == "Retry-After" && a.status == http.StatusNotFound || header == "Accept-Encoding" || header == "Trailer"
		require.True(t, optional || a.header.Get(header) != "", "%s has no %s", name, header)
	}
	if len(response.Value.Content) == 0 {
		require.Empty(t, a.body, name)
		return
	}
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	require.NoError(t, err, name)
	content := response.Value.Content[media]
	require.NotNil(t, content, "%s has the type %s", name, media)
	if strings.HasSuffix(media, "json") && !strings.HasSuffix(media, "ndjson") {
		var value any
		require.NoError(t, json.Unmarshal(a.body, &value), name)
		require.NoError(t, content.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation()), "%s: %s", name, a.body)
	}
}

func TestDescriptionIsValid(t *testing.T) {
	t.Parallel()
	doc, err := described()
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			require.NotEmpty(t, operation.Summary, "%s %s", method, path)
			require.NotEmpty(t, operation.OperationID, "%s %s", method, path)
			for status, response := range operation.Responses.Map() {
				requireExamples(t, method+" "+path+" "+status, response.Value.Content)
			}
			if operation.RequestBody != nil {
				requireExamples(t, method+" "+path, operation.RequestBody.Value.Content)
			}
		}
	}
}

func requireExamples(t *testing.T, name string, content openapi3.Content) {
	t.Helper()
	for media, m := range content {
		if strings.HasSuffix(media, "json") && name != "GET /openapi.json 200" {
			require.NotNil(t, m.Example, "%s has no example as %s", name, media)
		}
	}
}

// What is served is described, and what is described is served.
func TestServedIsDescribed(t *testing.T) {
	t.Parallel()
	doc, err := described()
	require.NoError(t, err)
	var served, listed []string
	for _, e := range api.Endpoints() {
		served = append(served, e.Method+" "+e.Path)
		operation := doc.Paths.Value(e.Path).GetOperation(e.Method)
		require.NotNil(t, operation, "%s %s", e.Method, e.Path)
		require.Equal(t, len(e.Roles) > 0, operation.Security != nil, "%s %s asks for a key", e.Method, e.Path)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			listed = append(listed, method+" "+path)
		}
	}
	require.ElementsMatch(t, served, listed)
}

func TestDescriptionIsServed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document := h.get(t, "", "/openapi.json")
	require.Equal(t, 200, document.status)
	require.JSONEq(t, string(openapi.JSON), string(document.body))
	index := h.get(t, "", "/docs/")
	require.Equal(t, 200, index.status)
	require.Contains(t, string(index.body), "swagger-ui-bundle.js")
	require.NotContains(t, string(index.body), "http", "no other host is asked for anything")
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "favicon-32x32.png"} {
		require.Equal(t, 200, h.get(t, "", "/docs/"+name).status, name)
	}
	require.Equal(t, index.body, h.get(t, "", "/docs").body, "the slash may be left out")
	h.get(t, "", "/docs/swagger-ui.js.map").refused(t, 404, "not_found")
}
