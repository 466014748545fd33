package plan

import (
	"cmp"
	"slices"
	"time"
)

// Result is what came back of one act that is not a write. Only the field that
// fits the act is set, besides Answer.
type Result struct {
	Answer Answer // of a look, Yes unless it failed

	Caller  Caller
	Table   TableSeen
	Key     KeySeen
	Moved   *AliasListed
	Listing ListingSeen
	Version VersionSeen
	Source  SourceSeen
	Policy  PolicySeen
	Gate    GateSeen
	Made    Made
	Signed  time.Time // X-Amz-Date
	Aliases []AliasListed
	Use     UseSeen
	Rev     int64
	Events  []Event

	Rotation RotationSeen
}

// Learn takes in the result of an act: what was seen, or what it means that
// there was no yes. Soft noes and unknowns are tried again, MaxTries times in
// a run; a hard no, or too many tries, is a Failure.
func (o *Observed) Learn(now time.Time, r *Record, a Act, res Result) {
	if o.Tries == nil {
		o.Tries = map[Kind]int{}
	}
	if a.Kind != LookAlias {
		o.AliasOld = o.Alias != nil
	}
	if a.Kind == LookPolicy && res.Answer.Missing { // KMS does not know everywhere yet what was just made
		o.missing(now, true)
		o.Hidden++
		return
	}
	if res.Answer.Denied() && o.authorisationLags(now, r, a) {
		res.Answer.Soft = true
	}
	if res.Answer.Verdict != Yes {
		o.Tries[a.Kind]++
	}
	if a.Kind.Changes() {
		o.called(a, res.Answer)
		o.learnChange(now, r, a, res)
		return
	}
	if a.Kind == TryTarget {
		o.Probe = &res.Answer
		o.saw(now)
		o.missing(now, res.Answer.Missing)
		if !res.Answer.Missing {
			o.judge(a, res.Answer)
		}
		return
	}
	if a.Kind == LookUse && res.Answer.Verdict != Yes {
		// Denied, failing or unsupported: then the version counts as used.
		res.Use, res.Answer = UseSeen{Failed: reasonOf(res.Answer)}, Answer{Verdict: Yes}
	}
	if res.Answer.Verdict != Yes {
		o.judge(a, res.Answer)
		return
	}
	o.learnLook(now, a, res, r)
}

func (o *Observed) learnLook(now time.Time, a Act, res Result, r *Record) {
	switch a.Kind {
	case LookCaller, LookTable, LookClaim, AskGate, SignMark, SignMove: // these do not grow old
	default:
		o.saw(now)
	}
	switch a.Kind {
	case LookCaller:
		o.Caller = &res.Caller
	case LookTable:
		o.Table = &res.Table
	case LookAlias:
		o.Alias, o.AliasAt, o.AliasOld = &res.Key, now, false
		o.missing(now, res.Key.Missing)
		if res.Key.Missing {
			o.Tries[LookAlias]++
		}
	case LookActive:
		o.Active = &res.Key
	case LookMoved:
		o.Moved = res.Moved
		if o.Moved == nil {
			o.Moved = &AliasListed{Name: a.Name, KeyID: a.KeyID}
		}
	case LookListing:
		o.Listing = &res.Listing
	case LookVersion:
		if o.Version == nil {
			o.Version = map[int64]VersionSeen{}
		}
		o.Version[a.Version] = res.Version
		if f := o.Fresh; f != nil && f.Generation == a.Version && f.KeyID == res.Version.KeyID {
			o.named() // whoever's answer that was
		}
		hidden := res.Version.Missing || res.Version.Claim == ""
		if f := o.Fresh; f == nil || f.Generation != a.Version || !r.beyond(*f) {
			o.missing(now, hidden)
		} else if o.StraySince.IsZero() {
			o.StraySince = now
		}
		if hidden {
			o.Hidden++
		}
	case LookSource:
		o.Source = &res.Source
	case LookPolicy:
		o.Policy = &res.Policy
		o.missing(now, false)
	case LookRotation:
		o.sawRotation(a.KeyID, res.Rotation)
	case LookLedger:
		o.LedgerRev = &res.Rev
	case LookClaim:
		o.Told = &ClaimTold{Claim: a.Name, Events: OfClaim(res.Events, a.Name)}
	case LookHistory:
		o.Ledger, o.LedgerRev = res.Events, lastRev(res.Events)
	case LookRecord:
		o.ReadAgain = true
	case LookTarget:
		o.Target = &res.Key
		hidden := res.Key.Missing || res.Key.State == "Creating"
		o.missing(now, hidden)
		if hidden {
			o.Tries[LookTarget]++
		}
	case AskGate:
		o.Gate, o.Policy = &res.Gate, nil // asking takes up to a minute
	case LookOld:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Key = &res.Key })
	case LookOldAliases:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Listed, s.Aliases = true, res.Aliases })
	case LookUse:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Use, s.UseAt = &res.Use, now })
	case SignMark:
		if o.Marking != nil && !o.Marking.Confirmed {
			o.Tries[SignMark]++
		}
		o.Marking = &Marking{KeyID: a.KeyID, What: a.What, Date: res.Signed}
	case SignMove:
		if o.Move != nil && !o.Move.Confirmed {
			o.Tries[SignMove]++ // the one before was thrown away
		}
		o.Move = &Move{Generation: r.Generation, KeyID: a.KeyID, Date: res.Signed}
	}
}

// named takes in that this run's new key has its name.
func (o *Observed) named() {
	o.Made, o.Fresh, o.Unnamed, o.NamingSince = o.Fresh, nil, 0, time.Time{}
}

// saw remembers when the oldest of what is still remembered was seen.
func (o *Observed) saw(now time.Time) {
	if o.SeenAt.IsZero() {
		o.SeenAt = now
	}
}

// missing starts or ends the wait for KMS to show something that was made.
func (o *Observed) missing(now time.Time, is bool) {
	switch {
	case !is:
		o.WaitingSince = time.Time{}
	case o.WaitingSince.IsZero():
		o.WaitingSince = now
	}
}

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
			if o.Source != nil { // what this run has made a moment ago has the policy it was given
				o.Policy = &PolicySeen{KeyID: made.KeyID, Wanted: o.Source.Policy, Target: o.Source.Policy,
					JustMade: true}
			}
			o.WaitingSince = time.Time{} // from now on KMS has its minute to show it
			return
		}
		if res.Answer.Verdict == Unknown {
			o.KeyUnsure = r.Claim.ID
		}
		if a.Waive && explicitDeny(res.Answer) { // a no, so there is no key; the check is not waived any more
			o.WaiverDenied = &res.Answer
			o.Tries[CreateKey]--
			return
		}
	case NameVersion:
		if o.Naming == nil {
			o.Naming = map[int64]Naming{}
		}
		// Throttled is what one copy of the request was answered; another may have
		// been carried out.
		if o.Fresh != nil && o.Fresh.KeyID == a.KeyID && (res.Answer.Verdict == Unknown || res.Answer.Soft) {
			o.FreshUnsure = true
		}
		switch {
		case taken:
			o.Naming[a.Version] = NameTaken
			if o.Fresh == nil || o.Fresh.KeyID != a.KeyID {
				delete(o.Version, a.Version) // that there is none is not so any more
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
			o.failBeside(a, res.Answer)
			return
		case o.namingAgain(now, a, res.Answer):
			return
		}
	case CreateAlias:
		if taken || res.Answer.Verdict == Yes {
			o.FirstAlias = &res.Answer
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
					s.EnabledAt = a.At
				}
			})
			return
		case res.Answer.Code == wrongState && o.Tries[a.Kind] < MaxTries:
			// Something has changed the key since it was looked at: a deletion
			// that was signed long ago, or a person.
			o.learnOld(a.KeyID, func(s *OldSeen) { s.Key, s.Cancelled = nil, false })
			return
		}
	case EnableRotation:
		o.learnRotation(now, r, a, res.Answer)
		return
	case SendMark:
		o.Marking.Answer = &res.Answer
		if res.Answer.Verdict != Yes && !res.Answer.Soft {
			o.failBeside(a, res.Answer)
			return
		}
	case DisableFresh:
		if !res.Answer.Denied() || o.Tries[DisableFresh] >= MaxTries { // a denial may be of authorisation that lags
			o.Fresh = nil // what it does not reach is an orphan that never served
		}
		return
	case SendMove:
		o.Move.Answer = &res.Answer
		o.askRotationAgain()
		if res.Answer.Verdict == No && !res.Answer.Soft {
			// The note that strikes the signature off counts the refusal too.
			o.Failure = &Failure{Doing: doing(a), Answer: res.Answer, Noted: true}
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
	if a.Kind.beside() {
		o.failBeside(a, answer)
		return
	}
	if a.Kind == LookClaim {
		// It is no failure of the key, and none of the generation that is open now.
		o.Told = &ClaimTold{Claim: a.Name, Failed: answer.Text()}
		return
	}
	if a.Kind == LookMoved {
		// It only adds since when; that the alias was moved is known without.
		o.Moved = &AliasListed{Name: a.Name, KeyID: a.KeyID}
		return
	}
	if !a.Kind.Changes() {
		o.called(a, answer)
	}
	o.Failure = &Failure{Kind: a.Kind, Doing: doing(a), Answer: answer}
}

// called keeps an answer for the event of this run's next write.
func (o *Observed) called(a Act, answer Answer) {
	o.Calls = append(slices.Clip(o.Calls), answer.call(operationOf(a)))
	if over := len(o.Calls) - MaxCalls; over > 0 {
		o.Calls = o.Calls[over:]
	}
}

// failBeside ends this run's work on one old version, and on nothing else: it
// neither keeps the key from being rotated nor counts against a generation.
func (o *Observed) failBeside(a Act, answer Answer) {
	f := &Failure{Doing: doing(a), Answer: answer, Noted: true}
	o.BesideFailed = f
	o.learnOld(a.KeyID, func(s *OldSeen) { s.Failed = f })
}

// wrongState is KMS's code for a call that does not fit the key's state.
const wrongState = "KMSInvalidStateException"

// Wrote takes in that a write of this run has succeeded.
func (o *Observed) Wrote(a Act) {
	o.Calls = nil
	if o.Move != nil && (o.Move.Confirmed || a.Kind == WriteConfirm) {
		o.Move.Revs = append(slices.Clip(o.Move.Revs), a.Rev)
	}
	switch a.Kind {
	case WriteAdopt, WriteAdoptDrift, WriteRebuild:
		o.AdoptedHere = true
	case WriteFirstClaim, WriteClaim:
		o.ClaimedHere, o.MayMake = a.Claim.ID, a.Claim.ID
		o.Target, o.Probe, o.Move, o.Gate = nil, nil, nil, nil
	case WriteConfirm:
		o.Move.Confirmed, o.Move.Op = true, a.Self.Op
	case WriteNote:
		if a.Note.Answered && o.Move != nil {
			o.Move.Noted = true
		}
		switch {
		case a.Note.KeyFor != "":
			o.MayMake = a.Note.KeyFor
		case a.Note.NoKey:
			o.MayMake = ""
		}
		if o.Failure != nil {
			o.Failure.Noted = true
		}
	case WriteFinish:
		if o.Move != nil {
			o.Move.Noted = true
		}
	case WriteAbandon:
		o.ClaimedHere = a.claims()
		if a.Claim != nil {
			o.MayMake = a.Claim.ID
		}
		o.Alias, o.Target, o.Probe, o.Move = nil, nil, nil, nil
	default:
		o.wroteOld(a)
	}
}

// wroteOld takes in the writes about old versions and holds.
func (o *Observed) wroteOld(a Act) {
	switch a.Kind {
	case WriteHold, WriteRelease:
		o.DidVerb = true
	case WriteReinstate:
		o.DidVerb, o.VerbVersion = true, a.Version
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{Listed: s.Listed, Aliases: s.Aliases, Named: s.Named} })
	case WriteLookAgain:
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{SeesTo: a.LookAfter} })
	case WriteLooked:
		o.Restored = o.Restored || o.DidVerb && a.Version == o.VerbVersion
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	case WriteKept:
		o.OldBegun++
	case WriteChecked:
		o.OldBegun++
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{Asked: true, AskedAt: a.At} })
	case WriteMark:
		o.Marking.Confirmed, o.Marking.Op = true, a.Self.Op
	case WriteMarkNo, WriteRetired, WriteDeleting:
		if o.Marking != nil && o.Marking.KeyID == a.KeyID {
			o.Marking.Noted = true
		}
		if a.Kind == WriteMarkNo {
			return
		}
		if a.Refusal != nil {
			o.MarkRefusal = a.Refusal
		}
		o.learnOld(a.KeyID, func(s *OldSeen) { *s = OldSeen{} })
	}
}

// claims is the id of the claim that a write makes, or makes and finishes at once;
// "" if it makes none.
func (a Act) claims() string {
	switch {
	case a.Claim != nil:
		return a.Claim.ID
	case a.Ended != nil:
		return a.Ended.ID
	}
	return ""
}

// LostTo takes in that a write of this run met a record that somebody else had
// written. It may have landed all the same: its answer was lost, others wrote on
// top, and the repetition failed on that. What stands at its revision tells. What
// a person's verb is about must not be done twice, nor over what came after it;
// of signatures nothing is concluded: see unheard.
func (o *Observed) LostTo(a Act, r *Record) {
	o.Lost()
	if r == nil {
		return
	}
	at := slices.IndexFunc(r.Events, func(e Event) bool { return e.Rev == a.Rev })
	switch {
	case at < 0 && (len(r.Events) == 0 || r.Events[0].Rev <= a.Rev):
		return // it is before that revision still, or made anew
	case at < 0: // so much was written since that only the ledger tells
		o.Joined = cmp.Or(o.Joined, a.claims())
	case r.Events[at].Run != a.Self.Run:
	default:
		o.Joined = cmp.Or(o.Joined, a.claims())
		switch a.Kind {
		case WriteHold, WriteRelease, WriteReinstate:
			o.wroteOld(a)
		}
	}
}

// Lost takes in that somebody else wrote the record meanwhile: unsent signed
// bytes are thrown away, what may have changed is forgotten, answers are kept.
func (o *Observed) Lost() {
	o.Forget()
	if o.Move != nil && !o.Move.Confirmed {
		o.Move = nil
	}
	if o.Marking != nil && !o.Marking.Confirmed {
		o.Marking = nil
	}
}

// doing names an act for an error: "create v8".
func doing(a Act) string {
	v := VersionName(a.Version)
	switch a.Kind {
	case LookCaller:
		return "ask who we are"
	case LookTable:
		return "check the table"
	case LookAlias, LookMoved, LookListing:
		return "look at the alias"
	case LookLedger, LookHistory:
		return "read the ledger"
	case LookClaim:
		return "read the ledger for what became of this change"
	case LookRecord:
		return "read the record"
	case LookVersion:
		return "look up " + a.Name
	case LookActive:
		return "describe " + v
	case LookSource:
		return "read policy and tags of " + v
	case LookPolicy:
		return "read the policy of " + v
	case LookTarget:
		return "describe " + v
	case TryTarget:
		return "probe " + v
	case LookRotation, EnableRotation:
		return "automatic rotation of " + v
	case CreateKey:
		return "create " + v
	case NameVersion, CreateAlias:
		return "create " + a.Name
	case DisableFresh:
		return "disable " + a.KeyID
	case LookOld, LookOldAliases, LookUse:
		return "look at " + v
	case SignMark, SendMark:
		return a.What + " " + v
	case CancelDeletion, EnableKey:
		return "reinstate " + v
	case SignMove, SendMove:
		return "move the alias to " + v
	}
	return string(a.Kind)
}

func reasonOf(a Answer) string {
	if a.Code != "" {
		return a.Code
	}
	return a.Message
}
