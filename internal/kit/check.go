package kit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/keyturn/keyturn/plan"
)

// RequestError is a request that no kit can be written for.
type RequestError struct {
	What string
	Hint plan.Hint
}

func refuse(hint, what string, about ...any) error {
	return &RequestError{What: fmt.Sprintf(what, about...), Hint: plan.Noted(hint)}
}

func (e *RequestError) Error() string { return e.What }

// Fault returns a fault of usage.
func (e *RequestError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeUsage, Exit: plan.ExitUsage, Hint: e.Hint}
}

// poolForm is the name of a pool in a kit: with keyturn- before it, it is the name of a
// CronJob, which has at most 52 characters.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
var poolForm = plan.Pattern(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// auditPool is the name of the CronJob of the audit.
const auditPool = "audit"

func (q *Request) check() error {
	if kinds[q.Kind].write == nil {
		return refuse("keyturn init --help", "there is no kit %q", q.Kind)
	}
	for i, p := range q.Pools {
		switch {
		case !poolForm().MatchString(p):
			return refuse("letters from a to z, digits and -, at most 40", "--pools: %q is no name of a pool", p)
		case p == auditPool:
			return refuse("give the pool another name", "--pools: %s is the name of what audits", p)
		case slices.Contains(q.Pools[:i], p):
			return refuse("each pool once", "--pools: %s is named twice", p)
		}
	}
	if q.Image != "" && !imageForm().MatchString(q.Image) {
		return refuse("--image "+Images+":0.1.0", "--image: %q is no name of an image", q.Image)
	}
	if all := q.Kind.Identities(); len(all) > 0 {
		if q.Identity = cmp.Or(q.Identity, all[0]); !slices.Contains(all, q.Identity) {
			return refuse("keyturn init --help", "--identity: %q is none of this kit's", q.Identity)
		}
	}
	if what := plan.FirstMisleading(q.Pager); what != "" {
		return refuse("a command of one line, in plain text",
			"--page has %s, which a terminal acts on or does not show", what)
	}
	if q.Pager != "" && !oneCommand(q.Pager) {
		return refuse("quote it as for a shell: --page 'page-oncall --now'", "--page %s is not one shell command",
			q.Pager)
	}
	return nil
}

// oneCommand reports whether a word after the text is an argument of its only command.
func oneCommand(text string) bool {
	const message = "message"
	f, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text+" "+message), "")
	if err != nil || len(f.Stmts) != 1 {
		return false
	}
	call, ok := f.Stmts[0].Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 1 && call.Args[len(call.Args)-1].Lit() == message
}
