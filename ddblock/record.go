package ddblock

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// The names of the key attributes, and the sort key of the record itself. The
// ledger's items stand beside it, see ledger.go.
const (
	keyAttr    = "key"
	itemAttr   = "item"
	recordItem = "record"
)

// decode reads the item of a record. Of one with a schema newer than ours only
// what identifies it is read, as far as possible: whoever looks at its Schema
// knows that nothing else of it may be believed.
func decode(item map[string]types.AttributeValue) (*plan.Record, error) {
	r := &plan.Record{}
	f := reading(item)
	identityFields(f, r)
	if r.Schema > plan.SchemaVersion {
		return r, nil
	}
	bodyFields(f, r)
	if f.trouble.what != "" {
		return nil, &MalformedError{Key: r.Key, Attribute: f.trouble.attribute, What: f.trouble.what}
	}
	return r, nil
}

// encode writes the item of a record, and gives the names of all attributes it
// knows, there or not. It refuses a record that could not be read again: once
// written, that would stop every pool until a person has repaired the item.
func encode(r *plan.Record) (item map[string]types.AttributeValue, names []string, err error) {
	f := writing()
	identityFields(f, r)
	bodyFields(f, r)
	if f.trouble.what != "" {
		return nil, nil, &MalformedError{Key: r.Key, Attribute: f.trouble.attribute, What: f.trouble.what}
	}
	if _, err := decode(f.attrs); err != nil {
		return nil, nil, err
	}
	return f.attrs, f.names, nil
}

// identityFields are what every schema has.
func identityFields(f *fields, r *plan.Record) {
	f.text(keyAttr, &r.Key)
	f.count("schema", &r.Schema)
	f.rev("rev", &r.Rev)
	f.text("op", &r.Op)

	f.need("key", r.Key != "")
	f.need("schema", r.Schema > 0)
	f.need("rev", r.Rev > 0)
	f.need("op", r.Op != "")
}

func bodyFields(f *fields, r *plan.Record) {
	f.text("alias_arn", &r.AliasARN)
	f.text("table_id", &r.TableID)
	f.time("anchor", &r.Anchor)
	f.version("generation", &r.Generation)
	optional(f, "claim", &r.Claim, claimFields)
	f.time("window", &r.Window)
	f.text("step", (*string)(&r.Step))
	optional(f, "active", &r.Active, activeFields)
	optional(f, "target", &r.Target, targetFields)
	list(f, "draining", &r.Draining, drainingFields)
	list(f, "retired", &r.Retired, retiredFields)
	optional(f, "lease", &r.Lease, leaseFields)
	optional(f, "fence", &r.Fence, fenceFields)
	f.time("switched_at", &r.SwitchedAt)
	optional(f, "hold", &r.Hold, holdFields)
	optional(f, "attempts", &r.Attempts, attemptsFields)
	optional(f, "last_error", &r.LastError, lastErrorFields)
	events(f, &r.Events)
	f.maybeNumber("ledgered", &r.Ledgered)
	f.maybeNumber("left_out", &r.LeftOut)

	f.need("alias_arn", r.AliasARN != "")
	f.need("anchor", !r.Anchor.IsZero())
	f.need("generation", r.Generation > 0)
	oneOf(f, "step", r.Step, plan.Steady, plan.Claimed, plan.Created, plan.Switching)
	// Only while `adopt --create` makes the first version is none active.
	open := r.Step != plan.Steady
	first := r.Step == plan.Claimed && r.Active == nil
	f.need("claim", !open || r.Claim != nil)
	f.need("active", first || r.Active != nil)
	f.need("window", first || !r.Window.IsZero())
	f.need("target", !open || r.Step == plan.Claimed || r.Target != nil)
	if r.Step == plan.Created { // prepublish counts from it
		f.need("target.created_at", r.Target == nil || !r.Target.CreatedAt.IsZero())
	}
}

func claimFields(f *fields, c *plan.Claim) {
	f.text("id", &c.ID)
	f.time("at", &c.At)
	f.text("verb", (*string)(&c.Verb))
	f.time("window", &c.Window)
	f.duration("drain", &c.Drain)
	f.duration("prepublish", &c.Prepublish)
	f.text("spec", &c.Spec)
	f.text("usage", &c.Usage)
	f.maybeDuration("auto_rotation", &c.AutoRotation)
	f.flag("auto_rotation_unknown", &c.AutoUnknown)
	f.text("reason", &c.Reason)
	f.rest(&c.Rest)

	f.need("id", c.ID != "")
	f.need("at", !c.At.IsZero())
	oneOf(f, "verb", c.Verb, plan.VerbSchedule, plan.VerbRotate, plan.VerbRollback, plan.VerbAdopt)
	f.need("window", c.Verb != plan.VerbSchedule || !c.Window.IsZero())
}

func activeFields(f *fields, v *plan.Active) {
	f.version("version", &v.Version)
	f.keyID("key_id", &v.KeyID)
	f.time("since", &v.Since)
	f.flag("adopted", &v.Adopted)
	f.rest(&v.Rest)

	f.need("version", v.Version > 0)
	f.need("since", !v.Since.IsZero())
}

func targetFields(f *fields, v *plan.Target) {
	f.version("version", &v.Version)
	f.keyID("key_id", &v.KeyID)
	f.time("created_at", &v.CreatedAt)
	f.rest(&v.Rest)

	f.need("version", v.Version > 0)
}

func drainingFields(f *fields, d *plan.Draining) {
	f.version("version", &d.Version)
	f.keyID("key_id", &d.KeyID)
	f.time("since", &d.Since)
	f.flag("left_unknown", &d.LeftUnknown)
	f.time("drain_until", &d.DrainUntil)
	mapping(f, "retire", &d.Retire, retireFields)
	f.time("checked_at", &d.CheckedAt)
	f.time("look_after", &d.LookAfter)
	f.time("reinstated_at", &d.ReinstatedAt)
	optional(f, "mark", &d.Mark, markFields)
	f.rest(&d.Rest)

	f.need("version", d.Version > 0)
	f.need("drain_until", !d.DrainUntil.IsZero())
}

func retireFields(f *fields, t *plan.Retire) {
	f.text("action", (*string)(&t.Action))
	f.durationOrOff("unless_used_within", &t.UnlessUsedWithin, &t.UsageOff)
	f.duration("delete_after", &t.DeleteAfter)
	f.duration("deletion_window", &t.DeletionWindow)
	f.rest(&t.Rest)

	oneOf(f, "action", t.Action, plan.RetireKeep, plan.RetireDisable, plan.RetireDelete)
}

func retiredFields(f *fields, t *plan.Retired) {
	f.version("version", &t.Version)
	f.keyID("key_id", &t.KeyID)
	f.time("since", &t.Since)
	f.flag("left_unknown", &t.LeftUnknown)
	f.time("kept_at", &t.KeptAt)
	f.time("disabled_at", &t.DisabledAt)
	f.flag("disabled_unknown", &t.DisabledUnknown)
	f.time("delete_at", &t.DeleteAt)
	f.time("checked_at", &t.CheckedAt)
	optional(f, "mark", &t.Mark, markFields)
	f.rest(&t.Rest)

	f.need("version", t.Version > 0)
	f.need("kept_at or disabled_at", !t.KeptAt.IsZero() || !t.DisabledAt.IsZero())
}

func markFields(f *fields, m *plan.Mark) {
	f.text("what", &m.What)
	f.text("run", &m.Run)
	f.time("since", &m.Since)
	f.time("until", &m.Until)
	f.count("signers", &m.Signers)
	f.rest(&m.Rest)

	oneOf(f, "what", m.What, plan.MarkDisable, plan.MarkDelete)
	f.need("until", !m.Until.IsZero())
	f.need("since", !m.Since.IsZero())
}

func leaseFields(f *fields, l *plan.Lease) {
	f.text("pool", &l.Pool)
	f.text("host", &l.Host)
	f.text("run", &l.Run)
	f.time("since", &l.Since)
	f.time("until", &l.Until)
	f.rest(&l.Rest)

	f.need("run", l.Run != "")
	f.need("until", !l.Until.IsZero())
	f.need("since", !l.Since.IsZero())
}

func fenceFields(f *fields, v *plan.Fence) {
	f.time("until", &v.Until)
	f.count("signers", &v.Signers)
	f.rest(&v.Rest)

	f.need("until", !v.Until.IsZero())
}

func holdFields(f *fields, h *plan.Hold) {
	f.text("by", &h.By)
	f.text("reason", &h.Reason)
	f.time("since", &h.Since)
	f.time("until", &h.Until)
	f.flag("self", &h.Self)
	f.rest(&h.Rest)

	f.need("since", !h.Since.IsZero())
}

func attemptsFields(f *fields, c *plan.Attempts) {
	f.count("count", &c.Count)
	f.time("last_at", &c.LastAt)
	f.maybeNumber("keys", &c.Keys)
	f.time("unnamed_at", &c.UnnamedAt)
	f.rest(&c.Rest)

	f.need("last_at", c.Count == 0 || !c.LastAt.IsZero())
}

func lastErrorFields(f *fields, e *plan.LastError) {
	f.text("code", (*string)(&e.Code))
	f.text("message", &e.Message)
	f.time("at", &e.At)
	f.text("run", &e.Run)
	f.rest(&e.Rest)

	f.need("at", !e.At.IsZero())
}
