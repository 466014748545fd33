package iam_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/iam"
)

// gate stands before the embedded AWS and asks IAM whether a role may make the
// call, on the key as it is just then. It lets it through whatever the answer is,
// and the test fails.
type gate struct {
	*world
	role iam.Role
	next http.RoundTripper
}

func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	for _, q := range g.queries(r.Header.Get("X-Amz-Target"), body) {
		if v := g.judge(g.role, q); !v.allowed {
			g.Errorf("%s may not %s: %q", g.role, q, v.deny)
		}
	}
	return g.next.RoundTrip(r)
}

// judge asks once for each different query: runs look at the same keys often.
func (w *world) judge(role iam.Role, q query) verdict {
	key, err := json.Marshal([]any{role, q})
	if err != nil {
		w.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v, known := w.judged[string(key)]
	if !known {
		v = ask(w.T, policies(w.T, role, w.plan), q)
		w.judged[string(key)] = v
	}
	return v
}

// queries returns what IAM is asked about a request of the SDK.
func (g gate) queries(target string, body []byte) []query {
	_, op, _ := strings.Cut(target, ".")
	if strings.HasPrefix(target, "DynamoDB") {
		return []query{onTable("dynamodb:"+op, leadingKeys(op, body)...)}
	}
	var in struct {
		KeyId, TargetKeyId, AliasName string //nolint // as KMS spells them
		PendingWindowInDays           json.Number
		Tags                          []struct{ TagKey, TagValue string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil // STS speaks XML, and GetCallerIdentity wants no permission
	}
	const region = "eu-west-1"
	switch op {
	case "CreateKey":
		for _, tag := range in.Tags {
			if tag.TagKey == "keyturn:alias" {
				return creating(region, tag.TagValue)
			}
		}
		return []query{{Action: "kms:CreateKey", Resource: "*"}}
	case "CreateAlias":
		return naming(g.key(in.TargetKeyId), in.AliasName)
	case "UpdateAlias":
		return moving(in.AliasName, g.key(in.AliasName), g.key(in.TargetKeyId))
	case "ListAliases", "ListKeys":
		return []query{
			{Action: "kms:" + op, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {region}}},
		}
	case "ScheduleKeyDeletion":
		return []query{
			g.key(in.KeyId).
				on("kms:"+op, "kms:ScheduleKeyDeletionPendingWindowInDays", in.PendingWindowInDays.String()),
		}
	}
	return []query{g.key(in.KeyId).on("kms:" + op)}
}

// key returns a key as it is, by its id, its ARN or an alias of it.
func (g gate) key(id string) aKey {
	truth := g.aws.Truth("eu-west-1")
	if target, ok := truth.Names[id]; ok {
		id = target
	}
	id = id[strings.LastIndex(id, "/")+1:]
	k := aKey{tags: truth.Tags[id], unused: "31"} // longer than any plan here asks for
	for name, target := range truth.Names {
		if target == id {
			k.aliases = append(k.aliases, name)
		}
	}
	slices.Sort(k.aliases)
	return k
}

// leadingKeys returns the partition keys of a request to DynamoDB.
func leadingKeys(op string, body []byte) []string {
	type value struct{ S string }
	type item map[string]value
	var in struct {
		Key, ExpressionAttributeValues map[string]json.RawMessage
		Item                           map[string]json.RawMessage
		RequestItems                   map[string]struct{ Keys []item }
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	text := func(raw json.RawMessage) string {
		var v value
		_ = json.Unmarshal(raw, &v)
		return v.S
	}
	var keys []string
	switch op {
	case "BatchGetItem":
		for _, table := range in.RequestItems {
			for _, k := range table.Keys {
				keys = append(keys, k["key"].S)
			}
		}
	case "PutItem":
		keys = []string{text(in.Item["key"])}
	case "UpdateItem":
		keys = []string{text(in.Key["key"])}
	case "Query":
		for _, raw := range in.ExpressionAttributeValues {
			if s := text(raw); strings.Contains(s, "/alias/") {
				keys = append(keys, s)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// A gate that lets everything pass would show nothing.
func TestGateFindsADeniedCall(t *testing.T) {
	for _, q := range []query{
		aKey{aliases: []string{"alias/theirs"}}.on("kms:Decrypt"),
		onTable("dynamodb:PutItem", "eu-west-1/alias/theirs"),
		onTable("dynamodb:PutItem"),
	} {
		if v := ask(t, policies(t, iam.Cron, parse(t, manyPlan)), q); v.allowed {
			t.Errorf("%s is allowed", q)
		}
	}
}
