// Package junit is the form of JUnit XML in which GitLab and others collect results. It is
// made of the JSON documents.
//
// It must not know how anything was found.
package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// Suite is the result of one command.
type Suite struct {
	XMLName  xml.Name `xml:"testsuite"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Cases    []Case   `xml:"testcase"`
}

// Case is one thing that was checked.
type Case struct {
	// Class is what it is a part of, and Name what was checked.
	Class string `xml:"classname,attr"`
	Name  string `xml:"name,attr"`
	File  string `xml:"file,attr,omitempty"`
	Line  int    `xml:"line,attr,omitempty"`
	// Failure is nil if it is as it should be.
	Failure *Failure `xml:"failure"`
}

// Failure is what is wrong.
type Failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// Add adds a case.
func (s *Suite) Add(c Case) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

// OfValidate returns the suite of a validation: a case for each valid plan, and one for each
// problem of the others.
func OfValidate(d document.Validate) Suite {
	s := Suite{Name: "keyturn validate"}
	for _, f := range d.Files {
		if f.Valid {
			s.Add(Case{Class: f.File, Name: "plan", File: f.File})
		}
		for _, p := range f.Problems {
			at := fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
			text := at + ": " + p.Message
			if p.Hint != "" {
				text += " (" + p.Hint + ")"
			}
			s.Add(Case{Class: f.File, Name: at, File: p.File, Line: p.Line,
				Failure: &Failure{Message: p.Message, Type: "invalid", Text: text}})
		}
	}
	return s
}

// OfVerify returns the suite of a preflight: a case for each check. What is not known fails,
// too: it was not shown to be as it should be.
func OfVerify(d document.Verify) Suite {
	s := Suite{Name: "keyturn verify"}
	for _, c := range d.Checks {
		one := Case{Class: cmp.Or(c.Key, d.Plan.Name), Name: c.About}
		if c.Answer != plan.KnownYes && !c.Warns {
			one.Failure = &Failure{Message: cmp.Or(c.Why, string(c.Answer)), Type: string(c.Answer), Text: c.Why}
		}
		s.Add(one)
	}
	return s
}

// Write writes suites as one document.
func Write(w io.Writer, suites ...Suite) error {
	text, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []Suite
	}{Suites: suites}, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	}
	return err
}
