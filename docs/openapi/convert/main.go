// Command convert makes the API's description from the code of package api: swag reads the annotations as Swagger 2.0, and
// what that cannot say is said here, in OpenAPI 3.0.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/swaggo/swag"
)

const (
	source = "../../api" // go generate runs in docs/openapi
	target = "openapi.json"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "describe the API:", err)
		os.Exit(1)
	}
}

func run() error {
	doc, err := annotated(source)
	if err != nil {
		return err
	}
	optional, err := optionalMembers(source)
	if err != nil {
		return err
	}
	if err := complete(doc, optional); err != nil {
		return err
	}
	raw, err := validated(doc)
	if err != nil {
		return err
	}
	return os.WriteFile(target, raw, 0o644)
}

// annotated reads what the annotations say.
func annotated(dir string) (*openapi3.T, error) {
	parser := swag.New(swag.SetDebugger(log.New(io.Discard, "", 0)))
	if err := parser.ParseAPI(dir, "doc.go", 1); err != nil {
		return nil, fmt.Errorf("annotations: %w", err)
	}
	raw, err := json.Marshal(parser.GetSwagger())
	if err != nil {
		return nil, fmt.Errorf("swagger 2.0: %w", err)
	}
	var two openapi2.T
	if err := json.Unmarshal(raw, &two); err != nil {
		return nil, fmt.Errorf("swagger 2.0: %w", err)
	}
	doc, err := openapi2conv.ToV3(&two)
	if err != nil {
		return nil, fmt.Errorf("openapi 3.0: %w", err)
	}
	return doc, nil
}

// validated prints the document when it is valid, its examples included, as a reader finds it.
func validated(doc *openapi3.T) ([]byte, error) {
	raw, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	again, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("read again: %w", err)
	}
	if err := again.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate: %w", err)
	}
	return append(raw, '\n'), nil
}
