package status

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// accepted returns the entries of accept as status shows them.
func accepted(now time.Time, list []plan.Acceptance) []Accepted {
	var all []Accepted
	for _, a := range list {
		all = append(all, Accepted{Acceptance: a, Ended: a.Ended(now)})
	}
	return all
}

// accepts reports whether the plan accepts what needs a person, and notes what was seen
// with the entry that does. An audit has the same finding under the same id.
func (k *Key) accepts(ref plan.Refusal) bool {
	about := ""
	if ref.Version > 0 {
		about = plan.VersionName(ref.Version)
	}
	id := plan.FindingID(ref.Code, k.Policy.Name, about, "")
	a, ok := plan.Accepted(k.Policy.Judging.Accept, id, ref.Code, ref.Version)
	if !ok {
		return false
	}
	for i := range k.Accepted {
		if k.Accepted[i].Acceptance == a {
			k.Accepted[i].What = ref.What
			return !k.Accepted[i].Ended
		}
	}
	return false
}
