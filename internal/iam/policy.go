package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Role is who a policy is for.
type Role string

// The roles.
const (
	Cron       Role = "cron"        // keyturn run
	ReadOnly   Role = "readonly"    // dry-runs, status, audit, history
	BreakGlass Role = "break-glass" // the verbs of a person
)

// Roles are all roles.
func Roles() []Role { return []Role{Cron, ReadOnly, BreakGlass} }

// MostCharacters is how long a managed policy may be, white space not counted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MostCharacters = 6144

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

// Policy writes the policy of a role for a plan in an account.
func Policy(role Role, account string, p *plan.Plan) Document {
	w := &writer{role: role, account: account, plan: p}
	w.records()
	w.looks()
	w.onVersions()
	if role != ReadOnly {
		w.creates()
		w.names()
		w.onNewVersions()
		w.ends()
		w.denies()
	}
	return Document{Version: "2012-10-17", Statement: w.out}
}

// writer writes one policy.
type writer struct {
	role    Role
	account string
	plan    *plan.Plan
	out     []Statement
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
	s := Statement{Sid: sid, Effect: effect, Action: actions, Resource: resources}
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

// each collects something of every key of the plan, each once.
func (w *writer) each(of func(plan.Policy) []string) []string {
	var list []string
	for _, k := range w.plan.Keys {
		for _, s := range of(k) {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

func (w *writer) regions() []string {
	return w.each(func(k plan.Policy) []string { return []string{k.Region} })
}

func (w *writer) aliases() []string {
	return w.each(func(k plan.Policy) []string { return []string{k.Alias} })
}

// versions matches the version aliases of a key.
func versions(k plan.Policy) string { return k.Alias + "/v*" }

// names matches the alias of a key and its version aliases.
func names(k plan.Policy) []string { return []string{k.Alias, versions(k)} }

func (w *writer) arn(service, region, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition(region), service, region, w.account, resource)
}

// keys are all KMS keys of the account in the plan's Regions: which of them,
// only a condition can say, for their ids are not known before they are made.
func (w *writer) keys() []string {
	return w.each(func(k plan.Policy) []string { return []string{w.arn("kms", k.Region, "key/*")} })
}

// partition is the AWS partition of a Region.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func here(regions []string) condition {
	return condition{"StringEquals", "aws:RequestedRegion", regions}
}

// named holds for keys that have one of these aliases.
func named(patterns []string) condition {
	return condition{"ForAnyValue:StringLike", "kms:ResourceAliases", patterns}
}

// made holds for keys that keyturn made for one of these aliases.
func made(aliases []string) condition {
	return condition{"StringEquals", "aws:ResourceTag/keyturn:alias", aliases}
}

// making holds for a request that tags a key so.
func making(aliases []string) condition {
	return condition{"StringEquals", "aws:RequestTag/keyturn:alias", aliases}
}
