package planfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

const acceptHint = "{finding: ledger-gap, reason: INC-4711, until: 2027-01-01}"

// acceptDoc is one entry of accept. One at the top is about tables; one under a key is
// about that key.
type acceptDoc struct {
	top     bool
	finding setting[string]
	version setting[int64]
	reason  setting[string]
	until   setting[time.Time]
}

func (d *acceptDoc) fields() []field {
	return []field{
		{name: "finding", required: true, value: findingOf(&d.finding, d.top),
			doc: "The code of findings, as in ledger-gap, or the id of one finding, as keyturn audit --output json " +
				"has it. What a run stops at cannot be accepted."},
		{name: "reason", required: true, value: textOf(&d.reason,
			textRule{least: 1, most: plan.MaxReason, form: oneLine, hint: "say why, in one line"}),
			doc: "Why it is accepted; shown by audit and status."},
		{name: "until", required: true, value: momentOf(&d.until),
			doc: "When the finding counts again."},
		{name: "version", value: versionOf(&d.version),
			doc: "With a code, under a key: only the findings about this version, as in v7."},
	}
}

// findingOf is the code of findings that can be accepted here, or the id of one.
func findingOf(into *setting[string], top bool) leaf[string] {
	hint := "the code of a finding, as in ledger-gap, or its id"
	var here []string
	for _, code := range plan.AuditCodes() {
		if about, _ := plan.AuditCodeOf(code); about.Shared == top && !about.Stops {
			here = append(here, string(code))
		}
	}
	return leaf[string]{into, func(s scalar) (string, *fault) {
		code := plan.Acceptance{Finding: s.text}.Code()
		switch about, known := plan.AuditCodeOf(code); {
		case !known:
			if near, ok := Nearest(string(code), here); ok {
				return "", &fault{"is no finding", "did you mean " + near + "?"}
			}
			return "", &fault{"is no finding", hint}
		case about.Stops:
			return "", &fault{"cannot be accepted: run stops at it, whatever is accepted",
				"settle it: see " + string(code) + " in docs/runbook.md"}
		case about.Shared && !top:
			return "", &fault{"is no finding about a key", "it belongs under accept at the top level"}
		case !about.Shared && top:
			return "", &fault{"is a finding about a key", "it belongs under accept of that key"}
		}
		return s.text, nil
	}, func() jsonschema.Schema {
		return jsonschema.Schema{Type: "string", Pattern: "^(" + strings.Join(here, "|") + ")(/.+)?$"}
	}, hint}
}

var versionForm = plan.Pattern(`^v?[1-9][0-9]{0,9}$`)

// versionOf is a version, as v7 or 7.
func versionOf(into *setting[int64]) leaf[int64] {
	const hint = "a version, as in v7"
	return leaf[int64]{into, func(s scalar) (int64, *fault) {
		var n int64
		_, err := fmt.Sscan(strings.TrimPrefix(s.text, "v"), &n)
		if !versionForm().MatchString(s.text) || err != nil || n > plan.MaxVersion {
			return 0, &fault{"is no version", hint}
		}
		return n, nil
	}, func() jsonschema.Schema {
		return jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "string", Pattern: versionForm().String()},
			{Type: "integer", Minimum: jsonschema.Ptr(1.0), Maximum: jsonschema.Ptr(float64(plan.MaxVersion))},
		}}
	}, hint}
}

// acceptList is the field accept.
type acceptList struct {
	into *setting[[]plan.Acceptance]
	top  bool
}

func (v acceptList) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]plan.Acceptance]{at: nodeAt(n)}
	v.into.ok = r.list(name, n, "["+acceptHint+"]", func(i int, n ast.Node) {
		d := acceptDoc{top: v.top}
		if r.mapping(n, fmt.Sprintf("%s[%d]", name, i), acceptHint, d.fields()) == nil {
			return
		}
		switch {
		case !d.version.written():
		case v.top:
			r.refuse(d.version.at, "leave it out", "version has no effect at the top level")
		case strings.Contains(d.finding.v, "/"):
			r.refuse(d.version.at, "leave it out", "version has no effect with the id of a finding")
		}
		v.into.v = append(v.into.v, plan.Acceptance{Finding: d.finding.v, Version: d.version.v, Reason: d.reason.v,
			Until: d.until.v})
	})
}

func (v acceptList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: objectSchema((&acceptDoc{top: v.top}).fields(), true)}
}
