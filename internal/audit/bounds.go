package audit

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// clockSlack is by how much a run's time may be ahead of this audit's.
const clockSlack = 5 * time.Minute

// deletionMost is KMS's longest waiting period, and a day.
const deletionMost = 31 * 24 * time.Hour

// beyondConstants looks for times in the record that no write of keyturn can have set:
// in the future, or further ahead than the constants of the protocol allow. Such a time
// keeps runs away, or makes them wait.
func (c *checker) beyondConstants() {
	limit := func(field string, at time.Time, ahead time.Duration) {
		if at.After(c.now.Add(ahead + clockSlack)) {
			want := "in the past"
			if ahead > 0 {
				want = "at most " + plan.FormatDuration(ahead) + " from now"
			}
			c.edit(0, field, moment(at), want)
		}
	}
	fence := func(field string, f *plan.Fence) {
		if f != nil {
			limit(field+".until", f.Until, plan.FenceFor+plan.SignedSkew)
			limit(field+".since", f.Since, 0)
		}
	}
	r := c.r
	limit("anchor", r.Anchor, 0)
	limit("switched_at", r.SwitchedAt, 0)
	limit("moves_until", r.MovesUntil, plan.FenceFor+plan.SignedSkew)
	fence("fence", r.Fence)
	if r.Lease != nil {
		limit("lease.until", r.Lease.Until, plan.LeaseFor)
		limit("lease.since", r.Lease.Since, 0)
	}
	if r.Hold != nil {
		limit("hold.since", r.Hold.Since, 0)
	}
	if r.Claim != nil {
		limit("claim.at", r.Claim.At, 0)
	}
	for _, v := range r.Versions {
		name := fmt.Sprintf("versions[%s]", plan.VersionName(v.Version))
		limit(name+".created_at", v.CreatedAt, 0)
		limit(name+".since", v.Since, 0)
		limit(name+".left", v.Left, 0)
		limit(name+".kept_at", v.KeptAt, 0)
		limit(name+".disabled_at", v.DisabledAt, 0)
		limit(name+".checked_at", v.CheckedAt, 0)
		limit(name+".reinstated_at", v.ReinstatedAt, 0)
		limit(name+".look_after", v.LookAfter, plan.FenceFor+plan.SignedSkew)
		limit(name+".delete_at", v.DeleteAt, deletionMost)
		fence(name+".fence", v.Fence)
		if v.Hold != nil {
			limit(name+".hold.since", v.Hold.Since, 0)
		}
	}
}
