package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/golden"
)

// tamperingsShown reports whether the test prints what each tampering was found by.
var tamperingsShown = os.Getenv("KEYTURN_TAMPERINGS") != ""

// tampering is something that somebody has done to a key, its versions, its record or its
// ledger, with other tools than keyturn.
type tampering struct {
	// name says what was done.
	name string
	do   func(*world)
	// finds are the codes of the findings of an audit, sorted.
	finds string
	// args are flags of that audit.
	args string
}

// tamperings are all of them.
var tamperings = slices.Concat(withAliases, withKeys, withAccess, withRecords, withVersions, withLedgers,
	withChains)

// tamperingPage is where the tamperings are listed.
const tamperingPage = "docs/audit.md"

// Each tampering alone, done to keys that are in order after ten rotations, is found by
// an audit under its codes, and nothing else is.
func TestTamperings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newWorld(t, tampered)
		tenRotations(base)
		if found := base.finds("--orphans"); len(found) > 0 {
			t.Fatalf("in order: %s", strings.Join(found, ", "))
		}
		state, err := base.box.State()
		base.check(err)
		for _, c := range tamperings {
			if only := os.Getenv("KEYTURN_TAMPERINGS"); only != "" && only != "1" && !strings.Contains(c.name, only) {
				continue
			}
			w := base.again(state)
			c.do(w)
			if tamperingsShown {
				t.Logf("%s:", c.name)
			}
			if got := strings.Join(w.finds(strings.Fields(c.args)...), ", "); got != c.finds {
				t.Errorf("%s:\n\tfound %s\n\twant  %s", c.name, got, c.finds)
			}
			w.writePlan(tampered)
		}
	})
}

// What an audit is not allowed to read it names, and it does not end with 0.
func TestDeniedLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, tampered)
		tenRotations(w)
		for _, operation := range []string{"DescribeKey", "ListResourceTags", "GetKeyPolicy", "ListGrants",
			"GetKeyLastUsage", "GetKeyRotationStatus", "ListKeyRotations"} {
			w.fault(denied(operation))
			exit, _, errs := w.run("audit", "--output", "json")
			told := strings.Contains(errs, "not checked") && strings.Contains(errs, operation)
			if !told || exit != 1 && exit != 13 {
				t.Errorf("%s: exit %d\n%s", operation, exit, errs)
			}
		}
	})
}

// docs/audit.md lists the tamperings, and what finds them, as the test does. With
// -update the list is written.
func TestTamperingPage(t *testing.T) {
	if len(tamperings) < 90 {
		t.Errorf("%d tamperings", len(tamperings))
	}
	var b strings.Builder
	b.WriteString("| what was done | what `audit` finds |\n|---|---|\n")
	for _, c := range tamperings {
		finds := "**not seen**"
		if c.finds != "" {
			finds = findingCode.ReplaceAllStringFunc(c.finds, quoteCode)
		}
		if c.args != "" {
			finds += " with `" + c.args + "`"
		}
		b.WriteString("| " + c.name + " | " + finds + " |\n")
	}
	page := read(t, tamperingPage)
	const begin, end = "<!-- tamperings -->\n", "<!-- end of tamperings -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the tamperings", tamperingPage)
	}
	golden.Compare(t, filepath.Join(root, tamperingPage), before+begin+b.String()+end+after)
}

// findingCode matches the code of a finding.
var findingCode = regexp.MustCompile(`[a-z]+(-[a-z]+)*`)

func quoteCode(word string) string {
	if word == "warning" {
		return word
	}
	return "`" + word + "`"
}
