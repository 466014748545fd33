package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// An old version that only the record knows needs a person until somebody has looked at
// it again, and not only in the run that saw it.
func TestLeftAlone(t *testing.T) {
	seen := func(about string) change {
		return func(r *plan.Record) {
			r.Entry(6).CheckedAt = noon
			r.LastError = &plan.LastError{Code: plan.CodeVersionUnproven, About: about, At: noon, Run: me,
				Message: "only the record says that k6 is v6"}
		}
	}
	for _, c := range []struct {
		name string
		r    *plan.Record
		want string // the command; "" if nothing is said
	}{
		{"nothing was seen", record(plan.Steady), ""},
		{"there is no v6", record(plan.Steady, seen("v6 k6")), "reinstate"},
		{"v6 names another key", record(plan.Steady, seen("v6 k6 kx")), "adopt"},
		{"of a version that the record does not have", record(plan.Steady, seen("v66 k66")), ""},
		{"a run has checked it since", record(plan.Steady, seen("v6 k6"), func(r *plan.Record) {
			r.Entry(6).CheckedAt = noon.Add(minute)
		}), ""},
		{"a person has reinstated it since", record(plan.Steady, seen("v6 k6"), func(r *plan.Record) {
			*r.Entry(6) = plan.Version{Version: 6, KeyID: "k6", State: plan.Draining, ReinstatedAt: noon.Add(minute)}
		}), ""},
	} {
		got := ""
		if ref := plan.LeftAlone(ordersPolicy(), c.r); ref != nil {
			got = ref.Hint.Commands[0][1]
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
