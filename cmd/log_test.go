package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// logLine is a line of the log: its fields in their order, and their values.
type logLine struct {
	names  []string
	values map[string]any
}

func (l logLine) has(name string) bool { return slices.Contains(l.names, name) }

// logOf reads what a command has written to stderr with --log json.
func logOf(t *testing.T, p *process) (all []logLine) {
	t.Helper()
	for lines := bufio.NewScanner(bytes.NewReader(p.err.Bytes())); lines.Scan(); {
		var l logLine
		if err := json.Unmarshal(lines.Bytes(), &l.values); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		for depth, name := 0, true; ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			delim, _ := token.(json.Delim)
			switch {
			case delim == '{' || delim == '[':
				depth++
				name = depth == 1
				continue
			case delim != 0:
				depth--
			case depth == 1 && name:
				l.names, name = append(l.names, token.(string)), false
				continue
			}
			name = depth == 1
		}
		all = append(all, l)
	}
	return all
}

// logged runs keyturn with a log, and returns it.
func logged(t *testing.T, c *cloud, want int, args ...string) []logLine {
	t.Helper()
	p := newProcess()
	p.Version = "1.2.3"
	_, exit := c.runIn(t.Context(), p, append(args, "--log", "json")...)
	if exit != want {
		t.Fatalf("%v: exit %d, want %d\n%s%s", args, exit, want, p.out.String(), p.err.String())
	}
	all := logOf(t, p)
	if len(all) < 2 || all[0].values["line"] != "start" || all[len(all)-1].values["line"] != "end" ||
		all[len(all)-1].values["exit"] != float64(want) {
		t.Fatalf("%v: no start or no end:\n%s", args, p.err.String())
	}
	return all
}

// Every line has what a query goes by, in the same order, and a line about a key has what
// tells the key and its rotation.
func TestLogFields(t *testing.T) {
	c := newCloud(t)
	for what, all := range map[string][]logLine{
		"a rotation": logged(t, c, 0, "run"), "nothing due": logged(t, c, 0, "run"),
		"a status": logged(t, c, 0, "status"),
	} {
		for _, l := range all {
			names := slices.DeleteFunc(slices.Clone(l.names), func(s string) bool { return s == "account" })
			common := []string{"level", "time", "line", "verb", "run", "pool", "keyturn", "region", "plan"}
			if !reflect.DeepEqual(names[:len(common)], common) || names[len(names)-1] != "message" {
				t.Errorf("%s: %v", what, l.names)
			}
			if at, err := time.Parse("2006-01-02T15:04:05.000Z", l.values["time"].(string)); err != nil ||
				time.Since(at).Abs() > time.Hour {
				t.Errorf("%s: time %v: %v", what, l.values["time"], err)
			}
			for _, name := range l.names {
				if l.values[name] == "" || l.values[name] == nil {
					t.Errorf("%s: an empty %s in %v", what, name, l.values)
				}
			}
			if l.has("key") && !(l.has("alias") && (l.has("generation") || l.values["rev"] == nil)) {
				t.Errorf("%s: about a key: %v", what, l.values)
			}
		}
	}
}

// Acts have their fields in one order: twice the same acts are twice the same names.
func TestLogActsInOneOrder(t *testing.T) {
	order := []string{"key", "alias", "generation", "window", "act", "rev", "dry_run", "answer", "duration_ms",
		"service", "call", "text", "code", "error", "request_id", "head", "message"}
	windows := 0
	for _, l := range logged(t, newCloud(t), 0, "run") {
		if l.values["line"] != "act" {
			continue
		}
		if l.has("window") {
			windows++
		}
		if !l.has("duration_ms") {
			t.Errorf("how long it took is not said: %v", l.values)
		}
		own := l.names[slices.Index(l.names, "key"):]
		if !slices.IsSortedFunc(own, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }) {
			t.Errorf("%v", own)
		}
	}
	if windows < 5 {
		t.Errorf("%d acts name their window", windows)
	}
}

// The account is said from when AWS has said it. A run with nothing due does not ask.
func TestLogAccount(t *testing.T) {
	c := newCloud(t)
	all := logged(t, c, 0, "run")
	asked := false
	for _, l := range all {
		if asked = asked || l.values["act"] == "look caller"; l.has("account") != asked {
			t.Errorf("account %v: %v", l.has("account"), l.values)
		}
		if asked && l.values["account"] != "111122223333" {
			t.Errorf("%v", l.values)
		}
	}
	if !asked {
		t.Error("nobody asked")
	}
	for _, l := range logged(t, c, 0, "run") {
		if l.has("account") {
			t.Errorf("nobody asked: %v", l.values)
		}
	}
}

// The last line counts the keys, also of a run that fails or is refused; an error about a
// key says which generation it is in.
func TestLogEnd(t *testing.T) {
	c := newCloud(t)
	all := logged(t, c, 0, "run")
	if v := all[len(all)-1].values; v["total"] != 1.0 || v["changed"] != 1.0 || v["refused"] != 0.0 ||
		v["level"] != "info" {
		t.Errorf("a rotation: %v", v)
	}
	all = logged(t, c, 0, "run")
	if v := all[len(all)-1].values; v["total"] != 1.0 || v["changed"] != 0.0 || v["duration_ms"] == nil {
		t.Errorf("nothing due: %v", v)
	}
	c.drift()
	c.advance(91 * day)
	all = logged(t, c, 13, "run")
	v := all[len(all)-2].values
	if v["line"] != "error" || v["code"] != "drift" || v["alias"] != "alias/orders-data" || v["generation"] != 2.0 ||
		v["window"] == nil {
		t.Errorf("a refusal: %v", v)
	}
	if v := all[len(all)-1].values; v["refused"] != 1.0 || v["level"] != "error" {
		t.Errorf("a refusal: %v", v)
	}
	if err := os.WriteFile(c.plan, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := c.run("run", "--log", "json")
	all = logOf(t, p)
	if n := len(all); n != 2 || all[0].values["line"] != "error" || all[1].values["exit"] != 64.0 ||
		all[1].values["level"] != "error" || all[1].has("region") {
		t.Errorf("no plan:\n%s", p.err.String())
	}
}

// trace_id is that of TRACEPARENT, if it is one by W3C's rules.
func TestLogTrace(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	good := "00-" + id + "-00f067aa0ba902b7-01"
	for parent, want := range map[string]string{
		good: id, "01-" + id + "-00f067aa0ba902b7-01-more": id, "": "",
		good + "-more": "", "ff" + good[2:]: "", strings.ToUpper(good): "", good[:len(good)-1]: "", good[1:]: "",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01": "",
		"00-" + id + "-0000000000000000-01":                      "",
		"00-" + id[1:] + "g-00f067aa0ba902b7-01":                 "",
		"00-" + id + "-00f067aa0ba902b7":                         "", "none": "",
	} {
		if got := traceOf(parent); got != want {
			t.Errorf("%q: %q, want %q", parent, got, want)
		}
	}
	c := newCloud(t)
	p := newProcess()
	p.vars["TRACEPARENT"] = good
	c.runIn(t.Context(), p, "run", "--log", "json")
	for _, l := range logOf(t, p) {
		if l.values["trace_id"] != id {
			t.Errorf("%v", l.values)
		}
	}
}

// The fields of the log are those of docs/monitoring.md, in its order, and its queries use no
// others.
func TestLogFieldsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Logs for machines")
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(section, -1) {
		for _, name := range strings.Split(row[1], ", ") {
			documented = append(documented, strings.Trim(name, "`"))
		}
	}
	seen := map[string]bool{}
	for _, l := range everyLogLine(t) {
		at := 0
		for _, name := range l.names {
			seen[name] = true
			next := slices.Index(documented[at:], name)
			if next < 0 {
				t.Errorf("%s is not documented, or before %s: %v", name, documented[at], l.values)
				break
			}
			at += next
		}
	}
	for _, name := range documented {
		if !seen[name] {
			t.Errorf("%s is documented, and no line has it", name)
		}
	}
	queries := regexp.MustCompile("(?s)```(?:logql|insights|datadog)\n.*?```").FindAllString(section, -1)
	if len(queries) < 6 {
		t.Fatalf("%d queries", len(queries))
	}
	for _, q := range queries {
		for _, field := range queryFields(q) {
			if !slices.Contains(documented, field) {
				t.Errorf("%s is no field: %s", field, q)
			}
		}
	}
}

// queryFields returns the words of a query that are compared, shown or grouped by.
func queryFields(q string) (all []string) {
	q = regexp.MustCompile(`\{job="keyturn"\}`).ReplaceAllString(q, "")
	names := regexp.MustCompile(`@(\w+):|(\w+) ?(?:!=|=|>) ?["0-9]|\.(\w+)\}\}|by \(?(\w+)|fields ([\w, ]+)|` +
		`sort (\w+)`)
	for _, m := range names.FindAllStringSubmatch(q, -1) {
		for _, field := range strings.Split(strings.Join(m[1:], ""), ", ") {
			all = append(all, strings.TrimSpace(field))
		}
	}
	return all
}

// everyLogLine brings about lines of all kinds.
func everyLogLine(t *testing.T) []logLine {
	c := newCloud(t)
	all := logged(t, c, 0, "run", "--dry-run")
	all = append(all, logged(t, c, 0, "run")...)
	c.advance(91 * day)
	if err := c.box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{{Operation: "CreateKey", Kind: sandbox.Refuse,
		Code: "AccessDeniedException", Message: "no"}}}); err != nil {
		t.Fatal(err)
	}
	all = append(all, logged(t, c, 1, "run")...)
	p := newProcess()
	p.Version, p.vars["TRACEPARENT"] = "1.2.3", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	con := p.console(true, screen.Same{})
	con.Act()(rotate.Trace{Key: "orders-data", Act: plan.Act{Kind: plan.Wait,
		End: plan.End{Until: at("2026-12-01T03:31:10Z"), Fenced: true}}})
	con.Problem(screen.Problem{Keys: []string{"orders-data", "session-mac"}, Code: plan.CodeFailed, What: "no"})
	return append(all, logOf(t, p)...)
}
