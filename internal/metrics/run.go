package metrics

import (
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// Run is what is measured of a run.
type Run struct {
	// Plan is the plan's name, and Pool that of this process.
	Plan, Pool string
	// Ended is AWS's time at the end of the run.
	Ended time.Time
	Took  time.Duration
	Exit  plan.Exit
	// Succeeded is when a run last ended with 0 or 10; zero if that is not known.
	Succeeded time.Time
	// Keys are those of the run; Known reports whether it came to them.
	Keys  []Key
	Known bool
}

// The names that Read looks for.
const (
	lastSuccess = "keyturn_run_last_success_timestamp_seconds"
	exitCode    = "keyturn_run_exit_code"
)

// families returns all that is measured.
func (r Run) families() []*dto.MetricFamily {
	b := &builder{plan: r.Plan, pool: r.Pool}
	if !r.Succeeded.IsZero() {
		b.add(lastSuccess, "When a run of this pool last ended with 0 or 10.", seconds(r.Succeeded))
	}
	b.add("keyturn_run_timestamp_seconds", "When the last run ended.", seconds(r.Ended))
	b.add(exitCode, "The exit code of the last run.", float64(r.Exit))
	b.add("keyturn_run_duration_seconds", "How long the last run took.", r.Took.Seconds())
	if !r.Known {
		return b.all
	}
	for _, s := range status.States() {
		n := 0
		for _, k := range r.Keys {
			if k.State == s {
				n++
			}
		}
		b.add("keyturn_keys", "How many keys are in a state.", float64(n), "state", string(s))
	}
	for _, k := range r.Keys {
		b.key(k)
	}
	return b.all
}

// key adds what is measured of a key.
func (b *builder) key(k Key) {
	of := []string{"key", k.Name, "region", k.Region}
	b.add("keyturn_key_state", "The state of a key, as a label.", 1, append(of, "state", string(k.State))...)
	span := func(name, help string, d *time.Duration) {
		if d != nil {
			b.add(name, help, d.Seconds(), of...)
		}
	}
	span("keyturn_key_live_version_age_seconds", "For how long the version behind the alias has been live.", k.Age)
	span("keyturn_key_next_window_seconds", "How long it is until the next window that rotates the key opens.", k.Next)
	for _, d := range k.Drains {
		b.add("keyturn_key_drain_end_seconds", "How long it is until the drain of a version ends; negative after that.",
			d.Left.Seconds(), append(of, "version", fmt.Sprint(d.Version))...)
	}
	if k.Read {
		b.add("keyturn_key_overdue", "1 if what is due is late.", number(k.Overdue), of...)
		b.add("keyturn_key_held", "1 if a hold stops automation.", number(k.Held != nil), of...)
	}
	span("keyturn_key_hold_age_seconds", "For how long the hold has lasted.", k.Held)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
