package webpage

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

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
