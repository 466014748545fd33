package kit

import (
	"fmt"

	"github.com/keyturn/keyturn/internal/iam"
)

// role is a role of AWS and what it may do.
type role struct {
	Role iam.Role
	// ID names it in a template: cron.
	Name, ID string
	Trust    trust
	Policies []policy
	// Account is its service account in Kubernetes; "" if it is for people.
	Account string
}

// policy is a managed policy, of the role whose it was written for.
type policy struct {
	Name, ID string
	Document iam.Document
}

// roles returns the roles with their policies. People have that of the audit too: status
// wants it. So has the role of a machine, which has only one. It has no Denies that another
// would meet.
func (q *Request) roles() ([]role, error) {
	var all []role
	for _, r := range iam.Roles() {
		one := role{Role: r, Name: roleName(r), ID: identifier(string(r)), Trust: q.trusts(r), Policies: q.policies(r)}
		if r != iam.BreakGlass {
			one.Account = serviceAccount(r)
		}
		if q.Identity == EC2 && r == iam.ReadOnly {
			continue
		}
		if r == iam.BreakGlass || q.Identity == EC2 {
			one.Policies = append(one.Policies, q.policies(iam.ReadOnly)...)
		}
		if n := len(one.Policies); n > iam.MostDocuments {
			return nil, refuse("--pattern 'alias/payments-*', or several plans",
				"%s needs %d policies; a role may have %d", one.Name, n, iam.MostDocuments)
		}
		all = append(all, one)
	}
	return all, nil
}

// policies returns those that package iam has written for a role, with their names.
func (q *Request) policies(r iam.Role) []policy {
	var list []policy
	for i, d := range q.Policies[r] {
		p := policy{Name: string(r), Document: d}
		if len(q.Policies[r]) > 1 {
			p.Name += fmt.Sprintf("-%d", i+1)
		}
		p.ID = identifier(p.Name)
		list = append(list, p)
	}
	return list
}
