package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/internal/status"
)

// What is written is read again, whatever a name has in it: by Prometheus, and by Read.
func TestTextIsOfPrometheus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		age := time.Duration(rapid.Int64().Draw(t, "age"))
		r := Run{Plan: rapid.String().Draw(t, "plan"), Pool: rapid.String().Draw(t, "pool"), Known: true,
			Ended: time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "ended")).UTC(), Took: age, Exit: 13,
			Keys: []Key{{Name: rapid.String().Draw(t, "key"), Region: "eu-west-1", State: status.Refused, Age: &age}}}
		r.Succeeded = r.Ended
		text, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got := map[string]string{}
		seen := families["keyturn_key_live_version_age_seconds"].GetMetric()
		for _, l := range seen[0].Label {
			got[l.GetName()] = l.GetValue()
		}
		if len(seen) != 1 || len(got) != 4 || got["plan"] != r.Plan || got["pool"] != r.Pool ||
			got["key"] != r.Keys[0].Name || seen[0].GetGauge().GetValue() != age.Seconds() {
			t.Fatalf("%v\n%s", seen, text)
		}
		for name, f := range families {
			if f.GetHelp() == "" || f.GetType().String() != "GAUGE" {
				t.Fatalf("%s: %v", name, f)
			}
		}
		if b := Read(text, r.Ended); b != (Before{r.Plan, r.Pool, r.Ended}) {
			t.Fatalf("%+v\n%s", b, text)
		}
		if b := Read(text, r.Ended.Add(-16*time.Minute)); b != (Before{r.Plan, r.Pool, time.Time{}}) {
			t.Fatalf("a success that is yet to come: %+v\n%s", b, text)
		}
	})
}

// What another program has written into the file is left out.
func TestReadOther(t *testing.T) {
	for _, text := range []string{"", "{", "x{", "keyturn_run_exit_code", "keyturn_run_exit_code{plan=a} 0",
		`keyturn_run_exit_code{plan="a} 0`, `keyturn_run_exit_code{plan="a"} no`, "\x00\xff{}\n\n"} {
		if b := Read(text, time.Now()); b != (Before{}) {
			t.Errorf("%q: %+v", text, b)
		}
	}
}
