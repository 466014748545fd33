// Package cost says what a plan costs on AWS in a month: calls, DynamoDB's read and
// write units, KMS keys and dollars. It is a formula, without a clock and without AWS.
// What one rotation, one drain and one deletion call is counted in a rehearsal, by the
// test of this package, so that the formula cannot differ from the code for long.
package cost
