package cost

import (
	"maps"

	"github.com/keyturn/keyturn/plan"
)

// Calls is how often each operation is called: "kms:CreateKey".
type Calls map[string]float64

func (c Calls) add(times float64, more Calls) {
	for name, n := range more {
		c[name] += times * n
	}
}

// begin is what a run calls before its first write, and for the copy to the ledger at its
// end.
var begin = Calls{"dynamodb:Query": 1, "dynamodb:PutItem": 1, "dynamodb:DescribeTable": 1,
	"dynamodb:DescribeTimeToLive": 1, "sts:GetCallerIdentity": 1}

// Rotation returns what one rotation of a key calls, if one run makes it.
func Rotation(k plan.Policy) Calls {
	c := maps.Clone(begin)
	c.add(1, Calls{"dynamodb:UpdateItem": 3, "kms:CreateKey": 1, "kms:CreateAlias": 1, "kms:UpdateAlias": 1,
		"kms:DescribeKey": 3, "kms:GetKeyPolicy": 1, "kms:ListGrants": 1, "kms:ListResourceTags": 1,
		"kms:GetKeyRotationStatus": 1})
	if k.Probe {
		c.add(1, Calls{"kms:Encrypt": 1, "kms:Decrypt": 1})
	}
	if k.AutoRotation.Every > 0 {
		c.add(1, Calls{"kms:EnableKeyRotation": 1})
	}
	if k.Prepublish > 0 { // a run makes the version, and another one moves the alias
		c.add(1, begin)
		c.add(1, Calls{"dynamodb:UpdateItem": 2, "kms:DescribeKey": 2, "kms:GetKeyPolicy": 2,
			"kms:ListResourceTags": 1})
	}
	return c
}

// Drain returns what the end of one drain calls, of a version that was not used lately.
func Drain(k plan.Policy) Calls {
	c := maps.Clone(begin)
	if k.Retire.Action == plan.RetireKeep {
		c.add(1, Calls{"dynamodb:UpdateItem": 1})
		return c
	}
	c.add(1, Calls{"dynamodb:UpdateItem": 3, "kms:DescribeKey": 2, "kms:ListAliases": 1, "kms:DisableKey": 1})
	if !k.Retire.UsageOff {
		c.add(1, Calls{"kms:GetKeyLastUsage": 1, "kms:ListGrants": 1})
	}
	return c
}

// Deletion returns what the deletion of one version calls.
func Deletion(plan.Policy) Calls {
	c := maps.Clone(begin)
	c.add(1, Calls{"dynamodb:UpdateItem": 3, "kms:DescribeKey": 2, "kms:ListAliases": 1, "kms:ScheduleKeyDeletion": 1})
	return c
}

// Late returns the most that one more pool calls which starts at the same instant and
// comes too late: it looks, loses its first write, and reads the record until the other
// one is done.
func Late(plan.Policy) Calls {
	return Calls{"dynamodb:Query": 1, "dynamodb:DescribeTable": 1, "dynamodb:DescribeTimeToLive": 1,
		"sts:GetCallerIdentity": 1, "dynamodb:UpdateItem": 1, "dynamodb:BatchGetItem": 12, "kms:DescribeKey": 3,
		"kms:GetKeyPolicy": 1, "kms:ListGrants": 1, "kms:ListResourceTags": 1, "kms:GetKeyRotationStatus": 1}
}
