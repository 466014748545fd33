// Package survey is what status, audit, history and init read of AWS, and the one reader
// of records. It asks as much as a person may want to know; a run asks only what it acts
// on, which is internal/rotate's.
//
// It knows which calls answer which question, and how to go on where one is refused: half
// an answer is better than none. It must not know what is printed, nor judge: how a key is
// doing is internal/status's, what is wrong with it internal/audit's. It changes nothing
// in AWS except the lock table, which init makes, and publishes news to topics of SNS.
package survey
