package docs

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// What persons, Terraform and accidents do to keys and to the table.

func (w *world) kms() *awskms.Client {
	return awskms.NewFromConfig(w.box.AWSConfig("eu-west-1", "ADMIN"))
}

func (w *world) ddb() *awsddb.Client {
	return awsddb.NewFromConfig(w.box.AWSConfig("eu-west-1", "ADMIN"))
}

func (w *world) newKey() string {
	w.t.Helper()
	return w.newKeyLike(&awskms.CreateKeyInput{})
}

func (w *world) newKeyLike(in *awskms.CreateKeyInput) string {
	w.t.Helper()
	k, err := w.kms().CreateKey(context.Background(), in)
	w.check(err)
	return *k.KeyMetadata.KeyId
}

func (w *world) createAlias(alias, keyID string) {
	w.t.Helper()
	_, err := w.kms().CreateAlias(context.Background(),
		&awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID})
	w.check(err)
}

func (w *world) moveAlias(alias, keyID string) {
	w.t.Helper()
	_, err := w.kms().UpdateAlias(context.Background(),
		&awskms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &keyID})
	w.check(err)
}

// key returns the key that an alias names.
func (w *world) key(alias string) string {
	w.t.Helper()
	k, err := w.kms().DescribeKey(context.Background(), &awskms.DescribeKeyInput{KeyId: &alias})
	w.check(err)
	return *k.KeyMetadata.KeyId
}

func (w *world) disable(alias string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &id})
	w.check(err)
}

func (w *world) enable(alias string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().EnableKey(context.Background(), &awskms.EnableKeyInput{KeyId: &id})
	w.check(err)
}

// schedule schedules a deletion, in as many days as KMS does by default.
func (w *world) schedule(alias string) { w.t.Helper(); w.scheduleIn(alias, 30) }

func (w *world) scheduleIn(alias string, days int32) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().ScheduleKeyDeletion(context.Background(), &awskms.ScheduleKeyDeletionInput{KeyId: &id,
		PendingWindowInDays: &days})
	w.check(err)
}

func (w *world) cancelDeletion(alias string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().CancelKeyDeletion(context.Background(), &awskms.CancelKeyDeletionInput{KeyId: &id})
	w.check(err)
}

func (w *world) deleteAlias(alias string) {
	w.t.Helper()
	_, err := w.kms().DeleteAlias(context.Background(), &awskms.DeleteAliasInput{AliasName: &alias})
	w.check(err)
}

func (w *world) use(alias string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().Encrypt(context.Background(), &awskms.EncryptInput{KeyId: &id, Plaintext: []byte("data")})
	w.check(err)
}

// sign makes a signature, with a key that is for that.
func (w *world) sign(alias string) {
	w.t.Helper()
	_, err := w.kms().Sign(context.Background(), &awskms.SignInput{KeyId: &alias, Message: []byte("data"),
		SigningAlgorithm: kmstypes.SigningAlgorithmSpecEcdsaSha256})
	w.check(err)
}

// rotateMaterial turns automatic rotation on.
func (w *world) rotateMaterial(alias string, days int32) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().EnableKeyRotation(context.Background(), &awskms.EnableKeyRotationInput{KeyId: &id,
		RotationPeriodInDays: &days})
	w.check(err)
}

// setPolicy gives the key behind an alias a key policy.
func (w *world) setPolicy(alias, policy string) {
	w.t.Helper()
	id := w.key(alias)
	_, err := w.kms().PutKeyPolicy(context.Background(), &awskms.PutKeyPolicyInput{KeyId: &id, Policy: &policy,
		BypassPolicyLockoutSafetyCheck: true})
	w.check(err)
}

// recordOf returns the key of the item that is the record of orders-data.
func recordOf() item { return item{"key": text(recordKey), "item": text("record")} }

// items returns the items of a key whose sort key begins so, oldest first.
func (w *world) items(alias, prefix string) []item {
	w.t.Helper()
	got, err := w.ddb().Query(context.Background(), &awsddb.QueryInput{TableName: aws.String(table),
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("#k = :k AND begins_with(#i, :i)"),
		ExpressionAttributeNames:  map[string]string{"#k": "key", "#i": "item"},
		ExpressionAttributeValues: item{":k": text("eu-west-1/" + alias), ":i": text(prefix)}})
	w.check(err)
	return got.Items
}

// ledgerItems returns the items of the ledger of orders-data.
func (w *world) ledgerItems() []item { w.t.Helper(); return w.items(alias, "events#") }

func (w *world) put(it item) {
	w.t.Helper()
	_, err := w.ddb().PutItem(context.Background(), &awsddb.PutItemInput{TableName: aws.String(table), Item: it})
	w.check(err)
}

func (w *world) drop(it item) {
	w.t.Helper()
	_, err := w.ddb().DeleteItem(context.Background(), &awsddb.DeleteItemInput{TableName: aws.String(table),
		Key: item{"key": it["key"], "item": it["item"]}})
	w.check(err)
}

// rewrite changes the last item of a key whose sort key begins so.
func (w *world) rewrite(alias, prefix string, change func(item)) {
	w.t.Helper()
	all := w.items(alias, prefix)
	change(all[len(all)-1])
	w.put(all[len(all)-1])
}

// edit sets an attribute of the record of orders-data, and changes nothing else; nil removes it.
func (w *world) edit(name string, to value) {
	w.t.Helper()
	in := &awsddb.UpdateItemInput{TableName: aws.String(table), Key: recordOf(),
		UpdateExpression: aws.String("REMOVE #name"), ExpressionAttributeNames: map[string]string{"#name": name}}
	if to != nil {
		in.UpdateExpression, in.ExpressionAttributeValues = aws.String("SET #name = :to"), item{":to": to}
	}
	_, err := w.ddb().UpdateItem(context.Background(), in)
	w.check(err)
}

// putBack puts the record back as it was before something was done.
func (w *world) putBack(done func()) {
	w.t.Helper()
	before := w.items(alias, "record")[0]
	done()
	w.put(before)
}

// loseRecord deletes the record of orders-data.
func (w *world) loseRecord() { w.t.Helper(); w.drop(recordOf()) }

// deleteItems deletes the items of the table whose sort key begins so.
func (w *world) deleteItems(prefix string) {
	w.t.Helper()
	all, err := w.ddb().Scan(context.Background(), &awsddb.ScanInput{TableName: aws.String(table)})
	w.check(err)
	for _, it := range all.Items {
		if sort, ok := it["item"].(*ddbtypes.AttributeValueMemberS); ok && strings.HasPrefix(sort.Value, prefix) {
			w.drop(it)
		}
	}
}

// unprotect turns the deletion protection of the table off.
func (w *world) unprotect() {
	w.t.Helper()
	_, err := w.ddb().UpdateTable(context.Background(), &awsddb.UpdateTableInput{TableName: aws.String(table),
		DeletionProtectionEnabled: aws.Bool(false)})
	w.check(err)
}

// withoutRecovery turns point-in-time recovery of the table off.
func (w *world) withoutRecovery() {
	w.t.Helper()
	_, err := w.ddb().UpdateContinuousBackups(context.Background(), &awsddb.UpdateContinuousBackupsInput{
		TableName: aws.String(table), PointInTimeRecoverySpecification: &ddbtypes.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: aws.Bool(false)}})
	w.check(err)
}

// letExpire turns time to live of the table on.
func (w *world) letExpire() {
	w.t.Helper()
	_, err := w.ddb().UpdateTimeToLive(context.Background(), &awsddb.UpdateTimeToLiveInput{TableName: aws.String(table),
		TimeToLiveSpecification: &ddbtypes.TimeToLiveSpecification{AttributeName: aws.String("ttl"),
			Enabled: aws.Bool(true)}})
	w.check(err)
}

// dropTable deletes the table, and returns what was in it.
func (w *world) dropTable() []item {
	w.t.Helper()
	ctx, name := context.Background(), aws.String(table)
	items, err := w.ddb().Scan(ctx, &awsddb.ScanInput{TableName: name})
	w.check(err)
	w.unprotect()
	_, err = w.ddb().DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: name})
	w.check(err)
	return items.Items
}

// restoreTable makes the table again with the same items, as a restore from a
// backup does.
func (w *world) restoreTable() {
	w.t.Helper()
	items := w.dropTable()
	w.must(0, "init --table")
	for _, it := range items {
		w.put(it)
	}
}
