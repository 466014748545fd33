package plan

import (
	"cmp"
	"time"
)

// Result is the result of an act that is not a write. Besides Answer only the field
// that fits the act is set.
type Result struct {
	// Answer is Yes for a look that did not fail.
	Answer Answer

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
	// Signed is the X-Amz-Date of a signature.
	Signed  time.Time
	Aliases []AliasListed
	Use     UseSeen
	// Events are those of the ledger that were read; for a copy, those of the item that
	// was there already.
	Events []Event

	Rotation RotationSeen
}

// Learn takes in the result of an act. Soft noes and unknowns are tried again, MaxTries
// times in a run; a hard no, or too many tries, is a Failure.
func (o *Observed) Learn(now time.Time, r *Record, a Act, res Result) {
	o.JustWrote = false
	if o.Tries == nil {
		o.Tries = map[Kind]int{}
	}
	if a.Kind != LookAlias {
		o.AliasOld = o.Alias != nil
	}
	if a.Kind == CopyEvents || a.Kind == LookLedger && o.LedgerRev != nil && res.Answer.Verdict != Yes {
		o.copied(r, a, res)
		return
	}
	if a.Kind == LookPolicy && res.Answer.Missing { // parts of KMS do not know yet what was just made
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
		res.Use, res.Answer = UseFailed(res.Answer), Answer{Verdict: Yes}
	}
	if res.Answer.Verdict != Yes {
		o.judge(a, res.Answer)
		return
	}
	o.learnLook(now, a, res, r)
}

func (o *Observed) learnLook(now time.Time, a Act, res Result, r *Record) {
	if !kinds[a.Kind].lasting {
		o.saw(now)
	}
	switch a.Kind {
	case LookCaller:
		o.Caller = &res.Caller
	case LookTable:
		o.Table = &res.Table
	case LookAlias:
		o.Alias, o.AliasAt, o.AliasOld, o.Moved = &res.Key, now, false, nil
		if r != nil && r.Active != 0 && res.Key.KeyID != r.Live().KeyID {
			o.FoundOn = cmp.Or(o.FoundOn, res.Key.KeyID)
		}
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
			o.named() // whichever request did that
		}
		hidden := res.Version.Missing || res.Version.Claim == ""
		if f := o.Fresh; f == nil || f.Generation != a.Version || !r.movedOn(*f) {
			o.missing(now, hidden)
		} else if o.LeftoverSince.IsZero() {
			o.LeftoverSince = now
		}
		if hidden {
			o.Hidden++
		}
	case LookListed:
		if o.Listed == nil {
			o.Listed = map[int64]VersionSeen{}
		}
		v := res.Version
		v.At = now
		o.Listed[a.Version], o.Late = v, 0 // what is seen stays seen, so the run gets on
	case LookSource:
		o.Source = &res.Source
	case LookPolicy:
		o.Policy = &res.Policy
		o.missing(now, false)
	case LookRotation:
		o.sawRotation(a.KeyID, res.Rotation)
	case LookLedger:
		o.sawLedger(r, res.Events)
	case LookWrite:
		o.heard(res.Events)
	case LookClaim:
		o.Told = &ClaimTold{Claim: a.Name, Events: OfClaim(res.Events, a.Name)}
	case LookHistory:
		o.Ledger, o.WholeLedger = res.Events, true
		o.sawLedger(r, res.Events)
	case LookRecord:
		if o.ReadAgain = true; a.KeyID != "" {
			o.learnOld(a.KeyID, func(s *OldSeen) { s.ReadSince = true })
		}
	case LookTarget:
		o.Target = &res.Key
		hidden := res.Key.Missing || res.Key.State == KeyCreating
		o.missing(now, hidden)
		if hidden {
			o.Tries[LookTarget]++
		}
	case AskGate:
		gate := res.Gate
		gate.KeyID, gate.At = a.KeyID, a.At
		o.Gate, o.Policy = &gate, nil // before_switch takes up to a minute
	case LookOld:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Key = &res.Key })
	case LookOldAliases:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Listed, s.Aliases = true, res.Aliases })
	case LookUse:
		o.learnOld(a.KeyID, func(s *OldSeen) { s.Use, s.UseAt = &res.Use, now })
	case SignMark, SignMove:
		o.signed(r, a, res.Signed)
	}
}

// named records that this run's new key has its name.
func (o *Observed) named() {
	o.Made, o.Fresh, o.Unnamed, o.NamingSince = o.Fresh, nil, 0, time.Time{}
}

// saw sets SeenAt, unless an older look is still in use.
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
