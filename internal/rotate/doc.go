// Package rotate is the runner. It decides nothing. For each key it asks
// plan.Decide what comes next, carries that one act out with kms, or writes the
// record that plan.Apply returns with ddblock, and asks again. The loop is in
// rotate.go.
//
// It knows how to wait, how to work on some keys at a time out of many, and how
// to stop when a signal comes. The rules are in plan; what a call to AWS looks
// like is in kms and ddblock. The dry-run is the same loop with another
// executor: its looks are real, its changes are only listed and assumed to
// succeed.
package rotate
