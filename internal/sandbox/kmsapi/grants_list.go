package kmsapi

import "iter"

type listGrantsInput struct {
	KeyId                   string
	GrantId                 string
	GranteePrincipal        string
	GranteeServicePrincipal string
	page
}

type grantEntry struct {
	Constraints              *grantConstraints `json:",omitempty"`
	CreationDate             epoch
	GrantId                  string
	GranteePrincipal         string `json:",omitempty"`
	GranteeServicePrincipal  string `json:",omitempty"`
	IssuingAccount           string
	KeyId                    string
	Name                     string `json:",omitempty"`
	Operations               []string
	RetiringPrincipal        string `json:",omitempty"`
	RetiringServicePrincipal string `json:",omitempty"`
}

type listGrantsOutput struct {
	Grants []grantEntry
	pageOutput
}

func listGrants(r *request, in listGrantsInput) (any, error) {
	k, err := r.look(in.KeyId)
	if err != nil {
		return nil, err
	}
	all, _ := k.Grants.at(r.ReadAt)
	entries, more, err := turn(r, in.page, 50, 100, func(after string) iter.Seq2[string, grantEntry] {
		return func(yield func(string, grantEntry) bool) {
			for _, g := range all {
				if g.ID > after && in.wants(g) && !yield(g.ID, r.grantEntry(k, g)) {
					return
				}
			}
		}
	})
	return listGrantsOutput{entries, more}, err
}

// wants reports whether a grant passes the request's filters.
func (in listGrantsInput) wants(g grant) bool {
	return (in.GrantId == "" || in.GrantId == g.ID) &&
		(in.GranteePrincipal == "" || in.GranteePrincipal == g.Grantee) &&
		(in.GranteeServicePrincipal == "" || in.GranteeServicePrincipal == g.Service)
}

func (r *request) grantEntry(k *key, g grant) grantEntry {
	return grantEntry{
		KeyId: r.arn(k), GrantId: g.ID, Name: g.Name, CreationDate: epoch(g.Created),
		IssuingAccount:   "arn:" + r.region.partition() + ":iam::" + r.Account + ":root",
		GranteePrincipal: g.Grantee, GranteeServicePrincipal: g.Service,
		RetiringPrincipal: g.Retiring, RetiringServicePrincipal: g.RetiringFor,
		Operations: g.Operations, Constraints: g.Constraints,
	}
}
