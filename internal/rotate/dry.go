package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// dryHands look for real and change nothing: a change is assumed to succeed,
// so that the decision goes on to the next one and the whole way ahead can be
// listed.
type dryHands struct {
	live *liveHands
}

// newKeyID stands for the KMS key that a real run would have made.
const newKeyID = "(new)"

func (h *dryHands) write(context.Context, *plan.Record, *plan.Record) error { return nil }

func (h *dryHands) copy(context.Context, *plan.Record) error { return nil }

func (h *dryHands) do(ctx context.Context, act plan.Act) plan.Result {
	now := h.live.runner.Now()
	yes := plan.Result{Answer: plan.Answer{Verdict: plan.Yes}}
	switch act.Kind {
	case plan.CreateKey:
		if no, refused := h.live.newKey(act).Refused(); refused {
			return plan.Result{Answer: no}
		}
		yes.Made = plan.Made{KeyID: newKeyID, CreatedAt: now}
	case plan.SignMove, plan.SignMark:
		yes.Signed = now
	case plan.LookTarget:
		if act.KeyID != newKeyID {
			return h.live.do(ctx, act)
		}
		c := h.live.worker.record.Claim
		yes.Key = plan.KeySeen{KeyID: newKeyID, State: "Enabled", Spec: c.Spec, Usage: c.Usage, CreatedAt: now.Truncate(time.Second)}
	case plan.LookPolicy: // what is made now has the policy that it is made with
		if act.KeyID != newKeyID {
			return h.live.do(ctx, act)
		}
		yes.Policy = plan.PolicySeen{KeyID: newKeyID}
	case plan.NameVersion:
		// Whether the name is free can be seen. Where it cannot, it is assumed.
		seen := h.live.do(ctx, plan.Act{Kind: plan.LookVersion, Version: act.Version, Name: act.Name})
		if v := seen.Version; seen.Answer.Verdict == plan.Yes && !v.Missing {
			return plan.Result{Answer: plan.Answer{Verdict: plan.No, Code: plan.AliasExists, Message: act.Name + " exists"}}
		}
	case plan.AskGate:
		// A plan's command is not started to look ahead: whoever proposes a plan would
		// have it run with the rights of whoever checks it.
		if h.live.runner.Ask {
			if act.KeyID == newKeyID {
				act.KeyID = ""
			}
			return h.live.do(ctx, act)
		}
		yes.Gate = plan.GateSeen{Open: true, Assumed: true}
	case plan.CreateAlias, plan.DisableFresh, plan.SendMove, plan.TryTarget,
		plan.SendMark, plan.EnableKey, plan.CancelDeletion, plan.EnableRotation:
		// The probe is left out too: it would count as a use of the key.
	default: // looks
		return h.live.do(ctx, act)
	}
	return yes
}
