package plan_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A refusal is put into the record once, and again when it is about something else:
// status and audit quote the record.
func TestRefusalThatIsNews(t *testing.T) {
	notResource := keyPolicy(statementWith(`"NotResource":"arn:aws:kms:*:*:key/ffff"`))
	service := keyPolicy(strings.Replace(accountDecides, `"AWS":"arn:aws:iam::123456789012:root"`,
		`"Service":"s3.amazonaws.com"`, 1))
	spec := func(spec string) func(*plan.Policy) { return func(p *plan.Policy) { p.Spec = spec } }
	ownFile := func(p *plan.Policy) { p.PolicyPath = "policy.json" }
	sameInFile := func(o *plan.Observed) { service(o); o.OwnPolicy = o.Source.Policy }
	for _, c := range []struct {
		name          string
		before, after func(*plan.Policy)
		seen, now     sight
	}{
		{"another statement cannot be copied", nil, nil, notResource, keyPolicy("what")},
		{"the plan's own policy locks out, too", nil, ownFile, service, sameInFile},
		{"the plan is wrong otherwise", spec("RSA_2048"), spec("RSA_4096"), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			decide := func(r *plan.Record, change func(*plan.Policy), s sight) plan.Decision {
				p, o := ordersPolicy(), seen()
				if change != nil {
					change(&p)
				}
				if s != nil {
					s(&o)
				}
				return plan.Decide(noon, p, r, bySchedule, o)
			}
			first := decide(record(plan.Steady), c.before, c.seen)
			told := plan.Apply(record(plan.Steady), first.Act)
			if again := decide(told, c.before, c.seen); again.Act.Kind != plan.Stop {
				t.Errorf("the same is written again: %s", said(again))
			}
			now := decide(told, c.after, c.now)
			if e := noteOf(now.Act).Error; e == nil || e.Message == told.LastError.Message {
				t.Errorf("%s; the record says: %s", said(now), told.LastError.Message)
			}
		})
	}
}
