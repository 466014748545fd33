package cmd

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Exit is an exit code. This file is the only place that knows what they mean;
// scripts and pagers rely on them: page on 13.
type Exit int

// The exit codes.
const (
	ExitDone        Exit = 0   // everything due is done, by this run or another; or nothing was due
	ExitFailed      Exit = 1   // failed or unclear; the next run goes on by itself
	ExitChanged     Exit = 10  // --detailed-exitcode: this run changed something, or would
	ExitBusy        Exit = 11  // not yet: another run has it, or a signed move may still arrive, for longer than --wait
	ExitPerson      Exit = 13  // a person must look
	ExitUsage       Exit = 64  // usage or plan invalid
	ExitInterrupted Exit = 130 // by a signal; the lease is freed
)

// exitHelp is what each command's help says about the codes it can end with.
func exitHelp(codes ...Exit) string {
	text := map[Exit]string{
		ExitDone:        "0    done, or nothing to do",
		ExitFailed:      "1    failed or unclear; run it again, or let the next run go on",
		ExitChanged:     "10   with --detailed-exitcode: changed something, or with --dry-run would",
		ExitBusy:        "11   not yet: another run has it, or a signed alias move may still arrive",
		ExitPerson:      "13   a person must look",
		ExitUsage:       "64   usage or plan invalid",
		ExitInterrupted: "130  interrupted; the lease is freed",
	}
	help := "Exit status:\n"
	for _, c := range codes {
		help += "  " + text[c] + "\n"
	}
	return help
}

// severity orders the codes of several keys: the worst is the run's.
func severity(e Exit) int {
	for i, worse := range []Exit{ExitDone, ExitChanged, ExitBusy, ExitFailed, ExitPerson, ExitInterrupted} {
		if e == worse {
			return i
		}
	}
	return 0
}

// exitOfKey is what became of one key.
func exitOfKey(k rotate.KeyReport, detailed bool) Exit {
	switch {
	case k.Outcome == plan.Interrupted:
		return ExitInterrupted
	case k.Outcome == plan.Refused:
		return ExitPerson
	case k.Outcome == plan.Failed, k.Outcome == plan.Lagging, k.Err != nil:
		return ExitFailed
	case k.Busy:
		return ExitBusy
	case detailed && k.Changed():
		return ExitChanged
	}
	return ExitDone
}

// exitOfReport is what became of a run.
func exitOfReport(r *rotate.Report, detailed bool) Exit {
	worst := ExitDone
	for _, k := range r.Keys {
		if e := exitOfKey(k, detailed); severity(e) > severity(worst) {
			worst = e
		}
	}
	return worst
}

// ended is the error of a command that has printed all there is to say.
type ended struct{ code Exit }

func (e ended) Error() string { return "see above" }

// end makes an error of an exit code; nil for ExitDone.
func end(code Exit) error {
	if code == ExitDone {
		return nil
	}
	return ended{code}
}

// exitOf is the exit code of what a command returned.
func exitOf(ctx context.Context, err error) Exit {
	var done ended
	var wrong *usageError
	var problems planfile.Problems
	var elsewhere *accountError
	var noTable *ddblock.MissingTableError
	var malformed *ddblock.MalformedError
	var refused *refusedError
	var noURL *awscall.EndpointError
	var mixed *awscall.MixedEndpointsError
	var coded cli.ExitCoder // of urfave/cli itself: always usage
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &wrong), errors.As(err, &problems), errors.As(err, &coded), errors.As(err, &noURL), errors.As(err, &mixed):
		return ExitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.As(err, &elsewhere), errors.As(err, &noTable), errors.As(err, &malformed), errors.As(err, &refused):
		return ExitPerson
	}
	return ExitFailed
}
