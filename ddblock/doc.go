// Package ddblock keeps the record of a key in DynamoDB: one item that is
// lock, lease and state at once, and beside it the older entries of its ledger.
//
// It knows the form of the items and how to change one so that of two writers
// one wins and the other learns from whom. It must not know what a change
// means, when one is due or what it does in KMS: the first is plan's, the last
// is kms's, and neither package imports this one.
//
// # Every write of a record
//
//   - is one UpdateItem, the first one a PutItem, of one item. So it happens
//     entirely or not at all, at one moment, without a transaction.
//   - is conditioned on the revision and the nonce (rev and op) of the record it
//     was decided on. The revision says how often a record was written; the
//     nonce, that this is the record that was meant: one put back from a backup
//     may have the same revision.
//   - asks for the item should the condition fail. The loser has then read what
//     it lost to, at the moment it lost, and need not read again.
//   - may be sent twice. An answer can be lost when the write was not, and the
//     SDK sends again by itself; the condition refuses the repetition, for the
//     item is no longer as it was. That the item carries the nonce of this very
//     write is the proof that it was done (write.go).
//   - is not taken for refused because its last attempt was. Whether one before
//     it, that got no answer, had its effect is then not known, and so said
//     (send.go).
//   - leaves alone what it does not know. A newer keyturn may have added
//     attributes: an update does not name them; in maps and lists, which are
//     written whole, they are carried along (nested.go). A newer schema is
//     another matter: such a record is never written over.
//   - must be readable again, or it is not sent (record.go).
//   - copies the entries it drops from the record to the ledger before, so that
//     no crash between the two loses one (ledger.go).
//
// Reads are consistent, always: a decision on an old record would only lose its
// write, but a quiet run would believe what is over. There is no DeleteItem, no
// expiry, no transaction: the same few operations mean the same on a table in
// one Region and on one whose Regions agree on every write. Tables of which
// that is not true are refused by [Table.Check].
package ddblock
