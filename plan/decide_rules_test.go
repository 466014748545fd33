package plan_test

import (
	"github.com/keyturn/keyturn/plan"
)

// rule is a sentence that must hold in every cell. broken describes how it is violated;
// "" if it holds.
type rule struct {
	name   string
	broken func(cell, plan.Decision) string
}

func when(is bool, why string) string {
	if is {
		return why
	}
	return ""
}

// first returns the first complaint.
func first(whys ...string) string {
	for _, w := range whys {
		if w != "" {
			return w
		}
	}
	return ""
}

func (c cell) mine() bool   { return c.r.LeasedTo(me, noon) }
func (c cell) others() bool { return c.r.Leased(noon) && !c.mine() }

// inPlace reports whether the alias was seen where a move may be signed.
func (c cell) inPlace() bool {
	a := c.o.Alias
	return a != nil && (a.KeyID == "k7" || c.r.Step == plan.Switching && a.KeyID == "k8")
}

// useless describes why the target cannot be used.
func (c cell) useless(keyID string) string {
	t, p := c.o.Target, c.o.Probe
	return first(
		when(t == nil || t.KeyID != keyID, "not described in this run"),
		when(t != nil && (t.State != "Enabled" || t.Spec != c.r.Claim.Spec || t.Usage != c.r.Claim.Usage),
			"not usable"),
		when(c.p.Probe && (p == nil || p.Verdict != plan.Yes), "not tried in this run"),
	)
}

var stops = map[plan.Outcome]bool{plan.Settled: true, plan.Adopted: true, plan.Frozen: true, plan.HeldBack: true,
	plan.Waiting: true,
	plan.Lagging: true, plan.Failed: true, plan.Refused: true, plan.Interrupted: true}

var rules = []rule{
	{"a stop has an outcome, a wait an end, a refusal all its texts", func(c cell, d plan.Decision) string {
		a, ref := d.Act, d.Act.Refuses()
		return first(
			when(a.Kind == "", "no kind"),
			when(a.Kind == plan.Stop && !stops[a.Outcome], "no outcome"),
			when(a.Kind == plan.Wait && !a.Until.After(noon), "waits for nothing"),
			when((a.Outcome == plan.Refused) != (a.Kind == plan.Stop && ref != nil),
				"refused without a refusal, or the other way round"),
			when(ref != nil && (ref.Code == "" || ref.What == "" || ref.Hint.Empty()), "an empty text"),
		)
	}},
	{"nothing is changed, signed or taken under another's live lease", func(c cell, d plan.Decision) string {
		k := d.Act.Kind
		// what AWS has answered is always written
		required := k == plan.WriteFinish || k == plan.WriteNote && noteOf(d.Act).Answered
		return first(
			when(c.others() && (k.Changes() || k == plan.SignMove) && k != plan.DisableFresh, "an effect"),
			when(c.others() && k.Writes() && !required && c.r.Step != plan.Steady, "a write"),
			when(c.others() && k == plan.WriteNote && noteOf(d.Act).Free, "another's lease freed"),
		)
	}},
	{"what is done to an open generation needs 20 s of the own lease; sending follows the write that set it",
		func(c cell, d plan.Decision) string {
			k := d.Act.Kind
			if !k.Changes() && k != plan.SignMove || k == plan.SendMove {
				return ""
			}
			if k == plan.DisableFresh {
				return "" // a key that lost, or that nobody else can name, needs no lease to be disabled
			}
			return when(!c.mine() || c.r.Lease.Until.Sub(noon) < plan.RenewUnder, "lease missing or short")
		}},
	{"nothing is made or named but for a claimed generation", func(c cell, d plan.Decision) string {
		makes := d.Act.Kind == plan.CreateKey || d.Act.Kind == plan.NameVersion
		return when(makes && (c.r.Step != plan.Claimed || d.Act.Version != c.r.Generation), "made")
	}},
	{"a claim: due, not frozen, no lease, no fence, no hold, the alias in place", func(c cell, d plan.Decision) string {
		if d.Act.Kind != plan.WriteClaim {
			return ""
		}
		return first(
			when(c.q.Verb != plan.VerbSchedule || c.r.Step != plan.Steady || d.Act.Version != c.r.Generation+1,
				"not the next generation"),
			when(c.is["window"] != "due", "window "+c.is["window"]),
			when(c.others(), "leased"), when(c.r.Fenced(noon), "fenced"), when(c.r.Held(noon), "held"),
			when(!c.inPlace(), "the alias is not in place"),
			when(d.Act.Claims().ID == "" || d.Act.Claims().Drain == 0 || d.Act.Claims().Spec == "",
				"terms are missing"),
		)
	}},
	{"a lease is taken over only when it is over, renewed only when it is short", func(c cell, d plan.Decision) string {
		return first(
			when(d.Act.Kind == plan.WriteTakeover && (c.r.Leased(noon) || c.r.Step == plan.Steady), "taken over"),
			when(d.Act.Kind == plan.WriteRenew && c.is["lease"] != "own, short", "renewed"),
		)
	}},
	{"sent is only what the record's last write confirmed", func(c cell, d plan.Decision) string {
		m := c.o.SignedMove
		return when(d.Act.Kind == plan.SendMove && (m == nil || !m.Confirmed || m.Noted || m.Answer != nil ||
			m.Op != c.r.Op || m.Generation != c.r.Generation || d.Act.KeyID != m.KeyID ||
			c.r.Step != plan.Switching), "sent")
	}},
	{"nothing is signed or confirmed for a useless target, an alias elsewhere, or under a hold",
		func(c cell, d plan.Decision) string {
			if d.Act.Kind != plan.SignMove && d.Act.Kind != plan.WriteConfirm {
				return ""
			}
			return first(
				c.useless(d.Act.KeyID),
				when(!c.inPlace(), "the alias is not in place"),
				when(!c.mine(), "without the lease"), when(c.r.Held(noon), "held"),
				when(c.is["window"] == "frozen" && c.r.Step != plan.Switching, "frozen"),
			)
		}},
	{"what is confirmed was signed for it just now", func(c cell, d plan.Decision) string {
		m := c.o.SignedMove
		w, confirms := d.Act.Write.(plan.ConfirmWrite)
		return when(confirms && (m == nil || m.Confirmed || m.Generation != c.r.Generation ||
			w.Target.KeyID != m.KeyID || !w.Signed.Equal(m.Date) ||
			m.Date.Sub(noon).Abs() > plan.SignedSkew), "confirmed")
	}},
	{"finished is only what was answered yes to this run, and that always", func(c cell, d plan.Decision) string {
		required := c.is["run"] == "got yes" && c.r.Step == plan.Switching
		w, finishes := d.Act.Write.(plan.FinishWrite)
		return first(
			when(finishes && !required, "finished without a yes"),
			when(required && !finishes, "a yes was not written down"),
			when(required && w.Window.Before(c.r.Claim.Window), "without its window"),
		)
	}},
	{"a stop never leaves this run's lease behind, nor a signature it could strike off",
		func(c cell, d plan.Decision) string {
			if d.Act.Kind != plan.Stop || c.is["run"] == "may not use the table" {
				return ""
			}
			m := c.o.SignedMove
			return first(
				when(c.mine() && c.o.Caller != nil && c.o.Table != nil, "lease left"),
				when(m != nil && m.Confirmed && !m.Noted && m.Generation == c.r.Generation && c.r.Fenced(noon) &&
					(m.Answer == nil || m.Answer.Verdict == plan.No), "signature left"),
			)
		}},
	{"nothing is written before it is known who we are, that the table is good and what the ledger tells",
		func(c cell, d plan.Decision) string {
			ok := c.o.Caller != nil && c.o.Table != nil && c.o.Table.Unsafe == "" && c.o.LedgerRev != nil
			return when(d.Act.Kind.Writes() && !ok, "written")
		}},
	{"a write is stamped", func(c cell, d plan.Decision) string {
		a := d.Act
		stamped := a.Key == c.p.Key() && a.At.Equal(noon) && a.Self.Op == "op71" && a.Caller != "" && a.TableID != ""
		return when(a.Kind.Writes() && !stamped, "not stamped")
	}},
	{"after a refusal nothing else is done", func(c cell, d plan.Decision) string {
		if d.Act.Kind != plan.WriteNote || d.Act.Refuses() == nil {
			return ""
		}
		next := plan.Decide(noon, c.p, plan.Apply(c.r, d.Act), c.q, wrote(c.o, d.Act))
		return when(next.Act.Outcome != plan.Refused, "then "+said(next))
	}},
	{"drift is adopted only by a person, with lease and fence over, if it is drift and usable",
		func(c cell, d plan.Decision) string {
			if d.Act.Kind != plan.WriteAdoptDrift {
				return ""
			}
			kind := c.is["alias"]
			fits := kind == "active" || kind == "target" && c.r.Step == plan.Switching
			return first(
				when(c.q.Verb != plan.VerbAdopt, "by the schedule"), when(c.others(), "leased"),
				when(c.r.Fenced(noon), "fenced"),
				when(fits || kind == "missing" || kind == "ours, just switched", "no drift"),
				when(c.p.Probe && (c.o.Probe == nil || c.o.Probe.Verdict != plan.Yes), "not tried"),
			)
		}},
	{"a write makes a legal record", func(c cell, d plan.Decision) string {
		if !d.Act.Kind.Writes() {
			return ""
		}
		n := plan.Apply(c.r, d.Act)
		return first(
			when(n.Rev != c.r.Rev+1 || n.Op != "op71", "rev or op"),
			when(n.Generation < c.r.Generation || n.Window.Before(c.r.Window), "generation or window went back"),
			when((n.Step == plan.Steady || n.Step == plan.Claimed) != (n.Target == 0), "target and step disagree"),
			when(n.Step == plan.Switching && c.r.Step != plan.Switching && n.Fence == nil, "a switch without a fence"),
		)
	}},
}

// wrote returns what a run knows after a write of its own.
func wrote(o plan.Observed, a plan.Act) plan.Observed {
	if o.SignedMove != nil {
		m := *o.SignedMove
		o.SignedMove = &m
	}
	if o.Failure != nil {
		f := *o.Failure
		o.Failure = &f
	}
	o.Wrote(a)
	o.Uncopied, o.UncopiedRev = &plan.Answer{Verdict: plan.No}, a.Rev // what is copied is no matter here
	o.Self.Op += "+"
	return o
}
