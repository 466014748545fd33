package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/notify"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// The address of ping in the plan is called at the start and at the end of a run, in the form
// that health-check services take: /start, the address itself for a run that went well, and
// its exit code, as in /13, for one that did not. It informs, and changes nothing.

// outside reports whether a command may call what a plan names outside AWS. --sandbox tries a
// plan out: a ping of it would say that cron is alive.
func outside(c *cli.Context) bool { return !c.Bool("dry-run") && !c.Bool("sandbox") }

// startPing pings the address of the plan now, and once the exit code is known. Whether the
// run acted shows only later, so where only a run that acts pings, none says that it started.
func (s *session) startPing(c *cli.Context) {
	at := strings.TrimSuffix(s.plan.Ping, "/")
	if at == "" || s.verb != "run" || !outside(c) {
		return
	}
	client := notify.Client{Transport: s.env.Outside, Release: s.env.Version}
	ctx := context.WithoutCancel(c.Context) // an interrupted run is told of, too
	var started chan error                  // it must not hold the run up
	if s.plan.PingBy == planfile.PingEvery {
		started = make(chan error, 1)
		go func() { started <- client.Post(ctx, at+"/start", nil, "") }()
	}
	s.env.ends = append(s.env.ends, func(con *screen.Console, exit plan.Exit) {
		var failed []error
		if started != nil {
			failed = append(failed, <-started)
		}
		if s.plan.PingBy == planfile.PingEvery || !stoodBy(s.ran, exit) {
			failed = append(failed, client.Post(ctx, pinged(at, exit), nil, endText(s, exit)))
		}
		for _, err := range failed {
			if err != nil {
				con.Warn("ping", "not pinged: %v", err)
			}
		}
	})
}

// pinged returns the address for an exit code. Not yet is no failure: the next run goes on.
func pinged(at string, exit plan.Exit) string {
	switch exit {
	case plan.ExitDone, plan.ExitChanged, plan.ExitBusy:
		return at
	}
	return fmt.Sprint(at, "/", int(exit))
}

// stoodBy reports whether a run has done nothing itself while others acted. To wait for AWS,
// or for a fence, is not to stand by: perhaps nobody else runs.
func stoodBy(r *rotate.Report, exit plan.Exit) bool {
	if r == nil || exit != plan.ExitDone && exit != plan.ExitBusy {
		return false
	}
	leased := func(k rotate.KeyReport) bool {
		return k.Busy && len(k.Reasons) > 0 && k.Reasons[0].Code == plan.CodeLeased
	}
	n := r.Counts()
	return n.Changed == 0 && (n.ByOthers > 0 || slices.ContainsFunc(r.Keys, leased))
}

// endText is what a health-check service shows of the end of a run.
func endText(s *session, exit plan.Exit) string {
	text := fmt.Sprintf("keyturn run %s, plan %s, pool %s: exit %d", s.run, s.plan.Name, s.pool, int(exit))
	if s.ran != nil {
		n := s.ran.Counts()
		text += fmt.Sprintf("; %d keys: %d changed, %d not yet, %d failed, %d refused", n.Keys, n.Changed, n.Busy,
			n.Failed, n.Refused)
	}
	return text + "\n"
}
