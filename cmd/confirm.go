package cmd

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// confirm lets a person type the key's name before something that cron would
// never do. Without a terminal it never waits for an answer: --confirm gives
// it. A name, an alias or an ARN will do, as everywhere.
func (s *session) confirm(k plan.Policy, what, given string) error {
	if given == "" {
		if !s.env.StdinTTY || !s.env.StderrTTY {
			return usage("%s: %s", k.Name, what).hint("there is no terminal to ask at; add --confirm %s", k.Name)
		}
		_, _ = fmt.Fprintf(s.env.Stderr, "%s: %s\ntype the key's name to go on: ", k.Name, what)
		line, err := bufio.NewReader(s.env.Stdin).ReadString('\n')
		if given = strings.TrimSpace(line); given == "" {
			if err != nil {
				return usage("no answer: %v", err)
			}
			return usage("not confirmed; nothing was done")
		}
	}
	if meant, err := inPlan(s.plan.Plan, given); err != nil || meant == nil || meant.Key() != k.Key() {
		return usage("%q is not %s; nothing was done", given, k.Name).hint("--confirm %s", k.Name)
	}
	return nil
}
