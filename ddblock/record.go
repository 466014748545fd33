package ddblock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// The names of the key attributes, and the sort key of the record itself. For the
// sort keys of the ledger's items see ledger.go.
const (
	keyAttr    = "key"
	itemAttr   = "item"
	recordItem = "record"
)

// decode returns the record in an item. Of a record with a newer schema it reads
// only what identifies it, as far as possible: the caller must check Schema, and
// rely on nothing else of such a record.
func decode(item map[string]types.AttributeValue) (*plan.Record, error) {
	return decodeFields(reading(item))
}

func decodeFields(f *fields) (*plan.Record, error) {
	r := &plan.Record{}
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

// unknown returns the attributes of a record's item that this binary does not know, sorted,
// once r was read from it. It does not look into events: the ledger has them too.
func unknown(f *fields, r *plan.Record) []string {
	if r.Schema > plan.SchemaVersion { // then only its identity was read
		bodyFields(f, &plan.Record{})
	}
	all, names := f.trouble.unknown, f.names()
	for name := range f.attrs {
		if name != itemAttr && !slices.Contains(names, name) {
			all = append(all, name)
		}
	}
	all = slices.DeleteFunc(all, func(name string) bool {
		return strings.HasPrefix(name, "events[") || strings.HasPrefix(name, "who.")
	})
	slices.Sort(all)
	return all
}

// encode returns the item of a record, and the names of all attributes that it
// knows, set or not. It refuses a record that could not be read again: in the
// table, that would stop every pool until a person repairs the item.
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
	return f.attrs, f.names(), nil
}

// identityFields maps what every schema has.
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
	f.maybeVersion("active", &r.Active)
	f.maybeVersion("target", &r.Target)
	list(f, "versions", &r.Versions, versionFields)
	optional(f, "lease", &r.Lease, leaseFields)
	optional(f, "fence", &r.Fence, moveFields)
	f.time("moves_until", &r.MovesUntil)
	f.time("switched_at", &r.SwitchedAt)
	f.maybeKeyID("switched_from", &r.SwitchedFrom)
	optional(f, "hold", &r.Hold, holdFields)
	optional(f, "attempts", &r.Attempts, attemptsFields)
	optional(f, "last_error", &r.LastError, lastErrorFields)
	optional(f, "told", &r.Told, toldFields)
	events(f, &r.Events)
	f.maybeNumber("left_out", &r.LeftOut)

	f.need("alias_arn", r.AliasARN != "")
	f.need("anchor", !r.Anchor.IsZero())
	f.need("generation", r.Generation > 0)
	oneOf(f, "step", r.Step, plan.Steady, plan.Claimed, plan.Created, plan.Switching)
	// No version is active only while `adopt --create` makes the first one.
	open := r.Step != plan.Steady
	first := r.Step == plan.Claimed && r.Active == 0
	f.need("claim", !open || r.Claim != nil)
	f.need("active", first || r.Active != 0)
	f.need("window", first || !r.Window.IsZero())
	f.need("target", !open || r.Step == plan.Claimed || r.Target != 0)
	versionsFit(f, r)
}

// versionsFit checks that each version has one entry, that the live one and the
// target have one and are two, that the live one has no state, and that every other
// but the target has one.
func versionsFit(f *fields, r *plan.Record) {
	seen := map[int64]bool{0: true}
	for i, v := range r.Versions {
		entry := fmt.Sprintf("versions[%d].", i)
		if seen[v.Version] {
			f.fail(entry+"version", "is %d, which has an entry already", v.Version)
		}
		seen[v.Version] = true
		if v.Version == r.Active && v.State != "" {
			f.fail(entry+"state", "is %s: the live version has none", v.State)
		}
		f.need(entry+"since", v.Version != r.Active || !v.Since.IsZero())
		if r.Step == plan.Created { // prepublish counts from it
			f.need(entry+"created_at", v.Version != r.Target || !v.CreatedAt.IsZero())
		}
	}
	if !seen[r.Active] {
		f.fail("active", "is %d, which has no entry in versions", r.Active)
	}
	if !seen[r.Target] {
		f.fail("target", "is %d, which has no entry in versions", r.Target)
	}
	// Only a claim that puts the alias back is about the live version.
	if back := r.Step != plan.Steady && r.Claim != nil && r.Claim.Expects != ""; back != (r.Target == r.Active) {
		switch {
		case back:
			f.fail("target", "is %d, and the claim expects to put the alias back onto %d", r.Target, r.Active)
		case r.Target != 0:
			f.fail("target", "is %d, which is live already", r.Target)
		}
	}
	for i, v := range r.Versions {
		f.need(fmt.Sprintf("versions[%d].state", i), v.State != "" || v.Version == r.Active || v.Version == r.Target)
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
	f.maybeKeyID("expects", &c.Expects)
	f.text("reason", &c.Reason)
	f.hash("head", &c.Head)
	f.rest(&c.Rest)

	f.need("id", c.ID != "")
	f.need("at", !c.At.IsZero())
	oneOf(f, "verb", c.Verb, plan.VerbSchedule, plan.VerbRotate, plan.VerbRollback, plan.VerbAdopt)
	f.need("window", c.Verb != plan.VerbSchedule || !c.Window.IsZero())
	if c.Expects != "" && c.Verb != plan.VerbRollback {
		f.fail("expects", "is for a rollback, not for %s", c.Verb)
	}
}

func versionFields(f *fields, v *plan.Version) {
	f.version("version", &v.Version)
	f.keyID("key_id", &v.KeyID)
	f.text("state", (*string)(&v.State))
	f.flag("adopted", &v.Adopted)
	f.time("created_at", &v.CreatedAt)
	f.time("since", &v.Since)
	f.time("left", &v.Left)
	f.flag("left_unknown", &v.LeftUnknown)
	f.time("drain_until", &v.DrainUntil)
	retireOf(f, v)
	f.time("kept_at", &v.KeptAt)
	f.time("disabled_at", &v.DisabledAt)
	f.flag("disabled_unknown", &v.DisabledUnknown)
	f.time("delete_at", &v.DeleteAt)
	f.time("checked_at", &v.CheckedAt)
	f.time("look_after", &v.LookAfter)
	f.time("reinstated_at", &v.ReinstatedAt)
	optional(f, "hold", &v.Hold, holdFields)
	f.text("retired_by", &v.RetiredBy)
	optional(f, "fence", &v.Fence, oldFenceFields)
	f.rest(&v.Rest)

	f.need("version", v.Version > 0)
	if v.State != "" { // the live version and one just made have none
		oneOf(f, "state", v.State, plan.Draining, plan.Kept, plan.Disabled, plan.Deleting, plan.Gone)
	}
	f.need("drain_until", v.State != plan.Draining || !v.DrainUntil.IsZero())
	f.need("retire", v.State != plan.Draining || v.Retire.Action != "")
	f.need("kept_at", v.State != plan.Kept || !v.KeptAt.IsZero())
	f.need("disabled_at", v.State == "" || v.State == plan.Draining || v.State == plan.Kept || !v.DisabledAt.IsZero())
	f.need("delete_at", v.State != plan.Deleting && v.State != plan.Gone || !v.DeleteAt.IsZero())
}

// retireOf maps the terms of a version; one that never was live has none.
func retireOf(f *fields, v *plan.Version) {
	terms := &v.Retire
	if !f.reading && v.Retire.Action == "" {
		terms = nil
	}
	optional(f, "retire", &terms, retireFields)
	if f.reading {
		v.Retire = *terms
	}
}

func retireFields(f *fields, t *plan.Retire) {
	f.text("action", (*string)(&t.Action))
	f.durationOrOff("unless_used_within", &t.UnlessUsedWithin, &t.UsageOff)
	f.duration("delete_after", &t.DeleteAfter)
	f.duration("deletion_window", &t.DeletionWindow)
	f.rest(&t.Rest)

	oneOf(f, "action", t.Action, plan.RetireKeep, plan.RetireDisable, plan.RetireDelete)
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
	f.text("what", (*string)(&v.What))
	f.time("until", &v.Until)
	f.count("signers", &v.Signers)
	f.text("run", &v.Run)
	f.time("since", &v.Since)
	f.rest(&v.Rest)

	f.need("until", !v.Until.IsZero())
}

// moveFields maps the fence of an alias move.
func moveFields(f *fields, v *plan.Fence) {
	fenceFields(f, v)
	oneOf(f, "what", v.What, plan.FencedMove)
}

// oldFenceFields maps the fence of an old version.
func oldFenceFields(f *fields, v *plan.Fence) {
	fenceFields(f, v)
	oneOf(f, "what", v.What, plan.FencedDisable, plan.FencedDelete)
	f.need("since", !v.Since.IsZero())
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

func toldFields(f *fields, t *plan.Told) {
	f.version("generation", &t.Generation)
	words(f, "what", &t.What)
	f.rest(&t.Rest)

	f.need("generation", t.Generation > 0)
}

func lastErrorFields(f *fields, e *plan.LastError) {
	f.text("code", (*string)(&e.Code))
	f.text("about", &e.About)
	f.text("message", &e.Message)
	f.time("at", &e.At)
	f.text("run", &e.Run)
	f.rest(&e.Rest)

	f.need("at", !e.At.IsZero())
}
