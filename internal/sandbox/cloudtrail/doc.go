// Package cloudtrail writes what CloudTrail would record of a call: its event record, with
// its field names, and the log file that records stand in. It knows which parameters of a
// request AWS leaves out (plaintext, ciphertext, messages, grant tokens, and every attribute
// of an item but its key), and no service.
//
// The forms are those of these pages:
//
//   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
//   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
//   - https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
//   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/understanding-ddb-log-entries.html
//
// AWS shows no record of BatchGetItem, BatchWriteItem, Query or Scan. Theirs are in the form
// of TransactWriteItems on the last of these pages.
package cloudtrail
