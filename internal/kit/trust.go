package kit

import "github.com/keyturn/keyturn/internal/iam"

// trust is the policy that says who may take a role.
type trust struct {
	Version   string
	Statement []trustStatement
}

type trustStatement struct {
	Effect    string
	Principal map[string]string
	Action    []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// trusts returns who may take a role: people for break-glass, and for the others the place
// where keyturn runs.
func (q *Request) trusts(r iam.Role) trust {
	s := trustStatement{Effect: "Allow", Action: []string{"sts:AssumeRole"}}
	equals := func(conditions map[string][]string) {
		s.Condition = map[string]map[string][]string{"StringEquals": conditions}
	}
	identity := q.Identity
	if r == iam.BreakGlass {
		identity = person
	}
	switch identity {
	case person:
		s.Principal = map[string]string{"AWS": peopleBlank}
	case PodIdentity:
		// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
		s.Principal = map[string]string{"Service": "pods.eks.amazonaws.com"}
		s.Action = append(s.Action, "sts:TagSession")
		equals(map[string][]string{"aws:RequestTag/kubernetes-namespace": {namespace},
			"aws:RequestTag/kubernetes-service-account": {serviceAccount(r)}})
	case IRSA:
		// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
		s.Principal = map[string]string{"Federated": q.iamARN("oidc-provider/" + providerBlank)}
		s.Action = []string{"sts:AssumeRoleWithWebIdentity"}
		equals(map[string][]string{providerBlank + ":aud": {"sts.amazonaws.com"},
			providerBlank + ":sub": {"system:serviceaccount:" + namespace + ":" + serviceAccount(r)}})
	case Actions:
		// https://docs.github.com/en/actions/reference/security/oidc
		s.Principal = map[string]string{"Federated": q.iamARN("oidc-provider/" + githubProvider)}
		s.Action = []string{"sts:AssumeRoleWithWebIdentity"}
		subjects := []string{"repo:" + repositoryBlank + ":ref:refs/heads/main"}
		if r == iam.ReadOnly {
			subjects = append(subjects, "repo:"+repositoryBlank+":pull_request")
		}
		equals(map[string][]string{githubProvider + ":aud": {"sts.amazonaws.com"}, githubProvider + ":sub": subjects})
	case ECS:
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
		s.Principal = map[string]string{"Service": "ecs-tasks.amazonaws.com"}
		equals(map[string][]string{"aws:SourceAccount": {q.account()}})
	case EC2:
		service := "ec2.amazonaws.com"
		if q.Partition(q.Plan.Region) == "aws-cn" {
			service += ".cn"
		}
		s.Principal = map[string]string{"Service": service}
	}
	return trust{Version: "2012-10-17", Statement: []trustStatement{s}}
}

// githubProvider is the OpenID Connect provider of GitHub Actions.
const githubProvider = "token.actions.githubusercontent.com"
