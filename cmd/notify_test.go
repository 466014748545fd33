package cmd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// everyNews is a plan's notify for all kinds.
func everyNews(o *outsider) string {
	return "notify:\n  - {on: [rotated, made, retired, refused, failed, overdue, held, rolled-back], webhook: '" +
		o.URL + "/hook?a=b', hmac_env: HOOK_SECRET}\n"
}

const hookSecret = "s3cr3t-of-the-hook"

// told runs keyturn with an outsider, and returns what the outsider was told.
func (c *cloud) told(o *outsider, want int, args ...string) (all []newsDoc, p *process) {
	c.t.Helper()
	p = newProcess()
	p.Outside, p.vars["HOOK_SECRET"] = o.Client().Transport, hookSecret
	if _, exit := c.runIn(c.t.Context(), p, args...); exit != want {
		c.t.Fatalf("%v: exit %d, want %d\n%s", args, exit, want, p.err.String())
	}
	if strings.Contains(p.err.String()+p.out.String(), hookSecret) {
		c.t.Errorf("the secret is printed: %s%s", p.out.String(), p.err.String())
	}
	return o.news(c.t), p
}

// newsDoc is what is read of a keyturn/news/1.
type newsDoc struct {
	Format, ID, Kind, Code string
	Generation, Version    int64
	Run                    struct {
		Format string
		Keys   []struct{ Name, Did string }
	}
}

// news returns what the outsider was told since the last time. Each body must be signed.
func (o *outsider) news(t *testing.T) (all []newsDoc) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, body := range o.bodies {
		var d newsDoc
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			t.Fatal(err)
		}
		h := hmac.New(sha256.New, []byte(hookSecret))
		h.Write([]byte(body))
		if got := o.header[i].Get("X-Keyturn-Signature"); got != "sha256="+hex.EncodeToString(h.Sum(nil)) {
			t.Errorf("signed %q", got)
		}
		if o.header[i].Get("X-Keyturn-Id") != d.ID || d.Format != "keyturn/news/1" {
			t.Errorf("%v: %v", o.header[i], d)
		}
		all = append(all, d)
	}
	o.bodies, o.header, o.paths = nil, nil, nil
	return all
}

// kinds returns the kinds and codes of news.
func kinds(all []newsDoc) (got []string) {
	for _, d := range all {
		got = append(got, strings.TrimSpace(d.Kind+" "+d.Code))
	}
	slices.Sort(got)
	return got
}

func wantKinds(t *testing.T, what string, all []newsDoc, want ...string) {
	t.Helper()
	if got := kinds(all); !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// A rotation, a hold, a rollback and a refusal are told once, by the run whose write made
// them.
func TestNews(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds(everyNews(o))
	all, _ := c.told(o, 0, "run")
	wantKinds(t, "a rotation", all, "rotated")
	if d := all[0]; !strings.HasPrefix(d.ID, "eu-west-1/alias/orders-data#") || d.Generation != 2 || d.Version != 2 ||
		d.Run.Format != "keyturn/run/1" || len(d.Run.Keys) != 1 || d.Run.Keys[0].Did != "rotated" {
		t.Errorf("%+v", d)
	}
	all, _ = c.told(o, 0, "run")
	wantKinds(t, "nothing due", all)
	all, _ = c.told(o, 0, "hold", "orders-data", "--reason", "x")
	wantKinds(t, "a hold", all, "held")
	all, _ = c.told(o, 0, "release", "orders-data", "--reason", "x")
	wantKinds(t, "a release", all)
	all, _ = c.told(o, 0, "rollback", "orders-data", "--reason", "x", "--confirm", "orders-data")
	wantKinds(t, "a rollback", all, "rolled-back")
	c.drift()
	c.advance(91 * day)
	all, _ = c.told(o, 13, "run")
	wantKinds(t, "a refusal", all, "refused drift")
	for range 3 {
		all, _ = c.told(o, 13, "run")
		wantKinds(t, "the same refusal", all)
	}
}

// Pools that fail for different reasons, in turns, tell each of them once.
func TestNewsDoNotAlternate(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds(everyNews(o))
	var got []string
	for n := range 8 {
		code := []string{"AccessDeniedException", "KMSInvalidStateException"}[n%2]
		if err := c.box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{{Operation: "CreateKey",
			Kind: sandbox.Refuse, Code: code, Message: "no"}}}); err != nil {
			t.Fatal(err)
		}
		p := newProcess()
		p.Outside, p.vars["HOOK_SECRET"] = o.Client().Transport, hookSecret
		p.vars["KEYTURN_POOL"] = fmt.Sprint("pool-", n%2)
		c.runIn(t.Context(), p, "run")
		got = append(got, kinds(o.news(t))...)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"failed access-denied", "failed key-state"}) {
		t.Errorf("told %q", got)
	}
}

// Eight runs at once: each kind is told once.
func TestNewsOfRunsAtOnce(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds(everyNews(o))
	at := func(want int, args ...string) {
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				p := newProcess()
				p.Outside, p.vars["HOOK_SECRET"] = o.Client().Transport, hookSecret
				p.vars["KEYTURN_POOL"] = fmt.Sprint("pool-", n)
				if _, exit := c.runIn(t.Context(), p, args...); exit != want {
					t.Errorf("exit %d\n%s", exit, p.err.String())
				}
			})
		}
		all.Wait()
	}
	at(0, "run")
	wantKinds(t, "a rotation", o.news(t), "rotated")
	c.drift()
	c.advance(91 * day)
	at(13, "run")
	wantKinds(t, "a refusal", o.news(t), "refused drift")
}

// A message that fails is sent once more, with the same id; then it is a warning without the
// address, and the rotation and the exit code are what they were. A secret that is not set is one too.
func TestNewsFail(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds(everyNews(o))
	o.refuse["/hook"] = 1
	all, p := c.told(o, 0, "run")
	wantKinds(t, "refused once", all, "rotated")
	if strings.Contains(p.err.String(), "told") {
		t.Errorf("refused once: %s", p.err.String())
	}
	c.advance(91 * day)
	o.refuse["/hook"] = 2
	all, p = c.told(o, 10, "run", "--detailed-exitcode")
	wantKinds(t, "refused twice", all)
	if said := p.err.String(); !strings.Contains(said, "warning: orders-data: nobody was told that it is rotated "+
		"(eu-west-1/alias/orders-data#") || strings.Contains(said, "/hook") {
		t.Errorf("refused twice: %s", said)
	}
	all, _ = c.told(o, 0, "run") // it is lost, and not sent by a later run
	wantKinds(t, "after that", all)
	c.advance(91 * day)
	p = newProcess()
	p.Outside = o.Client().Transport
	if _, exit := c.runIn(t.Context(), p, "run"); exit != 0 || len(o.news(t)) != 0 ||
		!strings.Contains(p.err.String(), "$HOOK_SECRET, with which it is signed, is not set") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
}

// A command gets the document on its stdin; one that fails is a warning.
func TestNewsToACommand(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "told")
	c.adds("notify: [{on: [rotated], command: '{ cat; echo \"$KEYTURN_NEWS $KEYTURN_KEY\"; } >> " + file + "'}]\n")
	if p, exit := c.run("run"); exit != 0 {
		t.Fatal(p.err.String())
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `"kind": "rotated"`) ||
		!strings.HasSuffix(string(text), "rotated orders-data\n") {
		t.Errorf("%v: %s", err, text)
	}
	c.adds("notify: [{on: [rotated], command: 'echo x >> " + file + ".tries; echo too bad; exit 3'}]\n")
	c.advance(91 * day)
	p, exit := c.run("run")
	if exit != 0 || !strings.Contains(p.err.String(), "exit status 3: too bad") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
	if tries, _ := os.ReadFile(file + ".tries"); string(tries) != "x\nx\n" {
		t.Errorf("tries: %q", tries)
	}
	c.adds("notify: [{on: [rotated], command: 'echo x >> " + file + ".killed; kill -9 $$'}]\n")
	c.advance(91 * day)
	p, exit = c.run("run") // it may have told somebody
	if exit != 0 || !strings.Contains(p.err.String(), ") is not known: signal: killed") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
	if tries, _ := os.ReadFile(file + ".killed"); string(tries) != "x\n" {
		t.Errorf("tries of one that is killed: %q", tries)
	}
}

// A topic is published to, once; a topic that refuses is a warning.
func TestNewsToATopic(t *testing.T) {
	c := newCloud(t)
	c.adds("notify: [{on: [rotated], sns: 'arn:aws:sns:eu-central-1:111122223333:keyturn'}]\n")
	if p, exit := c.run("run"); exit != 0 || strings.Contains(p.err.String(), "told") {
		t.Fatalf("exit %d: %s", exit, p.err.String())
	}
	published := func() (n int) {
		for _, e := range c.box.Journal() {
			if e.Service == "sns" && e.Operation == "Publish" {
				n++
			}
		}
		return n
	}
	if n := published(); n != 1 {
		t.Errorf("published %d times", n)
	}
	c.adds("notify: [{on: [rotated], sns: 'arn:aws:sns:eu-west-1:999999999999:keyturn'}]\n")
	c.advance(91 * day)
	p, exit := c.run("run")
	if exit != 0 || !strings.Contains(p.err.String(), "nobody was told that it is rotated") ||
		!strings.Contains(p.err.String(), "not authorized to perform: SNS:Publish") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
	if n := published(); n != 3 {
		t.Errorf("published %d times", n)
	}
	c.adds("notify: [{on: [rotated], sns: 'arn:aws:sns:eu-west-1:111122223333:keyturn'}]\n")
	for role, want := range map[string]bool{"cron": true, "break-glass": true, "readonly": false} {
		p, _ := c.run("init", "--iam", role)
		if strings.Contains(p.out.String(), `"arn:aws:sns:eu-west-1:111122223333:keyturn"`) != want {
			t.Errorf("%s: sns:Publish is wanted: %v\n%s%s", role, want, p.out.String(), p.err.String())
		}
	}
	c.adds("")
	if p, _ := c.run("init", "--iam", "cron"); strings.Contains(p.out.String(), "sns") {
		t.Errorf("without a topic: %s", p.out.String())
	}
}

// The calls of a rotation are the same with and without notify.
func TestNewsCostNoCall(t *testing.T) {
	counts := func(notify bool) map[string]int {
		o := newOutsider(t)
		c := newCloud(t)
		if notify {
			c.adds(everyNews(o))
		}
		c.gate.seen = nil
		c.told(o, 0, "run")
		c.drift()
		c.advance(91 * day)
		c.told(o, 13, "run")
		c.told(o, 13, "run")
		return c.gate.seen
	}
	if with, without := counts(true), counts(false); fmt.Sprint(with) != fmt.Sprint(without) {
		t.Errorf("with notify %v, without %v", with, without)
	}
}

// What only looks starts no command of the plan.
func TestLooksStartNoCommand(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "started")
	c.adds("before_switch: 'touch " + file + "'\n" +
		"notify: [{on: [rotated, made, refused, held], command: 'touch " + file + "'}]\n")
	looks := func(more ...[]string) {
		for _, args := range append(more, []string{"run", "--dry-run"}, []string{"status"}, []string{"audit"},
			[]string{"verify"},
			[]string{"validate", c.plan}, []string{"history", "orders-data", "--verify"}, []string{"cost"},
			[]string{"rotate", "orders-data", "--dry-run"}, []string{"hold", "orders-data", "--dry-run"},
			[]string{"rehearse", "--plan", c.plan, "--years", "0.3", "--pools", "2"}) {
			if p, exit := c.run(args...); exit == 64 {
				t.Errorf("%v: %s", args, p.err.String())
			}
			if _, err := os.Stat(file); err == nil {
				t.Fatalf("%v has started it", args)
			}
		}
	}
	looks()
	c.drift()
	looks()
}

// docs/monitoring.md has the fields of what is sent, and the kinds of news.
func TestNewsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Notify")
	for i := range reflect.TypeFor[newsDocument]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[newsDocument]().Field(i).Tag.Get("json"), ",")
		if !strings.Contains(section, "\n| `"+name+"` |") {
			t.Errorf("no row for %s", name)
		}
	}
	for _, k := range plan.NewsKinds() {
		if !strings.Contains(section, "\n| `"+string(k)+"` |") {
			t.Errorf("no row for %s", k)
		}
	}
}

// All news take a minute at most: what was not tried by then is said to be so, and of many
// warnings the number is said.
func TestNewsTakeAMinuteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 60
		c := emptyCloud(t)
		c.transport = c.box.RoundTripper()
		text := "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\n" +
			"notify: [{on: [held], webhook: 'https://127.0.0.1:1/'}]\nkeys:\n"
		c.write(text + c.makes(t, keys))
		c.must("init", "--table")
		c.must("run")
		// Six times eight are tried for ten seconds each; eight more may begin as the minute ends.
		for _, verb := range [][]string{{"hold"}, {"hold", "-v"}} {
			p := newProcess()
			p.Outside = roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			_, exit := c.runIn(t.Context(), p, append(verb, "--all", "--reason", "x")...)
			said := p.err.String()
			shown, untried := strings.Count(said, "warning: k"), strings.Count(said, "not tried: the minute was over")
			if more := strings.Contains(said, "and 50 more of notify"); exit != 0 ||
				len(verb) == 1 && (shown != 10 || !more) || len(verb) == 2 && (shown != keys || more || untried < 4) {
				t.Errorf("%v: exit %d, %d warnings, %d of them not tried\n%s", verb, exit, shown, untried, said)
			}
			c.must("release", "--all", "--reason", "x")
		}
	})
}
