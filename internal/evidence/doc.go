// Package evidence makes the report of `keyturn audit --evidence`, for an assessor: what a
// plan says about each key, what its ledger tells of it since a day, what KMS shows now, and
// what cannot be shown from there. It is pure: what was read comes in as [Seen], and a
// [Report] goes out, as data. It must not know how anything is read or laid out.
//
// Every statement has its source: an event of the ledger by its revision, the record, or a
// look at KMS. An event is in the report, or is counted in [Events]. What was not read, and
// what the ledger does not tell, is an [Unknown], and never left out in silence.
package evidence
