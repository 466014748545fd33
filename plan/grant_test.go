package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A grant is lacking if no grants on the other key let its grantee do the same.
func TestGrantsLacking(t *testing.T) {
	const app, partner = "arn:aws:iam::111122223333:role/app", "arn:aws:iam::999988887777:root"
	of := func(grantee string, operations ...string) plan.Grant {
		return plan.Grant{Grantee: grantee, Operations: operations}
	}
	in := func(g plan.Grant, context string) plan.Grant {
		g.ContextSubset = map[string]string{"tenant": context}
		return g
	}
	from := func(g plan.Grant) plan.Grant {
		g.SourceARN = "arn:aws:s3:::bucket"
		return g
	}
	type list = []plan.Grant
	for name, c := range map[string]struct {
		before, live []plan.Grant
		lacking      int
	}{
		"none":                    {},
		"it followed":             {list{of(app, "Decrypt")}, list{of(app, "Decrypt")}, 0},
		"it did not":              {list{of(app, "Decrypt")}, nil, 1},
		"another's did":           {list{of(app, "Decrypt")}, list{of(partner, "Decrypt")}, 1},
		"a part of it":            {list{of(app, "Decrypt", "Encrypt")}, list{of(app, "Decrypt")}, 1},
		"in two parts":            {list{of(app, "Sign", "Verify")}, list{of(app, "Verify"), of(app, "Sign")}, 0},
		"more than it":            {list{of(app, "Decrypt")}, list{of(app, "Encrypt", "Decrypt")}, 0},
		"on the same condition":   {list{in(of(app, "Decrypt"), "a")}, list{in(of(app, "Decrypt"), "a")}, 0},
		"on another condition":    {list{in(of(app, "Decrypt"), "a")}, list{in(of(app, "Decrypt"), "b")}, 1},
		"on no condition":         {list{in(of(app, "Decrypt"), "a")}, list{of(app, "Decrypt")}, 0},
		"on a new condition":      {list{of(app, "Decrypt")}, list{in(of(app, "Decrypt"), "a")}, 1},
		"from a source now":       {list{of(app, "Decrypt")}, list{from(of(app, "Decrypt"))}, 1},
		"from the same source":    {list{from(of(app, "Decrypt"))}, list{from(of(app, "Decrypt"))}, 0},
		"one of two":              {list{of(app, "Decrypt"), of(partner, "Decrypt")}, list{of(app, "Decrypt")}, 1},
		"more on the live one":    {nil, list{of(app, "Decrypt")}, 0},
		"what nobody has granted": {list{of(app)}, nil, 0},
	} {
		if got := plan.GrantsLacking(c.before, c.live); len(got) != c.lacking {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A grant is by a service if it is for one, for its role or its session, or was made by one.
func TestGrantByService(t *testing.T) {
	for by, want := range map[string]bool{
		"dynamodb.us-west-2.amazonaws.com": true,
		"ec2.cn-north-1.amazonaws.com.cn":  true,
		"rds.amazonaws.com":                true,
		"arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSService": true,
		"arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-0123456789abcdef0":    true,
		"arn:aws:iam::111122223333:role/amazonaws.com":                                         false,
		"arn:aws:iam::111122223333:user/rds.amazonaws.com":                                     false,
		"arn:aws:iam::111122223333:root":                                                       false,
		"AROACKCEVSQ6C2EXAMPLE":                                                                false,
		"":                                                                                     false,
	} {
		for _, g := range []plan.Grant{{Grantee: by}, {Retiring: by}, {IssuedBy: by}} {
			if g.ByService() != want {
				t.Errorf("%+v", g)
			}
		}
	}
}
