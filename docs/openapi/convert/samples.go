package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alataw/alataw/api"
)

// sample makes an example of a schema from its properties' own.
func sample(doc *openapi3.T, ref *openapi3.SchemaRef) any {
	schema := resolve(doc, ref)
	switch {
	case strings.HasSuffix(ref.Ref, "/BatchAnswer"):
		return map[string]any{"accepted": 1, "refused": 1, "results": []any{receivedResult, refusedResult}}
	case strings.HasSuffix(ref.Ref, "/Result"):
		return receivedResult
	case schema.Example != nil:
		return typed(schema, schema.Example)
	case schema.Nullable:
		return nil
	case schema.Type.Is("object") && len(schema.Properties) > 0:
		return sampleObject(doc, schema)
	case schema.Type.Is("array"):
		return []any{sample(doc, schema.Items)}
	case len(schema.AllOf) == 1:
		return sample(doc, schema.AllOf[0])
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is("object"):
		return map[string]any{}
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return 0
	case schema.Type.Is("boolean"):
		return false
	}
	return ""
}

// What became of two declarations of a batch. Which members a result has depends on its status.
var (
	receivedResult = map[string]any{"index": 0, "order_no": "536365-1", "id": "pcl_cbmqkhnqktt3tcu3ejcy3stofu", "status": "received"}
	refusedResult  = map[string]any{"index": 1, "order_no": "536365-2", "status": "refused", "errors": []any{fieldExample("invalid_declaration")}}
)

// sampleObject leaves out what may be left out and has no example.
func sampleObject(doc *openapi3.T, schema *openapi3.Schema) any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		value := sample(doc, property)
		if slices.Contains(schema.Required, name) || !empty(value) {
			object[name] = value
		}
	}
	return object
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func resolve(doc *openapi3.T, ref *openapi3.SchemaRef) *openapi3.Schema {
	if ref.Ref != "" {
		return doc.Components.Schemas[ref.Ref[strings.LastIndexByte(ref.Ref, '/')+1:]].Value
	}
	return ref.Value
}

// typed mends an example that the annotations only know as a text.
func typed(schema *openapi3.Schema, example any) any {
	s, ok := example.(string)
	switch {
	case !ok:
		return example
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return n
		}
	case schema.Type.Is("boolean"):
		return s == "true"
	}
	return example
}

// lines is a body of one JSON document a line.
func lines(about string, one any) *openapi3.MediaType {
	raw, err := json.Marshal(one)
	if err != nil {
		panic(err) // a sample is made of texts and numbers
	}
	media := text(about)
	media.Example = string(raw) + "\n"
	return media
}

// usual is the code that explains a status best.
var usual = map[string]string{
	"400": "malformed_json", "401": "unknown_key", "403": "wrong_role", "404": "not_found", "406": "not_acceptable", "408": "body_too_slow",
	"409": "status_forbids", "412": "ruleset_changed", "413": "body_too_large", "415": "unsupported_media_type", "422": "invalid_request", "429": "too_many_waits",
	"500": "internal", "503": "database_unavailable",
}

// special are the codes that explain a status better at some paths.
var special = map[string]string{
	"GET 400": "invalid_query", "422 /v1/parcels": "invalid_declaration", "422 /v1/parcels/batch": "invalid_batch",
	"429 /v1/parcels": "too_many_parcels", "429 /v1/parcels/batch": "too_many_parcels",
	"503 /v1/parcels": "queue_full", "503 /v1/parcels/batch": "queue_full", "404 /v1/parcels/{id}": "not_stored",
	"409 /v1/reviews/{id}/claim": "review_claimed", "409 /v1/reviews/{id}/decision": "second_officer_needed",
	"409 /v1/rulesets/{id}/activate": "second_person_needed", "409 /v1/rulesets/{id}/backtest": "backtest_running",
	"409 /v1/rulesets/{id}/shadow": "too_many_shadows", "409 /v1/named-lists/{name}": "list_kind_fixed", "412 /v1/named-lists/{name}": "list_changed",
	"422 /v1/rulesets": "invalid_ruleset", "422 /v1/rulesets/{id}": "invalid_ruleset",
	"409 /v1/consignments/{id}/release": "consignment_held", "409 /v1/departures": "departure_exists",
}

func problemExample(e api.Endpoint, status string) any {
	code := usual[status]
	for _, key := range []string{e.Method + " " + status, status + " " + e.Path} {
		if better, ok := special[key]; ok {
			code = better
		}
	}
	entry := entryOf(code)
	p := map[string]any{
		"type": "/problems/" + code, "title": entry.Title, "status": entry.Status, "detail": entry.About, "instance": "01K9Q3V7W2T5",
	}
	if strings.HasPrefix(code, "invalid_") && code != "invalid_cursor" {
		p["errors"] = []any{fieldExample(code)}
	}
	return p
}

func fieldExample(code string) any {
	switch code {
	case "invalid_declaration":
		return map[string]any{"pointer": "/items/0/hs_code", "code": "hs_code.length", "detail": "an HS code has 4, 6, 8 or 10 digits"}
	case "invalid_batch":
		return map[string]any{"pointer": "/parcels", "code": "parcels.count", "detail": "1 to 1000 declarations are taken, not 1001"}
	case "invalid_ruleset":
		return map[string]any{
			"pointer": "/rules/3/when", "code": "rule.invalid", "detail": "value.limit: line 1, column 7: unknown name valu",
			"rule": "value.limit", "line": 1, "column": 7,
		}
	case "invalid_query":
		return map[string]any{"pointer": "/limit", "code": "limit.range", "detail": "this is a whole number from 1 to 500"}
	}
	return map[string]any{"pointer": "/reason", "code": "reason.required", "detail": "this is needed"}
}

func entryOf(code string) api.ProblemType {
	all := api.Catalogue()
	return all[slices.IndexFunc(all, func(p api.ProblemType) bool { return p.Code == code })]
}

// describe says what a status means here.
func describe(status string) string {
	if code, ok := usual[status]; ok && status >= "400" {
		titles := map[string]string{
			"400": "The request cannot be read", "404": "There is no such thing, or it is not yours to see", "409": "The state of things forbids it", "412": "It was changed since you read it",
			"422": "The request breaks a rule; every broken rule is in errors", "429": "Too fast", "503": "Try again after Retry-After seconds",
		}
		if title, ok := titles[status]; ok {
			return title
		}
		return entryOf(code).Title
	}
	return map[string]string{"200": "Done", "201": "Made", "202": "Taken"}[status]
}
