// Package rotate is the runner: the one place where plan, kms and ddblock
// meet. It decides nothing. For each key it asks plan.Decide what comes next,
// carries that one act out, or writes what plan.Apply gives, and asks again.
//
// It knows how to wait, how to share two leases among many keys, and how to
// stop when a signal comes. What must hold whatever it does is in plan; what a
// call to AWS looks like is in kms and ddblock. The dry-run is the same loop
// with other hands: looks are real, changes are only listed and assumed to
// succeed.
package rotate
