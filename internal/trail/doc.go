// Package trail reads what CloudTrail has recorded, and judges it beside the ledgers of
// keys: which changes no run of a ledger made, what a ledger tells that the trail should
// have and does not, and who used which version. It is pure: files come in as readers, and
// findings go out. It must not know what is printed.
//
// A trail never has everything: it may leave out services, kinds of events, Regions and
// times. So [Coverage] says what the files cover, and outside of that nothing is concluded
// from what they lack. What they do have counts wherever it is from.
//
// The forms are those of
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html,
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html and
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
package trail
