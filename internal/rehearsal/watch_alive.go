package rehearsal

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// signature is one request of a kind that is fenced, which AWS would still carry
// out: its run stands before sending it, or it is under way.
type signature struct {
	by, operation string
	about         string // the alias, or the key's id
}

// signatureLife is how long AWS takes a signature.
const signatureLife = 5 * time.Minute

// signed returns the date of a call's signature.
func (c *call) signed() time.Time {
	at, err := time.Parse("20060102T150405Z", c.header.Get("X-Amz-Date"))
	if err != nil {
		panic(err) // the SDK wrote it
	}
	return at
}

// sight returns when that was so which a run has seen, at the earliest.
func (w *World) sight(run string) time.Time {
	for _, r := range w.Runs {
		if r.ID == run {
			return r.began.Add(-w.lag)
		}
	}
	return w.clock.now
}

// alive lists what is signed and may still arrive.
func (w *World) alive() []signature {
	var list []signature
	add := func(by *Run, c *call) {
		s := signature{by: by.ID, operation: c.operation}
		switch c.operation {
		case "UpdateAlias":
			s.about = c.says().alias
		case "DisableKey", "ScheduleKeyDeletion":
			s.about = c.says().key
		default:
			return
		}
		if w.clock.now.Sub(c.signed()) <= signatureLife {
			list = append(list, s)
		}
	}
	for _, r := range w.Runs {
		if r.place == atCall && !r.Dead {
			add(r, r.call)
		}
	}
	for _, l := range w.underway {
		add(l.by, l.call)
	}
	return list
}

// fenced checks of all that is signed and alive that the record knows of it
// (invariant 7): a move of the alias is covered by the fence, what disables or
// deletes a version by a mark on it, or by the time to look after it again.
func (e *observation) fenced(key plan.Policy, r *plan.Record) {
	if e.out == nil || e.isLoose(key.Alias) {
		return
	}
	for _, s := range e.out() {
		switch {
		case s.operation == "UpdateAlias":
			if s.about == key.Alias && !r.Fenced(e.at) {
				e.fail("7", "a move of %s that %s has signed may still arrive, and no fence says so", key.Alias, s.by)
			}
		case !covered(r, s.about, e.at):
			e.fail("7", "%s of %s that %s has signed may still arrive, and no mark says so", s.operation, s.about, s.by)
		}
	}
}

// covered reports whether the record says that a version may yet be disabled or
// deleted. Of a key that it does not know it need not.
func covered(r *plan.Record, keyID string, now time.Time) bool {
	v := r.EntryOf(keyID)
	return v == nil || v.Fence != nil && now.Before(v.Fence.Until) || !v.LookAfter.IsZero()
}

// made counts a key that a run was told to have made. For one claim there may be
// max_attempts of them.
func (v *Watch) made(by *Run, c *call) {
	claim := c.claim()
	if claim == "" || v.Idle {
		return
	}
	v.makes[claim]++
	for _, key := range by.Keys {
		if n := v.makes[claim]; key.Alias == v.aliasOf(c) && n > key.MaxAttempts {
			v.Broken = append(v.Broken, Broken{"max_attempts", by.ID + ": " + c.operation,
				fmt.Sprintf("%d keys were made for one claim", n)})
		}
	}
}

// claim returns the id of the claim for which a call makes a key; "" if it makes none.
func (c *call) claim() string { return c.tag("keyturn:claim") }

// tag returns a tag of the key that a call makes; "" if it makes none.
func (c *call) tag(name string) string {
	if c.operation != "CreateKey" {
		return ""
	}
	var said struct {
		Tags []struct{ TagKey, TagValue string }
	}
	if json.Unmarshal(c.body, &said) != nil {
		return ""
	}
	for _, t := range said.Tags {
		if t.TagKey == name {
			return t.TagValue
		}
	}
	return ""
}

// sealedBy returns what is wrong with the seal of a key that a call makes (invariant 14).
func (v *Watch) sealedBy(c *call) string {
	head, shown := v.claims[c.claim()]
	if seal := c.tag("keyturn:ledger"); shown && seal != head {
		return fmt.Sprintf("a key was made with the seal %q, and its claim shows %q", seal, head)
	}
	return ""
}

// meantBy returns what is wrong with a call that makes a key, names a version or
// enables one, if no record had shown the intent first (invariant 7).
func (v *Watch) meantBy(c *call) string {
	switch c.operation {
	case "CreateKey":
		if _, shown := v.claims[c.claim()]; shown {
			return ""
		}
		return "a key was made, and no record had shown its claim"
	case "CreateAlias":
		alias := c.says().alias
		for _, key := range v.Keys {
			r := v.last[key.Key()]
			if r == nil || alias == key.Alias && r.Active == 0 {
				return ""
			}
			for n := int64(1); n <= v.shown[key.Alias]; n++ {
				if plan.VersionAlias(key.Alias, n) == alias {
					return ""
				}
			}
		}
		return alias + " was made, and no record had shown that generation"
	case "EnableKey", "CancelKeyDeletion":
		if id := c.says().key; !v.meant[id] {
			return id + " was enabled, and no record had said that it is to be"
		}
	}
	return ""
}
