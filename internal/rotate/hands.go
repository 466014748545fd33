package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// KMS is what the runner needs of AWS KMS. *kms.Client is one.
type KMS interface {
	Describe(ctx context.Context, id string) (plan.KeySeen, error)
	Listing(ctx context.Context, aliases []string) (map[string]plan.ListingSeen, error)
	Moved(ctx context.Context, alias, keyID string) (*plan.AliasListed, error)
	Version(ctx context.Context, alias string, n int64) (plan.VersionSeen, error)
	Source(ctx context.Context, key plan.KeySeen) (plan.SourceSeen, error)
	Policy(ctx context.Context, keyID string) (string, error)
	MadeWith(ctx context.Context, keyID string) (print string, err error)
	Probe(ctx context.Context, keyID, spec, usage string) plan.Answer
	AliasesOf(ctx context.Context, keyID string) ([]plan.AliasListed, error)
	LastUse(ctx context.Context, keyID string) (plan.UseSeen, error)
	Rotation(ctx context.Context, keyID string) plan.RotationSeen

	CreateKey(ctx context.Context, k kms.NewKey) (plan.Made, plan.Answer)
	CreateAlias(ctx context.Context, alias, keyID string) plan.Answer
	Disable(ctx context.Context, keyID string) plan.Answer
	SignUpdateAlias(ctx context.Context, alias, keyID string) (*kms.Signed, error)
	SignDisable(ctx context.Context, keyID string) (*kms.Signed, error)
	SignScheduleDeletion(ctx context.Context, keyID string, window time.Duration) (*kms.Signed, error)
	Send(ctx context.Context, s *kms.Signed) plan.Answer
	Enable(ctx context.Context, keyID string) plan.Answer
	EnableRotation(ctx context.Context, keyID string, every time.Duration) plan.Answer
	CancelDeletion(ctx context.Context, keyID string) plan.Answer
}

// hands carry out what was decided. There are two pairs: live ones, and dry
// ones that only look.
type hands interface {
	do(ctx context.Context, act plan.Act) plan.Result
	write(ctx context.Context, old, next *plan.Record) error
	// copy puts the newest event of a record into the ledger.
	copy(ctx context.Context, r *plan.Record) error
}

func (r *Runner) handsFor(w *worker) hands {
	live := &liveHands{runner: r, worker: w}
	if r.Dry {
		return &dryHands{live: live}
	}
	return live
}

// liveHands call AWS.
type liveHands struct {
	runner *Runner
	worker *worker
	// The bytes signed last, until they are sent: an alias move's and a mark's
	// apart, for a window may open between the signing of a mark and its sending.
	move, mark *kms.Signed
}

func (h *liveHands) write(ctx context.Context, old, next *plan.Record) error {
	return h.runner.Records.Write(ctx, old, next)
}

func (h *liveHands) copy(ctx context.Context, r *plan.Record) error {
	return h.runner.Records.Copy(ctx, r, r.Events[len(r.Events)-1])
}

// do makes the call or calls of one act. What went wrong is in the result's
// answer, for plan to judge.
func (h *liveHands) do(ctx context.Context, act plan.Act) plan.Result {
	var res plan.Result
	var err error
	k, w := h.runner.KMS, h.worker
	switch act.Kind {
	case plan.LookCaller:
		res.Caller, err = w.shared.caller(ctx, h.runner.Identity)
	case plan.LookTable:
		res.Table, err = w.shared.table(ctx, h.runner.Records)
	case plan.LookListing:
		res.Listing, err = w.shared.listing(ctx, k, w.policy.Alias)
	case plan.LookAlias:
		res.Key, err = k.Describe(ctx, act.Name)
	case plan.LookActive, plan.LookTarget, plan.LookOld:
		res.Key, err = k.Describe(ctx, act.KeyID)
	case plan.LookMoved:
		res.Moved, err = k.Moved(ctx, act.Name, act.KeyID)
	case plan.LookVersion:
		res.Version, err = k.Version(ctx, w.policy.Alias, act.Version)
	case plan.LookSource:
		res.Source, err = k.Source(ctx, *w.observed.Like())
	case plan.LookPolicy:
		res.Policy, err = h.policySeen(ctx, act.KeyID)
	case plan.LookLedger:
		res.Rev, err = h.runner.Records.LastRev(ctx, w.policy.Key())
	case plan.LookClaim, plan.LookHistory:
		res.Events, err = h.runner.Records.Ledger(ctx, w.policy.Key(), time.Time{})
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
		if signed, err = h.sign(ctx, act); err == nil {
			res.Signed = signed.Date()
			*h.bytesOf(act.Terms.What) = signed
		}
	case plan.AskGate:
		res.Gate = h.runner.Gate(ctx, gateOf(w.policy, act))
	default:
		return h.change(ctx, act)
	}
	res.Answer = awscall.Classify(err)
	return res
}

// change makes one call that changes KMS, or tries the target.
func (h *liveHands) change(ctx context.Context, act plan.Act) plan.Result {
	var res plan.Result
	k, w := h.runner.KMS, h.worker
	switch act.Kind {
	case plan.TryTarget:
		spec, usage := probeTerms(act.KeyID, w.observed)
		res.Answer = k.Probe(ctx, act.KeyID, spec, usage)
	case plan.CreateKey:
		res.Made, res.Answer = k.CreateKey(ctx, h.newKey(act))
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
		signed := h.bytesOf(act.Terms.What)
		res.Answer = k.Send(ctx, *signed)
		*signed = nil
	default:
		res.Answer = plan.Answer{Verdict: plan.No, Message: "no hands for " + string(act.Kind)}
	}
	return res
}

func (h *liveHands) bytesOf(what plan.Fenced) **kms.Signed {
	if what == plan.FencedMove {
		return &h.move
	}
	return &h.mark
}

// policySeen reads the policy of a version, and what it is to be.
func (h *liveHands) policySeen(ctx context.Context, keyID string) (plan.PolicySeen, error) {
	k, w := h.runner.KMS, h.worker
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

// sign makes the bytes of a fenced call.
func (h *liveHands) sign(ctx context.Context, act plan.Act) (*kms.Signed, error) {
	switch {
	case act.Terms.What == plan.FencedMove:
		return h.runner.KMS.SignUpdateAlias(ctx, act.Name, act.KeyID)
	case act.Terms.What == plan.FencedDelete:
		return h.runner.KMS.SignScheduleDeletion(ctx, act.KeyID, act.Terms.DeletionWindow)
	}
	return h.runner.KMS.SignDisable(ctx, act.KeyID)
}

// probeTerms says as what a key is tried: as what this run has described it to
// be. A target was found to be of the claim's terms before; what an adopt found
// may be of any, also while a generation is open.
func probeTerms(keyID string, o plan.Observed) (spec, usage string) {
	for _, k := range []*plan.KeySeen{o.Target, o.Alias} {
		if k != nil && k.KeyID == keyID {
			return k.Spec, k.Usage
		}
	}
	return "", ""
}

func (h *liveHands) newKey(act plan.Act) kms.NewKey {
	w := h.worker
	terms := plan.VersionTerms(w.policy, w.record, w.observed)
	return kms.NewKey{
		Alias: w.policy.Alias, Version: act.Version, Claim: w.record.Claim.ID, Window: w.record.Claim.Window,
		Spec: w.record.Claim.Spec, Usage: w.record.Claim.Usage,
		Description: terms.Description, Tags: terms.Tags,
		Policy: terms.Policy, OwnPolicy: terms.FromFile, Waive: act.Terms.Waive,
	}
}
