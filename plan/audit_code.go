package plan

import (
	"maps"
	"slices"
)

// AuditCode describes a code under which an audit may find something.
type AuditCode struct {
	// What says what it means, in a line.
	What string
	// Stops reports whether a run that has something to do on the key stops at it. The plan
	// cannot accept such a finding: nothing in the plan makes the run go on.
	Stops bool
	// Shared reports whether it is about a table, or about a key that no entry of the plan is
	// about. The plan accepts it at its top, and any other under its key.
	Shared bool
	// Needs is the flag without which no audit looks for it; "" if each does.
	Needs string
}

// The flags of an audit that looks at more.
const (
	NeedsOrphans = "--orphans"
	NeedsTrail   = "--cloudtrail"
)

// auditCodes are the codes of all findings of audit and status. Tests compare Stops with what
// runs do, and find codes that are missing here.
var auditCodes = map[Code]AuditCode{
	CodeActiveDisabled: {Stops: true, What: "the live version is disabled, or is to be deleted"},
	CodeAliasMissing:   {Stops: true, What: "the alias does not exist"},
	CodeAliasTaken:     {Stops: true, What: "somebody else made the alias that keyturn was to make"},
	CodeBadTarget:      {Stops: true, What: "the version that is to become live can never be that"},
	CodeBadVersion:     {Stops: true, What: "an alias looks like that of a version, and keyturn gives no such number"},
	CodeBeforeSwitch:   {Stops: true, What: "before_switch has held back a version for days"},
	CodeDrift:          {Stops: true, What: "the alias names another key than the record"},
	CodeForeignVersion: {Stops: true, What: "a version alias exists that the record did not make"},
	CodeHeldItself:     {Stops: true, What: "the key holds itself"},
	CodeLag:            {Stops: true, What: "KMS shows an old state"},
	CodeMalformedRecord: {Stops: true,
		What: "the record cannot be understood"},
	CodeMarked:          {Stops: true, What: "the alias names a version that is being disabled or deleted"},
	CodeMaxDraining:     {Stops: true, What: "too many versions await disabling"},
	CodeNewerRecord:     {Stops: true, What: "a newer keyturn wrote the record"},
	CodeNoRequestID:     {Stops: true, What: "KMS answers without request ids"},
	CodeOtherTable:      {Stops: true, What: "the record was born in another table"},
	CodeOverdue:         {Stops: true, What: "a window was left out, or no run has rotated for it"},
	CodePolicyChanged:   {Stops: true, What: "the key policy changed after the version was made"},
	CodePolicyLockout:   {Stops: true, What: "the key policy would lock its makers out"},
	CodePolicyOfOneKey:  {Stops: true, What: "the key policy names its own key, and cannot be copied"},
	CodeRecordLost:      {Stops: true, What: "there is no record, and there was one"},
	CodeRecordRestored:  {Stops: true, What: "the record is an older copy"},
	CodeUnlikePlan:      {Stops: true, What: "the key is of another kind than the plan says"},
	CodeUnsafeTable:     {Stops: true, Shared: true, What: "no record may be written to the table"},
	CodeUnsupportedKey:  {Stops: true, What: "the key is of a kind that keyturn cannot rotate"},
	CodeVersionUnproven: {Stops: true, What: "only the record says that a key is a version"},
	CodeWaiverDenied:    {Stops: true, What: "the lockout check of a key policy may not be waived"},
	CodeWrongAccount:    {Stops: true, What: "credentials, plan and record are of different accounts"},

	CodeAliasMovedBack:    {What: "an alias was moved away and back, or deleted and made again"},
	CodeAutoRotation:      {What: "automatic rotation is not as the plan says"},
	CodeDeletionCancelled: {What: "somebody cancelled a deletion of keyturn's"},
	CodeDeletionUnknown:   {What: "somebody else scheduled the deletion of a version"},
	CodeDeletionUnwanted:  {What: "a version is to be deleted, and the plan does not delete"},
	CodeDisabledByOthers:  {What: "somebody else disabled a version while it drained"},
	CodeDrainOver:         {What: "a drain is over, and the version is still enabled"},
	CodeDrainsOverlap:     {What: "several versions drain"},
	CodeDuplicateWindow:   {What: "two versions were made for one window"},
	CodeEnabledByHand:     {What: "somebody enabled a version that keyturn disabled"},
	CodeFence:             {What: "an alias move may still arrive"},
	CodeGenerationBehind:  {What: "the record knows a version above its generation"},
	CodeGenerationOpen:    {What: "a rotation was begun, and no run goes on with it"},
	CodeGrantsNotFollowed: {What: "the version before has grants that the live one lacks"},
	CodeHeld:              {What: "a person holds the key, or a version of it"},
	CodeHoldTooLong:       {What: "a person has held the key for longer than hold_max"},
	CodeKeyPolicyDiffers: {
		What: "a key policy is not that of the plan's file, or not that of the version it was copied from"},
	CodeKeyPolicyOpen:   {What: "a key policy lets callers of every AWS account in"},
	CodeLastUse:         {What: "whether a version is in use cannot be found out"},
	CodeLateVersion:     {What: "a version of a given-up generation has a name, and the record does not have it"},
	CodeLedgerBehind:    {What: "events stand in the record alone, and would be lost with it"},
	CodeLedgerDiffers:   {What: "two items of the ledger tell a revision differently"},
	CodeLedgerGap:       {What: "the ledger has no event of a revision"},
	CodeLedgerRewritten: {What: "an event of the ledger does not follow the one before it"},
	CodeListedTwice:     {What: "the record has a KMS key in two places"},
	CodeLiveUnusable:    {What: "the key behind the alias is not enabled"},
	CodeMarkedLive:      {What: "the alias names a version against which a call is under way"},
	CodeMaterialRotated: {What: "somebody rotated the material of a version on demand"},
	CodeNotAdopted:      {What: "there is no record yet"},
	CodeOtherAlias:      {What: "another alias names an old version"},
	CodePlansDiffer:     {What: "two plans with other terms work on the key in turns"},
	CodeRecordEdited:    {What: "something else than keyturn wrote the record"},
	CodeReinstateOpen:   {What: "a version was reinstated, and is not enabled yet"},
	CodeSealBroken: {
		What: "the tag of a version has another hash than the event of its claim, or that event is missing"},
	CodeUnexpectedCaller: {What: "somebody wrote the record who is not among expect_callers"},
	CodeUnknownAttribute: {
		What: "the record has an attribute that this keyturn does not know"},
	CodeUsedAfterSwitch: {
		What: "an old version still encrypts, signs or makes MACs, over an hour after its switch"},
	CodeVersionAliasMissing: {What: "the alias of a version does not exist"},
	CodeVersionAliasMoved:   {What: "the alias of a version names another key"},
	CodeVersionDisabled:     {What: "somebody disabled a version that should be enabled"},
	// A run that finds a draining version gone refuses once, and writes it off.
	CodeVersionGone:  {What: "a version was deleted, or is to be deleted, and keyturn did not do that"},
	CodeVersionTags:  {What: "the tags of a version are not those it was made with"},
	CodeWindowMissed: {What: "no run claimed a window before it was over, although it could have"},

	CodeCopiedTags: {Shared: true, Needs: NeedsOrphans,
		What: "a key has the tags of a version, and is none"},
	CodeNoDeletionProtection: {Shared: true, What: "deletion protection of the table is off"},
	CodeNoRecovery:           {Shared: true, What: "point-in-time recovery of the table is off"},
	CodeNotInPlan:            {Shared: true, What: "the table has a record of a key that the plan does not have"},
	CodeOrphan:               {Shared: true, Needs: NeedsOrphans, What: "keyturn made a key that no record has"},

	CodeNotInTrail: {Needs: NeedsTrail, What: "the ledger tells what the trail does not have"},
	CodeUnexplainedChange: {Needs: NeedsTrail,
		What: "the trail has a change of a key that no run of the ledger made"},
	CodeUnexplainedWrite: {Needs: NeedsTrail,
		What: "the trail has a change of the table that no run of the ledger made"},
}

// AuditCodeOf describes what an audit finds under a code; ok is false if it finds nothing
// under it.
func AuditCodeOf(code Code) (about AuditCode, ok bool) {
	about, ok = auditCodes[code]
	return about, ok
}

// AuditCodes returns the codes of all findings, sorted.
func AuditCodes() []Code { return slices.Sorted(maps.Keys(auditCodes)) }

// FindingID returns a name of a finding that is the same in every audit: its code, then what
// it is about, as far as it is about that. about is a version, a KMS key or a table; field is a
// part of it.
func FindingID(code Code, key, about, field string) string {
	id := string(code)
	for _, part := range []string{key, about, field} {
		if part != "" {
			id += "/" + part
		}
	}
	return id
}
