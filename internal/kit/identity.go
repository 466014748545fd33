package kit

import (
	"cmp"
	"fmt"

	"github.com/keyturn/keyturn/internal/iam"
)

// Identity is how the place where keyturn runs proves to AWS who it is.
type Identity string

// The identities.
const (
	PodIdentity Identity = "pod-identity" // EKS Pod Identity
	IRSA        Identity = "irsa"         // EKS, by the cluster's OpenID Connect provider
	EC2         Identity = "ec2"          // the role of a machine
	ECS         Identity = "ecs"          // a task role
	Actions     Identity = "github"       // GitHub Actions
	person      Identity = "person"       // who takes break-glass
)

var anywhere = []Identity{PodIdentity, IRSA, EC2, ECS, Actions}

// Identities returns those that a kind can be written for, the default first.
func (k Kind) Identities() []Identity { return kinds[k].identities }

// namespace is where the CronJobs and their service accounts are.
const namespace = "keyturn"

// roleName returns the name of a role in AWS.
func roleName(r iam.Role) string { return "keyturn-" + string(r) }

// serviceAccount returns that of a role in Kubernetes.
func serviceAccount(r iam.Role) string {
	if r == iam.Cron {
		return "keyturn"
	}
	return "keyturn-audit"
}

// account returns the account, or a blank.
func (q *Request) account() string { return cmp.Or(q.Account, AccountBlank) }

// iamARN returns the ARN of something of IAM.
func (q *Request) iamARN(resource string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s", q.Partition(q.Plan.Region), q.account(), resource)
}

func (q *Request) roleARN(r iam.Role) string { return q.iamARN("role/" + roleName(r)) }
