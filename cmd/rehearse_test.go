package cmd

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// An invariant that did not hold ends with 13, and with the story.
func TestRehearsalBroken(t *testing.T) {
	p := &loaded{Plan: &planfile.Plan{Name: "payments", Region: "eu-west-1", Table: "keyturn"}}
	played := &rehearsal.Played{World: &rehearsal.World{Watch: &rehearsal.Watch{
		Looks: 1, Broken: []rehearsal.Broken{{Invariant: "3", After: "pool-1.7: DisableKey",
			What: "alias/orders-data names a key that is Disabled"}},
	}}}
	played.Shortest = played.World
	doc := document.OfRehearse(p.Plan, rehearsal.Draw{Pools: 2}, played)
	if doc.Exit != plan.ExitPerson || len(doc.Violations) != 1 || doc.Violations[0].Invariant != "3" {
		t.Errorf("exit %d, %+v", doc.Exit, doc.Violations)
	}
	for _, want := range []string{"INVARIANT 3 BROKEN, after pool-1.7: DisableKey: alias/orders-data names",
		"invariant 3, after"} {
		if text := screen.Rehearsal(p.Plan, rehearsal.Draw{Pools: 2}, played); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	played.Watch.Broken, played.Shortest = nil, nil
	if doc := document.OfRehearse(p.Plan, rehearsal.Draw{Pools: 2}, played); doc.Exit != plan.ExitDone ||
		strings.Contains(screen.Rehearsal(p.Plan, rehearsal.Draw{Pools: 2}, played), "BROKEN") {
		t.Errorf("exit %d\n%s", doc.Exit, screen.Rehearsal(p.Plan, rehearsal.Draw{Pools: 2}, played))
	}
}

// A rehearsal in which nothing changed has checked nothing, and that is no success.
func TestRehearsalCheckedNothing(t *testing.T) {
	args := []string{"rehearse", "--years", "0.01", "--seed", "1", "--from", "2026-11-27"}
	p, summary, _ := newJob(t)
	p.vars["KEYTURN_PLAN"] = newCloud(t).plan
	exit := p.keyturn(t.Context(), args...)
	if exit != int(plan.ExitFailed) || strings.Contains(p.out.String(), "none was broken") ||
		!strings.Contains(p.out.String(), "nothing changed, so no invariant was checked") {
		t.Errorf("exit %d, %s%s", exit, p.out.String(), p.err.String())
	}
	if got := commands(p); len(got) != 1 || !strings.Contains(got[0], "no invariant was checked") || summary() == "" {
		t.Errorf("%q\n%s", got, summary())
	}
	exit = p.keyturn(t.Context(), append(args, "--output", "json")...)
	if exit != int(plan.ExitFailed) || !strings.Contains(p.out.String(), `"exit": 1`) {
		t.Errorf("exit %d, %s%s", exit, p.out.String(), p.err.String())
	}
	exit = p.keyturn(t.Context(), append(args, "--output", "json", "--naive", "script")...)
	if exit != 0 || !strings.Contains(p.out.String(), `"exit": 0`) { // it is there to count harm
		t.Errorf("exit %d, %s%s", exit, p.out.String(), p.err.String())
	}
}

// What --timeout ends has a document and an annotation, as every other failure has.
func TestRehearsalTimeout(t *testing.T) {
	path := newCloud(t).plan
	ctx, stop := context.WithCancelCause(t.Context())
	stop(plan.ErrTimeout)
	for _, args := range [][]string{{"rehearse"}, {"rehearse", "--wave"}} {
		p, _, _ := newJob(t)
		p.vars["KEYTURN_PLAN"] = path
		exit := p.keyturn(ctx, args...)
		if got := commands(p); exit != 1 || len(got) != 1 || !strings.Contains(got[0], "stopped by --timeout") {
			t.Errorf("%v: exit %d, %q", args, exit, got)
		}
		exit = p.keyturn(ctx, append(args, "--output", "json")...)
		var d document.Error
		if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || exit != 1 || d.Exit != plan.ExitFailed ||
			d.Code != plan.CodeInterrupted || !strings.HasPrefix(d.Message, "stopped by --timeout") {
			t.Errorf("%v: exit %d, %v, %s", args, exit, err, p.out.String())
		}
	}
}

// A rehearsal that was interrupted while its story was shortened has found what it
// has found; one that has found nothing says until when.
func TestRehearsalInterrupted(t *testing.T) {
	file := &loaded{Plan: &planfile.Plan{Name: "payments", Region: "eu-west-1", Table: "keyturn"}}
	d := rehearsal.Draw{Plan: onePlan, Seed: 7, Pools: 1, Span: 2 * day, Every: day, Begin: at("2026-11-27T00:00:00Z")}
	played, err := d.Play(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err = rehearsed(ctx, &p.Env, common{}, file, d, played, ctx.Err())
	const want = "interrupted after 2 of 2 days; until then no invariant was broken"
	if exit := faultOf(ctx, err).Exit; exit != plan.ExitInterrupted || p.out.Len() > 0 ||
		p.told(ctx, err).Error() != want {
		t.Errorf("exit %d, %v", exit, p.told(ctx, err))
	}
	played.Watch.Looks++
	played.Watch.Broken = []rehearsal.Broken{{Invariant: "3", After: "pool-1.7: DisableKey",
		What: "alias/orders-data names a key that is Disabled"}}
	for _, form := range []string{outputText, outputJSON} {
		p = newProcess()
		exit := faultOf(ctx, rehearsed(ctx, &p.Env, common{output: form}, file, d, played, ctx.Err())).Exit
		said := p.out.String() + p.err.String()
		if exit != plan.ExitPerson || strings.Contains(said, "no invariant was broken") ||
			!strings.Contains(said, "names a key that is Disabled") ||
			!strings.Contains(said, "with --seed 7 --from 2026-11-27 make it again") {
			t.Errorf("%s: exit %d, %s", form, exit, said)
		}
	}
}

// On a terminal somebody sees that it goes on, also while a story is shortened.
func TestRehearsalShowsProgress(t *testing.T) {
	p := newProcess()
	p.StderrTTY = true
	d := rehearsal.Draw{Plan: onePlan, Seed: 7, Pools: 1, Span: 3 * day, Every: day, Begin: at("2026-11-27T00:00:00Z")}
	if _, err := playOnScreen(t.Context(), &p.Env, d); err != nil || !strings.Contains(p.err.String(), "day 2 of 3") {
		t.Errorf("%v, %q", err, p.err.String())
	}
}

func TestPercent(t *testing.T) {
	for text, want := range map[string]float64{"5%": 0.05, "0%": 0, "50%": 0.5, "0.5%": 0.005} {
		if got, err := percent(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"5", "", "%", "51%", "-1%", "many", "NaN%", "Inf%", "-Inf%"} {
		if got, err := percent(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
