package rotate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Gate is one question to before_switch.
type Gate = Command

// Command is a command of the plan as it is started.
type Command struct {
	Command []string
	// Env holds KEYTURN_KEY, KEYTURN_ALIAS, KEYTURN_VERSION and KEYTURN_KEY_ID of a question,
	// and is added to the environment of this process.
	Env []string
	// Input is what it reads on its stdin.
	Input string
}

// Run starts the command and waits for its end. said is the last line that it printed.
func (c Command) Run(ctx context.Context) (said string, err error) {
	cmd := exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	cmd.Env = append(os.Environ(), c.Env...)
	endWithChildren(cmd)
	cmd.WaitDelay = time.Second // a child of it that keeps the pipe open must not hold us
	if c.Input != "" {
		cmd.Stdin = strings.NewReader(c.Input)
	}
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) { // it exited with 0, and a child of it keeps the pipe
		err = nil
	}
	return lastLine(string(out)), err
}

// saidMost limits the characters that are kept of before_switch's last line.
const saidMost = 200

func gateOf(p plan.Policy, act plan.Act) Gate {
	return Gate{Command: p.BeforeSwitch, Env: []string{
		"KEYTURN_KEY=" + p.Name, "KEYTURN_ALIAS=" + p.Alias,
		"KEYTURN_VERSION=" + plan.VersionName(act.Version), "KEYTURN_KEY_ID=" + act.KeyID,
	}}
}

// AskGate runs before_switch. Exit 0 opens the gate, and 1 to 125 mean "not
// yet". Everything else is no answer: shells, env, ssh and the like exit with 126
// or more if they could not start the command, or if it was killed.
func AskGate(ctx context.Context, g Gate) plan.GateSeen {
	ctx, cancel := context.WithTimeout(ctx, plan.GateTime)
	defer cancel()
	said, err := g.Run(ctx)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return plan.GateSeen{Open: true, Said: said}
	case ctx.Err() != nil:
		return plan.GateSeen{Failed: fmt.Sprintf("no answer after %s", plan.GateTime), Said: said}
	case errors.As(err, &exit):
		why := noAnswer(exit)
		if why == "" {
			why = notShell(ctx, g.Command)
		}
		return plan.GateSeen{Failed: why, Said: said}
	}
	return plan.GateSeen{Failed: "it could not be started: " + err.Error()}
}

// noAnswer describes why an exit is no answer; "" if it means "not yet".
func noAnswer(exit *exec.ExitError) string {
	switch code := exit.ExitCode(); {
	case !exit.Exited():
		return "it was ended by a " + exit.String()
	case code == 126:
		return "it could not be started: exit 126, not executable"
	case code == 127:
		return "it could not be started: exit 127, not found"
	case code > 127:
		return fmt.Sprintf("exit %d is no answer: 0 is yes, 1 to 125 are not yet", code)
	}
	return ""
}

// notShell describes the syntax error in a command that is one string for the
// shell; "" if there is none, or if the command is a list. A shell exits with 2 on
// a syntax error, and so do programs that mean "not yet"; sh -n tells the two
// apart without running anything.
func notShell(ctx context.Context, command []string) string {
	if len(command) != 3 || command[0] != "/bin/sh" || command[1] != "-c" {
		return ""
	}
	var exit *exec.ExitError
	out, err := exec.CommandContext(ctx, command[0], "-n", "-c", command[2]).CombinedOutput()
	if !errors.As(err, &exit) {
		return ""
	}
	return "it could not be started: " + lastLine(string(out))
}

// tail keeps the end of what is written to it: before_switch may print a lot.
type tail []byte

const tailMost = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p[max(0, len(p)-tailMost):]...)
	*t = (*t)[max(0, len(*t)-tailMost):]
	return len(p), nil
}

// lastLine returns the last line, shortened so that it fits tables and logs.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	line := []rune(strings.TrimSpace(strings.ToValidUTF8(lines[len(lines)-1], "")))
	return string(line[:min(len(line), saidMost)])
}
