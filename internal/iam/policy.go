package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Role is who a policy is for.
type Role string

// The roles.
const (
	Cron       Role = "cron"        // keyturn run
	ReadOnly   Role = "readonly"    // dry-runs, status, audit, history
	BreakGlass Role = "break-glass" // the verbs of a person
)

// Roles returns all roles.
func Roles() []Role { return []Role{Cron, ReadOnly, BreakGlass} }

// Request is what policies are written for.
type Request struct {
	Role    Role
	Account string
	// Principal is the ARN of the role or user whom Verify is about; "" is role/keyturn-cron.
	Principal string
	Plan      *planfile.Plan
	// Partition returns the AWS partition of a Region, such as aws-cn.
	Partition func(region string) string
	// Patterns stand for the list of the plan's aliases, which each match one of
	// them: alias/payments-*. None: the aliases themselves are listed.
	Patterns []string
	// Also are other aliases that keys of the plan bear.
	Also []string
	// Read is what was seen of the plan's keys, by plan.Policy.Key. A key that is
	// not in it was not looked at.
	Read map[string]Seen
}

// Seen is what matters here of the key that an alias of the plan names.
type Seen struct {
	// Missing: no key has the alias yet.
	Missing bool
	Usage   string
	// Aliases are what else names it, version aliases aside.
	Aliases []string
	// LikeVersions are aliases of the account, of whichever key, that these
	// policies take for version aliases of this one, and that are none.
	LikeVersions []string
}

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one statement of a policy.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// writer writes statements about keys of one Region: an alias of the same name
// in another Region is somebody else's.
type writer struct {
	Request
	region string
	// suffix is the Region in the Sids, if there is more than one Region.
	suffix string
	// keys are those of this Region, or some of them.
	keys []plan.Policy
	// all are the keys of the role, in every Region.
	all []plan.Policy
	out []Statement
}

// writers returns one writer for each Region.
func (q Request) writers(keys []plan.Policy) []*writer {
	var list []*writer
	for _, k := range keys {
		i := slices.IndexFunc(list, func(w *writer) bool { return w.region == k.Region })
		if i < 0 {
			i, list = len(list), append(list, &writer{Request: q, region: k.Region, all: keys})
		}
		list[i].keys = append(list[i].keys, k)
	}
	if len(list) > 1 {
		for _, w := range list {
			w.suffix = strings.ReplaceAll(w.region, "-", "")
		}
	}
	return list
}

// condition is one condition: operator, key, values.
type condition struct {
	operator, key string
	values        []string
}

func (w *writer) allow(sid string, actions, resources []string, when ...condition) {
	w.state(sid, "Allow", actions, resources, when)
}

func (w *writer) deny(sid string, actions, resources []string, when ...condition) {
	w.state(sid, "Deny", actions, resources, when)
}

// state adds a statement. One about nothing is left out: a condition without
// values would be no condition.
func (w *writer) state(sid, effect string, actions, resources []string, when []condition) {
	s := Statement{Sid: sid + w.suffix, Effect: effect, Action: actions, Resource: resources}
	for _, c := range when {
		if len(c.values) == 0 {
			return
		}
		if s.Condition == nil {
			s.Condition = map[string]map[string][]string{}
		}
		if s.Condition[c.operator] == nil {
			s.Condition[c.operator] = map[string][]string{}
		}
		s.Condition[c.operator][c.key] = c.values
	}
	if len(actions) > 0 {
		w.out = append(w.out, s)
	}
}

// each collects something of keys, each once.
func each(keys []plan.Policy, of func(plan.Policy) []string) []string {
	var list []string
	for _, k := range keys {
		for _, s := range of(k) {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

func (w *writer) each(of func(plan.Policy) []string) []string { return each(w.keys, of) }

// aliases returns those of the keys, or the patterns that stand for them.
func (w *writer) aliases() []string {
	return w.each(w.listed)
}

// listed returns the patterns that stand for an alias; the alias itself if none do.
func (q Request) listed(k plan.Policy) []string {
	var list []string
	for _, p := range q.Patterns {
		if Matches(p, k.Alias) {
			list = append(list, p)
		}
	}
	if len(q.Patterns) == 0 {
		list = []string{k.Alias}
	}
	return list
}

// versions match the version aliases of the keys.
func (w *writer) versions() []string {
	var list []string
	for _, a := range w.aliases() {
		list = append(list, versions(a))
	}
	return list
}

// names match the aliases of the keys and their version aliases.
func (w *writer) names() []string {
	var list []string
	for _, a := range w.aliases() {
		if list = append(list, a); !strings.HasSuffix(a, "*") { // * stands for / too
			list = append(list, versions(a))
		}
	}
	return list
}

// versions matches the version aliases of an alias. IAM cannot say "digits".
func versions(alias string) string { return alias + "/v*" }

// also returns the other aliases of the keys.
func (w *writer) also() []string {
	list := append(slices.Clone(w.Also), w.each(func(k plan.Policy) []string { return w.Read[k.Key()].Aliases })...)
	slices.Sort(list)
	return slices.Compact(list)
}

// items match the partition keys of the records of keys.
func (w *writer) items(keys []plan.Policy) []string {
	return each(keys, func(k plan.Policy) []string {
		var list []string
		for _, a := range w.listed(k) {
			list = append(list, k.Region+"/"+a)
		}
		return list
	})
}

func (w *writer) arn(service, region, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", w.Partition(region), service, region, w.Account, resource)
}

// aliasARNs returns the aliases as resources.
func (w *writer) aliasARNs(aliases []string) []string {
	var list []string
	for _, a := range aliases {
		list = append(list, w.arn("kms", w.region, a))
	}
	return list
}

// anyKey is every KMS key of the account in the Region: which of them, only a
// condition can say, for their ids are not known before they are made.
func (w *writer) anyKey() []string { return []string{w.arn("kms", w.region, "key/*")} }

func (w *writer) here() condition {
	return condition{"StringEquals", "aws:RequestedRegion", []string{w.region}}
}

// like returns the operator that compares with aliases: patterns have a *.
func (w *writer) like(operator string) string {
	if len(w.Patterns) > 0 {
		return strings.Replace(operator, "Equals", "Like", 1)
	}
	return operator
}

// named holds for keys that have one of these aliases.
func named(patterns []string) condition {
	return condition{"ForAnyValue:StringLike", "kms:ResourceAliases", patterns}
}

// namedOtherwise holds for keys that have an alias other than these. A key
// without an alias has none.
func namedOtherwise(patterns []string) condition {
	return condition{"ForAnyValue:StringNotLike", "kms:ResourceAliases", patterns}
}

// namedByNone holds for keys that have none of these aliases.
func namedByNone(patterns []string) condition {
	return condition{"ForAllValues:StringNotLike", "kms:ResourceAliases", patterns}
}

// given holds where the request has the key. ForAllValues alone holds for none.
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func given(key string) condition { return condition{"Null", key, []string{"false"}} }

// made holds for keys that keyturn made for one of the aliases.
func (w *writer) made() condition {
	return condition{w.like("StringEquals"), "aws:ResourceTag/keyturn:alias", w.aliases()}
}

// making holds for a request that tags a key so.
func (w *writer) making() condition {
	return condition{w.like("StringEquals"), "aws:RequestTag/keyturn:alias", w.aliases()}
}

// usages returns what a key may be for: what was seen, else as far as the plan says.
func (q Request) usages(k plan.Policy) []string {
	if u := cmp.Or(k.Usage, q.Read[k.Key()].Usage); u != "" {
		return []string{u}
	}
	return k.Usages()
}
