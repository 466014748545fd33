package start_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox/start"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// records reads what the first start has left in a sandbox.
func records(t *testing.T, path string, p *planfile.Plan) map[string]*plan.Record {
	t.Helper()
	box, err := start.Open(t.Context(), path, p)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := awscall.Connect(t.Context(), awscall.Options{Region: p.Region, Transport: box.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(p.Keys))
	for i, k := range p.Keys {
		names[i] = k.Key()
	}
	found, err := ddblock.New(conn.DynamoDB, p.Table).Read(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	if skew := time.Since(box.Now()).Abs(); skew > 5*time.Second {
		t.Errorf("the sandbox's clock is off by %s", skew)
	}
	return found
}

func parse(t *testing.T, name string) *planfile.Plan {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "plans", name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := planfile.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every key of the quickstart is adopted, steady, and due a rotation.
func TestEveryKeyIsDue(t *testing.T) {
	p := parse(t, "quickstart.yaml")
	found := records(t, filepath.Join(t.TempDir(), "state", "sandbox.json"), p)
	for _, k := range p.Keys {
		r := found[k.Key()]
		if r == nil || r.Step != plan.Steady || !r.Live().Adopted || r.Rev != 1 || r.TableID == "" {
			t.Errorf("%s: %s %+v", k.Name, r, r)
			continue
		}
		if due := plan.DueAt(time.Now(), k, r); due.State != plan.IsDue {
			t.Errorf("%s: %s; live since %s", k.Name, due.State, r.Live().Since)
		}
	}
}

// Plans with other Regions, specs, anchors and start_within can be started too,
// and nothing of them is overdue.
func TestFullPlan(t *testing.T) {
	p := parse(t, "full.yaml")
	found := records(t, filepath.Join(t.TempDir(), "sandbox.json"), p)
	for _, k := range p.Keys {
		if r := found[k.Key()]; r == nil || plan.DueAt(time.Now(), k, r).State == plan.LeftOut {
			t.Errorf("%s: %v", k.Name, r)
		}
	}
}

// Of several that start on an absent file at once, one fills it.
func TestAtOnce(t *testing.T) {
	p := parse(t, "quickstart.yaml")
	path := filepath.Join(t.TempDir(), "sandbox.json")
	var wait sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wait.Go(func() { ids[i] = records(t, path, p)[p.Keys[0].Key()].Live().KeyID })
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("filled twice: %v", ids)
		}
	}
	left, err := filepath.Glob(path + ".*")
	if err != nil || len(left) != 1 { // the lock
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What is there is left as it is.
func TestPresent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.json")
	p := parse(t, "quickstart.yaml")
	first := records(t, path, p)
	p.Keys = p.Keys[:1]
	if again := records(t, path, p); again[p.Keys[0].Key()].Live().KeyID != first[p.Keys[0].Key()].Live().KeyID {
		t.Error("filled again")
	}
}
