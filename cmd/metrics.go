package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/metrics"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

func metricsFlag() cli.Flag {
	return setting{&cli.StringFlag{Name: "metrics", Usage: "at the end, write metrics to this `FILE`, for " +
		"Prometheus; --dry-run and --sandbox write none"}}
}

// measured is what the metrics of a run are made from, as far as the run came.
type measured struct {
	// file is "" if no metrics are wanted.
	file string
	// pool is that of this process; "" if it has no valid name.
	pool    string
	session *session
}

// measure has the metrics written once the exit code is known. It is set up before anything
// is refused: that a run ends with 64 is to be seen, too.
func measure(env *Env, c *cli.Context) (*measured, error) {
	m := &measured{}
	switch file := env.setting(c, "metrics"); {
	case file.by == "" || !outside(c):
		return m, nil
	case file.value == "":
		return m, usage("--metrics needs the name of a file").try("keyturn", "run", "--help")
	default:
		m.file = file.value
	}
	m.pool, _ = poolOf(env, c, hostOf(env)) // open says what is wrong with it
	env.ends = append(env.ends, func(con *screen.Console, exit plan.Exit) {
		err := mayReplace(env, c, "--metrics", m.file) // to read a pipe might never end
		if err == nil {
			err = m.write(env, exit)
		}
		if err != nil { // it informs, and changes nothing
			con.Warn("metrics", "the metrics were not written: %v", err)
		}
	})
	return m, nil
}

// write writes the metrics in one piece.
func (m *measured) write(env *Env, exit plan.Exit) error {
	before, err := os.ReadFile(m.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read those before: %w", err)
	}
	text, err := m.of(env, exit, string(before)).Text()
	if err != nil {
		return err
	}
	return replaceFile(m.file, text)
}

func (m *measured) of(env *Env, exit plan.Exit, text string) metrics.Run {
	r := metrics.Run{Ended: time.Now(), Took: env.elapsed(), Exit: exit}
	if m.session != nil {
		r.Ended = m.session.aws.Now()
	}
	before := metrics.Read(text, r.Ended)
	if r.Plan, r.Pool = before.Plan, cmp.Or(m.pool, before.Pool); m.session != nil {
		r.Plan = m.session.plan.Name
	}
	if r.Plan == before.Plan && r.Pool == before.Pool { // else they share the file, and should not
		r.Succeeded = before.Succeeded
	}
	if exit == plan.ExitDone || exit == plan.ExitChanged {
		r.Succeeded = r.Ended
	}
	if m.session != nil && m.session.ran != nil {
		r.Known = true
		for _, k := range m.session.ran.Keys {
			r.Keys = append(r.Keys, metrics.KeyOf(r.Ended, metrics.Ended{Policy: *k.Policy, Record: k.Record,
				Exit: k.Exit(false)}))
		}
	}
	return r
}
