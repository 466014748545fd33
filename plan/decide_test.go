package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// decideCase is a row of the tables: a state, and what is decided.
type decideCase struct {
	name string
	r    *plan.Record
	q    plan.Request
	o    plan.Observed
	want string
}

func tryCases(t *testing.T, p plan.Policy, cases []decideCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := plan.Decide(noon, p, c.r, c.q, c.o)
			if got := said(d); got != c.want {
				t.Errorf("got %q, want %q (%+v)", got, c.want, d)
			}
		})
	}
}

const minute = time.Minute

// TestDecideEdges goes through the edge table of the protocol in its order.
func TestDecideEdges(t *testing.T) {
	inUse := func(r *plan.Record) { // v6 and v5 both await disabling
		*r.Entry(5) = plan.Version{Version: 5, KeyID: "k5", State: plan.Draining, DrainUntil: noon.Add(day),
			Retire: plan.Retire{Action: plan.RetireDisable}}
	}
	over := func(r *plan.Record) { r.Entry(5).DrainUntil = noon }
	done := func(r *plan.Record) { r.Window = opened }
	fresh := func(o *plan.Observed) {
		o.Version, o.ClaimedHere, o.MayMake = nil, "c8", "c8"
		o.Fresh = &plan.Made{Generation: 8, KeyID: "k8"}
	}
	claimedHere := func(o *plan.Observed) { o.Version, o.ClaimedHere, o.MayMake = nil, "c8", "c8" }
	p := ordersPolicy()
	tryCases(t, p, []decideCase{
		// steady
		{"nothing due: no look at all", record(plan.Steady, done), bySchedule, plan.Observed{}, "stop settled"},
		{"due: first, who are we", record(plan.Steady), bySchedule, plan.Observed{}, "look caller"},
		{"due: then, is the table good", record(plan.Steady), bySchedule,
			onlyWho(func(o *plan.Observed) { o.Table = nil }), "look table"},
		{"due: then the alias is looked at", record(plan.Steady), bySchedule, onlyWho(), "look alias"},
		{"due: nothing is claimed where KMS gives no request ids", record(plan.Steady), bySchedule,
			seen(func(o *plan.Observed) { o.Alias.Unnamed = "http://localhost" }), "refuse no-request-id"},
		{"a person's rotate neither", record(plan.Steady), byRotate,
			seen(func(o *plan.Observed) { o.Alias.Unnamed = "http://localhost" }), "refuse no-request-id"},
		{"an open generation is not signed for there", record(plan.Created), bySchedule,
			seen(func(o *plan.Observed) { o.Target.Unnamed = "http://localhost" }), "refuse no-request-id"},
		{"nor one that is confirmed", record(plan.Switching), bySchedule, seen(func(o *plan.Observed) {
			o.Version[8] = plan.VersionSeen{Version: 8, KeySeen: plan.KeySeen{KeyID: "k8", Unnamed: "x"}}
		}), "refuse no-request-id"},
		{"due: in another account nothing is", record(plan.Steady), bySchedule,
			onlyWho(func(o *plan.Observed) { o.Caller = &plan.Caller{Account: "999999999999"} }),
			"refuse wrong-account"},
		{"due and in place: before the first write, who are we", record(plan.Steady), bySchedule,
			seen(func(o *plan.Observed) { o.Caller = nil }), "look caller"},
		{"due and in place: and is the table good", record(plan.Steady), bySchedule,
			seen(func(o *plan.Observed) { o.Table = nil }), "look table"},
		{"due and in place: claim", record(plan.Steady), bySchedule, seen(), "claim"},
		{"due, another's lease", record(plan.Steady, leased(other, minute)), bySchedule, seen(), "wait"},
		{"due, another's lease over", record(plan.Steady, leased(other, -minute)), bySchedule, seen(), "claim"},
		{"due, a fence alive", record(plan.Steady, fenced(minute)), bySchedule, seen(), "wait"},
		{"due, the fence over", record(plan.Steady, fenced(-1)), bySchedule, seen(), "claim"},
		{"due, held by a person", record(plan.Steady, held("ann", minute, 0)), bySchedule, seen(), "stop held"},
		{"due, the hold has run out", record(plan.Steady, held("ann", day, -minute)), bySchedule, seen(), "claim"},
		{"due, holds itself", record(plan.Steady, held("keyturn", minute, 0)), bySchedule, seen(),
			"refuse held-itself"},
		{"due, too many versions still drain", record(plan.Steady, inUse), bySchedule, seen(),
			"note refused max-draining"},
		{"due, and a drain that is over is ended first", record(plan.Steady, inUse, over), bySchedule, seen(), "kept"},
		{"due, the alias is on a foreign key: since when", record(plan.Steady), bySchedule, seen(aliasOn("kx")),
			"look moved"},
		{"due, the alias is on a foreign key", record(plan.Steady), bySchedule, seen(aliasOn("kx"), movedLooked),
			"note refused drift"},
		{"due, the alias is gone", record(plan.Steady), bySchedule, seen(aliasGone), "note refused alias-missing"},
		{"due, somebody has disabled what is live", record(plan.Steady), bySchedule, seen(aliasIs("Disabled")),
			"note refused active-disabled"},
		{"due, what is live is to be deleted", record(plan.Steady), bySchedule, seen(aliasIs("PendingDeletion")),
			"note refused active-disabled"},
		{"due, KMS is at work on what is live", record(plan.Steady), bySchedule, seen(aliasIs("Updating")), "claim"},
		{"a person may leave what is disabled", record(plan.Steady), plan.Request{Verb: plan.VerbRotate, Reason: "x"},
			seen(aliasIs("Disabled")), "claim"},
		{"due, interrupted", record(plan.Steady), bySignal, seen(), "stop interrupted"},

		// claimed
		{"claimed by another whose lease is live", record(plan.Claimed, leased(other, minute)), bySchedule, onlyWho(),
			"wait"},
		{"claimed, lease over: taken over before anything is looked at", record(plan.Claimed, leased(other, -1)),
			bySchedule, onlyWho(), "take over"},
		{"claimed, taken over: the alias first", record(plan.Claimed, leased(me, minute)), bySchedule, onlyWho(),
			"look alias"},
		{"claimed, taken over: v8 may exist", record(plan.Claimed, leased(me, minute)), bySchedule,
			onlyWho(aliasOn("k7")), "look version"},
		{"claimed here: nobody else can have made v8", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(claimedHere), "create key"},
		{"claimed here, under 20 s left: renew before the effect", record(plan.Claimed, leased(me, 19*time.Second)),
			bySchedule, seen(claimedHere), "renew"},
		{"and 20 s are enough", record(plan.Claimed, leased(me, 20*time.Second)), bySchedule, seen(claimedHere),
			"create key"},
		{"taken over, under 20 s left: renew before a look", record(plan.Claimed, leased(me, 19*time.Second)),
			bySchedule, onlyWho(), "renew"},
		{"renewed, and the write took 11 s: another one would, too", record(plan.Claimed, leased(me, 19*time.Second)),
			bySchedule, onlyWho(justWrote), "look alias"},
		{"made: name it", record(plan.Claimed, leased(me, minute)), bySchedule, seen(fresh), "name version"},
		{"named, ready and tried: sign", record(plan.Claimed, leased(me, minute)), bySchedule, seen(), "sign move"},
		{"made by another run: is its policy what it was copied from", record(plan.Claimed, leased(me, minute)),
			bySchedule, seen(policies("k6", "{}", "{}")), "look policy"},
		{"laid out otherwise it is the same", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(policies("k8", `{"a":[1,2]}`, ` { "a": [1, 2] }`)), "sign move"},
		{"nor does the order count", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(policies("k8", `{"S":[{"P":["a","b"]},{"P":"c"}]}`, `{"S":[{"P":["c"]},{"P":["b","a"]}]}`)),
			"sign move"},
		{"the active version's policy was changed since", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(policies("k8", `{"a":[1]}`, `{"a":[1,2]}`)), "note refused policy-changed"},
		{"signed: confirm", record(plan.Claimed, leased(me, minute)), bySchedule, seen(move(false, "", nil)),
			"confirm"},
		{"somebody has disabled what has been live since the claim", record(plan.Claimed, leased(me, minute)),
			bySchedule, seen(aliasIs("Disabled")), "note refused active-disabled"},
		{"a person's claim goes on", record(plan.Claimed, leased(me, minute),
			func(r *plan.Record) { r.Claim.Verb = plan.VerbRotate }), bySchedule, seen(aliasIs("Disabled")),
			"sign move"},
		{"the alias was seen before the target was tried: again", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(aliasOld), "look alias"},
		{"signed a minute ago, and the alias seen before that: again", record(plan.Claimed, leased(me, 2*minute)),
			bySchedule, seen(aliasOld, signedAgo(2*minute)), "look alias"},
		{"v8 is another record's", record(plan.Claimed, leased(me, minute)), bySchedule, seen(func(o *plan.Observed) {
			o.Version[8] = plan.VersionSeen{Version: 8, KeySeen: enabled("ky"), Claim: "c-lost"}
		}), "note refused foreign-version"},
		{"v8 is there, its tag cannot be read yet", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(func(o *plan.Observed) { o.Version[8] = plan.VersionSeen{Version: 8, KeySeen: enabled("k8")} }),
			"look version"},
		{"claimed, held: the lease is given back", record(plan.Claimed, leased(me, minute), held("ann", minute, 0)),
			bySchedule, seen(), "note free"},
		{"claimed, held, no lease", record(plan.Claimed, held("ann", minute, 0)), bySchedule, seen(), "stop held"},
		{"claimed, alias on a foreign key", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(aliasOn("kx"), movedLooked), "note refused drift"},
		{"claimed, the alias is on our older key long after the switch", record(plan.Claimed, leased(me, minute)),
			bySchedule, seen(aliasOn("k6"), movedLooked), "note refused drift"},

		// created
		{"created, nothing to wait for any more: taken over", record(plan.Created), bySchedule, onlyWho(), "take over"},
		{"created, in hand: sign", record(plan.Created, leased(me, minute)), bySchedule, seen(), "sign move"},
		{"created, the alias was moved to it by hand", record(plan.Created, leased(me, minute)), bySchedule,
			seen(aliasOn("k8"), movedLooked), "note refused drift"},

		// switching
		{"confirmed: send", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule,
			seen(move(true, "op70", nil)), "send move"},
		{"yes: finish", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule,
			seen(move(true, "op70", &yes)), "finish"},
		{"yes, but the lease is another's by now: finish", record(plan.Switching, leased(other, minute),
			fenced(20*minute)), bySchedule, seen(move(true, "op60", &yes)), "finish"},
		{"yes, but held by now: finish", record(plan.Switching, held("ann", minute, 0), fenced(20*minute)), bySchedule,
			seen(move(true, "op60", &yes)), "finish"},
		{"yes, and interrupted: finish", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySignal,
			seen(move(true, "op70", &yes)), "finish"},
		{"what was confirmed goes out although what is live is disabled",
			record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule, seen(aliasIs("Disabled")),
			"sign move"},
		{"the alias was seen before the target was tried: again",
			record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule, seen(aliasOld), "look alias"},
		{"confirmed: send, whenever the alias was seen", record(plan.Switching, leased(me, minute), fenced(20*minute)),
			bySchedule, seen(aliasOld, move(true, "op70", nil)), "send move"},
		{"policies are not asked once a move may be out", record(plan.Switching, leased(me, minute), fenced(20*minute)),
			bySchedule, seen(policies("k8", "1", "2")), "sign move"},
		{"unknown: sign again", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule,
			seen(move(true, "op70", &unknown)), "sign move"},
		{"soft no: struck off", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule,
			seen(move(true, "op70", &softNo)), "note move-no"},
		{"no: struck off", record(plan.Switching, leased(me, minute), fenced(20*minute)), bySchedule,
			seen(move(true, "op70", &hardNo)), "note move-no"},
		{"seen on the target is not done: sign", record(plan.Switching, leased(me, minute), fenced(20*minute)),
			bySchedule, seen(aliasOn("k8")), "sign move"},
		{"crashed, fence alive, lease over: the same generation goes on",
			record(plan.Switching, leased(other, -1), fenced(10*minute)), bySchedule, onlyWho(), "take over"},
		{"another's lease", record(plan.Switching, leased(other, 1), fenced(10*minute)), bySchedule, onlyWho(), "wait"},
		{"alias on a foreign key", record(plan.Switching, leased(me, minute), fenced(10*minute)), bySchedule,
			seen(aliasOn("kx"), movedLooked), "note refused drift"},
	})
}

// TestStrikeOnce is about a signature that this run may have struck off already: its write
// succeeded, the answer was lost, another run wrote after it, and the repetition failed.
// The other run's signature may still arrive, so the fence must stay.
func TestStrikeOnce(t *testing.T) {
	lostAnswer := func(r *plan.Record) {
		r.Lease, r.Events = nil, append(r.Events, plan.Event{Rev: 71, Run: me}, plan.Event{Rev: 72, Run: other})
	}
	heard := func(o *plan.Observed) { o.SignedMove.Revs = []int64{60, 71} }
	rolledOff := func(r *plan.Record) { r.Events = []plan.Event{{Rev: 62, Run: other}} }
	finished := func(r *plan.Record) { r.Generation, r.Window = 8, opened }
	failed := func(o *plan.Observed) { o.Failure = &plan.Failure{Doing: "move", Answer: hardNo, Noted: true} }
	tryCases(t, ordersPolicy(), []decideCase{
		{"a no, struck off, the answer lost", record(plan.Switching, fenced(19*minute), lostAnswer), bySchedule,
			seen(move(true, "op60", &hardNo), failed), "stop failed"},
		{"a soft no, struck off, the answer lost", record(plan.Switching, fenced(19*minute), lostAnswer), bySchedule,
			seen(move(true, "op60", &softNo)), "take over"},
		{"a yes, finished, the answer lost", record(plan.Steady, fenced(19*minute), lostAnswer, finished), bySchedule,
			seen(move(true, "op60", &yes)), "stop settled"},
		{"thrown away, the answer lost", record(plan.Switching, fenced(19*minute), lostAnswer), bySchedule,
			seen(move(true, "op60", nil)), "take over"},
		{"the answer was not lost, and the write was another", record(plan.Switching, fenced(19*minute), lostAnswer),
			bySchedule, seen(move(true, "op60", nil), heard), "note unsent"},
		{"the ledger does not reach back: it may have been", record(plan.Switching, fenced(19*minute), rolledOff),
			bySchedule, seen(move(true, "op60", nil)), "take over"},
		{"a yes is finished all the same: its finish was no other write",
			record(plan.Switching, fenced(19*minute), lostAnswer), bySchedule, seen(move(true, "op60", &yes)),
			"finish"},
	})
}

// TestDecideSend is about confirmed signatures: they are sent directly after the write
// that confirms them, or never.
func TestDecideSend(t *testing.T) {
	old := func(o *plan.Observed) { o.SignedMove.Date = noon.Add(-61 * time.Second) }
	generation7 := func(o *plan.Observed) { o.SignedMove.Generation, o.SignedMove.KeyID = 7, "k7" }
	noted := func(o *plan.Observed) { o.SignedMove.Noted = true }
	mine := leased(me, minute)
	tryCases(t, ordersPolicy(), []decideCase{
		{"another write of ours came between: thrown away", record(plan.Switching, mine, fenced(19*minute)), bySchedule,
			seen(move(true, "op69", nil)), "note unsent"},
		{"thrown away and noted: never sent, sign again", record(plan.Switching, mine), bySchedule,
			seen(move(true, "op69", nil), noted), "sign move"},
		{"of an older generation: never sent, sign again", record(plan.Switching, mine), bySchedule,
			seen(move(true, "op70", nil), generation7), "sign move"},
		{"lease over between confirming and sending: taken over, so not sent",
			record(plan.Switching, leased(me, -1), fenced(18*minute)), bySchedule, seen(move(true, "op70", nil)),
			"take over"},
		{"interrupted between confirming and sending: thrown away", record(plan.Switching, mine, fenced(19*minute)),
			bySignal, seen(move(true, "op70", nil)), "note unsent"},
		{"dated a minute off: signed again before it is confirmed", record(plan.Claimed, mine), bySchedule,
			seen(move(false, "", nil), old), "sign move"},
		{"signed for an older generation: signed again", record(plan.Claimed, mine), bySchedule,
			seen(move(false, "", nil), generation7), "sign move"},
		{"another finished meanwhile, our yes in hand: struck off",
			record(plan.Steady, fenced(19*minute), func(r *plan.Record) { r.Generation, r.Window = 8, opened }),
			bySchedule, seen(move(true, "op60", &yes)), "note answered"},
		{"another finished meanwhile, ours never sent: struck off",
			record(plan.Steady, fenced(19*minute), func(r *plan.Record) {
				r.Generation, r.Window = 8,
					opened
			}), bySchedule, seen(move(true, "op60", nil)), "note unsent"},
	})
}
