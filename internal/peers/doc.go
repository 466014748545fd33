// Package peers holds tests that run keyturn beside what teams use in its place, as
// processes: the script of cron (scripts/peers/rotate.sh, with the aws CLI), the same
// steps under a lease lock (scripts/peers/Rotate.java, with Amazon's DynamoDB Lock
// Client), and keyturn. Each has a `keyturn sandbox` of its own on loopback, and each
// process a proxy before it, by which the test hits the moment of a fault exactly and
// counts the calls.
//
// It judges by what KMS holds, by the calls, and by what each peer has written down.
// It must not know how any of them decides.
//
//	go test ./internal/peers   # two processes each, without a fault; what is installed
//	scripts/peers.sh           # eight, in all cases, which makes the table of docs/peers.md
//
// It has no code of its own.
package peers
