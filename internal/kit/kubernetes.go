package kit

import (
	"cmp"
	"path"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
)

// Images is where the images of releases are.
const Images = "ghcr.io/keyturn/keyturn"

// imageForm is a registry's host, a path, and a tag or digest.
var imageForm = plan.Pattern(`^[a-zA-Z0-9][a-zA-Z0-9.:/_@-]*$`)

// image returns the image that runs.
func (q *Request) image() string {
	return cmp.Or(q.Image, Images+":"+cmp.Or(q.Version, versionBlank))
}

// cronJob is what a CronJob is made of.
type cronJob struct {
	Name, Pool, Schedule, Account, Image string
	Args                                 []string
	Items                                []mounted
	// Variables are those of Secret, which sign messages.
	Variables []string
	Secret    string
}

// kubernetes writes a CronJob for each pool, one for the audit, and the plan as a
// ConfigMap.
func (q *Request) kubernetes() (Kit, error) {
	k := Kit{Next: plan.Try("kubectl", "apply", "-k", q.Dir)}
	if len(q.Pools) == 0 {
		return k, refuse("--pools web,batch: a CronJob for each", "which pools?")
	}
	items, err := q.Source.mounted()
	if err != nil {
		return k, err
	}
	if k.Files, err = q.Source.copies(); err != nil {
		return k, err
	}
	file := path.Join("/etc/keyturn", q.Source.name())
	jobs := []cronJob{}
	for _, pool := range q.Pools {
		jobs = append(jobs, cronJob{Name: pool, Pool: pool, Schedule: "*/15 * * * *", Account: serviceAccount(iam.Cron),
			Args: []string{"run", "--plan", file}, Variables: q.variables(), Secret: notifySecret})
	}
	jobs = append(jobs, cronJob{Name: auditPool, Pool: auditPool, Schedule: "23 6 * * *",
		Account: serviceAccount(iam.ReadOnly), Args: []string{"audit", "--plan", file}})
	var names []string
	for _, j := range jobs {
		names = append(names, j.Name)
		j.Image, j.Items = q.image(), items
		if err := k.add("cronjob-"+j.Name+".yaml", "cronjob.yaml", j); err != nil {
			return k, err
		}
	}
	err = k.add("serviceaccounts.yaml", "serviceaccounts.yaml", q.accounts())
	if err == nil {
		err = k.add("namespace.yaml", "namespace.yaml", nil)
	}
	if err == nil {
		err = k.add("kustomization.yaml", "kustomization.yaml", struct {
			Jobs  []string
			Items []mounted
		}{names, items})
	}
	return k, err
}

// account is a service account and the role of AWS that it stands for.
type account struct{ Account, ARN, About string }

// accounts are the service accounts.
type accounts struct {
	// Federated says that the account itself names its role.
	Federated bool
	Roles     []account
}

func (q *Request) accounts() accounts {
	return accounts{Federated: q.Identity == IRSA, Roles: []account{
		{serviceAccount(iam.Cron), q.roleARN(iam.Cron),
			"Of the runs: a role with the policies of keyturn init --iam cron."},
		{serviceAccount(iam.ReadOnly), q.roleARN(iam.ReadOnly),
			"Of the audit: a role with the policy of keyturn init --iam readonly."},
	}}
}
