package kit

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// Blank is a place to fill in, and the files that have it.
type Blank struct {
	Name, About string
	Files       []string
}

// The blanks. AccountBlank stands in policies too, which package iam writes.
const (
	AccountBlank    = "FILL-IN-ACCOUNT"
	pagerBlank      = "FILL-IN-PAGER"
	versionBlank    = "FILL-IN-VERSION"
	clusterBlank    = "FILL-IN-CLUSTER"
	topicBlank      = "FILL-IN-ALARM-TOPIC"
	peopleBlank     = "FILL-IN-PEOPLE"
	providerBlank   = "FILL-IN-OIDC-PROVIDER"
	repositoryBlank = "FILL-IN-REPOSITORY"
)

// about describes what goes into each blank.
var about = map[string]string{
	AccountBlank: "the 12 digits of the account; or write account: into the plan, and make the kit again",
	versionBlank: "a release of keyturn, such as 0.1.0",
	clusterBlank: "the name of the EKS cluster",
	topicBlank:   "the ARN of the SNS topic that pages",
	peopleBlank:  "the ARN of the role that people have, such as arn:aws:iam::111122223333:role/oncall",
	providerBlank: "the cluster's OpenID Connect provider without https://, such as " +
		"oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
	repositoryBlank: "the repository, as owner/name",
	pagerBlank:      "the command that pages a person, with the message as its last argument; or give it by --page",
}

var blankForm = plan.Pattern(`FILL-IN-[A-Z]+(-[A-Z]+)*`)

// blanks returns those of the kit's own files, in the order in which they stand there.
func blanks(files []File) []Blank {
	var all []Blank
	for _, f := range files {
		if f.Copied {
			continue
		}
		for _, name := range blankForm().FindAllString(f.Text, -1) {
			i := slices.IndexFunc(all, func(b Blank) bool { return b.Name == name })
			if i < 0 {
				i, all = len(all), append(all, Blank{Name: name, About: about[name]})
			}
			if !slices.Contains(all[i].Files, f.Path) {
				all[i].Files = append(all[i].Files, f.Path)
			}
		}
	}
	return all
}
