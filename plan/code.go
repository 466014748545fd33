package plan

// Code is a stable word for programs: for a refusal, a reason, an error or a finding
// of an audit. The texts that come with it are for people.
type Code string

// The codes of refusals, which docs/runbook.md lists. An audit uses some of them for its
// findings.
const (
	CodeActiveDisabled     Code = "active-disabled"
	CodeAliasMissing       Code = "alias-missing"
	CodeAliasTaken         Code = "alias-taken"
	CodeAmbiguous          Code = "ambiguous"
	CodeBadTarget          Code = "bad-target"
	CodeBadVersion         Code = "bad-version"
	CodeBeforeSwitch       Code = "before-switch"
	CodeDeletionUnknown    Code = "deletion-unknown"
	CodeDeletionUnwanted   Code = "deletion-unwanted"
	CodeDrift              Code = "drift"
	CodeForeignVersion     Code = "foreign-version"
	CodeHeldItself         Code = "held-itself"
	CodeLastUse            Code = "last-use"
	CodeMalformedRecord    Code = "malformed-record"
	CodeMarked             Code = "marked"
	CodeMaxDraining        Code = "max-draining"
	CodeNewerRecord        Code = "newer-record"
	CodeNoRequestID        Code = "no-request-id"
	CodeNoVersion          Code = "no-version"
	CodeNoVersions         Code = "no-versions"
	CodeNotHoldable        Code = "not-holdable"
	CodeNotMade            Code = "not-made"
	CodeNotManaged         Code = "not-managed"
	CodeNotRetirable       Code = "not-retirable"
	CodeNothingToReinstate Code = "nothing-to-reinstate"
	CodeOpenGeneration     Code = "open-generation"
	CodeOtherTable         Code = "other-table"
	CodeOverdue            Code = "overdue"
	CodeOvertaken          Code = "overtaken"
	CodePolicyChanged      Code = "policy-changed"
	CodePolicyLockout      Code = "policy-lockout"
	CodePolicyOfOneKey     Code = "policy-of-one-key"
	CodeRecordFits         Code = "record-fits"
	CodeRecordLost         Code = "record-lost"
	CodeRecordRestored     Code = "record-restored"
	CodeSpecMissing        Code = "spec-missing"
	CodeUnlikePlan         Code = "unlike-plan"
	CodeUnlikeSaved        Code = "unlike-saved"
	CodeUnsafeTable        Code = "unsafe-table"
	CodeUnsupportedKey     Code = "unsupported-key"
	CodeVersionGone        Code = "version-gone"
	CodeVersionUnproven    Code = "version-unproven"
	CodeWaiverDenied       Code = "waiver-denied"
	CodeWrongAccount       Code = "wrong-account"
)

// The codes of reasons. The reason of a claim by a person has the verb as its code.
const (
	CodeAdopted    Code = "adopted"
	CodeAgain      Code = "again"
	CodeAge        Code = "age"
	CodeAsk        Code = "ask"
	CodeCreate     Code = "create"
	CodeDone       Code = "done"
	CodeDrained    Code = "drained"
	CodeEnabled    Code = "enabled"
	CodeFailed     Code = "failed"
	CodeFenced     Code = "fenced"
	CodeFirstSight Code = "first-sight"
	CodeFrozen     Code = "frozen"
	CodeHeld       Code = "held"
	CodeKeyCount   Code = "key-count"
	CodeKeyLater   Code = "key-later"
	CodeLag        Code = "lag"
	CodeLater      Code = "checked-later"
	CodeLeased     Code = "leased"
	CodeLeftOut    Code = "left-out"
	CodeLost       Code = "lost"
	CodeName       Code = "name"
	CodeNameless   Code = "nameless"
	// CodeNeverLive warns a person before a rollback that leaves the live version
	// although the open generation was never live. To give up only the open
	// generation is another command.
	CodeNeverLive Code = "never-live"
	CodeNoDrift   Code = "no-drift"
	// CodeNotBegun is of a key whose saved decision was left alone because of another key.
	CodeNotBegun Code = "not-begun"
	CodeNotDue   Code = "not-due"
	CodeNotHeld  Code = "not-held"
	// CodeNotKnown says that nothing shows whether a verb was carried out.
	CodeNotKnown Code = "not-known"
	// CodeNotLost is of adopt --from-kms --all: the key's record was not lost.
	CodeNotLost    Code = "not-lost"
	CodeNotRetired Code = "not-retired"
	// CodeOldLeft says how many old versions are left to the next run.
	CodeOldLeft      Code = "old-left"
	CodeLookAgain    Code = "look-again"
	CodePrepublished Code = "prepublished"
	CodeRebuild      Code = "rebuild"
	CodeRebuilt      Code = "rebuilt"
	CodeReinstated   Code = "reinstated"
	CodeReleased     Code = "released"
	CodeRetired      Code = "retired"
	// CodeSavedDone says who did what a saved decision wants done.
	CodeSavedDone Code = "saved-done"
	CodeSkew      Code = "skew"
	CodeTakeover  Code = "takeover"
	// CodeTermsUnknown says which versions of a rebuilt record stay enabled although
	// today's plan would disable them.
	CodeTermsUnknown Code = "terms-unknown"
	// CodeAnchorUnknown says from when the windows of a rebuilt record are counted, because
	// nothing tells from when they were before.
	CodeAnchorUnknown Code = "anchor-unknown"
	// CodeTooSlow says that AWS is too slow for a run to act on what it sees.
	CodeTooSlow   Code = "too-slow"
	CodeWindowDue Code = "window-due"
)

// The codes of errors that are not refusals of a key.
const (
	CodeBadEndpoint    Code = "bad-endpoint"
	CodeBusy           Code = "busy"
	CodeInterrupted    Code = "interrupted"
	CodeMixedEndpoints Code = "mixed-endpoints"
	CodeNoCredentials  Code = "no-credentials"
	CodeNoProfile      Code = "no-profile"
	CodePlanInvalid    Code = "plan-invalid"
	CodeRecordNo       Code = "record-no"
	CodeRecordUnknown  Code = "record-unknown"
	CodeTableMissing   Code = "table-missing"
	CodeUnreachable    Code = "unreachable"
	CodeUsage          Code = "usage"
)

// The codes of errors of AWS, and of what answers in its place.
const (
	CodeAccessDenied       Code = "access-denied"
	CodeAWSTrouble         Code = "aws-trouble"
	CodeClock              Code = "clock-skew"
	CodeCredentialsExpired Code = "credentials-expired"
	CodeCredentialsInvalid Code = "credentials-invalid"
	CodeKeyState           Code = "key-state"
	CodeNotAWS             Code = "not-aws"
	CodeNotFound           Code = "not-found"
	CodeQuota              Code = "quota"
	CodeRegionDisabled     Code = "region-disabled"
	CodeSignature          Code = "signature-refused"
	CodeThrottled          Code = "throttled"
	CodeTLS                Code = "tls"
	CodeUnreadable         Code = "unreadable-answer"
	CodeUnsupported        Code = "unsupported"
)

// The codes that only an audit uses.
const (
	CodeAliasMovedBack       Code = "alias-moved-back"
	CodeAutoRotation         Code = "auto-rotation"
	CodeCopiedTags           Code = "copied-tags"
	CodeDeletionCancelled    Code = "deletion-cancelled"
	CodeDisabledByOthers     Code = "disabled-by-others"
	CodeDrainOver            Code = "drain-over"
	CodeDrainsOverlap        Code = "drains-overlap"
	CodeDuplicateWindow      Code = "duplicate-window"
	CodeEnabledByHand        Code = "enabled-by-hand"
	CodeFence                Code = "fence"
	CodeGenerationBehind     Code = "generation-behind"
	CodeGenerationOpen       Code = "generation-open"
	CodeGrantsNotFollowed    Code = "grants-not-followed"
	CodeKeyPolicyDiffers     Code = "key-policy-differs"
	CodeKeyPolicyOpen        Code = "key-policy-open"
	CodeHoldTooLong          Code = "hold-too-long"
	CodeLateVersion          Code = "late-version"
	CodeLedgerBehind         Code = "ledger-behind"
	CodeLedgerDiffers        Code = "ledger-differs"
	CodeLedgerGap            Code = "ledger-gap"
	CodeLedgerRewritten      Code = "ledger-rewritten"
	CodeListedTwice          Code = "listed-twice"
	CodeLiveUnusable         Code = "live-unusable"
	CodeMarkedLive           Code = "marked-live"
	CodeMaterialRotated      Code = "material-rotated"
	CodeNoDeletionProtection Code = "no-deletion-protection"
	CodeNoRecovery           Code = "no-recovery"
	CodeNotAdopted           Code = "not-adopted"
	CodeNotInPlan            Code = "not-in-plan"
	CodeOrphan               Code = "orphan"
	CodeOtherAlias           Code = "other-alias"
	CodePlansDiffer          Code = "plans-differ"
	CodeRecordEdited         Code = "record-edited"
	CodeReinstateOpen        Code = "reinstate-open"
	CodeSealBroken           Code = "seal-broken"
	CodeUnknownAttribute     Code = "unknown-attribute"
	CodeUsedAfterSwitch      Code = "used-after-switch"
	CodeUnexpectedCaller     Code = "unexpected-caller"
	CodeVersionAliasMissing  Code = "version-alias-missing"
	CodeVersionAliasMoved    Code = "version-alias-moved"
	CodeVersionDisabled      Code = "version-disabled"
	CodeVersionTags          Code = "version-tags"
	CodeWindowMissed         Code = "window-missed"
)

// The codes of an audit that compares with CloudTrail.
const (
	CodeNotInTrail        Code = "not-in-trail"
	CodeUnexplainedChange Code = "unexplained-change"
	CodeUnexplainedWrite  Code = "unexplained-write"
)
