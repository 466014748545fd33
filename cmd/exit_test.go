package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Of several keys the worst is the run's: 13 before 1 before 11 before 10
// before 0, and 130 before all.
func TestExitOfSeveralKeys(t *testing.T) {
	done := rotate.KeyReport{Outcome: plan.Settled}
	changed := rotate.KeyReport{Outcome: plan.Settled, Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteFinish}}}}
	noted := rotate.KeyReport{Outcome: plan.Settled, Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteNote}}}}
	adopted := rotate.KeyReport{Outcome: plan.Adopted}
	frozen, waiting, held := rotate.KeyReport{Outcome: plan.Frozen}, rotate.KeyReport{Outcome: plan.Waiting},
		rotate.KeyReport{Outcome: plan.HeldBack}
	busy := rotate.KeyReport{Busy: true}
	failed, lagging := rotate.KeyReport{Outcome: plan.Failed}, rotate.KeyReport{Outcome: plan.Lagging}
	broken := rotate.KeyReport{Err: errors.New("no")}
	refused := rotate.KeyReport{Outcome: plan.Refused}
	interrupted := rotate.KeyReport{Outcome: plan.Interrupted}
	for _, c := range []struct {
		keys           []rotate.KeyReport
		exit, detailed plan.Exit
	}{
		{nil, 0, 0},
		{[]rotate.KeyReport{done, adopted, frozen, waiting, held, noted}, 0, 0},
		{[]rotate.KeyReport{done, changed}, 0, 10},
		{[]rotate.KeyReport{changed, busy, done}, 11, 11},
		{[]rotate.KeyReport{failed, busy, changed}, 1, 1},
		{[]rotate.KeyReport{lagging, busy}, 1, 1},
		{[]rotate.KeyReport{broken, done}, 1, 1},
		{[]rotate.KeyReport{failed, refused, busy}, 13, 13},
		{[]rotate.KeyReport{refused, interrupted}, 130, 130},
	} {
		r := &rotate.Report{Keys: c.keys}
		if got := r.Exit(false); got != c.exit {
			t.Errorf("%v: exit %d, want %d", c.keys, got, c.exit)
		}
		if got := r.Exit(true); got != c.detailed {
			t.Errorf("%v: --detailed-exitcode: exit %d, want %d", c.keys, got, c.detailed)
		}
	}
}

// Each code of the table comes of a whole command: 0 and 10.
func TestExitDoneAndChanged(t *testing.T) {
	c := newCloud(t)
	for i, want := range []int{10, 10, 0, 0} { // dry-run, run, run, dry-run
		args := []string{"run", "--detailed-exitcode"}
		if i == 0 || i == 3 {
			args = append(args, "--dry-run")
		}
		if p, exit := c.run(args...); exit != want {
			t.Errorf("%v: exit %d, want %d\n%s", args, exit, want, p.err.String())
		}
	}
}

// 1: AWS refused, and the message says what the next run does.
func TestExitFailed(t *testing.T) {
	c := newCloud(t)
	refuse := sandbox.Fault{Service: "kms", Operation: "CreateKey", Kind: sandbox.Refuse, Code: "AccessDeniedException",
		Message: "no permission"}
	if err := c.box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{refuse}}); err != nil {
		t.Fatal(err)
	}
	p, exit := c.run("run")
	if exit != 1 || !strings.Contains(p.err.String(), "create v2: KMS denied kms:CreateKey: no permission (request ") ||
		!strings.Contains(p.err.String(), "  encrypt and decrypt work with v1\n") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if err := c.box.SetSwitches(sandbox.Switches{}); err != nil {
		t.Fatal(err)
	}
	if p, exit := c.run("run"); exit != 0 || !strings.Contains(p.out.String(), "rotated v1 to v2") {
		t.Errorf("the next run: exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// 11: another run has it, and is not done within --wait.
func TestExitBusy(t *testing.T) {
	c := newCloud(t)
	c.held(t, func() {
		p, exit := c.run("run", "--wait", "0s")
		if exit != 11 || !strings.Contains(p.err.String(), "pool-1/ip-10-2-3-4 (run ") {
			t.Errorf("exit %d\n%s", exit, p.err.String())
		}
	})
}

// 13: a person must look. It is told in full once, and shortly after that.
func TestExitPerson(t *testing.T) {
	c := newCloud(t)
	c.drift()
	p, exit := c.run("run")
	const clock = "warning: this host's clock is 90d behind AWS's; " // the embedded AWS's was put forward
	if exit != 13 || !strings.HasPrefix(p.err.String(), clock) || strings.Count(p.err.String(), "\n") != 7 ||
		!strings.HasSuffix(p.err.String(), "  hint: keyturn adopt orders-data --reason \"...\"\n"+
			"  hint: keyturn rollback orders-data/v1 --reason \"...\"\n"+
			"  note: type one of them: the first accepts the move; the second undoes it, and if another alias "+
			"names that key too, needs an IAM policy made with --also-alias\n") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if p, exit = c.run("run"); exit != 13 || strings.Count(p.err.String(), "\n") != 2 {
		t.Errorf("again: exit %d\n%s", exit, p.err.String())
	}
	if p, exit = c.run("status"); exit != 13 || !strings.Contains(p.out.String(), "\n1 of 1 needs you: orders-data\n") {
		t.Errorf("status: exit %d\n%s", exit, p.out.String())
	}
}

// 64: usage, and a plan that is not one. Nothing is asked of AWS.
func TestExitUsage(t *testing.T) {
	p := newProcess()
	p.vars["KEYTURN_PLAN"] = t.TempDir() + "/none.yaml"
	for _, line := range []string{"", "rum", "run --no-such-flag", "run", "status", "adopt", "adopt a b", "init",
		"validate x.yaml", "help rum", "run --wait soon"} {
		if exit := p.keyturn(t.Context(), strings.Fields(line)...); exit != 64 || p.out.Len() > 0 &&
			!strings.HasPrefix(line, "validate") {
			t.Errorf("%q: exit %d\n%s%s", line, exit, p.out.String(), p.err.String())
		}
	}
}

// 130: a signal. The call under way is finished, no new step is begun, and the
// lease is free for the next run.
func TestExitInterrupted(t *testing.T) {
	c := newCloud(t)
	came, open := c.gate.close("CreateKey")
	ctx, signal := context.WithCancel(t.Context())
	p, ended := newProcess(), make(chan int)
	go func() {
		_, exit := c.runIn(ctx, p, "run")
		ended <- exit
	}()
	<-came
	signal()
	open()
	if exit := <-ended; exit != 130 || !strings.Contains(p.err.String(), "warning: interrupted: ") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	p, _ = c.run("status", "--output", "json")
	var d document.Status
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil || d.Keys[0].Lease != nil || d.Keys[0].State != "rotating" {
		t.Errorf("%v\n%s", err, p.out.String())
	}
	if p, exit := c.run("run", "--wait", "0s"); exit != 0 {
		t.Errorf("the next run: exit %d\n%s", exit, p.err.String())
	}
}
