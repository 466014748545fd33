package iam

import (
	"cmp"
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// Verify is the policy of whoever runs `keyturn verify`, and no role of its own: it lets IAM's
// policy simulator be asked about the role of cron. That shows what the role may do, so the
// policies of the other roles do not have it.
const Verify Role = "verify"

// Asked returns the ARN of the role or user about which Verify lets the simulator be asked.
func (q Request) Asked() string {
	return cmp.Or(q.Principal, fmt.Sprintf("arn:%s:iam::%s:role/keyturn-cron", q.Partition(q.Plan.Region), q.Account))
}

// toVerify writes the policy of Verify.
func (q Request) toVerify() ([]Part, error) {
	if plan.OwnerOf(q.Asked()).Account != q.Account {
		return nil, q.refuse(nil, "%s is not of account %s", q.Asked(), q.Account)
	}
	return []Part{{Keys: q.Plan.Keys, Documents: []Document{{Version: "2012-10-17", Statement: []Statement{{
		Sid: "SimulateCron", Effect: "Allow", Action: []string{"iam:SimulatePrincipalPolicy"},
		Resource: []string{q.Asked()}}}}}}}, nil
}
