package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// Two plans are in use if the terms of both come back. A rollout is no finding, however
// the pools mix while it lasts, nor is a revert; other releases are not compared.
func TestPlansDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		// terms are those of the events; a digit is the release, "1" without one.
		terms string
		every time.Duration
		found bool
	}{
		"one plan":                  {"AAAA", day, false},
		"a rollout":                 {"AAABBB", day, false},
		"a revert":                  {"ABA", day, false},
		"a revert for long":         {"AABBAA", day, false},
		"two plans":                 {"ABAB", day, true},
		"two plans, one more often": {"AAABAAAAB", day, true},
		"three plans":               {"ABCABC", day, true},
		"three rollouts":            {"ABC", day, false},
		"a mixed rollout":           {"ABABABBB", 30 * time.Minute, false},
		"releases in turns":         {"A1B2A1B2", day, false},
		"plans of two releases":     {"A1A2B1B2A1A2B1B2", day, true},
		"terms that are not known":  {"----", day, false},
	} {
		s := inOrder()
		s.r.Events = nil
		for i := 0; i < len(c.terms); i++ {
			e := plan.Event{Rev: int64(len(s.r.Events) + 1), At: noon.Add(time.Duration(len(s.r.Events)) * c.every),
				Kind: []plan.EventKind{"note"}, Who: plan.Who{Terms: c.terms[i : i+1], Release: "1"}}
			if e.Who.Terms == "-" {
				e.Who.Terms = ""
			}
			if i+1 < len(c.terms) && c.terms[i+1] < 'A' && c.terms[i+1] != '-' {
				i++
				e.Who.Release = c.terms[i : i+1]
			}
			s.r.Events, s.r.Rev = append(s.r.Events, e), e.Rev
		}
		now := s.r.Events[len(s.r.Events)-1].At
		for _, later := range []time.Duration{0, 8 * day} {
			want := ""
			if c.found {
				want = map[time.Duration]string{0: "person", 8 * day: "warning"}[later]
			}
			got := ""
			for _, f := range audit.Key(now.Add(later), s.p, s.r, s.s) {
				if f.Code == plan.CodePlansDiffer {
					got += fmt.Sprint(f.Level)
				}
			}
			if got != want {
				t.Errorf("%s, %s later: %q, want %q", name, later, got, want)
			}
		}
	}
}
