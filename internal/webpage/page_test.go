package webpage

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
)

func about() About {
	return About{Plan: "payments", Region: "eu-west-1", Account: "111122223333", Table: "keyturn", Release: "1.0.0",
		Run: "0a1b2c3d"}
}

// The page of keys whose stories have all that it can show.
func TestEvidencePage(t *testing.T) {
	got, err := Evidence(about(), sample.Evidence())
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "../../testdata/screens/evidence.html", got)
}

// Whatever a text from elsewhere says, the page shows it and does nothing else: it has the
// same elements as with harmless texts.
func TestHostilePage(t *testing.T) {
	want := elements(t, pageWith(t, "harmless"))
	var all strings.Builder
	for _, hostile := range sample.Hostile() {
		got := pageWith(t, hostile)
		if diff := cmp.Diff(want, elements(t, got)); diff != "" {
			t.Errorf("%q: other elements:\n%s", hostile, diff)
		}
		if what := plan.FirstMisleading(strings.NewReplacer("\n", "", "\t", "").Replace(got)); what != "" {
			t.Errorf("%q: %s in the page", hostile, what)
		}
		all.WriteString(hostile + " ")
	}
	if path := os.Getenv("KEYTURN_HOSTILE_PAGE"); path != "" {
		if err := os.WriteFile(path, []byte(pageWith(t, all.String())), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func pageWith(t *testing.T, text string) string {
	t.Helper()
	of := about()
	of.Plan, of.Account, of.Release = text, text, text
	got, err := Evidence(of, sample.EvidenceWith(text))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// elements counts the elements of a page by name and by their attributes' names.
func elements(t *testing.T, page string) map[string]int {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			name := n.Data
			for _, a := range n.Attr {
				name += " " + a.Key
			}
			count[name]++
		}
	}
	return count
}

// Reports without keys, without a ledger and without any length have a page, too.
func TestOddReports(t *testing.T) {
	gone := sample.EvidenceSeen()[:1]
	gone[0].History, gone[0].Record = plan.History{}, gone[0].Record.Clone()
	gone[0].Record.Events = nil
	at := sample.EvidenceAt()
	for name, r := range map[string]evidence.Report{
		"no key":    evidence.Of(at, sample.EvidenceSince(), nil, nil),
		"no ledger": evidence.Of(at, sample.EvidenceSince(), nil, gone),
		"no length": evidence.Of(at, at, nil, sample.EvidenceSeen()),
		"turned":    evidence.Of(at, at.AddDate(1, 0, 0), nil, sample.EvidenceSeen()),
		"minutes":   evidence.Of(at, at.Add(-time.Hour), nil, sample.EvidenceSeen()),
		"decades":   evidence.Of(at, at.AddDate(-60, 0, 0), nil, sample.EvidenceSeen()),
	} {
		got, err := Evidence(about(), r)
		if err != nil || !strings.Contains(got, "</html>") || strings.Contains(got, "NaN") {
			t.Errorf("%s: %v", name, err)
		}
		for _, s := range r.Keys {
			if n := len(chartOf(s, 1, r.Since, r.At).Ticks); n > 9 {
				t.Errorf("%s: %d dates on the axis touch on a telephone", name, n)
			}
		}
	}
}
