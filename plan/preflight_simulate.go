package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// IAM's policy simulator judges a call that is not made, by the policies of a role or user
// and those of its organisation. It does not see key policies.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html

// Simulation is one question: may the principal make these calls, on all of these
// resources, in this context?
type Simulation struct {
	Actions []string
	// Resources are ARNs; none is a call that has no resource.
	Resources []string
	Context   []ContextValue
	// Absent are condition keys that the real call does not have, so a policy that asks for
	// them misses nothing.
	Absent []string
}

// ContextValue is a condition key of a call, in the words of IAM's API.
type ContextValue struct {
	Key, Type string
	Values    []string
}

// Simulated is the simulator's answer about one call and one resource.
type Simulated struct {
	Action, Resource string
	// Result is one of those below, as IAM names them; "" if there is no answer.
	Result string
	// Missing are the condition keys that a policy asks for and the question did not have.
	Missing []string
}

// The results of a simulation.
const (
	Allowed      = "allowed"
	ExplicitDeny = "explicitDeny"
	ImplicitDeny = "implicitDeny"
)

// Subject is a key whose next rotation is simulated, as far as it was looked at.
type Subject struct {
	Policy Policy
	// TableARN is that of the lock table.
	TableARN string
	Live     KeySeen
	// Aliases are all of the live key.
	Aliases []string
	// Tagged reports whether keyturn's tag says that the live key is for the alias.
	Tagged bool
	// Version is the live one, and Next the one to be made.
	Version, Next int64
	// Names reports whether the next rotation names the live version, too.
	Names bool
	// Waives reports whether CreateKey waives the lockout check.
	Waives   bool
	Rotation RotationSeen
}

// NoKey stands for a key that does not exist yet: the simulator takes any.
const NoKey = "key/00000000-0000-0000-0000-000000000000"

const (
	resourceAliases = "kms:ResourceAliases"
	resourceTag     = "aws:ResourceTag/keyturn:alias"
)

// stage is the calls of a rotation on one kind of resource; the question is nil where a
// rotation of this key makes none of them there.
type stage struct {
	actions []string
	ask     func(Subject) *Simulation
}

// stages returns where in a rotation each call is made. A call that is made on several
// resources stands in several.
func stages() []stage {
	return []stage{
		{[]string{"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"}, Subject.table},
		{[]string{"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"}, Subject.items},
		{[]string{"kms:CreateKey"}, Subject.creating},
		{[]string{"kms:ListAliases"}, func(Subject) *Simulation { return &Simulation{} }},
		{[]string{"kms:TagResource"}, Subject.tagging},
		{[]string{"kms:CreateAlias", "kms:Decapsulate", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:DisableKey",
			"kms:EnableKeyRotation", "kms:Encapsulate", "kms:Encrypt", "kms:GenerateMac", "kms:Sign",
			"kms:UpdateAlias", "kms:Verify", "kms:VerifyMac"}, Subject.fresh},
		{[]string{"kms:CreateAlias"}, Subject.versionNames},
		{[]string{"kms:UpdateAlias"}, Subject.alias},
		{[]string{"kms:CreateAlias"}, Subject.nameless},
		{[]string{"kms:DescribeKey", "kms:GetKeyLastUsage", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
			"kms:GetPublicKey", "kms:ListGrants", "kms:ListResourceTags", "kms:UpdateAlias"}, Subject.live},
		{[]string{"kms:DisableKey"}, Subject.drained},
		{[]string{"kms:ScheduleKeyDeletion"}, Subject.deleted},
	}
}

// Simulations returns the questions about calls on a key, of those that its next rotation
// makes.
func (s Subject) Simulations(actions []string) []Simulation {
	var all []Simulation
	for _, st := range stages() {
		unasked := func(a string) bool { return !slices.Contains(actions, a) }
		asked := slices.DeleteFunc(slices.Clone(st.actions), unasked)
		if q := st.ask(s); q != nil && len(asked) > 0 {
			q.Actions = asked
			q.add("aws:RequestedRegion", "string", s.region(asked[0]))
			all = append(all, *q)
		}
	}
	return all
}

// region returns the Region to which a call goes: the table may be in another than the key.
func (s Subject) region(action string) string {
	if arn := strings.Split(s.TableARN, ":"); strings.HasPrefix(action, "dynamodb:") && len(arn) > 3 {
		return arn[3]
	}
	return s.Policy.Region
}

func (q *Simulation) add(key, kind string, values ...string) {
	q.Context = append(q.Context, ContextValue{Key: key, Type: kind, Values: values})
}

// on returns the question about a key with aliases and keyturn's tag, or without.
func (s Subject) on(keyARN string, aliases []string, tagged bool) *Simulation {
	q := &Simulation{Resources: []string{keyARN}}
	if len(aliases) > 0 {
		q.add(resourceAliases, "stringList", aliases...)
	} else {
		q.Absent = append(q.Absent, resourceAliases)
	}
	if tagged {
		q.add(resourceTag, "string", s.Policy.Alias)
	} else {
		q.Absent = append(q.Absent, resourceTag)
	}
	return q
}

func (s Subject) table() *Simulation { return &Simulation{Resources: []string{s.TableARN}} }

func (s Subject) items() *Simulation {
	q := s.table()
	q.add("dynamodb:LeadingKeys", "stringList", s.Policy.Key())
	return q
}

// made adds what a request has that makes a key.
func (s Subject) made(q *Simulation) *Simulation {
	q.add("aws:RequestTag/keyturn:alias", "string", s.Policy.Alias)
	q.add("kms:KeySpec", "string", s.Live.Spec)
	q.add("kms:KeyUsage", "string", s.Live.Usage)
	q.add("kms:KeyOrigin", "string", "AWS_KMS")
	q.add("kms:MultiRegion", "boolean", "false")
	q.add("kms:BypassPolicyLockoutSafetyCheck", "boolean", fmt.Sprint(s.Waives))
	return q
}

func (s Subject) creating() *Simulation { return s.made(&Simulation{}) }

// tagging is TagResource as CreateKey needs it: the key has no alias yet.
func (s Subject) tagging() *Simulation { return s.made(s.on(s.arn(NoKey), nil, false)) }

// fresh is the new key before its name counts, which takes KMS up to AuthorisationLag.
func (s Subject) fresh() *Simulation {
	q := s.on(s.arn(NoKey), nil, true)
	if every := s.Policy.AutoRotation.wants(s.Rotation).Every; every > 0 {
		q.add("kms:RotationPeriodInDays", "numeric", wholeDays(every))
	}
	return q
}

func (s Subject) versionNames() *Simulation {
	q := &Simulation{Resources: []string{s.arn(VersionAlias(s.Policy.Alias, s.Next))}}
	if s.Names {
		q.Resources = append(q.Resources, s.arn(VersionAlias(s.Policy.Alias, s.Version)))
	}
	return q
}

func (s Subject) alias() *Simulation { return &Simulation{Resources: []string{s.arn(s.Policy.Alias)}} }

func (s Subject) live() *Simulation { return s.on(s.Live.ARN, s.Aliases, s.Tagged) }

// nameless is the live key where the rotation gives it its first name of a version.
func (s Subject) nameless() *Simulation {
	if !s.Names {
		return nil
	}
	return s.live()
}

// drained is the live key as it will be when its drain is over; nil if it stays enabled.
func (s Subject) drained() *Simulation {
	r := s.Policy.Retire
	if rank(r.Action) == 0 {
		return nil
	}
	q := s.on(s.Live.ARN, []string{VersionAlias(s.Policy.Alias, s.Version)}, s.Tagged)
	q.add("kms:TrailingDaysWithoutKeyUsage", "numeric", wholeDays(r.UnlessUsedWithin))
	return q
}

func (s Subject) deleted() *Simulation {
	q := s.drained()
	if q == nil {
		return nil
	}
	q.add("kms:ScheduleKeyDeletionPendingWindowInDays", "numeric", wholeDays(s.Policy.Retire.DeletionWindow))
	return q
}

func wholeDays(d time.Duration) string { return fmt.Sprint(int(d / (24 * time.Hour))) }

// arn returns that of something in KMS beside the live key.
func (s Subject) arn(resource string) string {
	parts := strings.SplitN(s.Live.ARN, ":", 6)
	parts[len(parts)-1] = resource
	return strings.Join(parts, ":")
}

// unlisted returns the condition keys that a policy asks for and the question should have
// had: those that the real call does not have are none.
func (q Simulation) unlisted(missing []string) []string {
	return slices.DeleteFunc(slices.Clone(missing), func(key string) bool {
		return slices.ContainsFunc(q.Absent, func(a string) bool { return strings.EqualFold(a, key) })
	})
}
