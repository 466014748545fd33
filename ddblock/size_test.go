package ddblock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// docs/record.md says how large a record gets. DynamoDB takes items of 400 KB.
func TestSize(t *testing.T) {
	for _, c := range []struct {
		name   string
		kept   int
		downed int
		events int
		most   int
	}{
		{"the versions of ten years, kept", 40, 0, 2 * plan.NewestEvents, 22 << 10},
		{"the largest", plan.MaxRetired, plan.MaxDisabled, plan.NewestEvents + plan.MaxUncopied, 240 << 10},
	} {
		it, _, err := encode(largeRecord(c.kept, c.downed, c.events))
		if err != nil {
			t.Fatal(err)
		}
		if got := size(it); got > c.most || got < c.most*3/4 {
			t.Errorf("%s: %d bytes, docs/record.md says at most %d", c.name, got, c.most)
		}
	}
}

// largeRecord returns a record with an open generation, as many entries of kept and of
// disabled versions, as many events, each of another run, and long texts in all of them.
func largeRecord(kept, disabled, events int) *plan.Record {
	r := fullRecord()
	id := func(n int64) string { return fmt.Sprintf("%08d-0000-0000-0000-000000000000", n) }
	mark := plan.Fence{What: plan.FencedDisable, Run: "1f2e3d4c", Since: r.Claim.At, Until: r.Claim.At, Signers: 1}
	var versions []plan.Version
	add := func(v plan.Version) {
		v.Version = 1000 + int64(len(versions))
		v.KeyID, v.Fence = id(v.Version), &mark
		versions = append(versions, v)
	}
	stamp := r.Claim.At.Add(time.Nanosecond)
	for range disabled {
		add(plan.Version{State: plan.Disabled, Left: stamp, DisabledAt: stamp, DisabledUnknown: true, CheckedAt: stamp})
	}
	for range kept {
		add(plan.Version{State: plan.Kept, Left: stamp, KeptAt: stamp})
	}
	add(*r.Entry(6))
	add(*r.Entry(6))
	add(*r.Live())
	add(*r.Next())
	r.Versions, r.Active, r.Target = versions, int64(len(versions))+998, int64(len(versions))+999
	long := strings.Repeat("x", plan.MaxReason)
	r.LastError.Message, r.Hold.Reason = long, long
	e := r.Events[0]
	e.Reason, e.KeyID, e.Claim, e.GaveUp, e.Who.Terms = long, id(1), id(2)[:26], id(3)[:26], long[:64]
	e.Left[0].KeyID = id(7)
	e.Ended = nil // a write that finds a drain ended begins none
	e.Calls = nil
	for n := range plan.MaxCalls {
		e.Calls = append(e.Calls, plan.Answered{Operation: "ScheduleKeyDeletion",
			RequestID: id(int64(n)), Answer: "yes"})
	}
	r.Events = nil
	for n := range events {
		e.Run = id(int64(n))[:8]
		r.Events = append(r.Events, e)
	}
	return r
}

// size returns the size of an item as DynamoDB counts it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func size(it item) (bytes int) {
	for name, v := range it {
		bytes += len(name) + sizeOf(v)
	}
	return bytes
}

func sizeOf(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 2
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + size(v.Value)
	case *types.AttributeValueMemberL:
		bytes := 3 + len(v.Value)
		for _, e := range v.Value {
			bytes += sizeOf(e)
		}
		return bytes
	}
	return 1
}
