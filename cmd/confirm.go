package cmd

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// What cron never does, a person confirms: a rotation or a rollback at once, the end of a
// version before its time, an adopt that accepts drift or rebuilds a record. On a terminal the command says first what
// would happen to which key, and asks once: for the key's name, or with several keys for
// how many they are. If nothing would happen, it says so instead of asking. --confirm is
// for scripts; without it and without a terminal the answer is exit 64, before anything
// is written.

// change is what a person is asked to confirm of a key.
type change struct {
	key   plan.Policy
	lines []string
}

// confirm has a person confirm what is asked, in a command about the given keys. A key's
// name, alias or ARN is accepted, as everywhere.
func (s *session) confirm(ctx context.Context, keys []plan.Policy, given string, ask ...change) error {
	if given == "" {
		text := s.question(keys, ask)
		if !s.env.StdinTTY || !s.env.StderrTTY {
			return usage("%s", strings.Join(text, "; ")).note("there is no terminal to ask at; add --confirm %s",
				s.yes(keys))
		}
		for i := range text {
			text[i] = plan.Line(text[i])
		}
		wants := "the key's name"
		if len(keys) > 1 {
			wants = "the number of keys"
		}
		s.con.Tell(strings.Join(text, "\n") + "\ntype " + wants + " to go on: ")
		answer, err := s.answer(ctx)
		if err != nil {
			return err
		}
		given = answer
	}
	yes := s.yes(keys)
	if len(keys) > 1 {
		if given != yes {
			return usage("%q is not the number of keys, %s; nothing was changed", given, yes).note("--confirm %s", yes)
		}
		return nil
	}
	if meant, err := inPlan(s.plan.Plan, given); err != nil || meant == nil || meant.Key() != keys[0].Key() {
		return usage("%q is not %s; nothing was changed", given, yes).note("--confirm %s", yes)
	}
	return s.ofCaller(ctx, keys[0], given)
}

// yes returns what confirms a command about the given keys.
func (s *session) yes(keys []plan.Policy) string {
	if len(keys) == 1 {
		return keys[0].Name
	}
	return strconv.Itoa(len(keys))
}

// question returns the lines of a question: what would happen to which key.
func (s *session) question(keys []plan.Policy, ask []change) []string {
	if len(keys) == 1 {
		lines := slices.Clone(ask[0].lines)
		lines[0] = keys[0].Name + ": " + lines[0]
		return lines
	}
	lines := []string{fmt.Sprintf("%s is about %d keys, and would change %d", s.verb, len(keys), len(ask))}
	for i, a := range ask {
		if i == screen.Shown && !s.opts.verbose {
			lines = append(lines, fmt.Sprintf("  and %d more; -v lists them", len(ask)-i))
			break
		}
		lines = append(lines, "  "+a.key.Name+": "+a.lines[0])
		for _, more := range a.lines[1:] {
			lines = append(lines, "    "+more)
		}
	}
	return lines
}

// carryMeant does what a person asked for, if they confirm it.
func (s *session) carryMeant(ctx context.Context, j job, confirm string) error {
	keys := j.keys()
	switch {
	case j.dry:
		return s.carry(ctx, j)
	case confirm == "" && (!s.env.StdinTTY || !s.env.StderrTTY):
		return usage("%s %s at once", s.verb, atOnce(j)).note("there is no terminal to "+
			"ask at; add --confirm %s", s.yes(keys))
	case confirm != "":
		if err := s.confirm(ctx, keys, confirm); err != nil {
			return err
		}
		return s.carry(ctx, j)
	}
	ahead, err := s.lookAhead(ctx, j)
	if err != nil {
		return err
	}
	var ask []change
	v := s.view()
	meant := func(k rotate.KeyReport) bool {
		return k.Changed() || k.Busy && k.Until.Before(ahead.Finished.Add(j.wait))
	}
	for _, k := range ahead.Keys {
		if meant(k) {
			ask = append(ask, change{*k.Policy, v.Ahead(k, ahead)})
		}
	}
	if len(ask) > 0 {
		if err := s.confirm(ctx, keys, "", ask...); err != nil {
			return err
		}
	}
	return s.carryRest(ctx, shownTo(j, ahead), ahead, meant)
}

// atOnce describes what a job changes.
func atOnce(j job) string {
	if q := j.tasks[0].Request; q.Verb == plan.VerbRetire {
		return fmt.Sprintf("disables %s of %s", plan.VersionName(q.Version), j.tasks[0].Policy.Name)
	}
	return "moves the alias of " + screen.Names(j.keys())
}

// shownTo returns a job about what a look ahead has shown of the aliases: one that somebody
// moves later is not put back unseen.
func shownTo(j job, ahead *rotate.Report) job {
	j.tasks = slices.Clone(j.tasks)
	for i, k := range ahead.Keys {
		rebuild, _ := k.Last(plan.WriteRebuild)
		j.tasks[i].Shown = k.Before
		j.tasks[i].Request = j.tasks[i].Request.ShownTo(k.Before, k.FoundOn, rebuild.KeyID, k.Busy)
	}
	return j
}

// lookAhead returns what a job would do, as a dry-run has it.
func (s *session) lookAhead(ctx context.Context, j job) (*rotate.Report, error) {
	j.dry, j.quiet = true, true
	return s.do(ctx, j)
}

// carryRest carries out what is meant. Of the other keys the look ahead is the answer: a
// real run could by now do more to them than was asked for and confirmed.
func (s *session) carryRest(ctx context.Context, j job, ahead *rotate.Report, meant func(rotate.KeyReport) bool) error {
	rest := j
	rest.tasks = nil
	var at []int
	ahead.Dry = false
	for i := range ahead.Keys {
		k := &ahead.Keys[i]
		if meant(*k) {
			rest.tasks, at = append(rest.tasks, j.tasks[i]), append(at, i)
		}
		k.Forget()
		k.News = false
	}
	if len(at) > 0 {
		report, err := s.do(ctx, rest)
		if err != nil {
			return err
		}
		ahead.Join(report, at)
	}
	return s.tell(ahead)
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
			return "", usage("not confirmed; nothing was changed")
		}
		return line, nil
	case <-ctx.Done():
		_, how := broke(ctx)
		return "", unanswered{ctx.Err(), how}
	}
}

// unanswered means that somebody pressed ^C at the question, or let --timeout pass.
type unanswered struct {
	err error
	how string
}

func (u unanswered) Error() string { return u.how + "; nothing was changed" }
func (u unanswered) Unwrap() error { return u.err }
