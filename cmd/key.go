package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// KEY on the command line is a name, an alias, a key id or an ARN: pagers show
// ARNs. A version of a key is as good as the key itself.

func keyFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "key", Usage: "only this `KEY`: its name, alias, key id or ARN; may be repeated"}
}

// keysOf returns what the command line names, by flag and by argument.
func keysOf(c *cli.Context) []string { return slices.Concat(c.StringSlice("key"), c.Args().Slice()) }

// pick returns the named keys of the plan; all of them if none is named.
func (s *session) pick(ctx context.Context, named []string) ([]plan.Policy, error) {
	if len(named) == 0 {
		return s.plan.Keys, nil
	}
	var picked []plan.Policy
	var records map[string]*plan.Record
	seen := map[string]bool{}
	for _, text := range named {
		k, err := inPlan(s.plan.Plan, text)
		if err != nil {
			return nil, err
		}
		if k == nil && records == nil {
			read, err := s.aws.Records(ctx, s.plan.Keys)
			if err != nil {
				return nil, err
			}
			records = read.Found
		}
		if k == nil {
			if k, err = inRecords(s.plan.Plan, records, text); err != nil {
				return nil, err
			}
		}
		if k == nil {
			if k, err = s.inKMS(ctx, records, text); err != nil {
				return nil, err
			}
		}
		if k == nil {
			return nil, unknownKey(s.plan.Plan, text)
		}
		if err := s.ofCaller(ctx, *k, text); err != nil {
			return nil, err
		}
		if !seen[k.Key()] {
			seen[k.Key()] = true
			picked = append(picked, *k)
		}
	}
	return picked, nil
}

// ofCaller refuses an ARN of another account where the plan names none: what is done is done in
// the account of the credentials. Without an ARN nobody is asked whose they are.
func (s *session) ofCaller(ctx context.Context, k plan.Policy, text string) error {
	a, isARN := parseARN(text)
	if !isARN || k.Account != "" {
		return nil
	}
	caller, err := s.aws.Caller(ctx)
	if err != nil {
		return err
	}
	if k.Account = caller.Account; !a.fits(k) {
		return a.elsewhere(k)
	}
	return nil
}

// inPlan returns the key with a name, an alias, a version alias, or the ARN of one of
// these; nil if it may be a key id. It makes no suggestion for an ARN of another
// Region or account.
func inPlan(p *planfile.Plan, text string) (*plan.Policy, error) {
	arn, isARN := parseARN(text)
	if isARN {
		text = arn.resource
	}
	if err := versionNumber(p, text); err != nil {
		return nil, err
	}
	var elsewhere *plan.Policy
	for i, k := range p.Keys {
		if _, isVersion := versionIn(k, text); text != k.Name && text != k.Alias && !isVersion {
			continue
		}
		if isARN && !arn.fits(k) {
			elsewhere = &p.Keys[i]
			continue
		}
		return &p.Keys[i], nil
	}
	if elsewhere != nil {
		return nil, arn.elsewhere(*elsewhere)
	}
	return nil, nil
}

// versionNumber refuses a version of a key that keyturn cannot have made.
func versionNumber(p *planfile.Plan, text string) error {
	of, _, ok := plan.SplitVersion(text)
	for _, k := range p.Keys {
		if !ok && (of == k.Name || of == k.Alias) {
			return usage("%s is no version: they are numbered v1, v2, … and never over v%d", text, plan.MaxVersion).
				hint(plan.Try("keyturn", "status", k.Name).Noted("shows the versions there are"))
		}
	}
	return nil
}

// versionIn returns the version of a key that a name or an alias with a version is about;
// not ok if it is none of the key's.
func versionIn(k plan.Policy, text string) (int64, bool) {
	if n, ok := plan.VersionOf(k.Alias, text); ok {
		return n, true
	}
	return plan.VersionOf(k.Name, text)
}

// inRecords returns the key that has a KMS key, given by id or ARN, among its
// versions; nil if none has.
func inRecords(p *planfile.Plan, records map[string]*plan.Record, text string) (*plan.Policy, error) {
	var elsewhere error
	for i, k := range p.Keys {
		r := records[k.Key()]
		if r == nil {
			continue
		}
		if _, ok := r.VersionOfKey(withoutARN(text)); !ok {
			continue
		}
		// The replicas of a multi-Region key have one id.
		if arn, isARN := parseARN(text); isARN && !arn.fits(k) {
			elsewhere = arn.elsewhere(k)
			continue
		}
		return &p.Keys[i], nil
	}
	return nil, elsewhere
}

// keyIDForm matches the id that AWS gives a KMS key.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
var keyIDForm = plan.Pattern(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$`)

// inKMS returns the key that has a KMS key, given by id or ARN, among the versions that its
// record has left out, by its version alias; nil if none has.
func (s *session) inKMS(ctx context.Context, records map[string]*plan.Record, text string) (*plan.Policy, error) {
	arn, isARN := parseARN(text)
	text = withoutARN(text)
	if !keyIDForm().MatchString(text) {
		return nil, nil
	}
	var elsewhere error
	named := map[string][]string{} // by Region
	for i, k := range s.plan.Keys {
		if r := records[k.Key()]; r == nil || r.LeftOut == 0 {
			continue
		}
		if named[k.Region] == nil {
			all, err := s.aws.Named(ctx, k.Region, text)
			if err != nil {
				return nil, err
			}
			named[k.Region] = append([]string{""}, all...)
		}
		for _, name := range named[k.Region] {
			if _, ok := plan.VersionOf(k.Alias, name); !ok {
				continue
			}
			if isARN && !arn.fits(k) {
				elsewhere = arn.elsewhere(k)
				continue
			}
			return &s.plan.Keys[i], nil
		}
	}
	return nil, elsewhere
}

func unknownKey(p *planfile.Plan, text string) error {
	names := make([]string, len(p.Keys))
	for i, k := range p.Keys {
		names[i] = k.Name
	}
	err := usage("plan %q has no key or version %q", p.Name, text)
	if near, ok := planfile.Nearest(strings.TrimPrefix(text, "alias/"), names); ok {
		return err.note("did you mean %s?", near)
	}
	return err.note("its keys: %s", strings.Join(names, ", "))
}

type arn struct{ region, account, resource string }

// fits reports whether an ARN has the Region of a key, and its account if the plan names one.
func (a arn) fits(k plan.Policy) bool {
	return a.region == k.Region && (k.Account == "" || a.account == k.Account)
}

// elsewhere is the error of an ARN that does not fit the key of the plan that it seems to name.
func (a arn) elsewhere(k plan.Policy) error {
	where := k.Region
	if k.Account != "" {
		where += " of account " + k.Account
	}
	return usage("%s is in %s of account %s; the plan's %s is in %s", a.resource, a.region, a.account, k.Name, where).
		note("use the plan of that Region and account: --plan FILE")
}

// parseARN reads an ARN of KMS: arn:aws:kms:eu-west-1:123456789012:alias/orders.
func parseARN(text string) (arn, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "kms" {
		return arn{}, false
	}
	return arn{region: parts[3], account: parts[4], resource: parts[5]}, true
}

// withoutARN returns the key id or alias in an ARN of KMS, and other text as it is.
func withoutARN(text string) string {
	if a, ok := parseARN(text); ok {
		return strings.TrimPrefix(a.resource, "key/")
	}
	return text
}
