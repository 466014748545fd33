// Package sandbox is an AWS inside this program: the parts of KMS, DynamoDB
// and STS that keyturn and its users' tests need, over their real protocols,
// for unchanged SDK clients and the aws CLI. It serves on loopback, or in the
// process without any network; it keeps its state in memory or in a file that
// several processes may share. A socket answers clients of this machine alone,
// by a loopback name and the port; no web page is one. It imports nothing of keyturn but its own parts.
//
// # What it is faithful in
//
//   - The wire: awsJson 1.0 and 1.1, STS's query protocol, error codes,
//     request ids, DynamoDB's checksums, the Date header.
//   - Atomicity: a call takes effect at one moment, entirely or not at all.
//   - The life of a signature: a request whose date is over five minutes off
//     the sandbox's clock is refused, also when it was the clock that moved.
//   - Trouble, when switched on: reads that lag, quotas, requests that are
//     refused or lost, answers that are lost after the effect. See Switches.
//   - Ignorance: what it does not know it refuses, as AWS refuses what it does
//     not know; it never makes a success up.
//
// # What it is not
//
//   - Secure. Signatures are dated but not verified; any credentials are good
//     and every caller may do everything, but for what a fault refuses.
//   - Separate by host: one endpoint is all services in all Regions; the
//     credential scope says which Region is meant. There is one account.
//   - Fast, or large: the whole state is written at every change.
//   - A clock one can turn back, or stop. Its time is the host's plus an offset
//     that grows on full seconds of the host. A test that wants time to stand
//     still runs in a testing/synctest bubble, where it does.
//
// # The life of a call
//
// call.go has it from arrival to reply: route it (protocol.go), draw its
// faults (switches.go), wait, take the lock and catch up with other processes
// (state.go), judge the signature (signature.go, clock.go), count it (quota.go),
// let the service carry it out, save, and write it down (journal.go).
package sandbox
