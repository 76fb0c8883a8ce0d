package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The customs' N19,5: at most 14 digits before and 5 after the point.
const decimalPattern = `^(0|[1-9][0-9]{0,13})(\.[0-9]{1,5})?$`

// completeSchemas says of the schemas what Swagger 2.0 cannot.
func completeSchemas(doc *openapi3.T, optional map[string]map[string]bool) {
	renamePages(doc)
	for name, ref := range doc.Components.Schemas {
		schema := ref.Value
		if len(schema.Properties) == 0 {
			continue
		}
		asked := isRequest(name)
		for member, property := range schema.Properties {
			schema.Properties[member] = completeProperty(property, asked)
		}
		if asked {
			no := false
			schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
			continue
		}
		schema.Required = slices.DeleteFunc(slices.Sorted(maps.Keys(schema.Properties)), func(member string) bool {
			return optional[name][member]
		})
		if strings.HasSuffix(name, "Page") {
			schema.Properties["next_cursor"].Value.Nullable = true
		}
	}
	refuseUnknown(doc)
}

// isRequest tells the shapes that a client sends.
func isRequest(name string) bool { return strings.HasSuffix(name, "Request") }

// refuseUnknown closes the shapes that requests share with answers: unknown members of a request are errors.
func refuseUnknown(doc *openapi3.T) {
	for _, name := range []string{"Seller", "Address", "Dimensions", "Limits", "Rule", "RuleMatch", "RuleBecause", "RuleSampling", "RuleExpect"} {
		no := false
		schema := doc.Components.Schemas[name].Value
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		schema.Required = slices.DeleteFunc(schema.Required, func(member string) bool {
			return schema.Properties[member].Value != nil && schema.Properties[member].Value.Nullable
		})
	}
}

// renamePages gives the pages, whose names the generator makes up, the names of what is on them.
func renamePages(doc *openapi3.T) {
	names := map[string]string{}
	for name, ref := range doc.Components.Schemas {
		if !strings.Contains(name, "Page-") && !strings.Contains(name, "Page_") {
			continue
		}
		items := ref.Value.Properties["data"].Value.Items.Ref
		names["#/components/schemas/"+name] = items + "Page"
		delete(doc.Components.Schemas, name)
		page := items[strings.LastIndexByte(items, '/')+1:] + "Page"
		doc.Components.Schemas[page] = ref
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					if better, ok := names[media.Schema.Ref]; ok {
						media.Schema.Ref = better
					}
				}
			}
		}
	}
}

// completeProperty makes decimals and nullable objects what they are.
func completeProperty(p *openapi3.SchemaRef, asked bool) *openapi3.SchemaRef {
	schema := p.Value
	if p.Ref != "" || schema == nil {
		return p
	}
	if schema.Format == "decimal" {
		schema.Pattern = decimalPattern
		if asked {
			return decimalAsked(schema)
		}
	}
	return p
}

// decimalAsked takes a decimal as a string or as a number, which is read digit by digit.
func decimalAsked(schema *openapi3.Schema) *openapi3.SchemaRef {
	text, number := *schema, openapi3.NewFloat64Schema()
	text.Nullable, text.Description, text.Example = false, "", nil
	number.Format, number.Min = "", new(float64)
	return openapi3.NewSchemaRef("", &openapi3.Schema{
		OneOf:       openapi3.SchemaRefs{openapi3.NewSchemaRef("", &text), openapi3.NewSchemaRef("", number)},
		Description: schema.Description, Example: schema.Example, Nullable: schema.Nullable,
	})
}
