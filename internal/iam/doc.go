// Package iam writes the IAM policies that keyturn's roles need for a plan, and
// no wider ones. It is pure: a plan comes in, a policy document goes out.
//
// The Allows of a role are the calls that its commands make. A test runs these
// on the embedded AWS and compares in both directions. Where IAM can do so, a
// permission is bound to the plan's Regions, aliases and tables:
//
//   - CreateKey has no resource; it is bound to the tag in the request.
//   - CreateAlias and UpdateAlias need permission on the alias and on each key.
//     https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
//   - Operations on a key are bound to its aliases (kms:ResourceAliases) or to
//     the tag that keyturn made it with, but for those that a rotation makes in
//     the first moments of a new key: changed tags and aliases take up to five
//     minutes to affect authorisation.
//     https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
//   - Items are bound by dynamodb:LeadingKeys.
//     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
//
// Deny statements forbid what a bug or a wrong plan could do: disable or delete
// the key behind an alias, a version that is kept, or one still in use.
package iam
