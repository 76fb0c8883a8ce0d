package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/account"
)

// propertyTime is how long the property is tried when no number of checks is asked for.
const propertyTime = 30 * time.Second

// Whatever is asked of the served description's operations, by whom and in whatever order, every answer is one it describes, none
// is our mistake, none tells how the house is built, and nobody sees what is another's.
//
// For more of it: go test ./api -run TestWhateverIsAsked -rapid.checks=5000.
func TestWhateverIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	doc, err := openapi3.NewLoader().LoadFromData(h.get(t, "", "/openapi.json").body)
	require.NoError(t, err)
	w := newWorld(t, h, doc)
	began, asked := time.Now(), false
	flag.Visit(func(f *flag.Flag) {
		asked = asked || f.Name == "rapid.checks" || f.Name == "rapid.failfile" || f.Name == "rapid.seed"
	})
	defer func() {
		if t.Failed() {
			t.Logf("the first that failed: %s", w.failed)
		}
	}()
	base := w.known
	rapid.Check(t, func(rt *rapid.T) {
		w.known = maps.Clone(base) // so that a try can be made again, and made smaller
		if !asked && time.Since(began) > propertyTime {
			return
		}
		for range rapid.IntRange(1, 20).Draw(rt, "requests") {
			w.ask(rt)
		}
		h.settle(t) // what was declared goes its way
	})
	t.Logf("%d requests, %d of them by the schema; answers: %v", w.asked, w.kept, w.statuses)
	for _, status := range []int{200, 202, 400, 401, 403, 404, 409, 415, 422} {
		require.NotZero(t, w.statuses[status], "%d never came: the requests do not reach far enough", status)
	}
}

// world is what the requests are made of: what is described, and the names that answers told.
type world struct {
	h          *house
	doc        *openapi3.T
	operations []string                // "GET /v1/parcels"; those that take a document several times
	known      map[string][]string     // names of things by their prefix
	owners     map[string]account.Role // of parcels
	asked      int
	kept       int
	statuses   map[int]int
	failed     string // the first request whose answer was wrong
}

var names = regexp.MustCompile(`\b(pcl|con|dep|rev|rs|bt)_[a-z2-7]{26}\b`)

func newWorld(t *testing.T, h *house, doc *openapi3.T) *world {
	w := &world{h: h, doc: doc, known: map[string][]string{}, owners: map[string]account.Role{}, statuses: map[int]int{}}
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			w.operations = append(w.operations, method+" "+template)
			if op.RequestBody != nil {
				w.operations = append(w.operations, slices.Repeat([]string{method + " " + template}, 3)...)
			}
		}
	}
	slices.Sort(w.operations) // a seed makes the same requests again
	for _, role := range []account.Role{account.Platform, secondPlatform} {
		for _, id := range h.declared(t, role, numbered(0), numbered(1), suspicious(2), suspicious(3)) {
			w.owners[id] = role
			w.learn([]byte(id + " " + strings.Replace(id, "pcl_", "rev_", 1)))
		}
	}
	unit := h.unitOf(t, w.known["pcl"][0])
	h.seal(t, unit)
	w.learn([]byte(unit))
	w.learn(h.get(t, account.Carrier, "/v1/departures").body)
	return w
}

// learn keeps the names in an answer.
func (w *world) learn(body []byte) {
	for _, name := range names.FindAllString(string(body), 20) {
		prefix, _, _ := strings.Cut(name, "_")
		if !slices.Contains(w.known[prefix], name) {
			w.known[prefix] = append(w.known[prefix], name)
		}
	}
	var page struct {
		NextCursor string `json:"next_cursor"`
		ID         string `json:"id"`
		PlacedAt   string `json:"placed_at"`
	}
	if json.Unmarshal(body, &page) != nil {
		return
	}
	if page.NextCursor != "" {
		w.known["cursor"] = append(w.known["cursor"], page.NextCursor)
	}
	if page.PlacedAt != "" {
		w.known["hold"] = append(w.known["hold"], page.ID)
	}
}

// inquiry is one request in the making.
type inquiry struct {
	method, template string
	op               *openapi3.Operation
	role             account.Role
	path             string
	ids              []string
	body             string
	headers          http.Header
	kept             bool // it keeps its schema
}

var everybody = []account.Role{
	account.Platform, secondPlatform, account.Carrier, otherCarrier, account.Officer, secondOfficer, account.Admin, nobody, "",
}

func (w *world) ask(t *rapid.T) {
	method, template, _ := strings.Cut(rapid.SampledFrom(w.operations).Draw(t, "operation"), " ")
	q := &inquiry{method: method, template: template, op: w.doc.Paths.Value(template).GetOperation(method), headers: http.Header{}, kept: true}
	q.role = w.role(t, q.op)
	w.fill(t, q)
	w.write(t, q)
	w.send(t, q)
}

// role is most often one that may call the operation.
func (w *world) role(t *rapid.T, op *openapi3.Operation) account.Role {
	_, line, _ := strings.Cut(op.Description, "\n\nFor: ")
	if rapid.IntRange(0, 4).Draw(t, "stranger") > 0 {
		var may []account.Role
		for _, role := range everybody {
			if kind, _, _ := strings.Cut(string(role), "-"); role != nobody && kind != "" && strings.Contains(line, kind) {
				may = append(may, role)
			}
		}
		if len(may) > 0 {
			return rapid.SampledFrom(may).Draw(t, "role")
		}
	}
	return rapid.SampledFrom(everybody).Draw(t, "role")
}

// fill gives the operation's parameters values.
func (w *world) fill(t *rapid.T, q *inquiry) {
	q.path = q.template
	values := url.Values{}
	for _, p := range q.op.Parameters {
		switch p := p.Value; p.In {
		case "path":
			id := w.id(t, q.template, p.Name)
			q.ids = append(q.ids, id)
			q.path = strings.Replace(q.path, "{"+p.Name+"}", url.PathEscape(id), 1)
		case "query":
			if rapid.IntRange(0, 2).Draw(t, "without "+p.Name) > 0 {
				continue
			}
			value := fmt.Sprint(valueOf(t, p.Schema))
			kept := !strings.ContainsRune(value, 0) && p.Name != "departure_id" && p.Name != "assignee" && p.Name != "cursor"
			if p.Name == "cursor" && len(w.known["cursor"]) > 0 {
				value = rapid.SampledFrom(w.known["cursor"]).Draw(t, "cursor")
			}
			if rapid.IntRange(0, 5).Draw(t, "odd "+p.Name) == 0 {
				value, kept = hostileText.Draw(t, p.Name), false
			}
			if n := strings.TrimSpace(value); p.Name == "wait" && n != "0" && len(n) < 3 {
				value = "0" // patience is for other tests
			}
			values.Add(p.Name, value)
			q.kept = q.kept && kept
		}
	}
	if rapid.IntRange(0, 15).Draw(t, "unknown parameter") == 0 {
		values.Add(hostileText.Draw(t, "parameter"), "1")
		q.kept = false
	}
	if len(values) > 0 {
		q.path += "?" + values.Encode()
	}
}

// id is the name of a thing that there is, of one that there is not, of another kind, or nonsense.
func (w *world) id(t *rapid.T, template, parameter string) string {
	kind := map[string]string{"parcels": "pcl", "consignments": "con", "departures": "dep", "reviews": "rev", "rulesets": "rs"}[strings.Split(template, "/")[2]]
	switch parameter {
	case "hold_id":
		kind = "hold"
	case "backtest_id":
		kind = "bt"
	case "name":
		return rapid.OneOf(rapid.SampledFrom([]string{"hs.watched", "shops"}), nonsense).Draw(t, parameter)
	case "tracking_no":
		return rapid.OneOf(rapid.Just("LX474724577CN"), nonsense).Draw(t, parameter)
	case "code":
		return rapid.OneOf(rapid.SampledFrom([]string{"not_stored", "internal", "too_many_posts"}), nonsense).Draw(t, parameter)
	}
	switch pick := rapid.IntRange(0, 9).Draw(t, "kind of "+parameter); {
	case pick == 0:
		return nonsense.Draw(t, parameter)
	case pick == 1 || len(w.known[kind]) == 0:
		return rapid.StringMatching(`(pcl|con|dep|rev|rs|bt)_[a-z2-7]{26}`).Draw(t, parameter)
	case pick == 2:
		return rapid.SampledFrom(w.known["pcl"]).Draw(t, parameter)
	}
	return rapid.SampledFrom(w.known[kind]).Draw(t, parameter)
}

// nonsense can stand in a path without making it another.
var nonsense = rapid.Map(hostileText, func(s string) string { return strings.ReplaceAll("x"+s, "/", "") })

// write gives the request its body and headers.
func (w *world) write(t *rapid.T, q *inquiry) {
	odd := func(what string, of int) bool { return rapid.IntRange(0, of).Draw(t, what) == 0 }
	if q.op.RequestBody != nil {
		content := q.op.RequestBody.Value.Content
		media := rapid.SampledFrom(slices.Sorted(maps.Keys(content))).Draw(t, "media")
		form := content["application/json"]
		if media == "application/x-ndjson" { // a line is a declaration
			form = w.doc.Paths.Value("/v1/parcels").Post.RequestBody.Value.Content["application/json"]
		}
		var kept bool
		q.body, kept = documentFor(t, form)
		kept = kept && media != "application/yaml" // which takes most JSON, but no control characters
		q.headers.Set("Content-Type", media)
		if odd("content type", 15) {
			q.headers.Set("Content-Type", rapid.SampledFrom([]string{
				"text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/json; charset=UTF-8", "; x", "json", "*/*",
			}).Draw(t, "type"))
			kept = false
		}
		if odd("encoding", 15) {
			q.headers.Set("Content-Encoding", rapid.SampledFrom([]string{"gzip", "zstd", "br", "identity", "gzip, gzip", "x"}).Draw(t, "encoding"))
			kept = false
		}
		q.kept = q.kept && kept
	} else if q.method == http.MethodPost && odd("a body where none belongs", 5) {
		q.body = rapid.SampledFrom([]string{"{}", "null", " ", `{"a":1}`, "{"}).Draw(t, "body")
		q.kept = false
	}
	for _, header := range []string{"If-None-Match", "If-Match", "X-Request-Id", "Accept"} {
		if odd(header, 8) {
			q.headers.Set(header, rapid.SampledFrom([]string{
				"*", `W/"x"`, "text/csv", "application/pdf", "image/png", "application/*;q=0", ";;q=x", strings.Repeat("x", 200), "' OR 1=1", "\xff",
			}).Draw(t, header))
		}
	}
	if tags := w.known["ETag"]; len(tags) > 0 && odd("the tag it had", 2) {
		q.headers.Set("If-None-Match", rapid.SampledFrom(tags).Draw(t, "tag"))
	}
	switch {
	case q.role != "":
		q.headers.Set("Authorization", "Bearer "+w.h.keys[q.role])
	case odd("authorization", 2):
		q.headers.Set("Authorization", rapid.SampledFrom([]string{"Bearer", "Basic x", "Bearer " + strings.Repeat("x", 49), "Bearer \xff"}).Draw(t, "header"))
	}
}

// insides are words of ours that no client may read.
var insides = regexp.MustCompile(`(?i)\.go:\d|relation "|127\.0\.0\.1|\b(goroutine|panic|sqlstate|pgx|gorm|kafka|postgres\w*|broker|syntax error|violates|runtime error|localhost)\b`)

func (w *world) send(t *rapid.T, q *inquiry) {
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequest(q.method, w.h.url+q.path, body)
	require.NoError(t, err)
	r.Header = q.headers
	a := do(t, r)
	w.asked++
	w.statuses[a.status]++
	said := fmt.Sprintf("%s %s as %q %v\n%.2000s\n%d %.2000s", q.method, q.path, q.role, q.headers, q.body, a.status, a.body)
	right := false
	defer func() {
		if !right && w.failed == "" {
			w.failed = said
		}
	}()
	require.Less(t, a.status, 500, said)
	w.check(t, q, a, said)
	w.learn(a.body)
	if tag := a.header.Get("ETag"); tag != "" && !slices.Contains(w.known["ETag"], tag) {
		w.known["ETag"] = append(w.known["ETag"], tag)
	}
	if a.status == http.StatusAccepted && strings.HasPrefix(q.template, "/v1/parcels") && len(q.ids) == 0 {
		for _, id := range names.FindAllString(string(a.body), -1) {
			require.Contains(t, []account.Role{"", q.role}, w.owners[id], said)
			w.owners[id] = q.role
		}
	}
	right = true
}

func (w *world) check(t *rapid.T, q *inquiry, a answer, said string) {
	service := !strings.HasPrefix(q.template, "/v1/") // it speaks of itself
	echoed := insides.MatchString(q.body + q.path + fmt.Sprint(q.headers))
	require.True(t, service || echoed || !insides.Match(a.body), said)
	require.False(t, q.role == nobody && !service && a.status != http.StatusUnauthorized, said)
	if q.kept {
		w.kept++
		require.NotContains(t, []int{400, 408, 413, 415}, a.status, "it keeps its schema: "+said)
	}
	if a.status >= 400 {
		var problem struct{ Type, Instance string }
		require.NoError(t, json.Unmarshal(a.body, &problem), said)
		require.True(t, strings.HasPrefix(problem.Type, "/problems/"), said)
		require.Equal(t, a.header.Get("X-Request-Id"), problem.Instance, said)
	}
	if !service {
		w.checkTenants(t, q, a, said)
	}
}

// checkTenants holds an answer against who owns what.
func (w *world) checkTenants(t *rapid.T, q *inquiry, a answer, said string) {
	switch q.role {
	case account.Carrier, account.Officer, account.Admin: // they may see what others own
	case account.Platform, secondPlatform:
		for _, id := range names.FindAllString(string(a.body), -1) {
			if owner, known := w.owners[id]; known && a.status < 400 {
				require.Equal(t, q.role, owner, "another's parcel: "+said)
			}
		}
		if len(q.ids) > 0 && w.owners[q.ids[0]] != "" && w.owners[q.ids[0]] != q.role {
			require.GreaterOrEqual(t, a.status, 400, said)
			require.True(t, !q.kept || a.status == 404 || a.status == 403 || a.status == 422, said)
		}
	case otherCarrier: // every unit is on a route of the other's
		require.False(t, strings.HasPrefix(q.template, "/v1/consignments/{id}") && a.status < 400, said)
		require.NotRegexp(t, `"con_[a-z2-7]{26}"`, string(a.body), said)
	}
}
