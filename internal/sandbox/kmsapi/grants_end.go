package kmsapi

import (
	"encoding/base64"
	"slices"
	"strings"
)

type endGrantInput struct {
	KeyId      string
	GrantId    string
	GrantToken string
	DryRun     bool
}

// revokeGrant ends a grant, in every state of the key.
func revokeGrant(r *request, in endGrantInput) (any, error) {
	if err := first(required("keyId", in.KeyId), required("grantId", in.GrantId)); err != nil {
		return nil, err
	}
	return nil, r.endGrant(in)
}

// retireGrant ends a grant that is named by its token, or by key and id.
// Whether the caller may retire it is not looked at.
func retireGrant(r *request, in endGrantInput) (any, error) {
	if in.GrantToken != "" {
		text, err := base64.StdEncoding.DecodeString(in.GrantToken)
		id, grant, ok := strings.Cut(string(text), " ")
		if err != nil || !ok {
			return nil, refuse("InvalidGrantTokenException", "")
		}
		in.KeyId, in.GrantId = id, grant
	}
	if in.KeyId == "" || in.GrantId == "" {
		return nil, refuse("ValidationException", "Specify a grant token, or a key ARN and a grant ID.")
	}
	return nil, r.endGrant(in)
}

func (r *request) endGrant(in endGrantInput) error {
	k, err := r.target(in.KeyId)
	if err != nil {
		return err
	}
	is := func(g grant) bool { return g.ID == in.GrantId }
	if !slices.ContainsFunc(k.Grants.current(), is) {
		return refuse("NotFoundException", "Grant ID %s not found", in.GrantId)
	}
	if err := dryRun(in.DryRun); err != nil {
		return err
	}
	k.Grants.set(r.Now, slices.DeleteFunc(slices.Clone(k.Grants.current()), is))
	return nil
}
