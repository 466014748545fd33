package ddblock

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// knownAttrs are the attributes of the record's item that this binary reads
// and writes, beside the sort key.
var knownAttrs = []string{
	keyAttr, "schema", "rev", "op", "alias_arn", "table_id", "anchor", "generation", "claim", "window", "step",
	"active", "target", "draining", "retired", "lease", "fence", "switched_at", "hold", "attempts", "last_error",
	"events", "ledgered",
}

// attrs collects the attributes of one map. Absent is absent: empty texts, zero
// times and nil maps are not written.
type attrs map[string]types.AttributeValue

// rest starts a map with what a newer keyturn put there.
func rest(r plan.Rest) attrs {
	a := attrs{}
	for name, v := range r {
		if value, ok := v.(types.AttributeValue); ok {
			a[name] = value
		}
	}
	return a
}

func (a attrs) str(name, s string) {
	if s != "" {
		a[name] = text(s)
	}
}

func (a attrs) num(name string, n int64) { a[name] = number(n) }

func (a attrs) time(name string, t time.Time) {
	if !t.IsZero() {
		a[name] = text(t.UTC().Format(time.RFC3339Nano))
	}
}

func (a attrs) duration(name string, d time.Duration) { a[name] = text(plan.FormatDuration(d)) }

func (a attrs) flag(name string, b bool) {
	if b {
		a[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

// nested adds the map that encode makes of *v, unless v is nil.
func nested[T any](a attrs, name string, v *T, encode func(T) attrs) {
	if v != nil {
		a[name] = &types.AttributeValueMemberM{Value: encode(*v)}
	}
}

// list adds the maps that encode makes of each of vs, unless there are none.
func list[T any](a attrs, name string, vs []T, encode func(T) attrs) {
	if len(vs) == 0 {
		return
	}
	l := make([]types.AttributeValue, len(vs))
	for i, v := range vs {
		l[i] = &types.AttributeValueMemberM{Value: encode(v)}
	}
	a[name] = &types.AttributeValueMemberL{Value: l}
}

// encode makes the item of a record, without its sort key.
func encode(r *plan.Record) map[string]types.AttributeValue {
	a := attrs{}
	a.str(keyAttr, r.Key)
	a.num("schema", int64(r.Schema))
	a.num("rev", r.Rev)
	a.str("op", r.Op)
	a.str("alias_arn", r.AliasARN)
	a.str("table_id", r.TableID)
	a.time("anchor", r.Anchor)
	a.num("generation", r.Generation)
	nested(a, "claim", r.Claim, encodeClaim)
	a.time("window", r.Window)
	a.str("step", string(r.Step))
	nested(a, "active", r.Active, encodeActive)
	nested(a, "target", r.Target, encodeTarget)
	list(a, "draining", r.Draining, encodeDraining)
	list(a, "retired", r.Retired, encodeRetired)
	nested(a, "lease", r.Lease, encodeLease)
	nested(a, "fence", r.Fence, encodeFence)
	a.time("switched_at", r.SwitchedAt)
	nested(a, "hold", r.Hold, encodeHold)
	nested(a, "attempts", r.Attempts, encodeAttempts)
	nested(a, "last_error", r.LastError, encodeLastError)
	list(a, "events", r.Events, encodeEvent)
	if r.Ledgered != 0 {
		a.num("ledgered", r.Ledgered)
	}
	return a
}

func encodeClaim(c plan.Claim) attrs {
	a := rest(c.Rest)
	a.str("id", c.ID)
	a.time("at", c.At)
	a.str("verb", string(c.Verb))
	a.time("window", c.Window)
	a.duration("drain", c.Drain)
	a.duration("prepublish", c.Prepublish)
	a.str("spec", c.Spec)
	a.str("usage", c.Usage)
	a.str("reason", c.Reason)
	return a
}

func encodeActive(v plan.Active) attrs {
	a := rest(v.Rest)
	a.num("version", v.Version)
	a.str("key_id", v.KeyID)
	a.time("since", v.Since)
	a.flag("adopted", v.Adopted)
	return a
}

func encodeTarget(v plan.Target) attrs {
	a := rest(v.Rest)
	a.num("version", v.Version)
	a.str("key_id", v.KeyID)
	a.time("created_at", v.CreatedAt)
	return a
}

func encodeDraining(d plan.Draining) attrs {
	a := rest(d.Rest)
	a.num("version", d.Version)
	a.str("key_id", d.KeyID)
	a.time("since", d.Since)
	a.time("drain_until", d.DrainUntil)
	nested(a, "retire", &d.Retire, encodeRetire)
	a.time("checked_at", d.CheckedAt)
	a.time("look_after", d.LookAfter)
	nested(a, "mark", d.Mark, encodeMark)
	return a
}

func encodeRetire(t plan.Retire) attrs {
	a := rest(t.Rest)
	a.str("action", string(t.Action))
	if t.UsageOff {
		a.str("unless_used_within", "off")
	} else {
		a.duration("unless_used_within", t.UnlessUsedWithin)
	}
	a.duration("delete_after", t.DeleteAfter)
	a.duration("deletion_window", t.DeletionWindow)
	return a
}

func encodeRetired(t plan.Retired) attrs {
	a := rest(t.Rest)
	a.num("version", t.Version)
	a.str("key_id", t.KeyID)
	a.time("since", t.Since)
	a.time("kept_at", t.KeptAt)
	a.time("disabled_at", t.DisabledAt)
	a.time("delete_at", t.DeleteAt)
	nested(a, "mark", t.Mark, encodeMark)
	return a
}

func encodeMark(m plan.Mark) attrs {
	a := rest(m.Rest)
	a.str("what", m.What)
	a.str("run", m.Run)
	a.time("since", m.Since)
	a.time("until", m.Until)
	a.num("signers", int64(m.Signers))
	return a
}

func encodeLease(l plan.Lease) attrs {
	a := rest(l.Rest)
	a.str("pool", l.Pool)
	a.str("host", l.Host)
	a.str("run", l.Run)
	a.time("since", l.Since)
	a.time("until", l.Until)
	return a
}

func encodeFence(f plan.Fence) attrs {
	a := rest(f.Rest)
	a.time("until", f.Until)
	a.num("signers", int64(f.Signers))
	return a
}

func encodeHold(h plan.Hold) attrs {
	a := rest(h.Rest)
	a.str("by", h.By)
	a.str("reason", h.Reason)
	a.time("since", h.Since)
	a.time("until", h.Until)
	a.flag("self", h.Self)
	return a
}

func encodeAttempts(c plan.Attempts) attrs {
	a := rest(c.Rest)
	a.num("count", int64(c.Count))
	a.time("last_at", c.LastAt)
	return a
}

func encodeLastError(e plan.LastError) attrs {
	a := rest(e.Rest)
	a.str("code", e.Code)
	a.str("message", e.Message)
	a.time("at", e.At)
	a.str("run", e.Run)
	return a
}

func encodeEvent(e plan.Event) attrs {
	a := rest(e.Rest)
	a.num("rev", e.Rev)
	a.time("at", e.At)
	a.str("pool", e.Pool)
	a.str("run", e.Run)
	a.str("by", e.By)
	a.str("what", e.What)
	a.str("reason", e.Reason)
	a.str("request_id", e.RequestID)
	return a
}
