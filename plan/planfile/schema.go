package planfile

import (
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// SchemaID is the $id of the schema, and where it can be fetched: docs/plan.schema.json.
const SchemaID = "https://raw.githubusercontent.com/keyturn/keyturn/main/docs/plan.schema.json"

// Modeline is a comment of a plan by which editors with yaml-language-server find the
// schema: https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
const Modeline = "# yaml-language-server: $schema=" + SchemaID + "\n"

// Schema returns the JSON Schema (draft 2020-12) of the plan file, for editors and
// other tools. It is made of the same tables of fields that Parse reads
// by. What spans several fields (a drain against its schedule) only Parse
// knows: what it accepts the schema accepts, not the other way round.
func Schema() []byte {
	s := objectSchema((&planDoc{}).fields(), true)
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID = SchemaID
	s.Title = "keyturn plan"
	s.Description = "What keyturn rotates, and when. The top level holds the terms of every key; a key overrides " +
		"them. Durations are " + plan.DurationHint + "."
	s.Required = append(s.Required, "region")
	for _, name := range []string{"schedule", "drain"} {
		s.AllOf = append(s.AllOf, &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Required: []string{name}},
			{Properties: map[string]*jsonschema.Schema{"keys": {Items: &jsonschema.Schema{Required: []string{name}}}}},
		}})
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		// The tables are constants; a test calls this.
		panic(fmt.Sprintf("plan: the schema of the plan file: %v", err))
	}
	return append(out, '\n')
}

// objectSchema returns the schema of a mapping with these fields and no others.
// Under a key the defaults are the top level's, whatever they are.
func objectSchema(fields []field, withPresets bool) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type:                 "object",
		Properties:           map[string]*jsonschema.Schema{},
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
	for _, f := range fields {
		p := f.value.schema()
		p.Description = f.doc
		if f.preset != "" && withPresets {
			p.Default = rawJSON(f.preset)
		}
		s.Properties[f.name] = p
		s.PropertyOrder = append(s.PropertyOrder, f.name)
		if f.required {
			s.Required = append(s.Required, f.name)
		}
	}
	return s
}
