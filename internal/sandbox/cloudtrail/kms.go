package cloudtrail

import (
	"slices"
	"strings"
	"time"
)

// secret are the parameters that KMS's records never have.
var secret = []string{"Plaintext", "CiphertextBlob", "Message", "Signature", "Mac", "PublicKey", "GrantTokens",
	"GrantToken", "Recipient", "DryRun", "Ciphertext"}

// kmsParameters returns the parameters of a call to KMS.
func (c Call) kmsParameters() any {
	in := document(c.Body)
	for _, name := range secret {
		delete(in, name)
	}
	switch c.Operation {
	case "CreateKey":
		made, _ := document(c.Answer)["KeyMetadata"].(map[string]any)
		for name, otherwise := range map[string]any{"Description": "", "Origin": "AWS_KMS", "MultiRegion": false,
			"BypassPolicyLockoutSafetyCheck": false, "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"} {
			if in[name] == nil && made[name] != nil {
				in[name] = made[name]
			}
			if in[name] == nil {
				in[name] = otherwise
			}
		}
		in["CustomerMasterKeySpec"] = in["KeySpec"]
	case "Encrypt", "Decrypt":
		if in["EncryptionAlgorithm"] == nil { // there even if the request does not name it
			in["EncryptionAlgorithm"] = "SYMMETRIC_DEFAULT"
		}
	case "PutKeyPolicy":
		if in["BypassPolicyLockoutSafetyCheck"] == nil {
			in["BypassPolicyLockoutSafetyCheck"] = false
		}
	}
	if len(in) == 0 {
		return nil
	}
	return lower(in)
}

// kmsResponse returns what a change answered. Since December 2022 it has the ARN of the key
// also where the operation answers nothing; TagResource's and UntagResource's has not.
func (c Call) kmsResponse() any {
	out, _ := lower(document(c.Answer)).(map[string]any)
	delete(out, "grantToken")
	if made, ok := out["keyMetadata"].(map[string]any); ok {
		for _, name := range []string{"creationDate", "deletionDate"} {
			if made[name] != nil {
				made[name] = dateText(made[name])
			}
		}
	}
	if out["deletionDate"] != nil {
		out["deletionDate"] = dateText(out["deletionDate"])
	}
	if c.Operation != "CreateKey" && c.Operation != "TagResource" && c.Operation != "UntagResource" && c.KeyID != "" {
		out["keyId"] = c.arn("key/" + c.KeyID)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// dateText returns a time as CloudTrail writes those of KMS: "Aug 10, 2022, 10:38:27 PM".
func dateText(v any) any {
	seconds, ok := v.(float64)
	if !ok {
		return v
	}
	return time.Unix(int64(seconds), 0).UTC().Format("Jan 2, 2006, 3:04:05 PM")
}

// kmsResources returns the alias and the key of a call.
func (c Call) kmsResources() []Resource {
	var all []Resource
	add := func(resource string) {
		r := Resource{AccountID: c.Account, Type: "AWS::KMS::Key", ARN: c.arn(resource)}
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	if alias, ok := document(c.Body)["AliasName"].(string); ok && strings.HasPrefix(alias, "alias/") {
		add(alias)
	}
	if c.KeyID != "" {
		add("key/" + c.KeyID)
	}
	return all
}

func (c Call) arn(resource string) string {
	return "arn:" + Partition(c.Region) + ":" + c.Service + ":" + c.Region + ":" + c.Account + ":" + resource
}

// Partition returns that of a Region.
func Partition(region string) string {
	for prefix, partition := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov",
		"us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eusc-": "aws-eusc"} {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}
