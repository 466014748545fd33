// Package awscall is what the packages that call AWS share: how a client is
// made, what an answer is worth, and what time it is.
//
// It knows the SDK, HTTP and the words of package plan. It must not know what
// is called: no operation of KMS or DynamoDB, no record, no step. The one call
// it makes itself is GetCallerIdentity, which belongs to no protocol.
package awscall
