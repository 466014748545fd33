package cmd

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

// `status --watch` is for the minutes in which a run works on a key. It needs a
// terminal, because it draws over the last screen. If AWS does not answer for a
// while it goes on: what was seen last stays, with its age.

// watchEvery is how long a screen stays.
const watchEvery = 3 * time.Second

func mayWatch(env *Env, c *cli.Context) error {
	output := env.setting(c, "output")
	switch {
	case !c.Bool("watch"):
		return nil
	case c.Bool("quiet"):
		return usage("--watch draws a screen, and --quiet prints nothing").try("keyturn", "status", "--watch")
	case output.value != outputText:
		return usage("--watch draws a screen, and %s %s is for a result that is printed once", output.by, output.value).
			hint(plan.Try("keyturn", "status", "--output", "json").Noted("as often as you like"))
	case !env.StdoutTTY:
		return usage("--watch needs a terminal to draw on").try("keyturn", "status")
	}
	return nil
}

// watch draws the screen repeatedly until a signal.
func (s *session) watch(ctx context.Context, l *survey.Look, keys []plan.Policy) error {
	var last status.Snapshot
	for {
		m, err := l.Snapshot(ctx, keys)
		trouble := ""
		switch {
		case ctx.Err() != nil:
			exit, _ := broke(ctx)
			return end(exit)
		case err != nil && last.At.IsZero():
			return err // it never worked: no screen to look at
		case err != nil:
			m = last
			trouble = screen.StaleText(last.At, err)
		default:
			last = m
		}
		s.con.Draw(screen.Redrawn(s.view().Status(m, s.aws.Now()) + trouble))
		if rotate.Sleep(ctx, watchEvery) != nil {
			exit, _ := broke(ctx)
			return end(exit)
		}
	}
}
