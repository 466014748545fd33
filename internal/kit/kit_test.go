package kit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/kit"
	"github.com/keyturn/keyturn/plan/planfile"
)

const planText = `region: eu-west-1
account: "111122223333"
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
  - alias: alias/webhook-signing
    spec: ECC_NIST_P256
    usage: SIGN_VERIFY
    retire: disable
`

// request is one for two pools, with all that is known.
func request(t *testing.T, kind kit.Kind) kit.Request {
	t.Helper()
	return kit.Request{Kind: kind, Plan: parsed(t, planText), Account: "111122223333", Dir: "kit",
		Partition: func(string) string { return "aws" },
		Source:    kit.Source{Path: "keyturn.yaml", Copy: true, Text: planText}}
}

func parsed(t *testing.T, text string) *planfile.Plan {
	t.Helper()
	p, err := planfile.Parse("keyturn.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t *testing.T, q kit.Request) kit.Kit {
	t.Helper()
	k, err := kit.Write(q)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// text returns a file of a kit.
func text(t *testing.T, k kit.Kit, path string) string {
	t.Helper()
	for _, f := range k.Files {
		if f.Path == path {
			return f.Text
		}
	}
	t.Fatalf("the kit has no %s", path)
	return ""
}

// compare compares a kit with the folder of its expected files, and each blank with what
// the kit says of it.
func compare(t *testing.T, name string, k kit.Kit) {
	t.Helper()
	dir := filepath.Join("testdata", name)
	want := map[string]bool{}
	var all strings.Builder
	for _, f := range k.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		golden.Compare(t, path, f.Text)
		want[path] = true
		all.WriteString(f.Text)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !want[path] {
			t.Errorf("the kit has no %s any more", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	listed := map[string]bool{}
	for _, b := range k.Blanks {
		listed[b.Name] = true
		if b.About == "" || len(b.Files) == 0 {
			t.Errorf("%+v", b)
		}
	}
	for _, name := range regexp.MustCompile(`FILL-IN[A-Z-]*[A-Z]`).FindAllString(all.String(), -1) {
		if !listed[name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

// What cannot be a kit is refused with words.
func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*kit.Request){
		"a name for a pool":  func(q *kit.Request) { q.Pools = []string{"Web"} },
		"an empty pool":      func(q *kit.Request) { q.Pools = []string{""} },
		"a long pool":        func(q *kit.Request) { q.Pools = []string{strings.Repeat("x", 41)} },
		"a line in a pool":   func(q *kit.Request) { q.Pools = []string{"a\n* * * * * rm"} },
		"the audit's name":   func(q *kit.Request) { q.Pools = []string{"audit"} },
		"a pool twice":       func(q *kit.Request) { q.Pools = []string{"a", "b", "a"} },
		"lines to page":      func(q *kit.Request) { q.Pager = "page\n* * * * * rm" },
		"half a quote":       func(q *kit.Request) { q.Pager = "page 'x" },
		"a comment":          func(q *kit.Request) { q.Pager = "page #" },
		"two commands":       func(q *kit.Request) { q.Pager = "page; echo" },
		"a pipe":             func(q *kit.Request) { q.Pager = "page | cat" },
		"in the background":  func(q *kit.Request) { q.Pager = "page &" },
		"output to the text": func(q *kit.Request) { q.Pager = "page >" },
	} {
		t.Run(name, func(t *testing.T) {
			q := request(t, kit.Cron)
			change(&q)
			_, err := kit.Write(q)
			refused, ok := err.(*kit.RequestError)
			if !ok || refused.Fault().Exit != 64 || refused.Hint.Empty() {
				t.Errorf("%v", err)
			}
		})
	}
}
