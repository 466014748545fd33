package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// live is the executor that calls AWS.
type live struct {
	runner *Runner
	worker *worker
	// move and mark are the requests signed last, until they are sent. They are
	// apart, because a window may open between the signing of a mark and its sending.
	move, mark *kms.Signed
}

func (l *live) write(ctx context.Context, old, next *plan.Record) error {
	return l.runner.Records.Write(ctx, old, next)
}

// do makes the call or calls of one act.
func (l *live) do(ctx context.Context, act plan.Act) plan.Result {
	var res plan.Result
	var err error
	k, w := l.runner.KMS, l.worker
	switch act.Kind {
	case plan.LookCaller:
		res.Caller, err = w.shared.caller(ctx, l.runner.Identity)
	case plan.LookTable:
		res.Table, err = w.shared.table(ctx, l.runner.Records)
	case plan.LookListing:
		res.Listing, err = w.shared.listing(ctx, k, w.policy.Alias)
	case plan.LookAlias:
		res.Key, err = k.Describe(ctx, act.Name)
	case plan.LookActive, plan.LookTarget, plan.LookOld:
		res.Key, err = k.Describe(ctx, act.KeyID)
	case plan.LookMoved:
		res.Moved, err = k.Moved(ctx, act.Name, act.KeyID)
	case plan.LookVersion, plan.LookListed:
		res.Version, err = k.Version(ctx, w.policy.Alias, act.Version)
	case plan.LookSource:
		res.Source, err = k.Source(ctx, *w.observed.Like())
	case plan.LookPolicy:
		res.Policy, err = l.policySeen(ctx, act.KeyID)
	case plan.LookLedger:
		res.Events, err = l.runner.Records.Tail(ctx, w.policy.Key())
	case plan.CopyEvents:
		res.Events, err = l.runner.Records.Copy(ctx, w.policy.Key(), act.Events)
	case plan.LookClaim, plan.LookHistory, plan.LookWrite:
		res.Events, err = l.runner.Records.Ledger(ctx, w.policy.Key(), time.Time{})
	case plan.LookRecord:
		w.reread(ctx)
	case plan.LookOldAliases:
		res.Aliases, err = k.AliasesOf(ctx, act.KeyID)
	case plan.LookRotation:
		res.Rotation = k.Rotation(ctx, act.KeyID)
	case plan.LookUse:
		res.Use, err = k.LastUse(ctx, act.KeyID)
	case plan.SignMove, plan.SignMark:
		var signed *kms.Signed
		if signed, err = l.sign(ctx, act); err == nil {
			res.Signed = signed.Date()
			*l.bytesOf(act.Terms.What) = signed
		}
	case plan.AskGate:
		res.Gate = l.runner.Gate(ctx, gateOf(w.policy, act))
	default:
		return l.change(ctx, act)
	}
	res.Answer = awscall.Classify(err)
	return res
}

// change makes one call that changes KMS, or tests the target version.
func (l *live) change(ctx context.Context, act plan.Act) plan.Result {
	var res plan.Result
	k, w := l.runner.KMS, l.worker
	switch act.Kind {
	case plan.TryTarget:
		spec, usage := probeTerms(act.KeyID, w.observed)
		res.Answer = k.Probe(ctx, act.KeyID, spec, usage)
	case plan.CreateKey:
		res.Made, res.Answer = k.CreateKey(ctx, l.newKey(act))
	case plan.NameVersion, plan.CreateAlias:
		res.Answer = k.CreateAlias(ctx, act.Name, act.KeyID)
	case plan.DisableFresh:
		res.Answer = k.Disable(ctx, act.KeyID)
	case plan.EnableRotation:
		res.Answer = k.EnableRotation(ctx, act.KeyID, act.Terms.Every)
	case plan.EnableKey:
		res.Answer = k.Enable(ctx, act.KeyID)
	case plan.CancelDeletion:
		res.Answer = k.CancelDeletion(ctx, act.KeyID)
	case plan.SendMove, plan.SendMark:
		signed := l.bytesOf(act.Terms.What)
		res.Answer = k.Send(ctx, *signed)
		*signed = nil
	default:
		res.Answer = plan.Answer{Verdict: plan.No, Message: "no executor for " + string(act.Kind)}
	}
	return res
}

// bytesOf returns where the signed request of a kind of fenced call is kept.
func (l *live) bytesOf(what plan.Fenced) **kms.Signed {
	if what == plan.FencedMove {
		return &l.move
	}
	return &l.mark
}

// policySeen reads the policy of a version and the one it should have.
func (l *live) policySeen(ctx context.Context, keyID string) (plan.PolicySeen, error) {
	k, w := l.runner.KMS, l.worker
	seen := plan.PolicySeen{KeyID: keyID}
	var err error
	if w.policy.PolicyPath != "" {
		seen.Wanted = w.observed.OwnPolicy
		seen.MadeWith, err = k.MadeWith(ctx, keyID)
	} else {
		seen.Wanted, err = k.Policy(ctx, w.record.Live().KeyID)
	}
	if err == nil {
		seen.Target, err = k.Policy(ctx, keyID)
	}
	return seen, err
}

// sign signs a fenced call and does not send it.
func (l *live) sign(ctx context.Context, act plan.Act) (*kms.Signed, error) {
	switch {
	case act.Terms.What == plan.FencedMove:
		return l.runner.KMS.SignUpdateAlias(ctx, act.Name, act.KeyID)
	case act.Terms.What == plan.FencedDelete:
		return l.runner.KMS.SignScheduleDeletion(ctx, act.KeyID, act.Terms.DeletionWindow)
	}
	return l.runner.KMS.SignDisable(ctx, act.KeyID)
}

// probeTerms returns the spec and usage with which a key is tested: those that
// this run saw. A target was compared with the claim's terms before; a key that
// an adopt found may have any, even while a generation is open.
func probeTerms(keyID string, o plan.Observed) (spec, usage string) {
	for _, k := range []*plan.KeySeen{o.Target, o.Alias} {
		if k != nil && k.KeyID == keyID {
			return k.Spec, k.Usage
		}
	}
	return "", ""
}

// newKey returns what CreateKey is asked for.
func (l *live) newKey(act plan.Act) kms.NewKey {
	w := l.worker
	terms := plan.VersionTerms(w.policy, w.record, w.observed)
	return kms.NewKey{
		Alias: w.policy.Alias, Version: act.Version, Claim: w.record.Claim.ID, Head: w.record.Claim.Head,
		Window: w.record.Claim.Window,
		Spec:   w.record.Claim.Spec, Usage: w.record.Claim.Usage,
		Description: terms.Description, Tags: terms.Tags,
		Policy: terms.Policy, OwnPolicy: terms.FromFile, Waive: act.Terms.Waive,
	}
}
