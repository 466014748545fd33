// Package plan knows the rules of keyturn and nothing else: the words, the
// windows of a schedule, the record of a key, and what comes next for a key. It
// is pure. It imports no AWS, has no clock and does no I/O; time, randomness and
// everything seen come in as values. So every decision can be tried in a table,
// searched exhaustively, and printed by a dry-run before it is carried out.
// The plan file is package planfile's.
//
// # Words
//
// Each has one meaning.
//
//	key         one alias in one Region, as a plan names it
//	version     v<n>: the KMS key that generation n made or adopted
//	generation  one claimed change of what the alias names
//	claim       what opens a generation: its id, its verb and its terms, frozen
//	record      the key's item in DynamoDB: lock, lease and state in one
//	lease       which run works on the record, until when
//	live        the version behind the alias
//	target      the version that an open generation puts behind the alias
//	drain       the time for which a version stays enabled after it was live;
//	            one that stays enabled after its drain is kept
//	fence       until when a signed call may still arrive; a mark is the fence
//	            of a call against an old version
//	hold        stops automation on the key: a person's, or the key's own
//	check       a run finds out whether an old version may retire
//	act         what comes next: one look, one effect, one write, or an end
//	look        a question to AWS; it changes nothing
//	effect      a call that changes KMS
//	write       one conditional write of the record
//
// # When a key is touched
//
// [Decide] is the only place that says so. It is given the time (AWS's, never
// the host's), the policy, the record, what is asked for and what this run has
// seen, and answers with one [Act]. The runner carries the act out, tells
// [Observed] what came back, or writes what [Apply] returns, and asks again.
//
// A rotation is six changes, three of the record and three of KMS:
//
//	claim     write   generation+1, terms, lease: the lock and the intent
//	create    KMS     CreateKey, tagged with the claim
//	name      KMS     CreateAlias v<n>, which can succeed once
//	confirm   write   the fence: a signed alias move is about to be sent
//	switch    KMS     exactly those signed bytes
//	finish    write   the target is live, the version before drains
//
// # What stops two runs
//
// Every write is conditioned on the record's revision. Of two runs with one
// revision in hand one writes, and the other is shown what was written. That
// settles everything but a run that was paused between its last write and its
// call to KMS: UpdateAlias takes no condition, so a late one would move the alias
// back. So the request is signed first. The conditional write then proves that
// the run still owns the generation, and only then the bytes are sent. AWS
// refuses an old signature, so what can still do harm is known, and is over at
// [Fence].Until. No generation is claimed before that. A run that has its
// answer in hand, and knows of no other signature out, removes the fence with
// its next write.
//
// What is seen behind the alias never counts as done: KMS's reads lag. Only a
// run's own yes, to a move that it signed and confirmed for this generation, does.
//
// # The edges
//
//	(none)    → steady      AdoptWrite        the alias is taken as found, KMS unchanged
//	(none)    → claimed     FirstClaimWrite   adopt --create
//	steady    → claimed     ClaimWrite        a window is due, no lease, no fence, no hold
//	claimed   → created     CreatedWrite      the version waits: prepublish, before_switch
//	claimed,
//	created,
//	switching → switching   ConfirmWrite      between signing and sending
//	switching → steady      FinishWrite       the run's own yes
//	claimed, created,
//	switching → claimed,
//	            steady      AbandonWrite      a person gives the open generation up
//	any       → steady      AdoptDriftWrite   a person accepts what the alias names
//	any       → steady      RebuildWrite      a person has a lost record made from KMS
//	any       → same step   LeaseWrite, Note, HoldWrite, ReleaseWrite
//
// # Old versions
//
// Versions that are not live are decided about apart from the steps, so that a
// drain which cannot end never stops a rotation or a rollback. A call that
// disables or deletes goes through a fence like a switch, on the entry of that one
// version, and such a version is never a target.
//
//	draining → kept        KeptWrite                   drained, and the plan keeps it
//	draining → disabled    MarkWrite, RetiredWrite     or found so
//	disabled → deleting    MarkWrite, DeletingWrite    or found gone
//	any      → draining    ReinstateWrite              a person needs it
//	same state             CheckedWrite, MarkNoWrite, UnmarkWrite, LookAgainWrite, LookedWrite
package plan
