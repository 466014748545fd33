package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// dry is the executor of a dry-run. Its looks are real. It changes nothing and
// assumes that each change succeeds, so that the loop goes on to the next one
// and lists them all.
type dry struct {
	live *live
	// wrote reports whether a write was assumed: of that the table knows nothing.
	wrote bool
}

// newKeyID stands for the KMS key that a real run would make.
const newKeyID = "(new)"

func (d *dry) write(context.Context, *plan.Record, *plan.Record) error {
	d.wrote = true
	return nil
}

func (d *dry) do(ctx context.Context, act plan.Act) plan.Result {
	now := d.live.runner.Now()
	yes := plan.Result{Answer: plan.Answer{Verdict: plan.Yes}}
	switch act.Kind {
	case plan.CreateKey:
		if no, refused := d.live.newKey(act).Refused(); refused {
			return plan.Result{Answer: no}
		}
		yes.Made = plan.Made{KeyID: newKeyID, CreatedAt: now}
	case plan.SignMove, plan.SignMark:
		yes.Signed = now
	case plan.LookTarget:
		if act.KeyID != newKeyID {
			return d.live.do(ctx, act)
		}
		c := d.live.worker.record.Claim
		yes.Key = plan.KeySeen{KeyID: newKeyID, State: plan.KeyEnabled, Spec: c.Spec, Usage: c.Usage,
			CreatedAt: now.Truncate(time.Second)}
	case plan.LookPolicy: // a key that is made now has the policy that it is made with
		if act.KeyID != newKeyID {
			return d.live.do(ctx, act)
		}
		yes.Policy = plan.PolicySeen{KeyID: newKeyID}
	case plan.NameVersion:
		// Whether the name is free can be seen. Where it cannot, it is assumed.
		seen := d.live.do(ctx, plan.Act{Kind: plan.LookVersion, Version: act.Version, Name: act.Name})
		if v := seen.Version; seen.Answer.Verdict == plan.Yes && !v.Missing {
			no := plan.Answer{Verdict: plan.No, Code: plan.AliasExists, Message: act.Name + " exists"}
			return plan.Result{Answer: no}
		}
	case plan.LookRecord:
		if !d.wrote {
			return d.live.do(ctx, act)
		}
	case plan.AskGate:
		// A dry-run does not start a plan's command: whoever proposes a plan could
		// otherwise have it run with the rights of the person who checks the plan.
		if d.live.runner.Ask {
			if act.KeyID == newKeyID {
				act.KeyID = ""
			}
			return d.live.do(ctx, act)
		}
		yes.Gate = plan.GateSeen{Open: true, Assumed: true}
	case plan.CreateAlias, plan.DisableFresh, plan.SendMove, plan.TryTarget,
		plan.SendMark, plan.EnableKey, plan.CancelDeletion, plan.EnableRotation, plan.CopyEvents:
		// TryTarget is left out too: it would count as a use of the key.
	default: // looks
		return d.live.do(ctx, act)
	}
	return yes
}
