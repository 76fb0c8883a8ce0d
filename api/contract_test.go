package api_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// example gives the published example of an operation's request.
func example(t testing.TB, method, path, media string) string {
	t.Helper()
	doc, err := described()
	require.NoError(t, err)
	value := doc.Paths.Value(path).GetOperation(method).RequestBody.Value.Content[media].Example
	if text, ok := value.(string); ok {
		return text
	}
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}

// Every operation is called as its published example says, and answers as described: do checks each reply's status, headers,
// media type and schema. An example's times are of its day, so those that must lie ahead are moved.
func TestEveryOperationAnswersItsExample(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	post := func(role account.Role, template, id string, status int) answer {
		t.Helper()
		body := strings.ReplaceAll(example(t, "POST", template, "application/json"), "2026-11-22T08:02:00Z", h.clock.now().UTC().Format(time.RFC3339))
		a := h.post(t, role, strings.Replace(template, "{id}", id, 1), body)
		require.Equal(t, status, a.status, string(a.body))
		return a
	}
	// Platforms.
	ordinary := read[api.Received](t, post(account.Platform, "/v1/parcels", "", 202)).ID
	require.Equal(t, 1, read[api.BatchAnswer](t, post(account.Platform, "/v1/parcels/batch", "", 202)).Accepted)
	lines := h.post(t, account.Platform, batchPath, example(t, "POST", "/v1/parcels/batch", "application/x-ndjson"), ndjson)
	require.Equal(t, []string{"received 536365-1"}, said(results(t, lines.body)))
	h.settle(t)
	held := h.declared(t, account.Platform, suspicious(1), suspicious(2), suspicious(3))
	require.Equal(t, 200, h.get(t, account.Platform, "/v1/parcels").status)
	require.Equal(t, 200, h.get(t, account.Platform, "/v1/parcels/"+ordinary).status)
	walkUntil[api.Receipt](t, h, account.Platform, "/v1/receipts", 5)

	// Officers.
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/reviews").status)
	require.Equal(t, 200, h.get(t, account.Officer, reviewPath(held[0])).status)
	require.Equal(t, 200, h.post(t, account.Officer, "/v1/reviews/next", "").status)
	require.Equal(t, 200, h.post(t, account.Officer, reviewPath(held[0])+"/claim", "").status)
	require.Equal(t, 200, h.post(t, account.Officer, reviewPath(held[0])+"/release-claim", "").status)
	post(secondOfficer, "/v1/reviews/{id}/decision", strings.Replace(held[0], "pcl_", "rev_", 1), 200)
	require.Equal(t, 200, h.post(t, account.Officer, reviewPath(held[2])+"/decision", `{"action":"request_information","reason":"what is it?"}`).status)
	post(account.Platform, "/v1/parcels/{id}/information", held[2], 202)
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/sorter/LX474724577CN").status)

	// Analysts.
	list := example(t, "PUT", "/v1/named-lists/{name}", "application/json")
	require.Equal(t, 200, h.call(t, account.Officer, "PUT", "/v1/named-lists/hs.watched", list).status)
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/named-lists/hs.watched").status)
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/named-lists").status)
	drafted := read[api.RuleSet](t, post(account.Officer, "/v1/rulesets", "", 201))
	ruleSet := "/v1/rulesets/" + drafted.ID
	require.Equal(t, 200, h.call(t, account.Officer, "PUT", ruleSet, example(t, "PUT", "/v1/rulesets/{id}", "application/yaml"), "Content-Type: application/yaml").status)
	require.Equal(t, 200, h.get(t, account.Officer, ruleSet).status)
	require.Equal(t, 200, h.get(t, account.Officer, "/v1/rulesets").status)
	backtest := read[api.Backtest](t, post(account.Officer, "/v1/rulesets/{id}/backtest", drafted.ID, 202))
	require.Equal(t, 200, h.get(t, account.Officer, ruleSet+"/backtests/"+backtest.ID).status)
	require.Equal(t, 200, h.post(t, account.Officer, ruleSet+"/shadow", "").status)
	require.Equal(t, 202, h.post(t, account.Officer, ruleSet+"/activate", "").status)
	require.Equal(t, 200, h.post(t, secondOfficer, ruleSet+"/activate", "").status)
	require.Equal(t, 200, h.post(t, account.Officer, ruleSet+"/retire", "").status)

	// Carriers.
	walkUntil[api.Consignment](t, h, account.Carrier, "/v1/consignments", 1)
	unit := h.unitOf(t, ordinary)
	unitID := strings.TrimPrefix(unit, "/v1/consignments/")
	for _, part := range []string{"", "/parcels", "/events", "/manifest"} {
		require.Equal(t, 200, h.get(t, account.Carrier, unit+part).status, part)
	}
	require.Equal(t, 200, h.get(t, account.Carrier, "/v1/routes").status)
	h.seal(t, unit)
	hold := read[api.Hold](t, post(account.Officer, "/v1/consignments/{id}/holds", unitID, 201))
	require.Equal(t, 200, h.call(t, account.Officer, "DELETE", unit+"/holds/"+hold.ID, "").status)
	require.Equal(t, 200, h.post(t, account.Officer, unit+"/release", "").status)
	post(account.Carrier, "/v1/consignments/{id}/events", unitID, 201)
	departure := example(t, "POST", "/v1/departures", "application/json")
	for old, ahead := range map[string]time.Duration{"2026-11-22T04:00:00Z": time.Hour, "2026-11-22T08:00:00Z": 2 * time.Hour} {
		departure = strings.ReplaceAll(departure, old, h.clock.now().Add(ahead).UTC().Format(time.RFC3339))
	}
	planned := got[api.Departure](t, 201, h.post(t, account.Carrier, "/v1/departures", departure))
	require.Equal(t, 200, h.get(t, account.Carrier, "/v1/departures").status)
	require.Equal(t, 200, h.get(t, account.Carrier, "/v1/departures/"+planned.ID).status)
	require.Equal(t, 200, h.post(t, account.Officer, "/v1/departures/"+planned.ID+"/release", "").status)
	post(account.Platform, "/v1/parcels/{id}/cancellation", held[1], 202)

	// Everybody.
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/problems", "/problems/not_stored", "/openapi.json", "/docs/"} {
		require.Equal(t, 200, h.get(t, "", path).status, path)
	}
	h.requireEverySuccessSeen(t)
}

// requireEverySuccessSeen fails when an operation has never been answered as it should be.
func (h *house) requireEverySuccessSeen(t testing.TB) {
	t.Helper()
	seen.Lock()
	defer seen.Unlock()
	for _, e := range api.Endpoints() {
		answered := slices.ContainsFunc([]string{"200", "201", "202"}, func(status string) bool {
			return seen.statuses[e.Method+" "+e.Path+" "+status]
		})
		require.True(t, answered, "%s %s", e.Method, e.Path)
	}
}

// Every role meets every operation: what is not for it is 403, and without a key 401.
func TestRoleTable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fill := strings.NewReplacer("{hold_id}", "x", "{name}", "x", "{backtest_id}", "bt_"+strings.Repeat("a", 26), "{tracking_no}", "x", "{code}", "not_found")
	ids := map[string]string{"parcels": "pcl_", "consignments": "con_", "departures": "dep_", "reviews": "rev_", "rulesets": "rs_"}
	for _, e := range api.Endpoints() {
		path := fill.Replace(e.Path)
		if kind := strings.Split(path, "/"); len(kind) > 3 && kind[3] == "{id}" {
			path = strings.Replace(path, "{id}", ids[kind[2]]+strings.Repeat("a", 26), 1)
		}
		for _, role := range append([]account.Role{"", nobody}, account.Roles...) {
			status := h.call(t, role, e.Method, path, "").status
			name := string(role) + " " + e.Method + " " + path
			switch {
			case len(e.Roles) == 0:
				require.Equal(t, 200, status, name)
			case role == "" || role == nobody:
				require.Equal(t, 401, status, name)
			case slices.Contains(e.Roles, role) || role == account.Admin && path != "/v1/receipts":
				require.NotContains(t, []int{401, 403, 405, 500}, status, name)
			default:
				require.Equal(t, 403, status, name)
			}
		}
	}
}

// members gives the pointers of every member of a shape; an array is entered as its element.
func members(shape reflect.Type, at string) []string {
	for shape.Kind() == reflect.Pointer || shape.Kind() == reflect.Slice {
		shape = shape.Elem()
	}
	if shape.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for i := range shape.NumField() {
		if !shape.Field(i).IsExported() {
			continue
		}
		name, _, _ := strings.Cut(shape.Field(i).Tag.Get("json"), ",")
		all = append(all, at+"/"+name)
		all = append(all, members(shape.Field(i).Type, at+"/"+name)...)
	}
	return all
}

// The documented declaration is the one that is read: every member it names is known to the reader, and the document that the
// reader keeps has no other.
func TestDeclareRequestIsInStep(t *testing.T) {
	t.Parallel()
	_, err := parcel.Read([]byte(example(t, "POST", "/v1/parcels", "application/json")))
	require.NoError(t, err, "the published example is a good declaration")
	require.ElementsMatch(t, members(reflect.TypeFor[parcel.Declaration](), ""), members(reflect.TypeFor[api.DeclareRequest](), ""))
	require.ElementsMatch(t, members(reflect.TypeFor[parcel.Declaration](), ""), members(reflect.TypeFor[api.Declaration](), ""))
	for _, pointer := range members(reflect.TypeFor[api.DeclareRequest](), "") {
		require.NotContains(t, unknownFields(t, pointer), "unknown_field", "the reader knows %s", pointer)
		require.Contains(t, unknownFields(t, pointer+"x"), "unknown_field", "and not %sx", pointer)
	}
}

// unknownFields reads a declaration that has only the member at pointer, and gives the codes of what is wrong.
func unknownFields(t testing.TB, pointer string) string {
	t.Helper()
	document := "null"
	names := strings.Split(pointer, "/")[1:]
	for i := len(names) - 1; i >= 0; i-- {
		document = `{"` + names[i] + `":` + document + `}`
		if i > 0 && names[i-1] == "items" {
			document = "[" + document + "]"
		}
	}
	_, err := parcel.Read([]byte(document))
	require.Error(t, err)
	raw, jsonErr := json.Marshal(err)
	require.NoError(t, jsonErr)
	return string(raw)
}

// Every code that a room of the house gives its faults is documented, or is named here as one that no door of HTTP shows.
func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	elsewhere := []string{ // the queue's, the command line's
		"unknown_schema", "wrong_subject", "unknown_source", "invalid_record", "torn_record", "wrong_slot", "empty_record", "fact_too_large", "handler_panicked", "invalid", "malformed",
		"account_exists", "invalid_name", "account_not_found", "key_not_found", "list_empty", "list_incomplete", "list_malformed", "list_truncated",
		"list_unknown_source", "not_parked", "nothing_to_replay", "schema_ahead", "schema_behind", "route_unknown", "review_queue_empty",
		"list_shrunk", "list_address", "list_not_found", "publisher_unreachable", "no_lists", "max_shrink", "pairs_not_found",
		"names_malformed", "lists_missing", "profile_not_found", "price_options", "risk_encoding", "risk_options", "risk_plan", "risk_samples",
		"rates_day", "rates_empty", "rates_jump", "rates_malformed", "rates_not_found", "rates_truncated", "rates_unknown_source", "rate_missing", "currency_unknown",
		"no_migrations", // a build that is broken
		"client_gone",   // nobody is left to read it
	}
	documented := map[string]bool{}
	for _, p := range api.Catalogue() {
		documented[p.Code] = true
	}
	for code, where := range faultCodes(t, "..") {
		require.True(t, documented[code] || slices.Contains(elsewhere, code), "%s of %s is not in api/catalogue.go", code, where)
	}
}

// faultCodes finds the codes in every fault.New and fault.Wrap of the source.
func faultCodes(t testing.TB, root string) map[string]string {
	codes := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if at := map[string]int{"New": 1, "Wrap": 2}[faultFunc(call)]; at > 0 && len(call.Args) > at {
				if code, ok := call.Args[at].(*ast.BasicLit); ok {
					text, err := strconv.Unquote(code.Value)
					require.NoError(t, err)
					codes[text] = path
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, codes)
	return codes
}

func faultFunc(call *ast.CallExpr) string {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if room, ok := selector.X.(*ast.Ident); !ok || room.Name != "fault" {
		return ""
	}
	return selector.Sel.Name
}
