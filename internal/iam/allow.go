package iam

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// records allows the items of the keys.
func (w *writer) records() {
	actions := []string{"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"}
	if w.Role == ReadOnly {
		actions = []string{"dynamodb:BatchGetItem", "dynamodb:Query"}
	}
	ours := condition{w.like("ForAllValues:StringEquals"), "dynamodb:LeadingKeys", w.items(w.keys)}
	w.allow("Records", actions, w.tables(), ours, given("dynamodb:LeadingKeys"))
}

// table allows a look at the table.
func (w *writer) table() {
	look := []string{"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"}
	if w.Role == ReadOnly {
		// The audit lists the records that no key of the plan has.
		look = append([]string{"dynamodb:DescribeContinuousBackups"}, append(look, "dynamodb:Scan")...)
	}
	w.allow("Table", look, w.tables())
}

// tells allows to publish to the topics of notify.
func (w *writer) tells() {
	topics := each(w.all, func(k plan.Policy) (all []string) {
		for _, n := range k.Notify {
			if n.Topic != "" {
				all = append(all, n.Topic)
			}
		}
		return all
	})
	if len(topics) > 0 {
		w.allow("Topics", []string{"sns:Publish"}, topics)
	}
}

// tables returns those of all keys, in one Region whatever theirs is.
func (w *writer) tables() []string {
	return each(w.all, func(k plan.Policy) []string {
		return []string{w.arn("dynamodb", w.Plan.Region, "table/"+k.Table)}
	})
}

// looks allows to see keys and aliases. Lists have no resource; what a new key
// is must be seen before its tags count.
func (w *writer) looks() {
	lists := []string{"kms:ListAliases"}
	if w.Role == ReadOnly {
		lists = append(lists, "kms:ListKeys")
	}
	w.allow("Lists", lists, []string{"*"}, w.here())
	w.allow("Keys", []string{"kms:DescribeKey", "kms:ListResourceTags"}, w.anyKey())
}

// onVersions allows what is done to keys that have had a name for a while: look
// at them, try those that keyturn did not make, and bring one back, by a
// person's reinstate or by the run that sees to it again.
func (w *writer) onVersions() {
	actions := []string{"kms:GetKeyPolicy", "kms:ListGrants"}
	if len(w.each(w.rotates)) > 0 {
		actions = append(actions, "kms:GetKeyRotationStatus")
		if w.Role == ReadOnly {
			actions = append(actions, "kms:ListKeyRotations")
		}
	}
	if w.Role == ReadOnly || w.Role == Cron && len(w.each(asksForUse)) > 0 {
		actions = append(actions, "kms:GetKeyLastUsage")
	}
	if w.Role != ReadOnly {
		actions = append(append(actions, "kms:CancelKeyDeletion", "kms:EnableKey"), w.each(w.probes)...)
	}
	slices.Sort(actions)
	w.allow("OnVersions", actions, w.anyKey(), named(w.names()))
}

// rotates returns the alias of a key that KMS may rotate automatically, as far as
// is known what it is.
func (w *writer) rotates(k plan.Policy) []string {
	if !slices.Contains(w.usages(k), "ENCRYPT_DECRYPT") || k.Spec != "" && k.Spec != "SYMMETRIC_DEFAULT" {
		return nil
	}
	return []string{k.Alias}
}

// switchesOn returns the same where new versions may be rotated automatically.
func (w *writer) switchesOn(k plan.Policy) []string {
	if k.AutoRotation.Off {
		return nil
	}
	return w.rotates(k)
}

// asksForUse returns the alias of a key whose last use counts.
func asksForUse(k plan.Policy) []string {
	if k.Retire.Action == plan.RetireKeep || k.Retire.UsageOff {
		return nil
	}
	return []string{k.Alias}
}

// creates allows new keys, tagged for an alias of the plan. To tag a key in the
// call that makes it wants a permission for all keys of the account and Region.
// https://docs.aws.amazon.com/kms/latest/developerguide/manage-tags-api.html
func (w *writer) creates() {
	w.allow("CreateVersions", []string{"kms:CreateKey"}, []string{"*"}, w.making(), w.here())
	w.allow("TagNewVersions", []string{"kms:TagResource"}, w.anyKey(), w.making())
}

// createAliases allows to name versions. The alias itself may be created too:
// whichever run comes next goes on with an `adopt --create`.
func (w *writer) createAliases() {
	w.allow("CreateAliases", []string{"kms:CreateAlias"}, w.aliasARNs(w.names()))
}

// moveAliases allows to move the aliases, and no name of a version.
func (w *writer) moveAliases() {
	w.allow("MoveAliases", []string{"kms:UpdateAlias"}, w.aliasARNs(w.aliases()))
}

// aliasKeys allows the same on the keys that are named. A key has no name yet
// when its first is made, and its tag may not count yet: this reaches every key,
// and the Denies take out those that bear another name.
func (w *writer) aliasKeys() {
	w.allow("AliasesOnKeys", []string{"kms:CreateAlias", "kms:UpdateAlias"}, w.anyKey())
}

// onNewVersions allows what is done to a key just made, which is known by its tag
// before it is by its name: to try it, to read its policy where another run has
// made it, to have it rotated automatically, and to disable it if it lost to
// another run's.
func (w *writer) onNewVersions() {
	actions := append([]string{"kms:DisableKey", "kms:GetKeyPolicy"}, w.each(w.probes)...)
	if len(w.each(w.switchesOn)) > 0 {
		actions = append(actions, "kms:EnableKeyRotation", "kms:GetKeyRotationStatus")
	}
	slices.Sort(actions)
	w.allow("OnNewVersions", actions, w.anyKey(), w.made())
}

// kem is the usage whose operations are new: policy checkers and simulators do
// not know them yet.
const kem = "ENCAPSULATE_DECAPSULATE"

// probes returns the calls that try a key. A plan need not say what a key is for;
// then those of every usage are, but for KEM, which has to be known.
func (w *writer) probes(k plan.Policy) []string {
	if !k.Probe {
		return nil
	}
	var calls []string
	usages := w.usages(k)
	for _, u := range usages {
		if u != kem || len(usages) == 1 {
			calls = append(calls, plan.ProbeActions()[u]...)
		}
	}
	return calls
}

// everyProbe returns the calls of all usages. KEM's are among them if a key has it.
func (w *writer) everyProbe() []string {
	var calls []string
	isKEM := func(k plan.Policy) bool { return slices.Equal(w.usages(k), []string{kem}) }
	for _, u := range slices.Sorted(maps.Keys(plan.ProbeActions())) {
		if u != kem || slices.ContainsFunc(w.keys, isKEM) {
			calls = append(calls, plan.ProbeActions()[u]...)
		}
	}
	return calls
}

// disables and deletes allow to end old versions: cron as the plan says, and a person, who
// retires one, only to disable them. What is ended is listed by name, also where a pattern
// takes the place of the list.
func (w *writer) disables() {
	if w.Role == ReadOnly {
		return
	}
	w.allow("DisableVersions", []string{"kms:DisableKey"}, w.anyKey(), named(w.each(func(k plan.Policy) []string {
		if w.Role == Cron && k.Retire.Action == plan.RetireKeep {
			return nil
		}
		return []string{versions(k.Alias)}
	})))
}

func (w *writer) deletes() {
	if w.Role == Cron {
		w.allow("DeleteVersions", []string{"kms:ScheduleKeyDeletion"}, w.anyKey(), named(w.each(deleted)))
	}
}

// deleted returns the version aliases of a key whose old versions are deleted.
func deleted(k plan.Policy) []string {
	if k.Retire.Action != plan.RetireDelete {
		return nil
	}
	return []string{versions(k.Alias)}
}

func days(d time.Duration) string { return fmt.Sprint(int(d / (24 * time.Hour))) }
