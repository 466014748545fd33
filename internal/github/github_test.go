package github_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/github"
	"github.com/keyturn/keyturn/plan"
)

// hostile is text that somebody wrote into a reason, a tag, a plan or a message of AWS.
const hostile = "50%, a:b\r\n::set-env name=PATH::/tmp\n##[add-path]/tmp\n::error::%0A<img src=x>|[x](http://e) `y` @me"

// Whatever the text, an annotation is one line and one command, and its properties end where
// they should.
func TestAnnotation(t *testing.T) {
	got := github.Annotation{Level: "error", File: "a,b:c%.yaml", Line: 7, Column: 3, Title: "t: 1, 2",
		Text: "x\ny: 100%"}
	const want = "::error file=a%2Cb%3Ac%25.yaml,line=7,col=3,title=t%3A 1%2C 2::x%0Ay: 100%25"
	if got.String() != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for _, a := range []github.Annotation{{Level: "error", Title: hostile, Text: hostile},
		{Level: "warning", File: hostile, Title: hostile, Text: hostile}} {
		text := a.String()
		properties, message, _ := strings.Cut(strings.TrimPrefix(text, "::"), "::")
		if strings.ContainsAny(text, "\r\n") || !strings.HasPrefix(text, "::"+a.Level+" ") ||
			strings.Count(properties, ",") > 2 || strings.Contains(properties, ":") {
			t.Errorf("%q", text)
		}
		unescaped := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n").Replace(message)
		if unescaped != hostile {
			t.Errorf("%q became %q", hostile, unescaped)
		}
	}
}

// A report is made of every text of a document, and none of it is more than text.
func TestHostileDocuments(t *testing.T) {
	next := &document.Next{Commands: [][]string{{"keyturn", hostile}}, Note: hostile}
	at := func(string) (string, int) { return "keyturn.yaml", 3 }
	for name, d := range map[string]any{
		"error": document.Error{Code: "x", Message: hostile, Next: next},
		"plan": document.Error{Problems: []document.Problem{{File: hostile, Line: 1, Message: hostile,
			Hint: hostile}}},
		"validate": document.Validate{Files: []document.ValidateFile{{File: hostile,
			Problems: []document.Problem{{File: hostile, Line: 1, Message: hostile}}}}},
		"run": document.Run{Verb: "run", Plan: document.Plan{Name: hostile}, Keys: []document.Key{{Name: hostile,
			Outcome: "refused", Exit: plan.ExitPerson, Refusal: &document.Refusal{What: hostile}, Next: next},
			{Name: "b", Exit: plan.ExitFailed, Error: hostile}}},
		"audit": document.Audit{Findings: []document.Finding{{Keys: []string{hostile}, What: hostile, Level: "person",
			Next: next}}},
		"status": document.Status{Keys: []document.KeyStatus{{Name: hostile, Text: hostile, Note: hostile,
			Then: hostile, Refusal: &document.Refusal{What: hostile}, Next: next}}, Needs: []string{hostile},
			Unread: []string{hostile}},
		"verify": document.Verify{Principal: hostile, Checks: []document.Check{
			{Key: hostile, About: hostile, Answer: plan.KnownNo, Why: hostile, Next: next},
			{Key: hostile, About: hostile, Answer: plan.NotKnown, Why: hostile}}},
		"rehearse": document.Rehearse{Plan: document.Plan{Name: hostile},
			Violations: []document.Violation{{What: hostile}}},
	} {
		r := github.Of(d, at)
		if len(r.Annotations) == 0 || r.Summary == "" {
			t.Errorf("%s: %+v", name, r)
		}
		for _, a := range r.Annotations {
			if strings.ContainsAny(a.String(), "\r\n") {
				t.Errorf("%s: %s", name, a)
			}
		}
		for line := range strings.Lines(r.Summary) {
			cells := strings.Count(line, "|")
			if strings.ContainsAny(line, "<`@[") || strings.HasPrefix(line, "|") && cells > 6 {
				t.Errorf("%s: %s", name, line)
			}
		}
		for _, o := range r.Outputs {
			if strings.Trim(o.Value, "0123456789") != "" && o.Value != "true" && o.Value != "false" {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
}

// The outputs count keys, and a summary says of each key what became of it.
func TestRun(t *testing.T) {
	d := document.Run{Verb: "run", DryRun: true,
		Plan: document.Plan{Name: "payments", Table: "keyturn", Region: "eu-west-1"},
		Exit: plan.ExitPerson, Keys: []document.Key{
			{Name: "a", Outcome: "settled", Did: "rotated", Changed: true},
			{Name: "b", Outcome: "refused", Exit: plan.ExitPerson,
				Refusal: &document.Refusal{Code: "drift", What: "moved"}},
			{Name: "c", Outcome: "busy", Exit: plan.ExitBusy, Reasons: []document.Reason{{Text: "another run"}}},
			{Name: "d", Outcome: "settled", Reasons: []document.Reason{{Text: "nothing is due"}}},
		}}
	r := github.Of(d, func(key string) (string, int) { return "k.yaml", map[string]int{"b": 7, "c": 9}[key] })
	var outputs []string
	for _, o := range r.Outputs {
		outputs = append(outputs, o.Name+"="+o.Value)
	}
	if got := strings.Join(outputs, " "); got != "changed=true rotated=1 refused=1" {
		t.Error(got)
	}
	if len(r.Annotations) != 2 ||
		r.Annotations[0].String() != "::error file=k.yaml,line=7,title=keyturn run%3A b::moved" ||
		r.Annotations[1].String() != "::warning file=k.yaml,line=9,title=keyturn run%3A c::another run" {
		t.Errorf("%v", r.Annotations)
	}
	const want = `### keyturn run, dry-run: nothing was written

plan payments, table keyturn in eu-west-1, exit 13

| key | outcome | done | changes | why |
|---|---|---|---|---|
| a | settled | rotated | 0 |  |
| b | refused |  | 0 | moved |
| c | busy |  | 0 | another run |
| d | settled |  | 0 | nothing is due |

`
	if r.Summary != want {
		t.Errorf("%s", r.Summary)
	}
}

// A verify names what is missing at its key, and what is not known of a key for one reason
// once.
func TestVerify(t *testing.T) {
	no := func(key, about string, answer plan.Known, why string, warns bool) document.Check {
		return document.Check{Key: key, About: about, Answer: answer, Why: why, Warns: warns}
	}
	d := document.Verify{Principal: "arn:aws:iam::1:role/r", Exit: plan.ExitPerson, Checks: []document.Check{
		no("", "clock", plan.KnownYes, "", false), no("a", "grants", plan.KnownNo, "2 grants", true),
		no("a", "kms:CreateKey", plan.NotKnown, "cannot", false),
		no("a", "kms:UpdateAlias", plan.NotKnown, "cannot", false),
		no("a", "kms:Encrypt", plan.KnownNo, "denied", false)}}
	r := github.Of(d, func(key string) (string, int) { return "k.yaml", map[string]int{"a": 7}[key] })
	var got []string
	for _, a := range r.Annotations {
		got = append(got, a.String())
	}
	const want = `::error file=k.yaml,line=7,title=keyturn verify%3A kms%3AEncrypt::denied
::error file=k.yaml,line=7,title=keyturn verify%3A not known::kms:CreateKey, kms:UpdateAlias: cannot
::warning file=k.yaml,line=7,title=keyturn verify%3A grants::2 grants`
	if strings.Join(got, "\n") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	const summary = `### keyturn verify

permissions of arn:aws:iam::1:role/r: 1 yes, 1 no, 2 not known, 1 warning, exit 13

| key | check | answer | by | why |
|---|---|---|---|---|
| a | grants | warning |  | 2 grants |
| a | kms:CreateKey | not known |  | cannot |
| a | kms:UpdateAlias | not known |  | cannot |
| a | kms:Encrypt | no |  | denied |

`
	if r.Summary != summary {
		t.Errorf("%s", r.Summary)
	}
}

// A status annotates the keys that need somebody, and what could not be read.
func TestStatus(t *testing.T) {
	next := time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC)
	d := document.Status{Plan: document.Plan{Name: "p", Table: "t", Region: "r"}, Exit: plan.ExitPerson,
		Keys: []document.KeyStatus{
			{Name: "a", State: "ok", Text: "ok", Active: &document.Version{Version: 7}, Rotation: &next},
			{Name: "b", State: "refused", Text: "refused", Then: "stopped", Refusal: &document.Refusal{What: "moved"}},
			{Name: "c", State: "unknown", Text: "KMS cannot be asked", Note: "no route"}},
		Needs: []string{"b"}, Unread: []string{"the table"}}
	r := github.Of(d, func(key string) (string, int) {
		return "k.yaml", map[string]int{"": 1, "b": 7, "c": 9}[key]
	})
	var got []string
	for _, a := range r.Annotations {
		got = append(got, a.String())
	}
	const want = `::error file=k.yaml,line=7,title=keyturn status%3A b::moved
::error file=k.yaml,line=9,title=keyturn status%3A c::KMS cannot be asked; no route
::error file=k.yaml,line=1,title=keyturn status::not checked: the table`
	if strings.Join(got, "\n") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	for _, line := range []string{"plan p, table t in r, exit 13", "| a | ok | v7 | 2027-02-01T03:00:00Z | ok |",
		"| b | refused |  | stopped | moved |"} {
		if !strings.Contains(r.Summary, line+"\n") {
			t.Errorf("no %q:\n%s", line, r.Summary)
		}
	}
}

// A thousand refused keys are no thousand annotations.
func TestMany(t *testing.T) {
	var d document.Run
	for range 1000 {
		d.Keys = append(d.Keys, document.Key{Name: "a", Exit: plan.ExitFailed, Error: "no"})
	}
	r := github.Of(d, func(string) (string, int) { return "", 0 })
	if n := len(r.Annotations); n != 101 || r.Annotations[100].Text != "900 more are not shown" ||
		strings.Count(r.Summary, "\n") > 120 || !strings.Contains(r.Summary, "and 900 more") {
		t.Errorf("%d, %d", n, strings.Count(r.Summary, "\n"))
	}
}
