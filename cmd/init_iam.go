package cmd

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// InitIAMDocument is "keyturn/init-iam/1": the policy of a role.
type InitIAMDocument struct {
	Format  string       `json:"format"`
	Run     string       `json:"run"`
	Plan    PlanDocument `json:"plan"`
	Role    string       `json:"role"`   // cron, readonly, break-glass
	Policy  iam.Document `json:"policy"` // as IAM takes it
	Notes   []string     `json:"notes"`
	Account string       `json:"account"`
}

// initIAM prints a policy: on stdout nothing else, so that it can be given to
// IAM as it is. If the plan names its account, AWS is not asked.
func initIAM(env *Env, c *cli.Context) error {
	role := iam.Role(c.String("iam"))
	if !slices.Contains(iam.Roles(), role) {
		return usage("--iam %s is none of cron, readonly, break-glass", role).hint("keyturn init --iam cron")
	}
	opts, err := commonOf(c)
	if err != nil {
		return err
	}
	loaded, err := loadPlan(env, c)
	if err != nil {
		return err
	}
	account, err := accountFor(env, c, loaded.Plan)
	if err != nil {
		return err
	}
	policy := iam.Policy(role, account, loaded.Plan)
	notes := iam.Notes(role, loaded.Plan, policy)
	con := newConsole(env, opts.json(), opts.log == outputJSON, sameOf(c))
	if opts.json() {
		con.document(InitIAMDocument{Format: "keyturn/init-iam/1", Run: env.RunID(), Plan: planDocument(loaded.Plan), Role: string(role),
			Policy: policy, Notes: notes, Account: account})
		return nil
	}
	con.document(policy)
	for _, n := range notes {
		_, _ = fmt.Fprintln(env.Stderr, "note: "+n)
	}
	return nil
}

func accountFor(env *Env, c *cli.Context, p *plan.Plan) (string, error) {
	if p.Account != "" {
		return p.Account, nil
	}
	s, err := open(env, c)
	if err != nil {
		return "", err
	}
	caller, err := s.conn.Caller(c.Context)
	return caller.Account, err
}
