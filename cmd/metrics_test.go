package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// samples are those of a file of metrics, by name and labels, without plan and pool.
type samples map[string]float64

func samplesOf(t *testing.T, file string) samples {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := samples{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		m := regexp.MustCompile(`^(\w+)\{plan="keyturn",pool="pool-1",?(.*)\} (\S+)\n$`).FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("not understood: %q", line)
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if _, twice := all[m[1]+" "+m[2]]; err != nil || twice {
			t.Fatalf("%q: %v, twice: %v", line, err, twice)
		}
		all[strings.TrimSpace(m[1]+" "+m[2])] = value
	}
	return all
}

func (s samples) want(t *testing.T, name string, least, most float64) {
	t.Helper()
	if v, ok := s[name]; !ok || v < least || v > most {
		t.Errorf("%s is %v (%v), want %v to %v in %v", name, v, ok, least, most, s)
	}
}

const ofOrders = ` key="orders-data",region="eu-west-1"`

// A run writes what it knows at its end; one that fails keeps the last success, and says
// nothing about keys that it did not read.
func TestMetrics(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "keyturn.prom")
	run := func(want int, args ...string) samples {
		t.Helper()
		if p, exit := c.run(append(args, "run", "--metrics", file)...); exit != want {
			t.Fatalf("exit %d, want %d\n%s", exit, want, p.err.String())
		}
		return samplesOf(t, file)
	}
	const hours, days = 3600, 86400
	s := run(0)
	now := float64(c.box.Now().Unix())
	s.want(t, "keyturn_run_last_success_timestamp_seconds", now-60, now+60)
	s.want(t, "keyturn_run_timestamp_seconds", now-60, now+60)
	s.want(t, "keyturn_run_exit_code", 0, 0)
	s.want(t, "keyturn_run_duration_seconds", 0, 60)
	s.want(t, `keyturn_keys state="ok"`, 1, 1)
	s.want(t, `keyturn_keys state="refused"`, 0, 0)
	s.want(t, "keyturn_key_state"+ofOrders+`,state="ok"`, 1, 1)
	s.want(t, "keyturn_key_live_version_age_seconds"+ofOrders, 0, 60)
	s.want(t, "keyturn_key_next_window_seconds"+ofOrders, 45*days, 91*days)
	s.want(t, "keyturn_key_drain_end_seconds"+ofOrders+`,version="1"`, 30*days-60, 30*days)
	s.want(t, "keyturn_key_overdue"+ofOrders, 0, 0)
	s.want(t, "keyturn_key_held"+ofOrders, 0, 0)
	succeeded := s["keyturn_run_last_success_timestamp_seconds"]

	c.advance(2 * day) // and a run with nothing due
	s = run(0)
	s.want(t, "keyturn_key_live_version_age_seconds"+ofOrders, 2*days-5, 2*days+60)
	s.want(t, "keyturn_run_last_success_timestamp_seconds", succeeded+2*days-1, succeeded+2*days+60)

	if _, exit := c.run("hold", "orders-data", "--reason", "x"); exit != 0 {
		t.Fatal(exit)
	}
	c.advance(3 * hours * 1e9)
	s = run(0)
	s.want(t, "keyturn_key_held"+ofOrders, 1, 1)
	s.want(t, "keyturn_key_hold_age_seconds"+ofOrders, 3*hours-5, 3*hours+60)
	succeeded = s["keyturn_run_last_success_timestamp_seconds"]
	if _, exit := c.run("release", "orders-data", "--reason", "x"); exit != 0 {
		t.Fatal(exit)
	}

	c.drift()
	c.advance(91 * day)
	s = run(13)
	s.want(t, "keyturn_run_exit_code", 13, 13)
	s.want(t, `keyturn_keys state="refused"`, 1, 1)
	s.want(t, "keyturn_run_last_success_timestamp_seconds", succeeded, succeeded)
	s.want(t, "keyturn_key_overdue"+ofOrders, 1, 1)

	if err := os.WriteFile(c.plan, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = run(64) // without AWS's clock: by the host's that success is yet to come
	s.want(t, "keyturn_run_exit_code", 64, 64)
	if len(s) != 3 {
		t.Errorf("of keys that were not read: %v", s)
	}
}

// Metrics that cannot be written are a warning, and change no exit code and no rotation;
// nothing is left beside the file; a dry-run writes none.
func TestMetricsThatCannotBeWritten(t *testing.T) {
	c := newCloud(t)
	dir := t.TempDir()
	p, exit := c.run("run", "--metrics", filepath.Join(dir, "none", "keyturn.prom"), "--detailed-exitcode")
	if exit != 10 || !strings.Contains(p.err.String(), "warning: the metrics were not written: ") ||
		!strings.Contains(p.out.String(), "rotated v1 to v2") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	file := filepath.Join(dir, "keyturn.prom")
	if _, exit := c.run("run", "--metrics", file, "--dry-run"); exit != 0 {
		t.Errorf("a dry-run: exit %d", exit)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a dry-run has left %v", left)
	}
	if err := os.WriteFile(file, []byte("no metrics\n\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, exit := c.run("run", "--metrics", file); exit != 0 {
		t.Errorf("exit %d", exit)
	}
	samplesOf(t, file).want(t, "keyturn_run_exit_code", 0, 0)
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// A file that another pool has written says nothing about this one.
func TestMetricsOfAnother(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "keyturn.prom")
	if _, exit := c.run("run", "--metrics", file, "--pool", "pool-2"); exit != 0 {
		t.Fatal(exit)
	}
	c.drift()
	c.advance(91 * day)
	if p, exit := c.run("run", "--metrics", file); exit != 13 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	if at, ok := samplesOf(t, file)["keyturn_run_last_success_timestamp_seconds"]; ok {
		t.Errorf("pool-1 never ended well, and says %v", at)
	}
}

// A sandbox's clock may be months ahead, and its keys are none of production: nothing is written.
func TestNoMetricsOfASandbox(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "keyturn.prom")
	if p, exit := c.run("run", "--sandbox", "--metrics", file); exit != 0 {
		t.Fatalf("exit %d\n%s", exit, &p.err)
	}
	if _, err := os.Lstat(file); err == nil {
		t.Error("it has written metrics")
	}
}

// A run that is refused before it reads its plan says so, too, and of which pool.
func TestMetricsOfAnEarlyEnd(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "keyturn.prom")
	for _, args := range []string{"run --wait abc", "run --ask", "run --expect none --out none", "run --pool \x01",
		"run --plan none"} {
		if _, exit := c.run("run", "--metrics", file); exit != 0 {
			t.Fatal(exit)
		}
		if p, exit := c.run(append(strings.Fields(args), "--metrics", file)...); exit != 64 {
			t.Fatalf("%s: exit %d\n%s", args, exit, &p.err)
		}
		samplesOf(t, file).want(t, "keyturn_run_exit_code", 64, 64)
	}
	hour := time.Now().Add(-time.Hour).Unix() // the cloud's clock is ahead of the host's
	before := fmt.Sprintf("# TYPE keyturn_run_last_success_timestamp_seconds gauge\n"+
		"keyturn_run_last_success_timestamp_seconds{plan=\"keyturn\",pool=\"pool-1\"} %d\n"+
		"keyturn_run_exit_code{plan=\"keyturn\",pool=\"pool-1\"} 0\n", hour)
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, exit := c.run("run", "--plan", "none", "--metrics", file); exit != 64 {
		t.Fatal(exit)
	}
	samplesOf(t, file).want(t, "keyturn_run_last_success_timestamp_seconds", float64(hour), float64(hour))
	if _, exit := c.run("run", "--plan", "none", "--pool", "web", "--metrics", file); exit != 64 {
		t.Fatal(exit)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `keyturn_run_exit_code{plan="keyturn",pool="web"} 64`) ||
		strings.Contains(string(text), "last_success") {
		t.Errorf("%v\n%s", err, text)
	}
}
