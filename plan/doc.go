// Package plan knows the rules of keyturn and nothing else: the words, the
// windows of a schedule, the record of a key, and what is to be done next. It is
// pure. It imports no AWS, has no clock and does no I/O; time, randomness and
// everything seen come in as values. So every decision can be tried in a table,
// searched exhaustively, and printed by a dry-run before it is carried out.
// The plan file is planfile's.
//
// # Words
//
// A plan names keys; a key is one alias in one Region. A generation is one
// claimed change of what the alias names; a version v<n> is the KMS key that
// generation n made or adopted. The record is the key's item in DynamoDB: lock,
// lease and state in one.
//
// # When a key is touched
//
// [Decide] is the only place that says so. It is given the time (AWS's, never
// the host's), the policy, the record, what is asked for and what this run has
// seen, and answers with one [Act]. The runner carries the act out, tells
// [Observed] what came back, or writes what [Apply] gives, and asks again.
//
// A rotation is six changes, three of the record and three of KMS:
//
//	claim     write   generation+1, terms, lease: the lock and the intent
//	create    KMS     CreateKey, tagged with the claim
//	name      KMS     CreateAlias v<n>, which can succeed once
//	confirm   write   the fence: a signed alias move is about to be sent
//	switch    KMS     exactly those signed bytes
//	finish    write   the target is active, the version before drains
//
// # What stops two runs
//
// Every write is conditioned on the record's revision, so of two runs with one
// revision in hand one writes and the other is shown what was written. That
// settles everything but a run that was paused between its last write and its
// call to KMS. UpdateAlias takes no condition; a stale one would move the alias
// back. So the request is signed first, the conditional write then proves that
// the run still owns the generation, and only then the bytes are sent. AWS
// refuses an old signature, so what can still do harm is known and over at
// [Fence].Until, and no generation is claimed before that. A run that has its
// answer in hand, and knows of no other signature out, removes the fence with
// its next write.
//
// What is seen behind the alias never counts as done: KMS's reads lag. Only a
// run's own yes, to a move it signed and confirmed for this generation, does.
//
// # The edges
//
//	(none)    → steady      WriteAdopt        the alias is taken as found, KMS unchanged
//	(none)    → claimed     WriteFirstClaim   adopt --create
//	steady    → claimed     WriteClaim        a window is due, no lease, no fence, no hold
//	claimed   → created     WriteCreated      the version waits: prepublish, before_switch
//	claimed,
//	created,
//	switching → switching   WriteConfirm      between signing and sending
//	switching → steady      WriteFinish       own yes
//	claimed, created,
//	switching → claimed,
//	            steady      WriteAbandon      a person gives the open generation up
//	any       → steady      WriteAdoptDrift   a person accepts what the alias names
//	any       → steady      WriteRebuild      a person has a lost record made from KMS
//	any       → same step   WriteTakeover, WriteRenew, WriteNote, WriteHold, WriteRelease
//
// # Old versions
//
// What becomes of a version that is not active is decided beside the steps, so
// that a drain which cannot end is never in the way of a rotation or a
// rollback. A call that disables or deletes is fenced like a switch, by a mark
// on the entry of that one version; a marked version is never a target.
//
//	draining → retired      WriteKept         drained, and the plan keeps it
//	draining → retired      WriteMark, WriteRetired    disabled
//	retired  → retired      WriteMark, WriteDeleting   its deletion is scheduled
//	retired  → draining     WriteReinstate    a person needs it
//	in place                WriteChecked, WriteMarkNo, WriteUnmark, WriteLookAgain, WriteLooked
package plan
