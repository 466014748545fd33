package docs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The script in record.md computes the same chain as keyturn from what the aws CLI prints,
// and sees an event that was rewritten. It is run by bash and jq as it stands there.
func TestChainWithoutKeyturn(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil { // scripts/check.sh says so, and does not let it pass in CI
		t.Skip("no jq here")
	}
	script := chainScript(t)
	var items, forged, exported string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, tampered)
		tenRotations(w)
		items = w.asCLI()
		w.must(0, "history orders-data --verify")
		_, exported, _ = w.run("history", "orders-data", "--export")
		w.chainAgain(-1) // what the test computes is the same, too
		w.must(0, "history orders-data --verify")
		inLedger(func(_ *world, e, _ item) { e["approved"] = text("yes") })(w)
		forged = w.asCLI()
		w.must(13, "history orders-data --verify")
	})
	want := hashesOf(exported)
	if n := strings.Count(want, "\n"); n < 50 {
		t.Fatalf("%d events were exported", n)
	}
	if out, err := runScript(t, script, items); err != nil || out != want {
		t.Errorf("the script ended with %v and printed\n%s\nwant\n%s", err, out, want)
	}
	if out, err := runScript(t, script, forged); err == nil || strings.Count(out, "does not follow") != 1 {
		t.Errorf("of a rewritten event the script ended with %v and printed\n%s", err, out)
	}
}

// Of whatever was done to the table, the script in record.md and keyturn say the same.
func TestChainAgrees(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("no jq here")
	}
	script := chainScript(t)
	type told struct {
		name, items, exported string
		exit                  int
	}
	var all []told
	synctest.Test(t, func(t *testing.T) {
		base := newWorld(t, tampered)
		tenRotations(base)
		state, err := base.box.State()
		base.check(err)
		for name, c := range chains {
			w := base.again(state)
			c.do(w)
			exit, out, errs := w.run("history", "orders-data", "--verify")
			if want := map[bool]int{true: 0, false: 13}[c.whole]; exit != want {
				t.Errorf("%s: history --verify ended with %d, want %d\n%s%s", name, exit, want, out, errs)
			}
			_, exported, _ := w.run("history", "orders-data", "--export")
			all = append(all, told{name, w.asCLI(), exported, exit})
		}
	})
	for _, c := range all {
		out, err := runScript(t, script, c.items)
		if (err == nil) != (c.exit == 0) {
			t.Errorf("%s: the script ended with %v, and keyturn with %d\n%s", c.name, err, c.exit, out)
		}
		if want := hashesOf(c.exported); c.exit == 0 && out != want {
			t.Errorf("%s: the script printed\n%s\nwant\n%s", c.name, out, want)
		}
	}
}

// hashesOf returns what the script prints of an export.
func hashesOf(exported string) string {
	var b strings.Builder
	for _, h := range regexp.MustCompile(`"rev":(\d+),"hash":"([0-9a-f]{64})"`).FindAllStringSubmatch(exported, -1) {
		b.WriteString(h[1] + " " + h[2] + "\n")
	}
	return b.String()
}

// chainScript returns the script that record.md has for the chain.
func chainScript(t *testing.T) string {
	t.Helper()
	_, page, _ := strings.Cut(read(t, "docs/record.md"), "<!-- the chain with jq; run by a test -->")
	page, _, found := strings.Cut(page, "<!-- end -->")
	parts := blocks(page)
	if !found || len(parts) != 2 {
		t.Fatalf("record.md has %d blocks there", len(parts))
	}
	return strings.Join(parts[1].lines, "\n")
}

func runScript(t *testing.T, script, items string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "items.json"), []byte(items), 0o600); err != nil {
		t.Fatal(err)
	}
	bash := exec.CommandContext(t.Context(), "bash", "-c", script)
	bash.Dir = dir
	out, err := bash.CombinedOutput()
	return string(out), err
}

// asCLI returns the items of orders-data as `aws dynamodb query` prints them.
func (w *world) asCLI() string {
	w.t.Helper()
	items := []any{}
	for _, it := range append(w.ledgerItems(), w.items(alias, "record")...) {
		items = append(items, typedJSON(&ddbtypes.AttributeValueMemberM{Value: it}).(map[string]any)["M"])
	}
	out, err := json.Marshal(map[string]any{"Items": items, "Count": len(items)})
	w.check(err)
	return string(out)
}
