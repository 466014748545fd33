package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// RequestError is a request that no policies can be written for.
type RequestError struct {
	What string
	Hint plan.Hint
}

// refuse refuses a request; the hint is the same one with other flags.
func (q Request) refuse(flags []string, what string, about ...any) error {
	words := append([]string{"keyturn", "init", "--iam", string(q.Role)}, flags...)
	return &RequestError{What: fmt.Sprintf(what, about...), Hint: plan.Try(words...)}
}

func (e *RequestError) Error() string { return e.What }

// Fault returns a fault of usage.
func (e *RequestError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeUsage, Exit: plan.ExitUsage, Hint: e.Hint}
}

// The names of aliases, and those with * in them, which must begin with something
// of their own: alias/* would stand for every key of the account.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
var (
	aliasForm   = plan.Pattern(`^alias/[a-zA-Z0-9/_-]+$`)
	patternForm = plan.Pattern(`^alias/[a-zA-Z0-9_-][a-zA-Z0-9/_*-]*$`)
)

func (q Request) check() error {
	for _, a := range q.Also {
		if !aliasForm().MatchString(a) || strings.HasPrefix(a, "alias/aws/") {
			return q.refuse([]string{"--also-alias", "alias/old-name"}, "--also-alias %s is not an alias of your own",
				a)
		}
	}
	for _, p := range q.Patterns {
		if !patternForm().MatchString(p) {
			return q.refuse([]string{"--pattern", "alias/payments-*"}, "--pattern %s does not say which aliases", p)
		}
	}
	if len(q.Patterns) == 0 {
		return nil
	}
	for _, k := range q.Plan.Keys {
		like := func(p string) bool { return Matches(p, k.Alias) }
		if !slices.ContainsFunc(q.Patterns, like) {
			return q.refuse([]string{"--help"}, "no --pattern stands for %s; there may be several", k.Alias)
		}
		for _, p := range q.Patterns {
			if Matches(versions(p), k.Alias) {
				return q.refuse(nil, "with --pattern %s, %s looks like the name of a version", p, k.Alias)
			}
		}
	}
	return nil
}

// Matches reports whether a value is like a pattern, in which * stands for
// anything, / too.
func Matches(pattern, value string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == value
	}
	rest, ok := strings.CutPrefix(value, parts[0])
	for _, part := range parts[1:last] {
		if !ok {
			return false
		}
		_, rest, ok = strings.Cut(rest, part)
	}
	return ok && strings.HasSuffix(rest, parts[last])
}
