package docs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// withAccess are tamperings with who may use a version, and how.
var withAccess = []tampering{
	// key policies
	{name: "the policy of the live key opened to everyone", finds: "key-policy-open",
		do: policy(alias, openToAll)},
	{name: "the policy of the live key opened to everyone, of a signing key", finds: "key-policy-open",
		do: policy(signing, openToAll)},
	{name: "the policy of the live key opened to everyone, of a MAC key", finds: "key-policy-open",
		do: policy(macs, openToAll)},
	{name: "the policy of the live key opened to everyone who asks through a service", finds: "key-policy-open",
		do: policy(alias, openThrough)},
	{name: "the policy of the live key narrowed", finds: "key-policy-differs",
		do: policy(alias, narrowed)},
	{name: "the policy of the live key lets one more role in", finds: "key-policy-differs (warning)",
		do: policy(alias, oneMore)},
	{name: "the policy of the live key unlike the plan's file", finds: "key-policy-differs (warning)",
		do: and(planned(ofAccount), policy(alias, oneMore))},
	{name: "the policy of a draining version opened to everyone", finds: "key-policy-open",
		do: policy(version(10), openToAll)},
	{name: "the policy of a draining version lets one more role in", finds: "key-policy-differs (warning)",
		do: policy(version(10), oneMore)},
	{name: "the policy of a kept version opened to everyone", finds: "key-policy-open",
		do: policy(signing+"/v5", openToAll)},
	{name: "the policy of a kept version narrowed", finds: "key-policy-differs",
		do: policy(signing+"/v5", narrowed)},
	// grants
	{name: "a grant on the version before that did not follow", finds: "grants-not-followed (warning)",
		do: grants(version(10), reports)},
	{name: "a grant on the version before that did not follow, of a signing key that keeps its versions",
		finds: "grants-not-followed (warning)",
		do:    grants(signing+"/v10", reports)},
	{name: "a grant on the version before that did not follow, of a MAC key", finds: "grants-not-followed (warning)",
		do: grants(macs+"/v10", reports)},
	{name: "a grant of an AWS service on the version before", finds: "grants-not-followed (warning)",
		do: grants(version(10), "dynamodb.eu-west-1.amazonaws.com")},
	{name: "a grant on the version before, and one for less on the live one", finds: "grants-not-followed (warning)",
		do: and(grants(version(10), reports), func(w *world) {
			w.grant(alias, reports, map[string]string{"tenant": "a"})
		})},
	// use
	{name: "a version that is disabled after its drain still encrypts", finds: "used-after-switch",
		do: and(waited(2*time.Hour), func(w *world) { w.use(version(10)) }, waited(2*time.Hour))},
	{name: "a kept version still signs", finds: "used-after-switch (warning)",
		do: and(func(w *world) { w.sign(signing + "/v10") }, waited(2*time.Hour))},
	{name: "a version that was kept three rotations ago still signs", finds: "used-after-switch (warning)",
		do: and(func(w *world) { w.sign(signing + "/v7") }, waited(2*time.Hour))},
	{name: "an old version still makes MACs", finds: "used-after-switch",
		do: and(func(w *world) {
			_, err := w.kms().GenerateMac(context.Background(), &awskms.GenerateMacInput{
				KeyId:   aws.String(macs + "/v10"),
				Message: []byte("data"), MacAlgorithm: kmstypes.MacAlgorithmSpecHmacSha256})
			w.check(err)
		}, waited(2*time.Hour))},
}

// Key policies that no keyturn has made.
var (
	openToAll   = statements(`"Principal":{"AWS":"*"},"Action":"kms:*"`)
	openThrough = statements(`"Principal":"*","Action":"kms:Decrypt",` +
		`"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`)
	narrowed = statements(`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:Describe*"`)
	oneMore  = statements(`"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*"`,
		`"Sid":"Partner","Principal":{"AWS":"arn:aws:iam::999988887777:role/app"},"Action":"kms:Decrypt"`)
	// ofAccount is KMS's default, as a person writes it.
	ofAccount = statements(`"Principal":{"AWS":"111122223333"},"Action":["kms:*"]`)
)

func statements(allowed ...string) string {
	for i, s := range allowed {
		allowed[i] = `{"Effect":"Allow","Resource":"*",` + s + `}`
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(allowed, ",") + `]}`
}

// reports is who gets a grant from somebody.
const reports = "arn:aws:iam::111122223333:role/reports"

// grants gives a principal a grant on the key that an alias names.
func grants(alias, principal string) func(*world) {
	return func(w *world) { w.grant(alias, principal, nil) }
}

func (w *world) grant(alias, principal string, within map[string]string) {
	w.t.Helper()
	id, name := w.key(alias), "for "+principal[strings.LastIndexAny(principal, "/:")+1:]
	operations := []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt, kmstypes.GrantOperationDescribeKey}
	switch {
	case strings.HasPrefix(alias, signing):
		operations[0] = kmstypes.GrantOperationSign
	case strings.HasPrefix(alias, macs):
		operations[0] = kmstypes.GrantOperationGenerateMac
	}
	in := &awskms.CreateGrantInput{KeyId: &id, Name: &name, GranteePrincipal: &principal, Operations: operations}
	if within != nil {
		in.Constraints = &kmstypes.GrantConstraints{EncryptionContextSubset: within}
		in.RetiringPrincipal = aws.String("arn:aws:iam::111122223333:role/admin")
	}
	_, err := w.kms().CreateGrant(context.Background(), in)
	w.check(err)
}

func policy(alias, text string) func(*world) { return func(w *world) { w.setPolicy(alias, text) } }

// planned gives orders-data a policy file in the plan, with which its live version agrees.
func planned(text string) func(*world) {
	return func(w *world) {
		w.check(os.WriteFile(filepath.Join(filepath.Dir(w.plan), "policy.json"), []byte(text), 0o600))
		w.writePlan(strings.Replace(tampered, "alias/orders-data\n", "alias/orders-data\n    policy: policy.json\n", 1))
		if found := w.finds(); len(found) > 0 {
			w.t.Errorf("with the policy in the plan: %v", found)
		}
	}
}
