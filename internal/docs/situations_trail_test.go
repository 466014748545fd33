package docs

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// trail returns the path of the log file of a world.
func (w *world) trail() string { return filepath.Join(filepath.Dir(w.plan), "trail.json") }

// followed is rotated, and CloudTrail has recorded it.
func followed(w *world) {
	w.check(w.box.Trail(w.trail()))
	rotated(w)
	w.advance(day)
}

// strangers have changed a key and its record since.
func strangers(w *world) {
	followed(w)
	w.setPolicy(alias+"/v2", accountDecides)
	id := w.key(alias)
	_, err := w.kms().CreateGrant(context.Background(), &awskms.CreateGrantInput{KeyId: &id,
		GranteePrincipal: aws.String("arn:aws:iam::111122223333:role/reports"),
		Operations:       []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt}})
	w.check(err)
	w.edit("note", count(1))
}

// without writes cut.json: the log file without the records of one operation.
func (w *world) without(operation string) {
	w.t.Helper()
	text, err := os.ReadFile(w.trail())
	w.check(err)
	var log struct{ Records []json.RawMessage }
	w.check(json.Unmarshal(text, &log))
	kept := []json.RawMessage{}
	for _, r := range log.Records {
		var head struct{ EventName string }
		w.check(json.Unmarshal(r, &head))
		if head.EventName != operation {
			kept = append(kept, r)
		}
	}
	text, err = json.Marshal(map[string]any{"Records": kept})
	w.check(err)
	w.check(os.WriteFile(filepath.Join(filepath.Dir(w.plan), "cut.json"), text, 0o600))
}

// trailed are keys that an audit compares with CloudTrail.
var trailed = map[string]situation{
	"a trail in which everything is explained": {keeping, followed, []string{"audit --cloudtrail trail.json"}},
	"a trail with changes by strangers": {keeping, strangers, []string{"audit --cloudtrail trail.json",
		"audit --cloudtrail trail.json --users orders-data/v1"}},
	"a trail with an alias that a stranger moved": {keeping, func(w *world) {
		followed(w)
		w.moveAlias(alias, w.newKey())
		w.advance(day)
	}, []string{"audit --cloudtrail trail.json"}},
	"a trail with a change of the table": {keeping, func(w *world) {
		followed(w)
		_, err := w.ddb().UpdateTable(context.Background(), &awsddb.UpdateTableInput{TableName: aws.String(table),
			BillingMode: ddbtypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true)})
		w.check(err)
	}, []string{"audit --cloudtrail trail.json"}},
	"a trail with a drain that a stranger ended": {retiring, func(w *world) {
		followed(w)
		w.disable(alias + "/v1")
		w.advance(31 * day)
		w.must(0, "run")
	}, []string{"audit --cloudtrail trail.json", "history orders-data"}},
	"a trail without what the ledger tells": {keeping, func(w *world) {
		followed(w)
		w.use(alias)
		w.without("UpdateAlias")
	}, []string{"audit --cloudtrail cut.json"}},
	"a trail that is none": {keeping, func(w *world) {
		followed(w)
	}, []string{"audit --cloudtrail keyturn.yaml", "audit --cloudtrail none.json", "audit --users orders-data/v1"}},
}
