package ddblock

import "github.com/keyturn/keyturn/plan"

// Each function mirrors the one in encode.go with the same name. Rest is read
// last: it is what nothing before has taken.

func decodeClaim(r reader) plan.Claim {
	c := plan.Claim{
		ID: r.str("id"), At: r.time("at"), Verb: plan.Verb(r.str("verb")), Window: r.time("window"),
		Drain: r.duration("drain"), Prepublish: r.duration("prepublish"),
		Spec: r.str("spec"), Usage: r.str("usage"), Reason: r.str("reason"),
	}
	r.must("id", c.ID != "")
	r.must("verb", c.Verb != "")
	c.Rest = r.rest()
	return c
}

func decodeActive(r reader) plan.Active {
	v := plan.Active{Version: r.num("version"), KeyID: r.str("key_id"), Since: r.time("since"), Adopted: r.flag("adopted")}
	r.mustVersion(v.Version, v.KeyID)
	r.must("since", !v.Since.IsZero())
	v.Rest = r.rest()
	return v
}

func decodeTarget(r reader) plan.Target {
	v := plan.Target{Version: r.num("version"), KeyID: r.str("key_id"), CreatedAt: r.time("created_at")}
	r.mustVersion(v.Version, v.KeyID)
	v.Rest = r.rest()
	return v
}

func (r reader) mustVersion(version int64, keyID string) {
	r.must("version", version > 0)
	r.must("key_id", keyID != "")
}

func decodeDraining(r reader) plan.Draining {
	d := plan.Draining{
		Version: r.num("version"), KeyID: r.str("key_id"), Since: r.time("since"), DrainUntil: r.time("drain_until"),
		CheckedAt: r.time("checked_at"), LookAfter: r.time("look_after"), Mark: readNested(r, "mark", decodeMark),
	}
	if t := readNested(r, "retire", decodeRetire); t != nil {
		d.Retire = *t
	}
	r.mustVersion(d.Version, d.KeyID)
	r.must("drain_until", !d.DrainUntil.IsZero())
	d.Rest = r.rest()
	return d
}

func decodeRetire(r reader) plan.Retire {
	t := plan.Retire{Action: plan.RetireAction(r.str("action"))}
	if used := r.str("unless_used_within"); used == "off" {
		t.UsageOff = true
	} else if used != "" {
		d, err := plan.ParseDuration(used)
		if err != nil {
			r.bad("unless_used_within", err)
		}
		t.UnlessUsedWithin = d
	}
	t.DeleteAfter, t.DeletionWindow = r.duration("delete_after"), r.duration("deletion_window")
	t.Rest = r.rest()
	return t
}

func decodeRetired(r reader) plan.Retired {
	t := plan.Retired{
		Version: r.num("version"), KeyID: r.str("key_id"), Since: r.time("since"), KeptAt: r.time("kept_at"),
		DisabledAt: r.time("disabled_at"), DeleteAt: r.time("delete_at"), Mark: readNested(r, "mark", decodeMark),
	}
	r.mustVersion(t.Version, t.KeyID)
	t.Rest = r.rest()
	return t
}

func decodeMark(r reader) plan.Mark {
	m := plan.Mark{What: r.str("what"), Run: r.str("run"), Since: r.time("since"), Until: r.time("until"), Signers: int(r.num("signers"))}
	r.must("until", !m.Until.IsZero())
	m.Rest = r.rest()
	return m
}

func decodeLease(r reader) plan.Lease {
	l := plan.Lease{Pool: r.str("pool"), Host: r.str("host"), Run: r.str("run"), Since: r.time("since"), Until: r.time("until")}
	r.must("run", l.Run != "")
	r.must("until", !l.Until.IsZero())
	l.Rest = r.rest()
	return l
}

func decodeFence(r reader) plan.Fence {
	f := plan.Fence{Until: r.time("until"), Signers: int(r.num("signers"))}
	r.must("until", !f.Until.IsZero())
	f.Rest = r.rest()
	return f
}

func decodeHold(r reader) plan.Hold {
	h := plan.Hold{By: r.str("by"), Reason: r.str("reason"), Since: r.time("since"), Until: r.time("until"), Self: r.flag("self")}
	r.must("since", !h.Since.IsZero())
	h.Rest = r.rest()
	return h
}

func decodeAttempts(r reader) plan.Attempts {
	c := plan.Attempts{Count: int(r.num("count")), LastAt: r.time("last_at")}
	c.Rest = r.rest()
	return c
}

func decodeLastError(r reader) plan.LastError {
	e := plan.LastError{Code: r.str("code"), Message: r.str("message"), At: r.time("at"), Run: r.str("run")}
	e.Rest = r.rest()
	return e
}

func decodeEvent(r reader) plan.Event {
	e := plan.Event{
		Rev: r.num("rev"), At: r.time("at"), Pool: r.str("pool"), Run: r.str("run"), By: r.str("by"),
		What: r.str("what"), Reason: r.str("reason"), RequestID: r.str("request_id"),
	}
	r.must("rev", e.Rev > 0)
	e.Rest = r.rest()
	return e
}
