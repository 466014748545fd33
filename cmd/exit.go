package cmd

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// exitHelp is what each command's help says about the codes it can end with.
func exitHelp(codes ...plan.Exit) string {
	text := map[plan.Exit]string{
		plan.ExitDone:        "0    done, or nothing to do",
		plan.ExitFailed:      "1    failed or unclear; run it again, or let the next run go on",
		plan.ExitChanged:     "10   with --detailed-exitcode: changed something, or with --dry-run would",
		plan.ExitBusy:        "11   not yet: another run has it, or a signed alias move may still arrive",
		plan.ExitPerson:      "13   a person must look",
		plan.ExitUsage:       "64   usage or plan invalid",
		plan.ExitInterrupted: "130  interrupted; the lease is freed",
	}
	help := "Exit status:\n"
	for _, c := range codes {
		help += "  " + text[c] + "\n"
	}
	return help
}

// ended is the error of a command that has printed all there is to say.
type ended struct{ code plan.Exit }

func (e ended) Error() string { return "see above" }

// end makes an error of an exit code; nil for ExitDone.
func end(code plan.Exit) error {
	if code == plan.ExitDone {
		return nil
	}
	return ended{code}
}

// exitOf is the exit code of what a command returned.
func exitOf(ctx context.Context, err error) plan.Exit {
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
		return plan.ExitDone
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &wrong), errors.As(err, &problems), errors.As(err, &coded), errors.As(err, &noURL), errors.As(err, &mixed):
		return plan.ExitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return plan.ExitInterrupted
	case errors.As(err, &elsewhere), errors.As(err, &noTable), errors.As(err, &malformed), errors.As(err, &refused):
		return plan.ExitPerson
	}
	return plan.ExitFailed
}
