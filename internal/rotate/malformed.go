package rotate

import (
	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/plan"
)

// malformed finds the records that are there and cannot be understood in the
// error of a Read, by key. Such a record stops its own key and no other, and
// is never taken for no record.
func malformed(err error) map[string]*ddblock.MalformedError {
	found := map[string]*ddblock.MalformedError{}
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case *ddblock.MalformedError:
			found[e.Key] = e
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				walk(one)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return found
}

// malformedRefusal says that a record cannot be understood.
func malformedRefusal(p plan.Policy, e *ddblock.MalformedError) *plan.Refusal {
	return &plan.Refusal{Code: "malformed-record", Unwritten: true, What: e.Error(),
		Safe: "nothing was changed; encrypt and decrypt work as before",
		Hint: "look at the item in table " + p.Table + "; a newer keyturn or a hand may have written it"}
}

// refuse ends a report with a refusal that no record remembers.
func (k *KeyReport) refuse(ref *plan.Refusal) {
	k.Outcome, k.Refusal, k.News = plan.Refused, ref, true
	k.Reasons = []plan.Reason{{Code: ref.Code, Text: ref.What}}
}
