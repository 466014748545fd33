package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/notify"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/plan"
)

// News of what a run wrote is sent once the run is over and its exit code is known, so that a
// slow receiver holds no key up. It informs, and changes nothing: a run that is killed before
// has sent none, and no other run does it instead.

// notifyFor is how long all news may take, and notifyAtOnce how much of it is under way at a
// time.
const (
	notifyFor    = time.Minute
	notifyAtOnce = 8
)

// notice is news, and who gets it.
type notice struct {
	news   plan.News
	to     plan.Notify
	key    string
	report *rotate.Report
	of     rotate.KeyReport
}

// newsDocument is "keyturn/news/1", which is sent. docs/monitoring.md has its fields.
type newsDocument struct {
	Format string `json:"format"`
	// ID names the write that the news is of: the record's key, # and its revision.
	ID         string        `json:"id"`
	Kind       plan.NewsKind `json:"kind"`
	Generation int64         `json:"generation"`
	Version    int64         `json:"version,omitempty"`
	Code       plan.Code     `json:"code,omitempty"`
	// Run is what the run did, as in --output json, and of this key alone.
	Run document.Run `json:"run"`
}

func (s *session) newsOf(n notice) newsDocument {
	report := *n.report
	report.Keys = []rotate.KeyReport{n.of}
	news := n.news
	return newsDocument{Format: "keyturn/news/1", ID: news.ID, Kind: news.Kind, Generation: news.Generation,
		Version: news.Version, Code: news.Code, Run: document.OfRun(s.from(), &report, n.of.Exit(false))}
}

// collectNews takes in the news of what a run wrote.
func (s *session) collectNews(r *rotate.Report) {
	if r == nil || r.Dry {
		return
	}
	for _, k := range r.Keys {
		for _, n := range k.Told {
			for _, to := range k.Policy.Notify {
				if slices.Contains(to.On, n.Kind) {
					s.notices = append(s.notices, notice{news: n, to: to, key: k.Policy.Name, report: r, of: k})
				}
			}
		}
	}
}

// notifyAtEnd has the notices sent once the exit code is known.
func (s *session) notifyAtEnd(c *cli.Context) {
	if !outside(c) {
		return
	}
	calls := context.WithoutCancel(c.Context) // what an interrupted run has done is sent, too
	s.env.ends = append(s.env.ends, func(con *screen.Console, _ plan.Exit) {
		ctx, cancel := context.WithTimeout(calls, notifyFor)
		defer cancel()
		var at errgroup.Group
		at.SetLimit(notifyAtOnce)
		for _, n := range s.notices {
			at.Go(func() error {
				err := s.send(ctx, n)
				if _, unclear := errors.AsType[*notify.UnclearError](err); unclear {
					con.Warn("notify", "%s: whether anybody was told that it is %s (%s) is not known: %v", n.key,
						n.news.Kind, n.news.ID, err)
				} else if err != nil {
					con.Warn("notify", "%s: nobody was told that it is %s (%s): %v", n.key, n.news.Kind, n.news.ID, err)
				}
				return nil
			})
		}
		_ = at.Wait() // each has warned
	})
}

// send sends a notice to who the plan names.
func (s *session) send(ctx context.Context, n notice) error {
	if ctx.Err() != nil {
		return errors.New("not tried: the minute was over")
	}
	var body bytes.Buffer
	document.Write(&body, s.newsOf(n))
	if n.to.Topic != "" {
		attributes := map[string]string{"id": n.news.ID, "kind": string(n.news.Kind), "key": n.key}
		return notify.Twice(ctx, func(ctx context.Context) error {
			return s.aws.Publish(ctx, n.to.Topic, body.String(), attributes)
		})
	}
	if n.to.Webhook == "" {
		return notify.Once(ctx, func(ctx context.Context) error { return startCommand(ctx, n, body.String()) })
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Keyturn-Id": {n.news.ID},
		"X-Keyturn-Kind": {string(n.news.Kind)}}
	if name := n.to.HMACEnv; name != "" {
		secret := s.env.get(name)
		if secret == "" {
			return errors.New("$" + name + ", with which it is signed, is not set")
		}
		header.Set("X-Keyturn-Signature", notify.Signature(secret, body.String()))
	}
	client := notify.Client{Transport: s.env.Outside, Release: s.env.Version}
	return client.Post(ctx, n.to.Webhook, header, body.String())
}

// startCommand starts the plan's command, as before_switch is started.
func startCommand(ctx context.Context, n notice, body string) error {
	c := rotate.Command{Command: n.to.Command, Input: body, Env: []string{
		"KEYTURN_KEY=" + n.key, "KEYTURN_ALIAS=" + n.of.Policy.Alias, "KEYTURN_NEWS=" + string(n.news.Kind),
		"KEYTURN_NEWS_ID=" + n.news.ID}}
	said, err := c.Run(ctx)
	if err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !exit.Exited() { // a signal has ended it
		err = &notify.UnclearError{Err: err}
	}
	return err
}
