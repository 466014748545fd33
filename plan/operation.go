package plan

// operationOf is the operation of AWS that an act calls; where it is several, the
// first of them.
func operationOf(a Act) string {
	if a.Kind == SendMark && a.What == MarkDelete {
		return "ScheduleKeyDeletion"
	}
	return operations[a.Kind]
}

var operations = map[Kind]string{
	LookCaller: "GetCallerIdentity", LookTable: "DescribeTable",
	LookAlias: "DescribeKey", LookActive: "DescribeKey", LookTarget: "DescribeKey", LookVersion: "DescribeKey",
	LookOld: "DescribeKey", LookMoved: "ListAliases", LookListing: "ListAliases", LookOldAliases: "ListAliases",
	LookSource: "GetKeyPolicy", LookPolicy: "GetKeyPolicy", LookUse: "GetKeyLastUsage",
	LookRotation: "GetKeyRotationStatus", LookLedger: "Query", LookClaim: "Query", LookHistory: "Query",
	LookRecord: "GetItem", TryTarget: "probe",

	CreateKey: "CreateKey", NameVersion: "CreateAlias", CreateAlias: "CreateAlias", DisableFresh: "DisableKey",
	EnableRotation: "EnableKeyRotation", SendMove: "UpdateAlias", SendMark: "DisableKey",
	CancelDeletion: "CancelKeyDeletion", EnableKey: "EnableKey",
}
