package planfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan/planfile"
)

func compiled(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(planfile.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// asJSON returns what an editor or a CI job hands to a schema validator.
func asJSON(data []byte) (any, error) {
	var v any
	text, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &v)
	return v, err
}

// The schema that editors fetch is the one that this program prints, by its own name.
func TestSchemaIsPublished(t *testing.T) {
	var s jsonschema.Schema
	if err := json.Unmarshal(planfile.Schema(), &s); err != nil || s.ID != planfile.SchemaID ||
		!strings.HasSuffix(s.ID, "/docs/plan.schema.json") {
		t.Errorf("%v: $id %s", err, s.ID)
	}
	golden.Compare(t, "../../docs/plan.schema.json", string(planfile.Schema()))
}

// There is no `keyturn fmt`, because the YAML library loses comments when it prints: this
// one. If it keeps it, read docs/conventions.md again.
func TestPrintingLosesComments(t *testing.T) {
	const text = "keys: [a, # one\n  b] # two\n"
	file, err := parser.ParseBytes([]byte(text), parser.ParseComments)
	if err != nil || strings.Contains(file.String(), "# one") {
		t.Errorf("%v\n%s", err, file)
	}
}

func TestSchemaAcceptsValidPlans(t *testing.T) {
	s := compiled(t)
	for _, path := range files(t, "*.yaml") {
		v, err := asJSON(read(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The schema refuses what one field can say alone. The plans it cannot judge
// are named here, so that the list does not grow unseen.
func TestSchemaRefusesInvalidPlans(t *testing.T) {
	beyond := []string{
		"delete-by-default.yaml", // two levels
		"repeated.yaml", "yaml-features.yaml",
		"periods.yaml", // arithmetic
	}
	s := compiled(t)
	for _, path := range files(t, "invalid/*.yaml") {
		name := filepath.Base(path)
		v, err := asJSON(read(t, path))
		if err != nil {
			continue // no YAML at all
		}
		err = s.Validate(v)
		if known := slices.Contains(beyond, name); known != (err == nil) {
			t.Errorf("%s: beyond the schema: %v; the schema says: %v", name, known, err)
		}
	}
}

// Every wrong value of every field, one at a time, is refused by the schema as
// it is by Parse.
func TestSchemaAndParserAgree(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"drain: 1d12h", true}, {"drain: 0s", false}, {"drain: 12h1d", false}, {"drain: 1mo", false},
		{`drain: ""`, false}, {"drain: 0", false}, {"drain: 3", false},
		{"start_within: off", true}, {"start_within: 1h", true}, {"start_within: on", false},
		{"probe: off", true}, {"probe: false", true}, {"probe: no", false},
		{"max_draining: 1", true}, {"max_draining: 0", false}, {`max_draining: "2"`, false},
		{"max_draining: 1.5", false},
		{"retire: keep", true}, {"retire: delete", false}, {"retire: {action: keep}", true},
		{"retire: {action: keep, unless_used_within: 1d}", false},
		{"retire: {action: delete}", false}, {"retire: {action: disable, delete_after: 1d}", false},
		{"retire: {action: disable, deletion_window: 7d}", false}, {"retire: {}", false},
		{"before_switch: ./x", true}, {"before_switch: [./x, '']", true}, {"before_switch: []", true},
		{"before_switch: ' '", false}, {"before_switch: 7", false}, {"before_switch: {}", false},
		{"freeze: []", true}, {"freeze: [{from: 2026-01-01, to: 2026-01-02T00:00:00+01:00}]", true},
		{"freeze: [{from: 2026-01-01}]", false}, {"freeze: {}", false},
		{"freeze: [{from: 2026-01-01T00:00, to: 2026-01-02}]", false},
		{"table: a_b-c.d", true}, {"table: ab", false}, {"account: '123456789012'", true},
		{"account: 123456789012", true}, {"account: 12345678901", false}, {"account: '12345678901'", false},
		{"version: 1", true}, {"version: 2", false}, {"name: x", true}, {"name: ''", false},
		{"nonsense: 1", false}, {"$schema: x", true},
		{"schedule: {every: 1d}", true}, {"schedule: {every: 1d, anchor: 2026-01-01}", true},
		{"schedule: {cron: '0 3 1 JAN,jul *'}", true},
		{"schedule: {}", false}, {"schedule: {every: 1d, cron: 0 3 1 * 1}", false},
		{"schedule: {cron: 0 3 1 * *, anchor: 2026-01-01}", false}, {"schedule: {cron: '@daily'}", false},
		{"schedule: {cron: 0 3 L * *}", false},
		{"keys: [{alias: alias/aws/s3}]", false}, {"keys: [{alias: alias/a/v1}]", false}, {"keys: [{alias: a}]", false},
		{"keys: []", false}, {"keys: [{}]", false},
		{"keys: [{alias: alias/a, name: a/v1}]", false}, {"keys: [{alias: alias/a, name: alias/a}]", false},
		{"keys: [{alias: alias/a, name: a.b}]", true},
		{"keys: [{alias: alias/a, spec: AES}]", false}, {"keys: [{alias: alias/a, usage: SIGN_VERIFY}]", true},
		{"keys: [{alias: alias/a, description: ''}]", true},
		{"keys: [{alias: alias/a, tags: {a: b}}]", true}, {"keys: [{alias: alias/a, tags: {a: 1}}]", false},
		{"keys: [{alias: alias/a, tags: {'aws:a': b}}]", false},
		{"keys: [{alias: alias/a, tags: {'Keyturn:a': b}}]", false},
		{"keys: [{alias: alias/a, tags: {'é a': ''}}]", true},
		{"keys: [{alias: alias/a, tags: {" + strings.Repeat("é", 128) + ": ''}}]", true},
		{"keys: [{alias: alias/a, tags: {" + strings.Repeat("é", 129) + ": ''}}]", false},
		{"keys: [{alias: alias/a, tags: {'': ''}}]", false},
		{"region: eu", false}, {"region: us-gov-west-1", true},
	} {
		// The line under test takes the place of the one of its name.
		text := c.text + "\n"
		for _, line := range []string{"region: eu-west-1", "schedule: {every: 90d}", "drain: 1d",
			"keys: [{alias: alias/a}]"} {
			if field, _, _ := strings.Cut(line, ":"); !strings.HasPrefix(c.text, field+":") {
				text += line + "\n"
			}
		}
		_, parsed := planfile.Parse("p.yaml", []byte(text))
		v, err := asJSON([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		validated := s.Validate(v)
		if (parsed == nil) != c.ok {
			t.Errorf("%s: Parse says %v", c.text, parsed)
		}
		// The schema does not count: 0s is a duration.
		if (validated == nil) != c.ok && c.text != "drain: 0s" {
			t.Errorf("%s: the schema says %v", c.text, validated)
		}
	}
}

// The schema names every field of the contract, no more, each with a word on
// what it is.
func TestSchemaNamesEveryField(t *testing.T) {
	var s jsonschema.Schema
	if err := json.Unmarshal(planfile.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	terms := []string{"account", "auto_rotation", "hold_max", "expect_callers",
		"before_switch", "drain", "freeze", "max_attempts",
		"max_draining", "min_interval", "notify", "prepublish", "probe", "region", "retire", "schedule",
		"start_within", "table"}
	check := func(where string, got *jsonschema.Schema, want ...string) {
		var have []string
		for name, p := range got.Properties {
			have = append(have, name)
			if p.Description == "" {
				t.Errorf("%s.%s has no description", where, name)
			}
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%s: fields %v, want %v", where, have, want)
		}
	}
	check("top", &s, append(slices.Clone(terms), "$schema", "version", "name", "accept", "ping", "ping_by",
		"keys")...)
	check("keys", s.Properties["keys"].Items, append(slices.Clone(terms), "alias", "name", "spec", "usage",
		"policy", "description", "tags", "accept")...)
	check("schedule", s.Properties["schedule"], "every", "anchor", "cron")
	check("retire", s.Properties["retire"].AnyOf[1], "action", "unless_used_within", "delete_after", "deletion_window")
	for _, of := range []*jsonschema.Schema{&s, s.Properties["keys"].Items} {
		check("accept", of.Properties["accept"].Items, "finding", "reason", "until", "version")
	}
	check("notify", s.Properties["notify"].Items, "on", "command", "webhook", "hmac_env", "sns")
	check("freeze", s.Properties["freeze"].Items, "from", "to", "reason")
}

// full.yaml is the page people copy from: it shows every field.
func TestFullPlanShowsEveryField(t *testing.T) {
	text, err := os.ReadFile(plans + "/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(s *jsonschema.Schema)
	walk = func(s *jsonschema.Schema) {
		for name, p := range s.Properties {
			if p.Description != "" && !strings.Contains(string(text), name+":") {
				t.Errorf("full.yaml does not show %s", name)
			}
			walk(p)
		}
		for _, a := range s.AnyOf {
			walk(a)
		}
		if s.Items != nil {
			walk(s.Items)
		}
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(planfile.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	walk(&s)
}
