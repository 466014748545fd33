package iam

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// records allows the items of the plan's keys, and a look at the table.
func (w *writer) records() {
	tables := w.each(func(k plan.Policy) []string { return []string{w.arn("dynamodb", w.plan.Region, "table/"+k.Table)} })
	items := condition{"ForAllValues:StringEquals", "dynamodb:LeadingKeys", w.each(func(k plan.Policy) []string { return []string{k.Key()} })}
	look := []string{"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"}
	switch w.role {
	case Cron:
		w.allow("Records", []string{"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, tables, items)
	case BreakGlass:
		w.allow("Records", []string{"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"}, tables, items)
	case ReadOnly:
		w.allow("Records", []string{"dynamodb:BatchGetItem", "dynamodb:Query"}, tables, items)
		// The audit lists the records that no key of the plan has.
		look = append([]string{"dynamodb:DescribeContinuousBackups"}, append(look, "dynamodb:Scan")...)
	}
	w.allow("Table", look, tables)
}

// looks allows to see keys and aliases. Lists have no resource; what a new key
// is must be seen before its tags count.
func (w *writer) looks() {
	lists := []string{"kms:ListAliases"}
	if w.role == ReadOnly {
		lists = append(lists, "kms:ListKeys")
	}
	w.allow("Lists", lists, []string{"*"}, here(w.regions()))
	w.allow("Keys", []string{"kms:DescribeKey", "kms:ListResourceTags"}, w.keys())
}

// onVersions allows what is done to keys that have had a name for a while: look
// at them, try those that keyturn did not make, and bring one back, by a
// person's reinstate or by the run that sees to it again.
func (w *writer) onVersions() {
	actions := []string{"kms:GetKeyPolicy", "kms:ListGrants"}
	if w.role == ReadOnly || w.role == Cron && len(w.each(asksForUse)) > 0 {
		actions = append(actions, "kms:GetKeyLastUsage")
	}
	if w.role != ReadOnly {
		actions = append(append(actions, "kms:CancelKeyDeletion", "kms:EnableKey"), w.each(probes)...)
	}
	slices.Sort(actions)
	w.allow("OnVersions", actions, w.keys(), named(w.each(names)))
}

// asksForUse gives the aliases of a key whose last use counts.
func asksForUse(k plan.Policy) []string {
	if k.Retire.Action == plan.RetireKeep || k.Retire.UsageOff {
		return nil
	}
	return []string{k.Alias}
}

// creates allows new keys, tagged for an alias of the plan. To tag a key in the
// call that makes it wants a permission for all keys of the account.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
func (w *writer) creates() {
	w.allow("CreateVersions", []string{"kms:CreateKey", "kms:TagResource"}, []string{"*"}, making(w.aliases()), here(w.regions()))
}

// names allows to name versions and to move the aliases. The alias itself may
// be created too: whichever run comes next goes on with an `adopt --create`.
func (w *writer) names() {
	w.allow("CreateAliases", []string{"kms:CreateAlias"}, w.each(func(k plan.Policy) []string {
		return []string{w.arn("kms", k.Region, k.Alias), w.arn("kms", k.Region, versions(k))}
	}))
	w.allow("MoveAliases", []string{"kms:UpdateAlias"}, w.each(func(k plan.Policy) []string {
		return []string{w.arn("kms", k.Region, k.Alias)}
	}))
	w.allow("AliasesOnKeys", []string{"kms:CreateAlias", "kms:UpdateAlias"}, w.keys())
}

// onNewVersions allows what is done to a key just made, which is known by its tag
// before it is by its name: to try it, to read its policy where another run has
// made it, and to disable it if it lost to another run's.
func (w *writer) onNewVersions() {
	actions := append([]string{"kms:DisableKey", "kms:GetKeyPolicy"}, w.each(probes)...)
	slices.Sort(actions)
	w.allow("OnNewVersions", actions, w.keys(), made(w.aliases()))
}

// probes are the calls that try a key. A plan need not say what a key is for;
// then all of them are.
func probes(k plan.Policy) []string {
	byUsage := map[string][]string{
		"ENCRYPT_DECRYPT":         {"kms:Encrypt", "kms:Decrypt"},
		"SIGN_VERIFY":             {"kms:Sign", "kms:Verify"},
		"GENERATE_VERIFY_MAC":     {"kms:GenerateMac", "kms:VerifyMac"},
		"KEY_AGREEMENT":           {"kms:DeriveSharedSecret", "kms:GetPublicKey"},
		"ENCAPSULATE_DECAPSULATE": {"kms:Encapsulate", "kms:Decapsulate"},
	}
	switch {
	case !k.Probe:
		return nil
	case k.Usage != "":
		return byUsage[k.Usage]
	}
	var all []string
	for _, calls := range byUsage {
		all = append(all, calls...)
	}
	return all
}

// ends allows to end old versions as the plan says. Only cron does.
func (w *writer) ends() {
	if w.role != Cron {
		return
	}
	w.allow("DisableVersions", []string{"kms:DisableKey"}, w.keys(), named(w.each(func(k plan.Policy) []string {
		if k.Retire.Action == plan.RetireKeep {
			return nil
		}
		return []string{versions(k)}
	})))
	shortest := time.Duration(0)
	deleted := w.each(func(k plan.Policy) []string {
		if k.Retire.Action != plan.RetireDelete {
			return nil
		}
		if d := k.Retire.DeletionWindow; shortest == 0 || d < shortest {
			shortest = d
		}
		return []string{versions(k)}
	})
	w.allow("DeleteVersions", []string{"kms:ScheduleKeyDeletion"}, w.keys(), named(deleted),
		condition{"NumericGreaterThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", []string{days(shortest)}})
}

func days(d time.Duration) string { return fmt.Sprint(int(d / (24 * time.Hour))) }
