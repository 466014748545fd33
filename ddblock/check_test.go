package ddblock

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

func TestCheck(t *testing.T) {
	inWorld(t, func(w *world) {
		seen, err := w.Check(w.Context())
		if err != nil || seen.ID == "" || seen.Unsafe != "" || !seen.Hint.Empty() {
			w.Errorf("%+v, %v", seen, err)
		}
		if got := w.net.operations(); got != "DescribeTable DescribeTimeToLive" {
			w.Errorf("took %s", got)
		}
	})
}

// What AWS may say of a table, and the verdict.
func TestCheckVerdicts(t *testing.T) {
	const (
		describe = "DescribeTable"
		ttl      = "DescribeTimeToLive"
	)
	replica := []any{map[string]any{"RegionName": "eu-central-1", "ReplicaStatus": "ACTIVE"}}
	for name, c := range map[string]struct {
		operation string
		says      map[string]any // members of the table or of the setting
		want      string         // in Unsafe; "" is fit
	}{
		"replicas, nothing said of them": {describe, map[string]any{"Replicas": replica},
			"replicas without multi-Region strong"},
		"replicas, eventual": {describe, map[string]any{"Replicas": replica,
			"MultiRegionConsistency": "EVENTUAL"}, "replicas without multi-Region strong"},
		"replicas, strong": {describe, map[string]any{"Replicas": replica,
			"MultiRegionConsistency": "STRONG", "GlobalTableVersion": "2019.11.21"}, ""},
		"global table of 2017": {describe, map[string]any{"GlobalTableVersion": "2017.11.29"}, "2017.11.29"},
		"being made":           {describe, map[string]any{"TableStatus": "CREATING"}, "CREATING"},
		"being deleted":        {describe, map[string]any{"TableStatus": "DELETING"}, "DELETING"},
		"locked out": {describe, map[string]any{"TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
			"INACCESSIBLE"},
		"being changed": {describe, map[string]any{"TableStatus": "UPDATING"}, ""},
		"unprotected":   {describe, map[string]any{"DeletionProtectionEnabled": false}, ""},
		"expiry on": {ttl, map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": "x"},
			"time to live is on"},
		"expiry coming": {ttl, map[string]any{"TimeToLiveStatus": "ENABLING"}, "time to live is ENABLING"},
		"expiry going":  {ttl, map[string]any{"TimeToLiveStatus": "DISABLING"}, "time to live is DISABLING"},
		"no expiry":     {ttl, map[string]any{"TimeToLiveStatus": "DISABLED"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.net.answer(c.operation, func(answer map[string]any) {
					for _, part := range answer {
						for member, v := range c.says {
							part.(map[string]any)[member] = v
						}
					}
				})
				seen, err := w.Check(w.Context())
				if err != nil || seen.ID == "" || (c.want == "") != (seen.Unsafe == "") ||
					(c.want == "") != seen.Hint.Empty() ||
					!strings.Contains(seen.Unsafe, c.want) {
					w.Errorf("%+v, %v\nwant %q", seen, err, c.want)
				}
			})
		})
	}
}

func TestCheckTTL(t *testing.T) {
	inWorld(t, func(w *world) {
		_, err := w.client.UpdateTimeToLive(w.Context(), &awsddb.UpdateTimeToLiveInput{TableName: aws.String(tableName),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("until"),
				Enabled: aws.Bool(true)}})
		if err != nil {
			w.Fatal(err)
		}
		seen, err := w.Check(w.Context())
		if err != nil || seen.Unsafe == "" || !strings.Contains(fmt.Sprint(seen.Hint.Commands), "AttributeName=until") {
			w.Errorf("%+v, %v", seen, err)
		}
	})
}

// Other programs' tables.
func TestCheckKeys(t *testing.T) {
	for name, keys := range map[string][]string{
		"other names":  {"LockID:S"},
		"no sort key":  {"key:S"},
		"swapped":      {"item:S", "key:S"},
		"other types":  {"key:S", "item:N"},
		"binary":       {"key:B", "item:S"},
		"another name": {"key:S", "sort:S"},
	} {
		t.Run(name, func(t *testing.T) {
			inEmptyWorld(t, func(w *world) {
				w.makeTable(keys...)
				seen, err := w.Check(w.Context())
				if err != nil || !strings.Contains(seen.Unsafe, "another program's table") {
					w.Errorf("%+v, %v", seen, err)
				}
			})
		})
	}
}

// makeTable makes the table with keys given as name:type.
func (w *world) makeTable(keys ...string) {
	w.Helper()
	in := &awsddb.CreateTableInput{TableName: aws.String(tableName), BillingMode: types.BillingModePayPerRequest}
	for i, k := range keys {
		name, kind, _ := strings.Cut(k, ":")
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &name,
			KeyType: []types.KeyType{"HASH", "RANGE"}[i]})
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	if _, err := w.client.CreateTable(w.Context(), in); err != nil {
		w.Fatal(err)
	}
}

func TestCheckFails(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, operation := range []string{"DescribeTable", "DescribeTimeToLive"} {
			w.faults(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse, Code: "AccessDeniedException"})
			if seen, err := w.Check(w.Context()); err == nil {
				w.Errorf("%s is denied, and the verdict is %+v", operation, seen)
			}
		}
		w.faults(sandbox.Fault{Operation: "DescribeTimeToLive", Kind: sandbox.Refuse,
			Code: "UnknownOperationException"})
		if seen, err := w.Check(w.Context()); err != nil || seen.Unsafe != "" {
			w.Errorf("a backend without expiry: %+v, %v", seen, err)
		}
	})
	inEmptyWorld(t, func(w *world) {
		_, err := w.Check(w.Context())
		if _, ok := errors.AsType[*MissingTableError](err); !ok {
			w.Errorf("without a table: %v", err)
		}
	})
}
