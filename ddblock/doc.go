// Package ddblock keeps the record of a key in DynamoDB: one item that is
// lock, lease and state at once. It knows the form of the item and how to
// change it safely; it knows neither KMS nor what a change means, which is
// plan's.
//
// # Every write
//
// A write is one UpdateItem, the first one a PutItem, on one item, conditioned
// on the revision and the nonce of the write before, and it asks for the item
// as it is should the condition fail. So a write that fails has already read
// what it lost to. If the item then carries the nonce of this very write, it
// had succeeded after all: the SDK sent it twice because the first answer was
// lost. Anything else is a [ChangedError].
//
// There are no transactions, no DeleteItem, no expiry of items and no
// eventually consistent read: what is left works alike on a table in one
// Region and on one that is replicated with strong consistency.
//
// # What it does not know
//
// A newer keyturn may have written attributes that this one has never heard
// of. An update names only what it knows, so others stay as they are; inside
// lists and maps, which are written whole, they are carried through.
package ddblock
