package plan

// Exit is an exit code. This file is the only place that knows what they mean;
// scripts and pagers rely on them: page on 13. Whatever can end a command, an error
// or a report, says its own; none of them reaches a rule.
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

// Worse reports whether the code outweighs another: of several keys' codes, the worst
// is the run's.
func (e Exit) Worse(than Exit) bool { return e.severity() > than.severity() }

func (e Exit) severity() int {
	for i, worse := range []Exit{ExitDone, ExitChanged, ExitBusy, ExitFailed, ExitPerson, ExitInterrupted} {
		if e == worse {
			return i
		}
	}
	return 0
}
