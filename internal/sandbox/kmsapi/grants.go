package kmsapi

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"
)

// grant is a permission on one key. Grants are kept and listed; whether a
// caller may do something is not decided here (see the package's server).
type grant struct {
	ID          string            `json:"id"`
	Name        string            `json:"name,omitempty"`
	Created     time.Time         `json:"created"`
	Grantee     string            `json:"grantee,omitempty"`
	Service     string            `json:"grantee_service,omitempty"`
	Retiring    string            `json:"retiring,omitempty"`
	RetiringFor string            `json:"retiring_service,omitempty"`
	Operations  []string          `json:"operations"`
	Constraints *grantConstraints `json:"constraints,omitempty"`
}

type grantConstraints struct {
	EncryptionContextEquals map[string]string `json:",omitempty"`
	EncryptionContextSubset map[string]string `json:",omitempty"`
	SourceArn               string            `json:",omitempty"`
}

type createGrantInput struct {
	KeyId                    string
	Name                     string
	GranteePrincipal         string
	GranteeServicePrincipal  string
	RetiringPrincipal        string
	RetiringServicePrincipal string
	Operations               []string
	Constraints              *grantConstraints
	DryRun                   bool
}

type createGrantOutput struct {
	GrantId    string
	GrantToken string
}

// createGrant gives a principal some operations on a key. With a name it is
// idempotent: the same request finds the grant that it made before (API
// reference, CreateGrant, Name).
func createGrant(r *request, in createGrantInput) (any, error) {
	err := first(required("keyId", in.KeyId),
		required("granteePrincipal", in.GranteePrincipal+in.GranteeServicePrincipal), in.checkOperations())
	if err != nil {
		return nil, err
	}
	k, err := r.target(in.KeyId)
	if err != nil {
		return nil, err
	}
	if err := first(notEnabled(r.arn(k), k.Status.current().State), in.suits(k), dryRun(in.DryRun)); err != nil {
		return nil, err
	}
	g := grant{
		Name: in.Name, Created: r.Now, Grantee: in.GranteePrincipal, Service: in.GranteeServicePrincipal,
		Retiring: in.RetiringPrincipal, RetiringFor: in.RetiringServicePrincipal,
		Operations: in.Operations, Constraints: in.Constraints,
	}
	all := k.Grants.current()
	if i := slices.IndexFunc(all, g.repeats); i >= 0 {
		return createGrantOutput{GrantId: all[i].ID, GrantToken: grantToken(k, all[i].ID)}, nil
	}
	if g.ID, err = r.hexID(32); err != nil {
		return nil, err
	}
	all = append(slices.Clone(all), g)
	slices.SortFunc(all, func(a, b grant) int { return strings.Compare(a.ID, b.ID) })
	k.Grants.set(r.Now, all)
	return createGrantOutput{GrantId: g.ID, GrantToken: grantToken(k, g.ID)}, nil
}

// repeats reports whether a grant is another request's with the same name and
// the same everything.
func (g grant) repeats(other grant) bool {
	if g.Name == "" || g.Name != other.Name || g.Grantee != other.Grantee || g.Service != other.Service ||
		g.Retiring != other.Retiring || g.RetiringFor != other.RetiringFor ||
		!slices.Equal(g.Operations, other.Operations) {
		return false
	}
	if g.Constraints == nil || other.Constraints == nil {
		return g.Constraints == other.Constraints
	}
	a, b := *g.Constraints, *other.Constraints
	return a.SourceArn == b.SourceArn && maps.Equal(a.EncryptionContextEquals, b.EncryptionContextEquals) &&
		maps.Equal(a.EncryptionContextSubset, b.EncryptionContextSubset)
}

// checkOperations refuses what no key does.
func (in createGrantInput) checkOperations() error {
	if len(in.Operations) == 0 {
		return required("operations", "")
	}
	all := grantableAlways()
	for _, usage := range []string{encryptDecrypt, signVerify, generateVerifyMac, keyAgreement,
		encapsulateDecapsulate} {
		all = append(all, grantable(usage)...)
	}
	for _, op := range in.Operations {
		if err := oneOf("operations", op, all...); err != nil {
			return err
		}
	}
	return nil
}

// suits refuses operations that a key like this one does not do.
func (in createGrantInput) suits(k *key) error {
	fine := slices.Concat(grantableAlways(), grantable(k.Usage))
	for _, op := range in.Operations {
		if !slices.Contains(fine, op) || op == "GetPublicKey" && k.spec().kind != asymmetric {
			return refuse("ValidationException", "Operation %s is not supported by a KMS key with KeyUsage %s.", op,
				k.Usage)
		}
	}
	return nil
}

func grantableAlways() []string {
	return []string{"CreateGrant", "DescribeKey", "RetireGrant", "GetPublicKey"}
}

func grantable(usage string) []string {
	switch usage {
	case encryptDecrypt:
		return []string{
			"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
			"GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
		}
	case signVerify:
		return []string{"Sign", "Verify"}
	case generateVerifyMac:
		return []string{"GenerateMac", "VerifyMac"}
	case keyAgreement:
		return []string{"DeriveSharedSecret"}
	case encapsulateDecapsulate:
		return []string{"Encapsulate", "Decapsulate"}
	}
	return nil
}

// grantToken says itself which grant it is of.
func grantToken(k *key, id string) string {
	return base64.StdEncoding.EncodeToString([]byte(k.ID + " " + id))
}
