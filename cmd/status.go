package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

func statusCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show the state of each key, and what is next", ArgsUsage: "[KEY…]",
		Description: "Reads the records and asks KMS; writes nothing. Below a key it shows which run has it,\n" +
			"and for one that needs you what happened and what to type; then its old versions:\n" +
			"how long they drain, when they were last used if their end depends on it, and for a\n" +
			"disabled one how to enable it. --watch draws it again every few seconds, until ^C.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitFailed, plan.ExitPerson, plan.ExitUsage, plan.ExitInterrupted),
		Flags: append(awsFlags(), quietFlag(),
			keyFlag(),
			&cli.BoolFlag{Name: "watch", Usage: "draw it again every few seconds, on a terminal"}),
		Action: func(c *cli.Context) error { return showStatus(env, c) },
	}
}

func showStatus(env *Env, c *cli.Context) error {
	if err := mayWatch(env, c); err != nil {
		return err
	}
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pickShown(c.Context, keysOf(c))
	if err != nil {
		return err
	}
	look := s.aws.Look()
	if c.Bool("watch") {
		return s.watch(c.Context, look, keys)
	}
	stop := s.looking(len(keys))
	now, err := look.Snapshot(c.Context, keys)
	stop()
	if err != nil {
		return err
	}
	s.unread(now.Unread)
	if s.opts.json() {
		env.document(document.OfStatus(s.from(), now))
	} else {
		s.con.Draw(s.view().Status(now, now.At))
	}
	env.job(func() any { return document.OfStatus(s.from(), now) })
	return end(now.Exit())
}

// unread tells what could not be read, and so was not checked.
func (s *session) unread(list []string) {
	for _, u := range list {
		s.con.Warn("unread", "not checked: %s", u)
	}
}
