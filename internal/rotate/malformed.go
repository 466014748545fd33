package rotate

import (
	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// malformedRefusal returns the refusal for a record that cannot be understood.
func malformedRefusal(p plan.Policy, e *ddblock.MalformedError) *plan.Refusal {
	return &plan.Refusal{Code: plan.CodeMalformedRecord, Unwritten: true, What: e.Error(),
		Hint: plan.Noted("look at the item in table " + p.Table +
			"; a newer keyturn may have written it, or a person edited it")}
}

// refuse completes a report with a refusal that no record remembers.
func (k *KeyReport) refuse(ref *plan.Refusal) {
	k.Outcome, k.Refusal, k.News = plan.Refused, ref, true
	k.Works = claim.Of(claim.Seen{Alias: k.Policy.Alias})
	k.Reasons = []plan.Reason{{Code: ref.Code, Text: ref.What}}
}
