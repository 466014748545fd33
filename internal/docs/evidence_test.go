package docs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/document"
)

// The report for an assessor shows or counts each event of lives that were drawn, knows all
// their words, and has one active version at a time.
func TestEvidenceOfHistories(t *testing.T) {
	for _, seed := range []uint64{7000, 7002, 7010} { // with versions that waited, and a rebuild
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHistory(t, seed, false)
				h.live()
				checkEvidence(t, h)
				if t.Failed() {
					for _, line := range h.typed {
						t.Log(line)
					}
				}
			})
		})
	}
}

func checkEvidence(t *testing.T, h *history) {
	t.Helper()
	exit, out, errs := h.run("audit", "--evidence", "--since", "2025-01-01", "--output", "json")
	var d document.EvidenceReport
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("exit %d: %v\n%s%s", exit, err, out, errs)
	}
	k := d.Keys[0]
	if want := len(h.events()); k.Events.Total != want {
		t.Errorf("%d events, the ledger has %d", k.Events.Total, want)
	}
	counted := k.Events.Shown + k.Events.Before
	for _, r := range k.Events.Routine {
		counted += r.Count
	}
	if counted != k.Events.Total || len(k.Events.Others) > 0 {
		t.Errorf("events: %+v", k.Events)
	}
	for _, u := range k.Unknown {
		if u.Kind == "event" || u.Kind == "record-only" || u.Kind == "unread" || u.Kind == "kms-differs" {
			t.Errorf("%s: %s", u.Kind, u.What)
		}
	}
	for i, a := range k.Versions {
		if n := len(a.Spans); n > 0 && (a.Spans[n-1].State == "active") != (a.Version == k.Live) &&
			a.Spans[n-1].State != "perhaps" {
			t.Errorf("v%d is %s, and live is v%d", a.Version, a.Spans[n-1].State, k.Live)
		}
		for _, b := range k.Versions[i+1:] {
			overlap(t, a, b, "active")
		}
	}
}

// What AWS does not show is in the report as not read, and the exit code is 1.
func TestEvidenceUnread(t *testing.T) {
	for _, operation := range []string{"Query", "GetKeyLastUsage", "DescribeKey"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, retiring)
			rotated(w)
			service := "kms"
			if operation == "Query" {
				service = "dynamodb"
			}
			w.fault(refuse(service, operation, "AccessDeniedException"))
			exit, out, errs := w.run("audit", "--evidence")
			if exit != 1 || !strings.Contains(out, "not read: ") {
				t.Errorf("%s: exit %d\n%s%s", operation, exit, out, errs)
			}
		})
	}
}

// overlap wants two versions not to be in a state at once.
func overlap(t *testing.T, a, b document.EvidenceVersion, state string) {
	t.Helper()
	for _, one := range a.Spans {
		for _, other := range b.Spans {
			if one.State == state && other.State == state && (one.To == nil || one.To.After(other.From)) &&
				(other.To == nil || other.To.After(one.From)) {
				t.Errorf("v%d and v%d are %s at once: %v, %v", a.Version, b.Version, state, one, other)
			}
		}
	}
}
