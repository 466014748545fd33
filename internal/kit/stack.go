package kit

import (
	"fmt"
	"slices"
	"strings"
)

// stack is what keyturn needs of AWS.
type stack struct {
	Plan, Region, Account string
	Tables                []table
	Roles                 []role
	// Policies are those of all roles, each once.
	Policies []policy
	// Pods says that EKS Pod Identity is to give the roles, Machine that EC2 is.
	Pods, Machine bool
}

// table is a lock table.
type table struct{ Name, ID string }

func (q *Request) stack() (stack, error) {
	s := stack{Plan: q.Plan.Name, Region: q.Plan.Region, Account: q.account(), Pods: q.Identity == PodIdentity,
		Machine: q.Identity == EC2}
	for _, name := range q.Plan.Tables() {
		s.Tables = append(s.Tables, table{name, s.tableID(name)})
	}
	var err error
	if s.Roles, err = q.roles(); err != nil {
		return s, err
	}
	for _, r := range s.Roles {
		for _, p := range r.Policies {
			if !slices.ContainsFunc(s.Policies, func(o policy) bool { return o.Name == p.Name }) {
				s.Policies = append(s.Policies, p)
			}
		}
	}
	return s, nil
}

// tableID returns the identifier of a table, unlike those of the tables before.
func (s stack) tableID(name string) string {
	id := identifier(name)
	for n := 2; slices.ContainsFunc(s.Tables, func(t table) bool { return camel(t.ID) == camel(id) }); n++ {
		id = fmt.Sprintf("%s_%d", identifier(name), n)
	}
	return id
}

// identifier returns a name as one of a template's: letters, digits and _.
func identifier(name string) string {
	if name[0] >= '0' && name[0] <= '9' {
		name = "table-" + name
	}
	return strings.NewReplacer("-", "_", ".", "_").Replace(name)
}

// camel returns an identifier as CloudFormation has it: letters and digits.
func camel(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
