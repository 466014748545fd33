package sandbox

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// quotas count requests per second, account and Region by operation, as KMS
// does. The counts are this Sandbox's own: two processes on one state file
// have a quota each.
type quotas struct {
	buckets map[string]*rate.Limiter
}

func newQuotas() *quotas { return &quotas{buckets: map[string]*rate.Limiter{}} }

// take counts a call and refuses it if the second is used up. Time is the
// sandbox's, so that a moved clock fills the buckets.
func (q *quotas) take(operation string, call wire.Call) *wire.Error {
	perSecond := kmsQuota(operation)
	if perSecond == 0 {
		return nil
	}
	name := call.Account + "/" + call.Region + "/" + operation
	bucket := q.buckets[name]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Every(time.Second/time.Duration(perSecond)), perSecond)
		q.buckets[name] = bucket
	}
	if bucket.AllowN(call.Now, 1) {
		return nil
	}
	return wire.Errorf("ThrottlingException",
		"You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.")
}

// kmsQuota returns the number of requests per second that KMS allows by default in
// an account and Region, or 0 where no sandbox is likely to get there. Source:
// "Request quotas" in the KMS developer guide.
func kmsQuota(operation string) int {
	switch operation {
	case "CreateKey", "CreateAlias", "UpdateAlias", "DisableKey", "EnableKey", "CancelKeyDeletion",
		"RotateKeyOnDemand", "GetKeyLastUsage", "ReplicateKey":
		return 5
	case "TagResource":
		return 10
	case "ScheduleKeyDeletion", "DeleteAlias":
		return 15
	case "ListKeyRotations":
		return 100
	case "ListKeys", "ListAliases":
		return 500
	case "GetKeyPolicy":
		return 1000
	case "DescribeKey", "ListResourceTags":
		return 2000
	}
	return 0
}
