// Package awscall is what the packages that call AWS share: how a client is made,
// what an answer is worth, and AWS's time.
//
// It knows the SDK, HTTP and the words of package plan. It must not know what is
// called: no operation of KMS or DynamoDB, no record, no step. The only call it
// makes itself is GetCallerIdentity, which is no part of the protocol.
package awscall
