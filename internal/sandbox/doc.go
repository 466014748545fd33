// Package sandbox is an AWS inside this program: the parts of KMS, DynamoDB
// and STS that keyturn and its users' tests need, over their real protocols,
// for unchanged SDK clients and the aws CLI. It serves on loopback, or in the
// process without any network. It keeps its state in memory, or in a file that
// several processes may share. A socket answers only clients of this machine, by
// a loopback name and the port, and never a web page. The package imports
// nothing of keyturn but its own parts.
//
// # What it does as AWS does
//
//   - The wire: awsJson 1.0 and 1.1, STS's query protocol, error codes,
//     request ids, DynamoDB's checksums, the Date header.
//   - Atomicity: a call takes effect at one moment, entirely or not at all.
//   - The life of a signature: a request whose date is over five minutes off
//     the sandbox's clock is refused, also when it was the clock that moved.
//   - Faults, when switched on: reads that lag, quotas, requests that are
//     refused or lost, answers that are lost after the effect. See Switches.
//   - Unknown requests: it refuses them, as AWS does. It never invents a
//     success.
//
// # What it is not
//
//   - Secure. It checks the date of a signature and does not verify it. Any
//     credentials are valid, and every caller may do everything that no fault
//     refuses.
//   - Separate by host. One endpoint serves all services in all Regions; the
//     credential scope names the Region. There is one account.
//   - Fast, or large. The whole state is written at every change.
//   - A clock that can go back, or stop. Its time is the host's plus an offset
//     that grows on full seconds of the host. A test that needs time to stop
//     runs in a testing/synctest bubble.
//
// # The life of a call
//
// call.go has it from arrival to reply: route it (protocol.go), select its
// faults (switches.go), wait, take the lock and read what other processes wrote
// (state.go), check the signature (signature.go, clock.go), count it (quota.go),
// let the service carry it out, save, and record it (journal.go).
package sandbox
