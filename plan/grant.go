package plan

import (
	"maps"
	"slices"
	"strings"
)

// Grant is a grant on a key. Grants are of one key: no rotation copies them.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
type Grant struct {
	ID, Name string
	// Grantee and Retiring are ARNs, or names of services. IssuedBy is the ARN of the account
	// that made the grant.
	Grantee, Retiring, IssuedBy string
	Operations                  []string
	// ContextEquals and ContextSubset are the encryption contexts, and SourceARN the source,
	// that a use must have; nil and "" are without a condition.
	ContextEquals, ContextSubset map[string]string
	SourceARN                    string
}

// ByService reports whether an AWS service made the grant, for itself or for a resource of
// the account. The service makes one on another key when the resource is given that key.
// ListGrants then shows its name as the grantee.
// https://docs.aws.amazon.com/kms/latest/developerguide/grant-view.html
func (g Grant) ByService() bool {
	return ofService(g.Grantee) || ofService(g.Retiring) || ofService(g.IssuedBy)
}

// serviceName matches the name of a service, "ec2.us-west-2.amazonaws.com", in whatever
// partition.
var serviceName = Pattern(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.[a-z.]+$`)

// ofService reports whether a principal is a service, its role, or a session that it made.
func ofService(principal string) bool {
	return serviceName().MatchString(principal) || strings.Contains(principal, ":role/aws-service-role/") ||
		strings.Contains(principal, ":assumed-role/aws:")
}

// covered reports whether grants on another key let the same grantee do the same. A grant
// without conditions lets it do what one with conditions does.
func (g Grant) covered(by []Grant) bool {
	left := slices.Clone(g.Operations)
	for _, other := range by {
		if other.Grantee != g.Grantee || !other.unconditional() && !other.sameConditions(g) {
			continue
		}
		left = slices.DeleteFunc(left, func(op string) bool { return slices.Contains(other.Operations, op) })
	}
	return len(left) == 0
}

func (g Grant) unconditional() bool {
	return len(g.ContextEquals) == 0 && len(g.ContextSubset) == 0 && g.SourceARN == ""
}

func (g Grant) sameConditions(other Grant) bool {
	return maps.Equal(g.ContextEquals, other.ContextEquals) && maps.Equal(g.ContextSubset, other.ContextSubset) &&
		g.SourceARN == other.SourceARN
}

// GrantsLacking returns the grants of one key for which another key has none.
func GrantsLacking(before, live []Grant) []Grant {
	var lacking []Grant
	for _, g := range before {
		if !g.covered(live) {
			lacking = append(lacking, g)
		}
	}
	return lacking
}
