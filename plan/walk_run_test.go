package plan_test

import (
	"fmt"
	"maps"
	"math"

	"github.com/keyturn/keyturn/plan"
)

// runner is one run in the walk. It does what the real runner does with the
// answers of Decide: carry out, learn, write on condition, begin again.
type runner struct {
	id      string
	q       plan.Request
	rec     *plan.Record // in hand
	o       plan.Observed
	signed  int          // index of the signature in hand, +1
	pending *plan.Act    // decided, and then the run was paused
	retry   *plan.Record // a write that succeeded, and which the SDK repeats because its answer was lost
	retried plan.Act
	over    plan.Outcome // how it ended; "dead" if it was killed
}

func (r *runner) clone() *runner {
	c := *r
	c.o.Old = maps.Clone(r.o.Old)
	c.o.Tries, c.o.Version, c.o.Naming = maps.Clone(r.o.Tries), maps.Clone(r.o.Version), maps.Clone(r.o.Naming)
	c.o.Rotations = maps.Clone(r.o.Rotations)
	if r.o.SignedMove != nil {
		m := *r.o.SignedMove
		c.o.SignedMove = &m
	}
	if r.o.Failure != nil {
		f := *r.o.Failure
		c.o.Failure = &f
	}
	return &c
}

// start begins a run: it reads the record, and knows who it is.
func (w *world) start(i int, verb plan.Verb) *runner {
	w.started++
	r := &runner{id: fmt.Sprintf("run%d", w.started), q: plan.Request{Verb: verb, Reason: "walk"}, rec: w.rec}
	r.o.First = w.rec
	r.o.Caller, r.o.Table = &plan.Caller{ARN: "arn:aws:iam::123456789012:role/x", Account: "123456789012"},
		&plan.TableSeen{ID: "t"}
	// What is copied is no matter here: no rule but that of the ledger goes by it.
	r.o.LedgerRev, r.o.Uncopied, r.o.UncopiedRev = new(int64), &plan.Answer{Verdict: plan.No}, math.MaxInt64/2
	if i == len(w.runs) {
		w.runs = append(w.runs, r)
	} else {
		w.runs[i] = r
	}
	return r
}

func (w *world) next(r *runner) plan.Act {
	r.o.Self = plan.Self{Run: r.id, Pool: "p", Host: "h", Op: fmt.Sprintf("o%d", w.nonce+1), ClaimID: "claim-" + r.id}
	r.o.Join(w.now, w.p, r.q, r.rec)
	return w.ways.decide(w.now, w.p, r.rec, r.q, r.o).Act
}

// outcome is one way in which an act can go.
type outcome struct {
	how  string
	cost func(*budget) *int // nil: it costs nothing
	do   func(w *world, r *runner, a plan.Act) (why string)
}

func faults(b *budget) *int { return &b.faults }
func lags(b *budget) *int   { return &b.lags }

var (
	answerYes     = plan.Answer{Verdict: plan.Yes}
	answerUnknown = plan.Answer{Verdict: plan.Unknown, Code: "timeout"}
	answerNo      = plan.Answer{Verdict: plan.No, Code: "LimitExceededException"}
	answerTaken   = plan.Answer{Verdict: plan.No, Code: "AlreadyExistsException"}
	answerOld     = plan.Answer{Verdict: plan.No, Code: "InvalidSignatureException", Soft: true}
	answerHidden  = plan.Answer{Verdict: plan.No, Code: "NotFoundException", Soft: true, Missing: true}
)

func (w *world) learn(r *runner, a plan.Act, res plan.Result) string {
	r.o.Learn(w.now, r.rec, a, res)
	return ""
}

// outcomes lists how an act can go now, within what trouble is left.
func (w *world) outcomes(a plan.Act) (list []outcome) {
	for _, out := range w.allOutcomes(a) {
		if out.cost == nil || *out.cost(&w.left) > 0 {
			list = append(list, out)
		}
	}
	return list
}

func (w *world) allOutcomes(a plan.Act) []outcome {
	saw := func(how string, cost func(*budget) *int, res plan.Result) outcome {
		return outcome{how, cost, func(w *world, r *runner, a plan.Act) string {
			if res.Answer.Verdict == "" {
				res.Answer = answerYes
			}
			return w.learn(r, a, res)
		}}
	}
	switch a.Kind {
	case plan.LookAlias:
		list := []outcome{saw("sees "+w.alias, nil, plan.Result{Key: w.describe(w.alias)})}
		if w.lately(w.movedAt) && w.before != w.alias {
			list = append(list, saw("still sees "+w.before, lags, plan.Result{Key: w.describe(w.before)}))
		}
		return list
	case plan.LookActive:
		return []outcome{saw("good", nil, plan.Result{Key: w.describe(a.KeyID)})}
	case plan.LookMoved:
		return []outcome{saw("when", nil, plan.Result{Moved: &plan.AliasListed{MovedAt: w.movedAt}})}
	case plan.LookVersion:
		n, ok := w.names[a.Version]
		missing := plan.VersionSeen{Version: a.Version, KeySeen: plan.KeySeen{Missing: true}}
		if !ok {
			return []outcome{saw("none", nil, plan.Result{Version: missing})}
		}
		list := []outcome{saw("names "+n.key, nil,
			plan.Result{Version: plan.VersionSeen{Version: a.Version, KeySeen: w.describe(n.key),
				Claim: w.key(n.key).claim}})}
		if w.lately(n.at) {
			list = append(list, saw("not shown yet", lags, plan.Result{Version: missing}))
		}
		return list
	case plan.LookClaim:
		return []outcome{saw("nothing", nil, plan.Result{}), saw("denied", faults, plan.Result{Answer: answerNo})}
	case plan.LookPolicy:
		return []outcome{saw("the same", nil, plan.Result{Policy: plan.PolicySeen{KeyID: a.KeyID}})}
	case plan.LookTarget, plan.TryTarget:
		list := []outcome{saw("good", nil, plan.Result{Key: w.describe(a.KeyID)})}
		if k := w.key(a.KeyID); k != nil && w.lately(k.at) && k.id != "k0" && k.id != "k1" {
			hidden := plan.Result{Key: plan.KeySeen{Missing: true}}
			if a.Kind == plan.TryTarget {
				hidden.Answer = answerHidden
			}
			list = append(list, saw("not known yet", lags, hidden))
		}
		return list
	case plan.AskGate:
		return []outcome{saw("go", nil, plan.Result{Gate: plan.GateSeen{Open: true}}),
			saw("not yet", faults, plan.Result{})}
	case plan.SignMove:
		return []outcome{{"", nil, sign}}
	case plan.CreateKey:
		return []outcome{
			{"", nil, create(answerYes, true)},
			{"made, no answer", faults, create(answerUnknown, true)},
			{"not made, no answer", faults, create(answerUnknown, false)},
		}
	case plan.NameVersion:
		return []outcome{
			{"", nil, name(answerYes, true)},
			{"made, no answer", faults, name(answerUnknown, true)},
			{"not made, no answer", faults, name(answerUnknown, false)},
		}
	case plan.DisableFresh:
		return []outcome{{"", nil, disableKey}}
	case plan.SendMove:
		return []outcome{
			{"", nil, send("yes")},
			{"refused", faults, send("no")},
			{"applied, no answer", faults, send("applied")},
			{"held up on the way", faults, send("flying")},
			{"lost", faults, send("lost")},
		}
	}
	if a.Kind.Writes() {
		return []outcome{
			{"", nil, writeNow},
			{"written, no answer: the run ends", faults, writeUnknown(true)},
			{"not written: the run ends", faults, writeUnknown(false)},
			{"written, no answer: sent again", faults, writeAgain},
		}
	}
	return []outcome{saw("", nil, plan.Result{})}
}

func sign(w *world, r *runner, a plan.Act) string {
	w.sigs = append(w.sigs, signature{id: len(w.sigs) + 1, gen: r.rec.Generation, key: a.KeyID, date: w.now})
	r.signed = len(w.sigs)
	return w.learn(r, a, plan.Result{Answer: answerYes, Signed: w.now})
}

func create(answer plan.Answer, made bool) func(*world, *runner, plan.Act) string {
	return func(w *world, r *runner, a plan.Act) string {
		why := w.checkIntent(r.rec.Claim.ID, "create "+plan.VersionName(a.Version))
		res := plan.Result{Answer: answer}
		if made {
			k := kmsKey{id: fmt.Sprintf("k%d", len(w.keys)), claim: r.rec.Claim.ID, at: w.now}
			w.keys = append(w.keys, k)
			res.Made = plan.Made{KeyID: k.id, CreatedAt: k.at}
		}
		w.learn(r, a, res)
		return why
	}
}

func name(answer plan.Answer, made bool) func(*world, *runner, plan.Act) string {
	return func(w *world, r *runner, a plan.Act) string {
		if _, taken := w.names[a.Version]; taken && answer.Verdict == plan.Yes && !w.ways.anyName {
			answer = answerTaken
		} else if made && !taken {
			w.names[a.Version] = named{a.KeyID, w.now}
		}
		return w.learn(r, a, plan.Result{Answer: answer})
	}
}

func disableKey(w *world, r *runner, a plan.Act) string {
	why := w.checkDisable(a.KeyID)
	w.key(a.KeyID).disabled = true
	w.learn(r, a, plan.Result{Answer: answerYes})
	return why
}

// send is the UpdateAlias: answered, refused, applied without an answer, applied later,
// or never seen again.
func send(how string) func(*world, *runner, plan.Act) string {
	return func(w *world, r *runner, a plan.Act) (why string) {
		s := &w.sigs[r.signed-1]
		if w.ways.datedAtSend {
			s.date = w.now
		}
		answer := answerUnknown
		switch {
		case w.now.After(s.date.Add(signatureLife)):
			s.answered, answer = true, answerOld
		case how == "yes":
			answer, why = answerYes, w.moveAlias(s)
		case how == "no":
			s.answered, answer = true, answerNo
		case how == "applied":
			why = w.moveAlias(s)
		case how == "flying":
			s.flying = true
		default:
			s.answered = true // lost: nothing will come of it, but nobody knows
		}
		r.signed = 0
		w.learn(r, a, plan.Result{Answer: answer})
		return why
	}
}

// writeNow is a conditional write whose answer arrives.
func writeNow(w *world, r *runner, a plan.Act) string {
	next := w.ways.apply(r.rec, a)
	from := r.rec
	w.nonce++
	ok, why := w.write(from, next)
	if !ok {
		r.rec = w.rec
		r.o.LostTo(a, w.rec)
		return why
	}
	w.confirmed(r, a)
	r.rec = next
	r.o.Wrote(a)
	return first(why, w.checkSignatures())
}

func (w *world) overtaken(r *runner) {
	r.rec = w.rec
	r.o.Lost()
}

func (w *world) confirmed(r *runner, a plan.Act) {
	if a.Kind == plan.WriteConfirm {
		w.sigs[r.signed-1].confirmed = true
	}
}

func writeUnknown(made bool) func(*world, *runner, plan.Act) string {
	return func(w *world, r *runner, a plan.Act) (why string) {
		w.nonce++
		if made {
			_, why = w.write(r.rec, w.ways.apply(r.rec, a))
		}
		w.kill(r)
		r.over = plan.Failed
		return why
	}
}

// writeAgain is a write that succeeded, whose answer was lost, and which the
// SDK repeats: until then other runs may write on top of it.
func writeAgain(w *world, r *runner, a plan.Act) string {
	next := w.ways.apply(r.rec, a)
	w.nonce++
	ok, why := w.write(r.rec, next)
	if !ok {
		r.rec = w.rec
		r.o.LostTo(a, w.rec)
		return why
	}
	w.confirmed(r, a)
	r.retry, r.retried = next, a
	return first(why, w.checkSignatures())
}

// answerAgain is the answer to the repeated write: ours, if its op still stands
// in the record.
func (w *world) answerAgain(r *runner) {
	if w.rec == r.retry {
		r.rec = r.retry
		r.o.Wrote(r.retried)
	} else {
		r.rec = w.rec
		r.o.LostTo(r.retried, w.rec)
	}
	r.retry = nil
}

// kill ends a run where it stands; bytes it has not sent are gone.
func (w *world) kill(r *runner) {
	if r.signed > 0 && !w.sigs[r.signed-1].flying {
		w.sigs[r.signed-1].answered = true
	}
	r.signed, r.pending, r.retry, r.over = 0, nil, nil, "dead"
}
