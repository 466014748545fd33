package sandbox

import (
	"maps"

	"golang.org/x/time/rate"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// quotas count requests per second, account and Region by operation, as KMS
// does. The counts are this Sandbox's own: two processes on one state file
// have a quota each.
type quotas struct {
	perSecond map[string]int
	buckets   map[string]*rate.Limiter
}

// newQuotas returns full buckets for KMS's own quotas, with those in raised instead.
func newQuotas(raised map[string]int) *quotas {
	q := &quotas{perSecond: KMSQuotas(), buckets: map[string]*rate.Limiter{}}
	maps.Copy(q.perSecond, raised)
	return q
}

// take counts a call and refuses it if the second is used up. Time is the
// sandbox's, so that a moved clock fills the buckets.
func (q *quotas) take(operation string, call wire.Call) *wire.Error {
	perSecond := q.perSecond[operation]
	if perSecond == 0 {
		return nil
	}
	name := call.Account + "/" + call.Region + "/" + operation
	bucket := q.buckets[name]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Limit(perSecond), perSecond)
		q.buckets[name] = bucket
	}
	if bucket.AllowN(call.Now, 1) {
		return nil
	}
	return wire.Errorf("ThrottlingException",
		"You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.")
}

// KMSQuotas returns the requests per second that KMS allows by default in an account and
// Region, for the operations of which a sandbox is likely to see that many. AWS raises
// them on request.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
func KMSQuotas() map[string]int {
	return map[string]int{
		"CancelKeyDeletion":    5,
		"CreateAlias":          5,
		"CreateKey":            5,
		"DisableKey":           5,
		"EnableKey":            5,
		"GetKeyLastUsage":      5,
		"ReplicateKey":         5,
		"RotateKeyOnDemand":    5,
		"UpdateAlias":          5,
		"TagResource":          10,
		"DeleteAlias":          15,
		"EnableKeyRotation":    15,
		"ScheduleKeyDeletion":  15,
		"ListGrants":           100,
		"ListKeyRotations":     100,
		"ListAliases":          500,
		"ListKeys":             500,
		"GetKeyPolicy":         1000,
		"GetKeyRotationStatus": 1000,
		"DescribeKey":          2000,
		"ListResourceTags":     2000,
	}
}
