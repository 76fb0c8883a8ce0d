package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

const (
	typeJSON    = "application/json"
	typeProblem = "application/problem+json"
	typeNDJSON  = "application/x-ndjson"
	typeYAML    = "application/yaml"
)

// complete says what the annotations cannot, and what is the same everywhere.
func complete(doc *openapi3.T, optional map[string]map[string]bool) error {
	doc.Servers = openapi3.Servers{{URL: "/", Description: "this server"}}
	doc.Components.SecuritySchemes = openapi3.SecuritySchemes{"bearer": {Value: &openapi3.SecurityScheme{
		Type: "http", Scheme: "bearer",
		Description: "A key belongs to an account with one role: platform, carrier, officer or admin. Only a hash of it is stored.",
	}}}
	completeSchemas(doc, optional)
	for _, e := range api.Endpoints() {
		item := doc.Paths.Value(e.Path)
		if item == nil || item.GetOperation(e.Method) == nil {
			return fmt.Errorf("%s %s is served and not annotated", e.Method, e.Path)
		}
		completeOperation(doc, e, item.GetOperation(e.Method))
	}
	return nil
}

func completeOperation(doc *openapi3.T, e api.Endpoint, op *openapi3.Operation) {
	op.OperationID = operationID(e)
	addShared(e, op)
	if len(e.Roles) > 0 {
		op.Description = strings.TrimSpace(op.Description + "\n\nFor: " + rolesOf(e) + ".")
	}
	for status, response := range op.Responses.Map() {
		completeResponse(doc, e, status, response.Value)
	}
	if body := op.RequestBody; body != nil {
		body.Value.Required = true
		clear(body.Value.Extensions)
		completeRequest(doc, e, body.Value)
	}
}

// operationID names an operation by its method and path.
func operationID(e api.Endpoint) string {
	name := strings.ToLower(e.Method)
	for word := range strings.FieldsFuncSeq(strings.TrimPrefix(e.Path, "/v1"), func(r rune) bool { return strings.ContainsRune("/{}_-.", r) }) {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

func rolesOf(e api.Endpoint) string {
	names := make([]string, 0, len(e.Roles)+1)
	for _, role := range e.Roles {
		names = append(names, string(role))
	}
	feed := e.Path == "/v1/receipts" // it belongs to a platform
	if !feed && !slices.Contains(e.Roles, account.Admin) {
		names = append(names, string(account.Admin))
	}
	return strings.Join(names, ", ")
}

// addShared adds the failures that every operation of a kind can meet.
func addShared(e api.Endpoint, op *openapi3.Operation) {
	shared := []int{500}
	if len(e.Roles) > 0 {
		shared = append(shared, 401, 403, 503)
	}
	if e.Method == http.MethodPost || e.Method == http.MethodPut { // it may bring a body, though none is wanted
		shared = append(shared, 408, 413, 429)
	}
	for _, status := range shared {
		if op.Responses.Status(status) == nil {
			op.Responses.Set(fmt.Sprint(status), &openapi3.ResponseRef{Value: problemResponse()})
		}
	}
	op.Responses.Delete("default")
}

func problemResponse() *openapi3.Response {
	return openapi3.NewResponse().WithDescription("").WithJSONSchemaRef(openapi3.NewSchemaRef("#/components/schemas/Problem", nil))
}

// completeRequest adds the request's example, and the forms of a batch.
func completeRequest(doc *openapi3.T, e api.Endpoint, body *openapi3.RequestBody) {
	for media, content := range body.Content {
		if media == typeNDJSON {
			continue
		}
		content.Example = sample(doc, content.Schema)
	}
	addYAML(body)
	if e.Path == "/v1/parcels/batch" {
		order := sample(doc, openapi3.NewSchemaRef("#/components/schemas/DeclareRequest", nil))
		body.Content[typeNDJSON] = lines("A declaration (DeclareRequest) on each line.", order)
	}
}

// addYAML says that what analysts write is taken in YAML too. An example in JSON is one in YAML.
func addYAML(body *openapi3.RequestBody) {
	asked := body.Content[typeJSON]
	for _, shape := range []string{"RuleSetRequest", "NamedListRequest"} {
		if asked != nil && strings.HasSuffix(asked.Schema.Ref, "/"+shape) {
			body.Content[typeYAML] = openapi3.NewMediaType().WithSchemaRef(asked.Schema)
			body.Content[typeYAML].Example = asked.Example
		}
	}
}

func completeResponse(doc *openapi3.T, e api.Endpoint, status string, r *openapi3.Response) {
	if r.Headers == nil {
		r.Headers = openapi3.Headers{}
	}
	addHeader(r, "X-Request-Id", "the request's id")
	if r.Description == nil || *r.Description == "" || status >= "400" {
		r.Description = new(describe(status))
	}
	for _, content := range r.Content {
		if content.Schema != nil && content.Schema.Ref == "#/components/schemas/Problem" {
			content.Example = problemExample(e, status)
			r.Content = openapi3.Content{typeProblem: content}
			addProblemHeaders(r, status)
			return
		}
	}
	completeGood(doc, e, status, r)
}

// completeGood adds the example of a good answer, and the forms that are not JSON.
func completeGood(doc *openapi3.T, e api.Endpoint, status string, r *openapi3.Response) {
	if status == "204" || status == "304" {
		r.Content = nil
		return
	}
	for media, content := range r.Content {
		switch media {
		case typeJSON:
			content.Example = sample(doc, content.Schema)
		default:
			r.Content[media] = text("")
		}
	}
	switch e.Path {
	case "/v1/parcels/batch":
		one := sample(doc, openapi3.NewSchemaRef("#/components/schemas/Result", nil))
		r.Content[typeNDJSON] = lines("A Result on each line, in the order of the request's.", one)
		addHeader(r, "Trailer", "of a stream: Alataw-Accepted, Alataw-Refused")
	case "/v1/consignments/{id}/manifest":
		r.Content["text/csv"] = text("RFC 4180 with a header line, one line for each parcel.")
	case "/openapi.json":
		r.Content[typeJSON].Schema, r.Content[typeJSON].Example = openapi3.NewSchemaRef("", openapi3.NewObjectSchema()), nil
	}
}

func addHeader(r *openapi3.Response, name, about string) {
	r.Headers[name] = &openapi3.HeaderRef{Value: &openapi3.Header{Parameter: openapi3.Parameter{
		Description: about, Schema: openapi3.NewSchemaRef("", openapi3.NewStringSchema()),
	}}}
}

func addProblemHeaders(r *openapi3.Response, status string) {
	switch status {
	case "401":
		addHeader(r, "WWW-Authenticate", "Bearer")
	case "404", "429", "503":
		addHeader(r, "Retry-After", "whole seconds; of a 404 only while a parcel may be on its way")
	case "415":
		addHeader(r, "Accept-Encoding", "when the encoding is the trouble: those taken")
	}
}

func text(about string) *openapi3.MediaType {
	return openapi3.NewMediaType().WithSchema(&openapi3.Schema{Type: &openapi3.Types{"string"}, Description: about})
}
