package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What the tests of Decide share: one key, its policy, its record in each step, and a
// run that has seen everything. A case says only what differs.

// noon is when the cases happen: an hour into a window that is due.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// opened is the start of the window noon lies in.
var opened = noon.Add(-time.Hour)

const (
	me    = "run-me"
	other = "run-other"
)

func ordersPolicy() plan.Policy {
	return plan.Policy{
		Name: "orders-data", Alias: "alias/orders-data", Region: "eu-west-1", Account: "123456789012", Table: "keyturn",
		Schedule: plan.Schedule{Every: 30 * day}, Drain: 7 * day, Retire: plan.Retire{Action: plan.RetireKeep},
		MaxDraining: 2, Probe: true, MaxAttempts: 5,
	}
}

// steadyAt7 is a record whose window `opened` is due: v7 is live for 30 days, v6
// drains, v5 was kept.
func steadyAt7() *plan.Record {
	before := opened.Add(-30 * day)
	return &plan.Record{
		Key: "eu-west-1/alias/orders-data", Schema: plan.SchemaVersion, Rev: 70, Op: "op70",
		AliasARN: "arn:aws:kms:eu-west-1:123456789012:alias/orders-data", TableID: "table-1",
		Anchor: opened.Add(-90 * day), Generation: 7, Window: before, Step: plan.Steady,
		Claim: &plan.Claim{ID: "c7", At: before, Verb: plan.VerbSchedule, Window: before, Drain: 7 * day,
			Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"},
		Active: 7, SwitchedAt: before,
		Versions: []plan.Version{{Version: 7, KeyID: "k7", Since: before},
			{Version: 6, KeyID: "k6", State: plan.Draining, Left: before, DrainUntil: noon.Add(7 * day),
				Retire: plan.Retire{Action: plan.RetireDisable}},
			{Version: 5, KeyID: "k5", State: plan.Kept, KeptAt: before.Add(-23 * day)}},
		Events: []plan.Event{{Rev: 60, Run: me}, {Rev: 70, Run: "run-before"}},
	}
}

type change func(*plan.Record)

// record is steadyAt7 in the given step of generation 8, with changes.
func record(step plan.Step, changes ...change) *plan.Record {
	r := steadyAt7()
	if step != plan.Steady {
		r.Step, r.Generation = step, 8
		r.Claim = &plan.Claim{ID: "c8", At: noon.Add(-10 * time.Minute), Verb: plan.VerbSchedule, Window: opened,
			Drain: 7 * day, Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"}
	}
	if step == plan.Created || step == plan.Switching {
		r.Target = 8
		r.Versions = append(r.Versions, plan.Version{Version: 8, KeyID: "k8", CreatedAt: noon.Add(-9 * time.Minute)})
	}
	for _, c := range changes {
		c(r)
	}
	return r
}

func leased(run string, left time.Duration) change {
	return func(r *plan.Record) {
		r.Lease = &plan.Lease{Pool: "pool-" + run, Host: "h", Run: run, Since: noon.Add(-time.Minute),
			Until: noon.Add(left)}
	}
}

func fenced(left time.Duration) change {
	return func(r *plan.Record) { r.Fence = &plan.Fence{Until: noon.Add(left), Signers: 1} }
}

// held sets a hold that began `since` ago and, if `left` is not 0, ends then.
func held(by string, since, left time.Duration) change {
	return func(r *plan.Record) {
		r.Hold = &plan.Hold{By: by, Reason: "look first", Since: noon.Add(-since), Self: by == "keyturn"}
		if left != 0 {
			r.Hold.Until = noon.Add(left)
		}
	}
}

// rolling turns the open generation into a person's rollback to v6, its
// target written in the claim.
func rolling(r *plan.Record) {
	r.Claim.Verb, r.Claim.Window, r.Claim.Reason = plan.VerbRollback, time.Time{}, "v7 breaks callers"
	r.Versions = slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.Version == r.Target })
	r.Target = 6
}

func marked(version int64) change {
	return func(r *plan.Record) {
		r.Entry(version).Fence = &plan.Fence{What: "disable", Run: me, Since: noon,
			Until:   noon.Add(20 * time.Minute),
			Signers: 1}
	}
}

// written is an act that writes, made by this run at noon.
func written(version int64, keyID string, w plan.Write) plan.Act {
	a := plan.Writing(version, keyID, w)
	a.At, a.Self = noon, plan.Self{Run: me}
	return a
}

// noteOf is the note that an act writes; empty if it writes none.
func noteOf(a plan.Act) plan.Note {
	n, _ := a.Write.(plan.Note)
	return n
}

// old replaces the entries of a record but for the live version and one that has no
// state yet.
func old(r *plan.Record, entries ...plan.Version) {
	r.Versions = append(slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.State != "" }), entries...)
}

// live makes a version the live one, at noon, in place of the one before.
func live(r *plan.Record, version int64) {
	r.Active = version
	others := slices.DeleteFunc(r.Versions, func(v plan.Version) bool { return v.State == "" })
	r.Versions = append(others, plan.Version{Version: version, KeyID: fmt.Sprint("k", version), Since: noon})
}

func tried(count int, ago time.Duration) change {
	return func(r *plan.Record) { r.Attempts = &plan.Attempts{Count: count, LastAt: noon.Add(-ago)} }
}

// firstClaimed makes the record one of `adopt --create`, begun and not ended.
func firstClaimed(r *plan.Record) {
	r.Step, r.Generation, r.Active, r.Versions, r.Window = plan.Claimed, 1, 0, nil, time.Time{}
	r.Claim = &plan.Claim{ID: "c1", At: noon.Add(-time.Minute), Verb: plan.VerbAdopt, Spec: "SYMMETRIC_DEFAULT",
		Usage: "ENCRYPT_DECRYPT"}
}

func enabled(keyID string) plan.KeySeen {
	return plan.KeySeen{KeyID: keyID, State: "Enabled", Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT",
		CreatedAt: noon.Add(-9 * time.Minute)}
}

// accountDecides is the key policy that KMS gives a key by default.
const accountDecides = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`

type sight func(*plan.Observed)

// seen is a run that has looked at everything, all of it good: v8 exists under
// its name and was tried, the alias is on v7. Changes take some of it away.
func seen(changes ...sight) plan.Observed {
	alias, target := enabled("k7"), enabled("k8")
	o := plan.Observed{
		Self:   plan.Self{Run: me, Pool: "pool-me", Host: "h", Op: "op71", ClaimID: "c-new"},
		Caller: &plan.Caller{ARN: "arn:aws:sts::123456789012:assumed-role/keyturn/me", Account: "123456789012"},
		Table:  &plan.TableSeen{ID: "table-1"},
		Gate:   &plan.GateSeen{KeyID: "k8", At: noon, Open: true},
		Looks: plan.Looks{
			Alias: &alias, AliasAt: noon, Target: &target, Probe: &plan.Answer{Verdict: plan.Yes},
			Version: map[int64]plan.VersionSeen{8: {Version: 8, KeySeen: enabled("k8"), Claim: "c8"}},
			Source:  &plan.SourceSeen{Policy: accountDecides},
			Policy:  &plan.PolicySeen{KeyID: "k8", Wanted: "{}", Target: "{}"},
			Listing: &plan.ListingSeen{},
		},
		LedgerSeen: plan.LedgerSeen{LedgerRev: new(int64), ReadAgain: true},
	}
	for n, keyID := range map[int64]string{4: "k4", 5: "k5", 6: "k6", 7: "k7"} { // each old version has its name
		o.Version[n] = plan.VersionSeen{Version: n, KeySeen: enabled(keyID)}
		o.Listing.Versions = append(o.Listing.Versions,
			plan.AliasListed{Name: plan.VersionAlias("alias/orders-data", n), KeyID: keyID})
	}
	for _, c := range changes {
		c(&o)
	}
	return o
}

// onlyWho is a run that has looked only at its caller and at the table.
func onlyWho(changes ...sight) plan.Observed {
	o := seen()
	o = plan.Observed{Self: o.Self, Caller: o.Caller, Table: o.Table,
		LedgerSeen: plan.LedgerSeen{LedgerRev: o.LedgerRev, ReadAgain: true}}
	for _, c := range changes {
		c(&o)
	}
	return o
}

func aliasOn(keyID string) sight {
	return func(o *plan.Observed) { k := enabled(keyID); o.Alias, o.AliasAt = &k, noon }
}

func aliasIs(state string) sight { return func(o *plan.Observed) { o.Alias.State = state } }

func policies(keyID, wanted, target string) sight {
	return func(o *plan.Observed) { o.Policy = &plan.PolicySeen{KeyID: keyID, Wanted: wanted, Target: target} }
}

// signedAgo is a move that was signed so long ago and not confirmed.
func signedAgo(ago time.Duration) sight {
	return func(o *plan.Observed) {
		o.SignedMove = &plan.Signature{What: plan.FencedMove, Generation: 8, KeyID: "k8", Date: noon.Add(-ago)}
	}
}

func aliasOld(o *plan.Observed) { o.AliasOld = true }

// activeSeen has described v7 by its id, for the alias is seen elsewhere.
func activeSeen(o *plan.Observed) { k := enabled("k7"); o.Active = &k }

func aliasGone(o *plan.Observed) { o.Alias = &plan.KeySeen{Missing: true} }

func movedLooked(o *plan.Observed) {
	o.Moved = &plan.AliasListed{Name: "alias/orders-data", MovedAt: noon.Add(-3 * time.Hour)}
}

func targetIs(f func(*plan.KeySeen)) sight {
	return func(o *plan.Observed) { f(o.Target) }
}

func probed(a plan.Answer) sight { return func(o *plan.Observed) { o.Probe = &a } }

// move is a run that has signed an alias move to v8.
func move(confirmed bool, op string, answer *plan.Answer) sight {
	return func(o *plan.Observed) {
		o.SignedMove = &plan.Signature{What: plan.FencedMove, Generation: 8, KeyID: "k8",
			Date: noon.Add(-10 * time.Second), Confirmed: confirmed, Op: op, Answer: answer}
		if confirmed {
			o.SignedMove.Revs = []int64{60}
		}
	}
}

var (
	hardNo  = plan.Answer{Verdict: plan.No, Code: "AccessDeniedException", Message: "no kms:UpdateAlias"}
	softNo  = plan.Answer{Verdict: plan.No, Code: "ThrottlingException", Soft: true}
	unknown = plan.Answer{Verdict: plan.Unknown, Code: "timeout"}
	yes     = plan.Answer{Verdict: plan.Yes, RequestID: "req-1"}
)

var (
	bySchedule = plan.Request{Verb: plan.VerbSchedule}
	byAdopt    = plan.Request{Verb: plan.VerbAdopt, Reason: "moved by Terraform"}
	byCreate   = plan.Request{Verb: plan.VerbAdopt, Create: true, Reason: "new key"}
	byRotate   = plan.Request{Verb: plan.VerbRotate, Reason: "v7 leaked"}
	byAbandon  = plan.Request{Verb: plan.VerbRotate, Reason: "v8 is no good", Abandon: true}
	byRollback = plan.Request{Verb: plan.VerbRollback, Reason: "v7 breaks callers"}
	bySignal   = plan.Request{Verb: plan.VerbSchedule, Interrupted: true}
)

// said describes a decision in a word or two: the kind of its act; for a stop its
// outcome or the code of its refusal; for a note its words.
func said(d plan.Decision) string {
	switch a := d.Act; {
	case a.Kind == plan.Stop && a.Refusal != nil:
		return "refuse " + string(a.Refusal.Code)
	case a.Kind == plan.Stop:
		return "stop " + string(a.Outcome)
	case a.Kind == plan.WriteNote:
		did := []string{"note"}
		for _, k := range noteOf(a).Did {
			did = append(did, string(k))
		}
		return strings.Join(did, " ")
	default:
		return string(a.Kind)
	}
}
