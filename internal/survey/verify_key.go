package survey

import (
	"context"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// judge adds what was looked at, and returns the record that a rotation begins with; nil if
// none does.
func (k *verified) judge(ctx context.Context) *plan.Record {
	records := k.records[k.policy.Table]
	if records != nil {
		k.judged = revOf(records.Found[k.policy.Key()])
	}
	switch {
	case records == nil, k.seen.Table == nil, k.seen.LedgerRev == nil, k.seen.Listing == nil, k.seen.Alias == nil:
		k.found.Failed(k.policy.Name, plan.AboutKey, "what shows it could not be read",
			plan.Fault{Exit: plan.ExitFailed})
		return nil
	case records.Broken[k.policy.Key()] != nil:
		bad := records.Broken[k.policy.Key()]
		k.found.Failed(k.policy.Name, plan.AboutKey, bad.Error(), bad.Fault())
		return nil
	}
	r, err := k.current(ctx, records.Found[k.policy.Key()])
	if err != nil {
		k.found.Failed(k.policy.Name, plan.AboutKey, err.Error(), Fault(ctx, err))
		return nil
	}
	k.judged = revOf(r)
	if r != nil && r.Active != 0 && !k.seen.Alias.Missing && k.seen.Alias.KeyID != r.Live().KeyID {
		if moved, err := k.kms.Moved(ctx, k.policy.Alias, k.seen.Alias.KeyID); err == nil {
			k.seen.Moved = moved
		}
	}
	k.readTarget(ctx, r)
	return k.found.Looked(k.policy, r, k.seen, k.names)
}

// readTarget looks at the version that an open generation has made.
func (k *verified) readTarget(ctx context.Context, r *plan.Record) {
	if r == nil || r.Step == plan.Steady || r.Next() == nil {
		return
	}
	target, err := k.kms.Describe(ctx, r.Next().KeyID)
	if err != nil {
		k.called("kms:DescribeKey", err)
		return
	}
	target.KeyID = r.Next().KeyID // a key that is gone has none
	k.seen.Target = &target
}

// current returns the record; read once more if the ledger, which was read after it, goes
// on after it: a run may have written in between.
func (k *verified) current(ctx context.Context, r *plan.Record) (*plan.Record, error) {
	ahead := r == nil && *k.seen.LedgerRev > 0 || r != nil && plan.RecordRestored(k.policy, r, k.seen.LastItem) != nil
	if !ahead {
		return r, nil
	}
	return k.Record(ctx, k.policy)
}

// live returns the key behind the alias, as far as it was seen: of one that was not, the
// plan may say the kind.
func (k *verified) live() plan.KeySeen {
	if a := k.seen.Alias; a != nil && !a.Missing {
		return *a
	}
	return plan.KeySeen{Spec: k.policy.Spec, Usage: k.policy.Usage, ARN: k.arn("kms", k.policy.Region, plan.NoKey)}
}

func (k *verified) rotation() plan.RotationSeen { return k.seen.Rotations[k.live().KeyID] }

func (k *verified) actions() []string { return plan.NextActions(k.policy, k.live(), k.rotation()) }

func (k *verified) needs(action string) bool { return slices.Contains(k.actions(), action) }

func (k *verified) arn(service, region, resource string) string {
	return strings.Join([]string{"arn", kms.Partition(region), service, region, k.found.Caller.Account, resource}, ":")
}

// simulated returns the calls of the next rotation about which the simulator is asked.
func (k *verified) simulated() []string {
	return slices.DeleteFunc(k.actions(), func(a string) bool {
		way, _ := plan.WayOf(a)
		return !k.found.Other && way != plan.WaySimulated
	})
}

// tryCalls judges every call of the next rotation.
func (k *verified) tryCalls() {
	simulated := k.simulated()
	terms := plan.VersionTerms(k.policy, k.record, k.seen)
	policies := plan.KeyPolicies{New: terms.Policy}
	if k.seen.Source != nil {
		policies.Live = k.seen.Source.Policy
	}
	for _, action := range k.actions() {
		t := plan.Tried{Action: action, Decisions: decisions(k.decided, action)}
		if answer, made := k.answers[action]; made && !slices.Contains(simulated, action) {
			t.Answer = &answer
		}
		k.found.Judge(k.policy.Name, t, policies)
	}
}

// subject is the key for the simulator. Without a record it is as the first run would adopt
// it.
func (k *verified) subject() plan.Subject {
	s := plan.Subject{Policy: k.policy, Live: k.live(), Aliases: k.names, Tagged: k.tagged, Version: 1, Next: 2,
		Names: true, Rotation: k.rotation(),
		TableARN: k.arn("dynamodb", k.Plan.Region, "table/"+k.policy.Table)}
	r := k.record
	if r != nil {
		s.Version, s.Next, s.Names = r.Active, r.Generation+1, r.Names(k.seen.Listing, k.policy.Alias)
	}
	terms := plan.VersionTerms(k.policy, r, k.seen)
	s.Waives = terms.Policy != "" && !terms.Checked()
	return s
}
