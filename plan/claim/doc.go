// Package claim states what is known of the world: whether encrypt and decrypt work,
// and whether a version was ever live. It is the only place that uses such words. A
// claim is made from what a run has seen, and "not looked at" and "could not be seen"
// are values of their own, so that nothing unseen is told as a fact.
//
// "Works" means that DescribeKey showed the KMS key Enabled. Whether a consumer may use
// the key is a matter of policies, which nobody looks at here.
//
// The package is pure. It must not call AWS, nor know a screen or a document.
package claim
