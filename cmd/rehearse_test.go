package cmd

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// An invariant that did not hold ends with 13, and with the story.
func TestRehearsalBroken(t *testing.T) {
	p := &loaded{Plan: &plan.Plan{Name: "payments", Region: "eu-west-1", Table: "keyturn"}}
	played := &rehearsal.Played{World: &rehearsal.World{Watch: &rehearsal.Watch{
		Broken: []rehearsal.Broken{{Invariant: "3", After: "pool-1.7: DisableKey", What: "alias/orders-data names a key that is Disabled"}},
	}}}
	played.Shortest = played.World
	doc := rehearseDocument(p, rehearsal.Draw{Pools: 2}, played)
	if doc.Exit != ExitPerson || len(doc.Violations) != 1 || doc.Violations[0].Invariant != "3" {
		t.Errorf("exit %d, %+v", doc.Exit, doc.Violations)
	}
	for _, want := range []string{"INVARIANT 3 BROKEN, after pool-1.7: DisableKey: alias/orders-data names", "invariant 3, after"} {
		if text := doc.text(p); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	played.Watch.Broken, played.Shortest = nil, nil
	if doc := rehearseDocument(p, rehearsal.Draw{Pools: 2}, played); doc.Exit != ExitDone || strings.Contains(doc.text(p), "BROKEN") {
		t.Errorf("exit %d\n%s", doc.Exit, doc.text(p))
	}
}

func TestPercent(t *testing.T) {
	for text, want := range map[string]float64{"5%": 0.05, "0%": 0, "50%": 0.5, "0.5%": 0.005} {
		if got, err := percent(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"5", "", "%", "51%", "-1%", "many"} {
		if got, err := percent(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
