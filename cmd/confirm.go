package cmd

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// confirm has a person type the key's name before an act that cron never does. A
// name, an alias or an ARN is accepted, as everywhere. Without a terminal it never
// waits for an answer: --confirm gives it. Each line describes what is confirmed.
func (s *session) confirm(ctx context.Context, k plan.Policy, given string, what ...string) error {
	if given == "" {
		for i, line := range what {
			what[i] = plan.Line(line)
		}
		asked := strings.Join(what, "\n")
		if !s.env.StdinTTY || !s.env.StderrTTY {
			return usage("%s: %s", k.Name, asked).note("there is no terminal to ask at; add --confirm %s", k.Name)
		}
		_, _ = fmt.Fprintf(s.env.Stderr, "%s: %s\ntype the key's name to go on: ", k.Name, asked)
		answer, err := s.answer(ctx)
		if err != nil {
			return err
		}
		given = answer
	}
	if meant, err := inPlan(s.plan.Plan, given); err != nil || meant == nil || meant.Key() != k.Key() {
		return usage("%q is not %s; nothing was done", given, k.Name).note("--confirm %s", k.Name)
	}
	return nil
}

// answer reads a line. A signal also ends a read that is waiting.
func (s *session) answer(ctx context.Context) (string, error) {
	read := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.env.Stdin).ReadString('\n') // what came before an end is the answer
		read <- strings.TrimSpace(line)
	}()
	select {
	case line := <-read:
		if line == "" {
			return "", usage("not confirmed; nothing was done")
		}
		return line, nil
	case <-ctx.Done():
		return "", unanswered{ctx.Err()}
	}
}

// unanswered means that somebody pressed ^C at the question.
type unanswered struct{ err error }

func (unanswered) Error() string   { return "interrupted; nothing was done" }
func (u unanswered) Unwrap() error { return u.err }
