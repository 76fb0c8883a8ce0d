// Package openapi holds the API's description, made from the code of package api. Regenerate with go generate ./docs/openapi.
package openapi

import _ "embed"

//go:generate go run ./convert

// JSON is the description, OpenAPI 3.0.
//
//go:embed openapi.json
var JSON []byte
