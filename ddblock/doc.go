// Package ddblock keeps the record of a key in DynamoDB: one item that is lock,
// lease and state at once. The events of all its writes are in further items, its
// ledger: each is created once and never written over (ledger.go).
//
// The package knows the form of the items and how to change a record so that one
// of two writers wins and the other learns what the winner wrote. It must not
// know what a change means or when one is due (that is plan's), nor what it does
// in KMS (that is kms's). Neither package imports this one.
//
// # Every write of a record
//
//   - is one UpdateItem (the first write a PutItem) of one item. So it happens
//     entirely or not at all, at one moment, without a transaction.
//   - is conditioned on the revision and the nonce (rev and op) of the record that
//     the decision was based on. The revision counts the writes. The nonce
//     identifies the record: a copy restored from a backup may have the same
//     revision.
//   - asks DynamoDB to return the item if the condition fails. The loser so reads
//     what it lost to, at the moment it lost, without another call.
//   - may be sent twice: an answer can be lost although the write succeeded, and
//     the SDK repeats by itself. The condition refuses the repetition, because the
//     item has changed. If the item then has the nonce of this very write, the
//     write succeeded (write.go).
//   - does not count as refused because its last attempt was. If an earlier
//     attempt got no answer, it is unknown whether that one succeeded, and the
//     error says so (send.go).
//   - keeps what it does not know. A newer keyturn may have added attributes: an
//     update does not name them; in maps and lists, which are written whole, they
//     are carried along (nested.go). A record of a newer schema is never written
//     over.
//   - must be readable again, or it is not sent (record.go).
//
// All reads of records are strongly consistent. A decision on an old record would
// only lose its write, but a run that finds nothing due would report what is no
// longer true. There is no DeleteItem, no expiry and no transaction: the few
// operations that are used mean the same on a table in one Region and on one
// whose Regions agree on every write. [Table.Check] refuses any other table.
package ddblock
