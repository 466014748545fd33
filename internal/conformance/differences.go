package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is a row that a backend does not answer as AWS's documentation
// says.
type Difference struct {
	Backend, Row string
	// Answers is what the backend answers instead.
	Answers string
	// Evidence is the cause, or where it is in the backend's source.
	Evidence string
}

// Versions are those that the list holds for; others may differ.
var Versions = map[string]string{
	localStack:    "LocalStack 4.14.0",
	moto:          "moto 5.2.5",
	dynamoDBLocal: "DynamoDB Local 3.1.0",
	dynalite:      "dynalite 4.0.0",
}

const (
	localStack    = "localstack"
	moto          = "moto"
	dynamoDBLocal = "dynamodb-local"
	dynalite      = "dynalite"
)

// What several differences come from.
const (
	noStateCheck = "moto/kms/models.py: the key's state is looked at by DescribeKey alone"
	notModelled  = "an operation it does not have"
	noPeriod     = "moto/kms/models.py: rotation is on or off, and has no period"
)

// Differences are all that are known, in the order of the table.
var Differences = []Difference{
	{localStack, "CreateKey: a policy that is no JSON", "ok", "a policy is stored as it comes"},
	{localStack, "CreateAlias: alias/aws/ is reserved", "ok",
		"services/kms: validate_alias_name wants alias/ and no more"},
	{localStack, "CreateAlias: a character that is not allowed", "ok",
		"services/kms: validate_alias_name wants alias/ and no more"},
	{localStack, "UpdateAlias: target of another type", "ok",
		"services/kms/provider.py: update_alias checks the target's state alone"},
	{localStack, "UpdateAlias: target of another usage", "ok",
		"services/kms/provider.py: update_alias checks the target's state alone"},
	{localStack, "GetKeyLastUsage: never used", "InternalError", notModelled},
	{localStack, "GetKeyLastUsage: no such key", "InternalError", notModelled},
	{localStack, "ListAliases: of one key, with their dates", "ok both, undated",
		"services/kms/models.py writes LastUpdateDate for LastUpdatedDate"},
	{localStack, "GetKeyPolicy: no name is default", "NotFoundException",
		"services/kms/provider.py compares the name with default"},
	{localStack, "a signature of 16 minutes ago", "ok", "signatures are not verified, nor their dates"},

	{moto, "CreateKey", "ok Enabled SYMMETRIC_DEFAULT  AWS_KMS CUSTOMER single-Region",
		"the usage stays empty if none is asked for"},
	{moto, "CreateKey: a tag that begins with aws:", "ok", "tags are not checked"},
	{moto, "CreateKey: a policy that is no JSON", "ok", "a policy is stored as it comes"},
	{moto, "CreateAlias: alias/aws/ is reserved", "ok", "the prefix is not checked"},
	{moto, "CreateAlias: the key is pending deletion", "ok", noStateCheck},
	{moto, "UpdateAlias: target of another type", "ok", "moto/kms/models.py: update_alias checks nothing"},
	{moto, "UpdateAlias: target of another usage", "ok", "moto/kms/models.py: update_alias checks nothing"},
	{moto, "UpdateAlias: the target is pending deletion", "ok", noStateCheck},
	{moto, "DisableKey: it is pending deletion", "ok", noStateCheck},
	{moto, "EnableKey: it is pending deletion", "ok", noStateCheck},
	{moto, "ScheduleKeyDeletion: 6 days", "ok",
		"moto/kms/models.py: schedule_key_deletion does nothing outside 7 to 30, and says so to nobody"},
	{moto, "ScheduleKeyDeletion: 31 days", "ok",
		"moto/kms/models.py: schedule_key_deletion does nothing outside 7 to 30, and says so to nobody"},
	{moto, "ScheduleKeyDeletion: it is pending deletion", "ok", noStateCheck},
	{moto, "CancelKeyDeletion: it is not pending", "ok", noStateCheck},
	{moto, "Decrypt: made before the alias moved, by the new key", "AccessDeniedException",
		"another code for the same refusal"},
	{moto, "Encrypt: the key is disabled", "ok", noStateCheck},
	{moto, "Decrypt: the key is disabled", "ok true", noStateCheck},
	{moto, "Encrypt: the key is pending deletion", "ok", noStateCheck},
	{moto, "Encrypt: the key is for signing", "ok", "the key's usage is not checked"},
	{moto, "GenerateMac: the key is disabled", "ok", noStateCheck},
	{moto, "Verify: another message", "ok false", "an answer instead of an error"},
	{moto, "Sign: the key is disabled", "ok", noStateCheck},
	{moto, "RotateKeyOnDemand: an HMAC key", "ok", "the key's spec is not checked"},
	{moto, "RotateKeyOnDemand: the key is disabled", "ok", noStateCheck},
	{moto, "EnableKeyRotation: no period is a year", "ok every 0 days", noPeriod},
	{moto, "EnableKeyRotation: 200 days", "ok every 0 days", noPeriod},
	{moto, "EnableKeyRotation: it is on", "ok every 0 days", noPeriod},
	{moto, "EnableKeyRotation: 89 days", "ok", noPeriod},
	{moto, "EnableKeyRotation: a multi-Region key", "ok every 0 days", noPeriod},
	{moto, "EnableKeyRotation: an HMAC key", "ok", "moto/kms/models.py: enable_key_rotation checks nothing"},
	{moto, "EnableKeyRotation: the key is disabled", "ok", noStateCheck},
	{moto, "GetKeyLastUsage: never used", "HTTP 500 without a code", notModelled},
	{moto, "GetKeyLastUsage: no such key", "HTTP 500 without a code", notModelled},
	{moto, "ListAliases: of one key, with their dates", "ok both, undated", "aliases have no dates"},
	{moto, "ListAliases: in pages of one", "ok all 3, in fewer pages", "Limit is not looked at"},
	{moto, "ListKeys: in pages of one", "ok more than was asked for", "Limit is not looked at"},
	{moto, "GetKeyPolicy: no name is default", "NotFoundException", "moto/kms/responses.py: _assert_default_policy"},
	{moto, "a signature of 16 minutes ago", "ok", "signatures are not verified, nor their dates"},
	{moto, "DescribeTable: TableId stays", "ok no TableId", "moto/dynamodb/models/table.py has TableId in a comment"},
	{moto, "DescribeTable: a table made again has another TableId", "ok no TableId",
		"moto/dynamodb/models/table.py has TableId in a comment"},
	{moto, "BatchGetItem: over 16 MB, the rest is unprocessed and asked again",
		"ok what is left is no longer to be read consistently",
		"moto/dynamodb/responses.py makes UnprocessedKeys of the keys alone"},

	{dynamoDBLocal, "DescribeTable: TableId stays", "ok no TableId",
		"LocalStack, which has the same program inside, adds one"},
	{dynamoDBLocal, "DescribeTable: a table made again has another TableId", "ok no TableId",
		"LocalStack, which has the same program inside, adds one"},
	{dynamoDBLocal, "UpdateContinuousBackups: point-in-time recovery", "UnknownOperationException", notModelled},
	{dynamoDBLocal, "DescribeContinuousBackups: of a new table", "UnknownOperationException", notModelled},

	{dynalite, "CreateTable", "ok not protected, key HASH, item RANGE, PAY_PER_REQUEST",
		"deletion protection is newer than what it knows"},
	{dynalite, "DeleteTable: it is protected", "ok", "deletion protection is newer than what it knows"},
	{dynalite, "UpdateContinuousBackups: point-in-time recovery", "UnknownOperationException", notModelled},
	{dynalite, "DescribeContinuousBackups: of a new table", "UnknownOperationException", notModelled},
	{dynalite, "UpdateTimeToLive", "UnknownOperationException", notModelled},
	{dynalite, "PutItem: attribute_not_exists, and it does, ALL_OLD", "ConditionalCheckFailedException, nothing",
		noOldItem},
	{dynalite, "UpdateItem: another rev, ALL_OLD", "ConditionalCheckFailedException, nothing", noOldItem},
	{dynalite, "UpdateItem: another op, ALL_OLD", "ConditionalCheckFailedException, nothing", noOldItem},
}

// noOldItem is why a run cannot tell on dynalite who was first, nor recognise
// a write of its own.
const noOldItem = "ReturnValuesOnConditionCheckFailure is newer than what it knows"

// Markdown returns the list as a table, with what is documented beside what is
// answered. wants and docs are by row.
func Markdown(wants, docs map[string]string) string {
	var b strings.Builder
	b.WriteString("| backend | call | AWS documents | it answers | because |\n|---|---|---|---|---|\n")
	list := slices.Clone(Differences)
	slices.SortStableFunc(list, func(x, y Difference) int { return strings.Compare(x.Backend, y.Backend) })
	for _, d := range list {
		fmt.Fprintf(&b, "| %s | %s | [%s](%s) | %s | %s |\n", Versions[d.Backend], d.Row, wants[d.Row], docs[d.Row],
			d.Answers, d.Evidence)
	}
	return b.String()
}
