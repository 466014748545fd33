package cmd

import (
	"context"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// asksAtOnce is how many keys status looks at in KMS at a time.
const asksAtOnce = 8

func statusCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "what each key is at, and what is next",
		Description: "Reads the records and asks KMS; writes nothing. Below a key stand its old versions,\n" +
			"who works on it, and for one that needs you what happened and what to type.\n\n" +
			exitHelp(ExitDone, ExitFailed, ExitPerson, ExitUsage),
		Flags: append(awsFlags(),
			&cli.StringSliceFlag{Name: "key", Usage: "only this `KEY`: its name, alias, key id or ARN; may be repeated"}),
		Action: func(c *cli.Context) error { return showStatus(env, c) },
	}
}

func showStatus(env *Env, c *cli.Context) error {
	s, err := open(env, c)
	if err != nil {
		return err
	}
	keys, err := s.pick(c.Context, c.StringSlice("key"))
	if err != nil {
		return err
	}
	records, err := s.records(c.Context)
	if err != nil {
		return err
	}
	look, err := s.newLook(c.Context)
	if err != nil {
		return err
	}
	seen, err := look.all(c.Context, keys, records)
	if err != nil {
		return err
	}
	now := s.conn.Clock.Now()
	shown := make([]status.Key, len(keys))
	exit := ExitDone
	for i, k := range keys {
		shown[i] = status.Of(now, k, records[k.Key()], seen[i])
		if shown[i].Needs() {
			exit = ExitPerson
		}
	}
	account := s.plan.Account
	if look.caller != nil {
		account = look.caller.Account
	}
	if s.opts.json() {
		s.con.document(statusDocument(s, account, now, shown, exit))
	} else {
		s.out(statusText(header(s.plan.Plan, account, stamp(now)), now, shown,
			screenOptions{colour: env.colour(env.StdoutTTY), verbose: s.opts.verbose, hint: s.con.hint}))
	}
	return end(exit)
}

// look asks AWS about the keys of a plan. What AWS refuses to say is left out:
// half a screen is better than none.
type look struct {
	s      *session
	caller *plan.Caller
	tables map[string]*plan.TableSeen
}

func (s *session) newLook(ctx context.Context) (*look, error) {
	l := &look{s: s, tables: map[string]*plan.TableSeen{}}
	if caller, err := s.conn.Caller(ctx); err == nil {
		l.caller = &caller
	} else {
		s.con.warn("caller", "%v", err)
	}
	for _, name := range tables(s.plan.Plan) {
		seen, err := ddblock.New(s.conn.DynamoDB, name).Check(ctx)
		if err == nil {
			l.tables[name] = &seen
		} else {
			s.con.warn("table", "%v", err)
		}
	}
	return l, ctx.Err()
}

func (l *look) all(ctx context.Context, keys []plan.Policy, records map[string]*plan.Record) ([]status.Seen, error) {
	seen := make([]status.Seen, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i, k := range keys {
		conn, err := l.s.connect(ctx, k.Region)
		if err != nil {
			return nil, err
		}
		group.Go(func() error {
			seen[i] = l.key(ctx, conn, k, records[k.Key()])
			return ctx.Err()
		})
	}
	return seen, group.Wait()
}

// key asks KMS what the alias names and how old versions are.
func (l *look) key(ctx context.Context, conn *awscall.Conn, k plan.Policy, r *plan.Record) status.Seen {
	client := kms.New(conn.KMS)
	seen := status.Seen{Caller: l.caller, Table: l.tables[k.Table], Versions: map[string]plan.KeySeen{}}
	alias, err := client.Describe(ctx, k.Alias)
	if err != nil {
		seen.Trouble = err.Error()
		return seen
	}
	seen.Alias = &alias
	if r == nil {
		return seen
	}
	if r.Active != nil && alias.KeyID != r.Active.KeyID && !alias.Missing {
		if seen.Moved, err = client.Moved(ctx, k.Alias, alias.KeyID); err != nil {
			l.s.con.warn("moved", "%s: %v", k.Name, err)
		}
	}
	old := make([]string, 0, len(r.Draining)+1)
	for _, d := range r.Draining {
		old = append(old, d.KeyID)
	}
	if r.Active != nil && alias.KeyID != r.Active.KeyID {
		old = append(old, r.Active.KeyID)
	}
	for _, id := range old {
		key, err := client.Describe(ctx, id)
		if err != nil {
			l.s.con.warn("version", "%s: %v", k.Name, err)
			continue
		}
		if key.Missing {
			key.State = "gone"
		}
		seen.Versions[id] = key
	}
	return seen
}
