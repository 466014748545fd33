package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
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

// What the writes of a run have somebody told of is sent once the run is over and its exit
// code is known, so that nobody who is told late holds a key up. It informs, and changes
// nothing: a run that is killed before has told nobody, and no other run does it instead.

// tellFor is how long all that is told may take, and tellAtOnce how much of it is under way
// at a time.
const (
	tellFor    = time.Minute
	tellAtOnce = 8
)

// untold is news that nobody has been told of yet.
type untold struct {
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

func (s *session) newsOf(u untold) newsDocument {
	report := *u.report
	report.Keys = []rotate.KeyReport{u.of}
	n := u.news
	return newsDocument{Format: "keyturn/news/1", ID: n.ID, Kind: n.Kind, Generation: n.Generation,
		Version: n.Version, Code: n.Code, Run: document.OfRun(s.from(), &report, u.of.Exit(false))}
}

// learned takes in what the writes of a run have somebody told of.
func (s *session) learned(r *rotate.Report) {
	if r == nil || r.Dry {
		return
	}
	for _, k := range r.Keys {
		for _, n := range k.Told {
			for _, to := range k.Policy.Notify {
				if slices.Contains(to.On, n.Kind) {
					s.untold = append(s.untold, untold{news: n, to: to, key: k.Policy.Name, report: r, of: k})
				}
			}
		}
	}
}

// tells has all that was learned told once the exit code is known.
func (s *session) tells(c *cli.Context) {
	if !outside(c) {
		return
	}
	calls := context.WithoutCancel(c.Context) // what an interrupted run has done is told, too
	s.env.ends = append(s.env.ends, func(con *screen.Console, _ plan.Exit) {
		ctx, cancel := context.WithTimeout(calls, tellFor)
		defer cancel()
		var at errgroup.Group
		at.SetLimit(tellAtOnce)
		for _, u := range s.untold {
			at.Go(func() error {
				if err := s.send(ctx, u); err != nil {
					con.Warn("notify", "%s: nobody was told that it is %s (%s): %v", u.key, u.news.Kind, u.news.ID, err)
				}
				return nil
			})
		}
		_ = at.Wait() // each has warned
	})
}

// send tells one of those that the plan names.
func (s *session) send(ctx context.Context, u untold) error {
	var body bytes.Buffer
	document.Write(&body, s.newsOf(u))
	if u.to.Topic != "" {
		attributes := map[string]string{"id": u.news.ID, "kind": string(u.news.Kind), "key": u.key}
		return notify.Twice(ctx, func(ctx context.Context) error {
			return s.aws.Publish(ctx, u.to.Topic, body.String(), attributes)
		})
	}
	if u.to.Webhook == "" {
		return notify.Twice(ctx, func(ctx context.Context) error { return startTold(ctx, u, body.String()) })
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Keyturn-Id": {u.news.ID},
		"X-Keyturn-Kind": {string(u.news.Kind)}}
	if name := u.to.HMACEnv; name != "" {
		secret := s.env.get(name)
		if secret == "" {
			return errors.New("$" + name + ", with which it is signed, is not set")
		}
		header.Set("X-Keyturn-Signature", notify.Signature(secret, body.String()))
	}
	client := notify.Client{Transport: s.env.Outside, Release: s.env.Version}
	return client.Post(ctx, u.to.Webhook, header, body.String())
}

// startTold starts the plan's command, as before_switch is started.
func startTold(ctx context.Context, u untold, body string) error {
	c := rotate.Command{Command: u.to.Command, Input: body, Env: []string{
		"KEYTURN_KEY=" + u.key, "KEYTURN_ALIAS=" + u.of.Policy.Alias, "KEYTURN_NEWS=" + string(u.news.Kind),
		"KEYTURN_NEWS_ID=" + u.news.ID}}
	said, err := c.Run(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = errors.New("the command did not end in time")
	}
	if said != "" {
		return fmt.Errorf("%w: %s", err, said)
	}
	return err
}
