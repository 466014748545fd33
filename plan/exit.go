package plan

import "errors"

// Exit is an exit code. Scripts and pagers rely on the meanings given here: page on 13.
// Every error or report that can end a command has its own exit code; the rules do not
// use them.
type Exit int

// The exit codes.
const (
	// ExitDone: everything due is done, by this run or another, or nothing was due.
	ExitDone Exit = 0
	// ExitFailed: failed or unclear; the message says what the next run does.
	ExitFailed Exit = 1
	// ExitChanged, with --detailed-exitcode: this run changed something, or would.
	ExitChanged Exit = 10
	// ExitBusy: another run works on the key, or a signed move may still arrive, for
	// longer than --wait.
	ExitBusy Exit = 11
	// ExitPerson: a person must look.
	ExitPerson Exit = 13
	// ExitUsage: usage or plan invalid.
	ExitUsage Exit = 64
	// ExitInterrupted: ended by a signal; the message says how far it came.
	ExitInterrupted Exit = 130
)

// ErrTimeout is the cause of a context that ended because the time for a command was over.
// It ends the work as a signal does, but the exit code is ExitFailed: nobody asked for it.
var ErrTimeout = errors.New("the time for the command is over")

// Worse reports whether the code outweighs another. A run over several keys ends with
// the worst of their codes.
func (e Exit) Worse(than Exit) bool { return e.severity() > than.severity() }

func (e Exit) severity() int {
	for i, worse := range []Exit{ExitDone, ExitChanged, ExitBusy, ExitFailed, ExitPerson, ExitInterrupted} {
		if e == worse {
			return i
		}
	}
	return 0
}
