package junit_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/junit"
	"github.com/keyturn/keyturn/plan"
)

// Each valid plan is a case, and each problem of another one a failure; text from elsewhere
// stays text.
func TestValidate(t *testing.T) {
	const hostile = "a]]><x/>\x1b\x00&\"'\n-->"
	d := document.Validate{Files: []document.ValidateFile{
		{File: "a.yaml", Valid: true, Keys: []string{"orders"}},
		{File: "b.yaml", Problems: []document.Problem{
			{File: "b.yaml", Line: 3, Column: 5, Message: "no such field", Hint: "drain"},
			{File: hostile, Line: 1, Column: 1, Message: hostile}}},
	}}
	var out bytes.Buffer
	if err := junit.Write(&out, junit.OfValidate(d)); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Text string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	s := read.Suites[0]
	if s.Tests != 3 || s.Failures != 2 || s.Cases[0].Failure != nil || s.Cases[1].Failure == nil ||
		s.Cases[1].Failure.Text != "b.yaml:3:5: no such field (drain)" || s.Cases[1].Name != "b.yaml:3:5" {
		t.Errorf("%+v\n%s", s, out.String())
	}
	if strings.Contains(out.String(), "<x/>") || strings.ContainsAny(out.String(), "\x1b\x00") {
		t.Error(out.String())
	}
}

// Each check of a preflight is a case. One that is not known fails; a warning does not.
func TestVerify(t *testing.T) {
	s := junit.OfVerify(document.Verify{Plan: document.Plan{Name: "payments"}, Checks: []document.Check{
		{About: "the clock", Answer: plan.KnownYes},
		{Key: "a", About: "kms:CreateKey", Answer: plan.KnownNo, Why: "denied"},
		{Key: "a", About: "kms:UpdateAlias", Answer: plan.NotKnown}, {Key: "a", About: "kms:ListGrants",
			Answer: plan.KnownNo, Warns: true}}})
	if s.Tests != 4 || s.Failures != 2 || s.Cases[0].Class != "payments" || s.Cases[1].Failure.Text != "denied" ||
		s.Cases[2].Failure.Message != "not known" || s.Cases[3].Failure != nil {
		t.Errorf("%+v", s)
	}
}
