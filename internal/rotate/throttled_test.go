package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// throttles makes AWS throttle the first calls of an operation.
func throttles(operation string, calls int) (faults []sandbox.Fault) {
	for i := range calls {
		faults = append(faults, sandbox.Fault{Operation: operation, Ordinal: i + 1, Kind: sandbox.Refuse,
			Code: "ThrottlingException"})
	}
	return faults
}

// Throttled is not failed: the run looks at the key again, and makes no second version.
// While it waits others may have the key; but not while it has one without a name.
func TestThrottledIsNotFailed(t *testing.T) {
	for operation, frees := range map[string]bool{"CreateKey": true, "CreateAlias": false, "UpdateAlias": true,
		"DescribeKey": false} {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.pool("second").mustRun() // names v1
				w.advance(91 * 24 * time.Hour)
				before := w.aws.Counts()
				w.fault(throttles(operation, 7)...)
				start := time.Now()
				report := w.pool("third").mustRun()
				if report.Exit(false) != plan.ExitDone || !report.Keys[0].Did(plan.WriteFinish) {
					t.Errorf("exit %d, %s", report.Exit(false), report.Keys[0].Outcome)
				}
				if n := w.aws.Counts()["kms:CreateKey"] - before["kms:CreateKey"]; operation != "CreateKey" && n != 1 {
					t.Errorf("made %d keys", n)
				}
				if rec := w.record(key); rec.Generation != 3 || rec.Step != plan.Steady || rec.LastError != nil {
					t.Errorf("generation %d %s, last error %+v", rec.Generation, rec.Step, rec.LastError)
				}
				if freed := report.Keys[0].Freed(); freed != frees {
					t.Errorf("lease freed: %v, want %v", freed, frees)
				}
				if took := time.Since(start); took > time.Minute {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// Where AWS throttles for longer than --wait, the run says so and fails, and leaves nothing
// behind.
func TestThrottledForLong(t *testing.T) {
	for _, operation := range []string{"CreateKey", "CreateAlias", "UpdateAlias"} {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				w.pool("second").mustRun()
				w.advance(91 * 24 * time.Hour)
				before := w.aws.Counts()["kms:"+operation]
				w.fault(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse, Code: "ThrottlingException"})
				start := time.Now()
				report := w.pool("third").run(t.Context())
				k := report.Keys[0]
				if report.Exit(false) != plan.ExitFailed || k.Failure == nil || !k.Failure.Answer.Throttled {
					t.Errorf("exit %d, %+v", report.Exit(false), k.Failure)
				}
				if took := time.Since(start); took < 110*time.Second || took > 4*time.Minute {
					t.Errorf("took %s, and --wait is 2m", took)
				}
				rec := w.record(w.plan.Keys[0])
				if rec.Lease != nil || rec.LastError == nil || rec.Attempts != nil && rec.Attempts.Count > 0 {
					t.Errorf("lease %+v, last error %+v, attempts %+v", rec.Lease, rec.LastError, rec.Attempts)
				}
				if calls := w.aws.Counts()["kms:"+operation] - before; calls < 20 || calls > 140 {
					t.Errorf("made %d calls that were throttled", calls)
				}
				w.fault()
				if operation == "CreateAlias" { // a key was left without a name
					w.advance(plan.AttemptEvery)
				}
				w.pool("fourth").mustRun()
				if rec := w.record(w.plan.Keys[0]); rec.Generation != 3 || rec.Step != plan.Steady {
					t.Errorf("the next run left it at generation %d %s", rec.Generation, rec.Step)
				}
			})
		})
	}
}
