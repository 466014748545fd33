package cmd

import (
	"github.com/keyturn/keyturn/plan"
)

// exitHelp returns what each command's help says about the codes it can end with.
func exitHelp(codes ...plan.Exit) string {
	text := map[plan.Exit]string{
		plan.ExitDone:        "0    done, or nothing to do",
		plan.ExitFailed:      "1    failed or unclear; the message says what the next run does",
		plan.ExitChanged:     "10   with --detailed-exitcode: changed something, or with --dry-run would",
		plan.ExitBusy:        "11   not yet: another run has it, or a signed alias move may still arrive",
		plan.ExitPerson:      "13   a person must look",
		plan.ExitUsage:       "64   usage or plan invalid",
		plan.ExitInterrupted: "130  interrupted: the message says how far it came",
	}
	help := "Exit status:\n"
	for _, c := range codes {
		help += "  " + text[c] + "\n"
	}
	return help
}

// worst returns the worse of two exit codes.
func worst(a, b plan.Exit) plan.Exit {
	if b.Worse(a) {
		return b
	}
	return a
}

// ended is the error of a command that has printed all there is to say.
type ended struct{ code plan.Exit }

func (e ended) Error() string { return "see above" }

// Fault returns the exit code alone.
func (e ended) Fault() plan.Fault { return plan.Fault{Exit: e.code} }

// end makes an error of an exit code; nil for ExitDone.
func end(code plan.Exit) error {
	if code == plan.ExitDone {
		return nil
	}
	return ended{code}
}
