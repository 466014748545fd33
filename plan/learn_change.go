package plan

import (
	"slices"
	"time"
)

// learnChange takes in the answer to a call that changes KMS.
func (o *Observed) learnChange(now time.Time, r *Record, a Act, res Result) {
	taken := res.Answer.Code == AliasExists
	switch a.Kind {
	case CreateKey:
		if res.Answer.Verdict == Yes {
			made := res.Made
			made.Generation = a.Version
			o.Fresh, o.FreshUnsure = &made, false
			o.Unnamed, o.MayMake, o.NamingSince = made.Generation, "", time.Time{}
			o.sawRotation(made.KeyID, RotationSeen{})
			if o.Source != nil { // a version that was just made has the policy of its CreateKey
				o.Policy = &PolicySeen{KeyID: made.KeyID, Wanted: o.Source.Policy, Target: o.Source.Policy,
					JustMade: true}
			}
			o.WaitingSince = time.Time{} // from now on KMS has PropagationBudget to show it
			return
		}
		if res.Answer.Verdict == Unknown {
			o.KeyUnsure = r.Claim.ID
		}
		if a.Terms.Waive && explicitDeny(res.Answer) { // there is no key, so a second CreateKey makes no second one
			o.WaiverDenied = &res.Answer
			o.Tries[CreateKey]--
			return
		}
	case NameVersion:
		if o.Naming == nil {
			o.Naming = map[int64]Naming{}
		}
		// The network may have repeated the request: one copy may be throttled and
		// another one carried out.
		if o.Fresh != nil && o.Fresh.KeyID == a.KeyID && (res.Answer.Verdict == Unknown || res.Answer.Soft) {
			o.FreshUnsure = true
		}
		switch {
		case taken:
			o.Naming[a.Version] = NameTaken
			if o.Fresh == nil || o.Fresh.KeyID != a.KeyID {
				delete(o.Version, a.Version) // there was none, and now there is one
			}
			return
		case res.Answer.Verdict == Yes:
			o.Naming[a.Version] = NameMade
			if o.Fresh != nil && o.Fresh.Generation == a.Version {
				o.named()
				return
			}
			o.learnOld(a.KeyID, func(s *OldSeen) { s.Named = a.Version })
			return
		case a.Optional:
			o.failOld(a, res.Answer)
			return
		case o.namingAgain(now, a, res.Answer):
			return
		}
	case CreateAlias:
		if taken || res.Answer.Verdict == Yes {
			o.FirstAlias, o.FirstAliasOf = &res.Answer, a.Version
			return
		}
		if o.namingAgain(now, a, res.Answer) {
			return
		}
	case CancelDeletion, EnableKey:
		switch {
		case res.Answer.Verdict == Yes:
			o.learnOld(a.KeyID, func(s *OldSeen) {
				if s.Cancelled = true; a.Kind == EnableKey {
					s.EnabledAt, s.ReadSince = a.At, false
					if e := r.EntryOf(a.KeyID); e != nil {
						s.EnabledFor = e.ReinstatedAt
					}
				}
			})
			return
		case res.Answer.Code == wrongState && o.Tries[a.Kind] < MaxTries:
			// The key has changed since the run looked at it, by a deletion that was
			// signed long ago or by a person.
			o.learnOld(a.KeyID, func(s *OldSeen) { s.Key, s.Cancelled = nil, false })
			return
		}
	case EnableRotation:
		o.learnRotation(now, r, a, res.Answer)
		return
	case SendMark:
		o.SignedOld.Answer = &res.Answer
		if res.Answer.Verdict == Unknown { // what was seen before says nothing about now
			o.learnOld(a.KeyID, func(s *OldSeen) { s.Key = nil })
		}
		if res.Answer.Verdict != Yes && !res.Answer.Soft {
			o.failOld(a, res.Answer)
			return
		}
	case DisableFresh:
		// A denial may come from authorisation that lags.
		if !res.Answer.Denied() || o.Tries[DisableFresh] >= MaxTries {
			o.Fresh = nil // if it is not disabled, it is a key that never served
		}
		return
	case SendMove:
		o.SignedMove.Answer = &res.Answer
		o.forgetUnknownRotation()
		if res.Answer.Verdict == No && !res.Answer.Soft {
			// The note that strikes the signature off also counts the refusal.
			o.Failure = &Failure{Doing: a.doing(), Answer: res.Answer, Noted: true}
			return
		}
	}
	o.judge(a, res.Answer)
}

// judge records a Failure for a hard no, or after MaxTries soft noes or unknowns.
func (o *Observed) judge(a Act, answer Answer) {
	if answer.Verdict == Yes || o.Tries[a.Kind] < MaxTries && (answer.Soft || answer.Verdict == Unknown) {
		return
	}
	if kinds[a.Kind].oldWork {
		o.failOld(a, answer)
		return
	}
	if a.Kind == LookClaim {
		// It is a failure neither of the key nor of the open generation.
		o.Told = &ClaimTold{Claim: a.Name, Failed: answer.Text()}
		return
	}
	if a.Kind == LookMoved {
		// It would only add since when the alias is there.
		o.Moved = &AliasListed{Name: a.Name, KeyID: a.KeyID}
		return
	}
	if !a.Kind.Changes() {
		o.called(a, answer)
	}
	if answer.Verdict == No && answer.Cause.Kind == CauseThrottled {
		switch {
		case o.Fresh == nil:
			o.Throttled, o.Tries[a.Kind] = &Failure{Kind: a.Kind, Doing: a.doing(), Answer: answer}, 0
			return
		case o.Tries[a.Kind] < MostNameTries: // only this run can name its key
			return
		}
	}
	o.Failure = &Failure{Kind: a.Kind, Doing: a.doing(), Answer: answer, Noted: a.Kind == LookWrite}
}

// called stores an answer for the event of this run's next write.
func (o *Observed) called(a Act, answer Answer) {
	o.Calls = append(slices.Clip(o.Calls), answer.call(a.operation()))
	if over := len(o.Calls) - MaxCalls; over > 0 {
		o.Calls = o.Calls[over:]
	}
}

// failOld ends this run's work on one old version only. The failure neither stops a
// rotation nor counts against a generation.
func (o *Observed) failOld(a Act, answer Answer) {
	f := &Failure{Kind: a.Kind, About: VersionName(a.Version), Doing: a.doing(), Answer: answer, Noted: true}
	o.OldFailed = f
	o.learnOld(a.KeyID, func(s *OldSeen) { s.Failed = f })
}

// wrongState is KMS's code for a call that does not fit the key's state.
const wrongState = "KMSInvalidStateException"
