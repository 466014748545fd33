package conformance

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

var (
	backend = flag.String("backend", embedded,
		"whose answers: "+embedded+", or a name of differences.go, or two as in moto+dynalite, with endpoints in "+
			"AWS_ENDPOINT_URL*")
	update = flag.Bool("update", false, "write docs/conformance.md again")
)

// embedded is the backend of every day.
const embedded = "sandbox"

// row is one call, or a few, and what comes back.
type row struct {
	// name is a text such as "UpdateAlias: target of another usage".
	name string
	// doc is the page of AWS that documents the answer.
	doc string
	// want has alternatives if the page leaves it open: "A or B".
	want string
	do   func(w *world) string
	// clock is for rows that want days to pass: only the embedded AWS can.
	clock bool
}

func rows() []row {
	return slices.Concat(stsRows, createRows, aliasRows, describeRows, stateRows, deletionRows, cryptoRows, listRows,
		signatureRows,
		tableRows, itemRows, conditionRows, batchRows, queryRows)
}

// service returns the service that a row calls, by the page it rests on.
func (r row) service() string {
	switch {
	case strings.Contains(r.doc, "/amazondynamodb/"):
		return "dynamodb"
	case strings.Contains(r.doc, "/STS/"):
		return "sts"
	}
	return "kms"
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// pageHead is the text above the table in docs/conformance.md.
const pageHead = `# Conformance

<!-- Made by go test ./internal/conformance -update; edit internal/conformance, not this page. -->

keyturn relies on about a hundred facts about KMS, DynamoDB and STS. [internal/conformance](../internal/conformance) has
each as a call, with the documented answer and the page of AWS that documents it. The embedded AWS answers every one of
them as documented, in every ` + "`go test`" + `. Other implementations differ in the rows below and in no others:
` + "`scripts/backends.sh test NAME`" + ` asks them, and fails on a difference that is new or gone. Where they
and the embedded AWS disagree, AWS's documentation decides. AWS itself was not asked.

`

// The page is made of the list of differences, and is not edited by hand.
func TestPage(t *testing.T) {
	wants, docs := map[string]string{}, map[string]string{}
	for _, r := range rows() {
		wants[r.name], docs[r.name] = r.want, r.doc
	}
	const page = "../../docs/conformance.md"
	want := pageHead + Markdown(wants, docs)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/conformance.md is not what the list of differences says: go test ./internal/conformance -update")
	}
}

// TestConformance asks one backend every row.
func TestConformance(t *testing.T) {
	if *backend == embedded {
		synctest.Test(t, func(t *testing.T) { ask(t, newEmbedded(t)) }) // where days pass in no time
		return
	}
	ask(t, newRemote(t))
}

func ask(t *testing.T, w *world) {
	known := map[string]Difference{}
	for _, r := range rows() {
		for _, d := range Differences {
			if d.Row == r.name && d.Backend == part(*backend, r.service()) {
				known[d.Row] = d
			}
		}
	}
	asked, differed, left := 0, 0, map[string]int{}
	for _, r := range rows() {
		switch {
		case !w.has(r.service()):
			left["no endpoint for "+r.service()]++
			continue
		case r.clock && w.advance == nil:
			left["days would have to pass"]++
			continue
		}
		asked++
		got := w.answer(r)
		d, differs := known[r.name]
		if differs {
			differed++
		}
		switch {
		case !differs && !r.allows(got):
			t.Errorf("%s\n got %s\nwant %s\n see %s", r.name, got, r.want, r.doc)
		case differs && r.allows(got):
			t.Errorf("%s\nis answered as AWS documents it, %s: take the difference out of the list", r.name, got)
		case differs && got != d.Answers:
			t.Errorf("%s\n   got %s\nlisted %s\n  want %s", r.name, got, d.Answers, r.want)
		}
	}
	t.Logf("%s: %d rows asked, %d known to differ", *backend, asked, differed)
	for why, n := range left {
		t.Logf("%s: %d rows not asked: %s", *backend, n, why)
	}
	if asked == 0 {
		t.Error("no row was asked")
	}
}

// part returns the backend of a service: of a backend A+B, DynamoDB is B's.
func part(backend, service string) string {
	first, second, two := strings.Cut(backend, "+")
	if two && service == "dynamodb" {
		return second
	}
	return first
}

func (r row) allows(got string) bool { return slices.Contains(strings.Split(r.want, " or "), got) }

// TestTable wants the table and the list to be sound.
func TestTable(t *testing.T) {
	byName := map[string]row{}
	for _, r := range rows() {
		if _, twice := byName[r.name]; twice {
			t.Errorf("%s: twice in the table", r.name)
		}
		if !strings.HasPrefix(r.doc, "https://docs.aws.amazon.com/") || r.want == "" || r.do == nil {
			t.Errorf("%s: rests on %q, wants %q", r.name, r.doc, r.want)
		}
		byName[r.name] = r
	}
	seen := map[string]bool{}
	for _, d := range Differences {
		r, there := byName[d.Row]
		switch {
		case !there:
			t.Errorf("%s: no row is called %q", d.Backend, d.Row)
		case Versions[d.Backend] == "": // the embedded AWS among them: it must not differ
			t.Errorf("%q: there is no backend %q", d.Row, d.Backend)
		case seen[d.Backend+d.Row]:
			t.Errorf("%s: %q twice", d.Backend, d.Row)
		case d.Evidence == "" || r.allows(d.Answers):
			t.Errorf("%s: %q: evidence %q, answers %q", d.Backend, d.Row, d.Evidence, d.Answers)
		}
		seen[d.Backend+d.Row] = true
	}
}
