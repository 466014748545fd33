package kit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/keyturn/keyturn/plan"
)

// mostInline is how long a template may be that is not in S3.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const mostInline = 51200

// cloudFormation writes the table, the roles and an alarm as a template.
func (q *Request) cloudFormation() (Kit, error) {
	const file = "keyturn.yaml"
	k := Kit{Next: plan.Try("aws", "cloudformation", "deploy", "--region", q.Plan.Region, "--stack-name", "keyturn",
		"--template-file", strings.TrimSuffix(q.Dir, "/")+"/"+file, "--capabilities", "CAPABILITY_NAMED_IAM")}
	stack, err := q.stack()
	if err != nil {
		return k, err
	}
	if err := k.add(file, "cloudformation.yaml", stack); err != nil {
		return k, err
	}
	if n := len(k.Files[0].Text); n > mostInline {
		k.Notes = append(k.Notes, fmt.Sprintf("the template has %d bytes; from %d on CloudFormation takes it from S3 "+
			"alone: add --s3-bucket", n, mostInline+1))
	}
	return k, nil
}

// body returns a policy as YAML, indented below its property.
func body(d any) (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	text, err = yaml.JSONToYAML(text)
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSuffix(string(text), "\n")) {
		b.WriteString("        " + line)
	}
	return b.String(), err
}
