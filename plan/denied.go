package plan

import "time"

// AuthorisationLag is how long after a key was made or an alias was moved KMS may
// still deny a call by mistake: tags and aliases take up to five minutes to affect
// authorisation.
// https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
const AuthorisationLag = 5 * time.Minute

// Denied reports whether AWS answered that the caller may not make the call.
func (a Answer) Denied() bool {
	return a.Verdict == No && (a.Code == "AccessDeniedException" || a.Code == "AccessDenied")
}

// authorisationLags reports whether a denial of an act may come from authorisation that
// lags: then the no is not definite, and does not count against the generation.
// The name of a new key has a rule of its own; see namingAgain.
func (o *Observed) authorisationLags(now time.Time, r *Record, a Act) bool {
	if r == nil {
		return false
	}
	young := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) < AuthorisationLag }
	switch a.Kind {
	case LookVersion, LookTarget, TryTarget, LookPolicy, SendMove:
		return young(o.madeAt(r, a.Version))
	case LookAlias:
		return young(r.SwitchedAt) || r.Step == Switching && young(r.Next().CreatedAt)
	case LookActive:
		return young(r.SwitchedAt)
	}
	return false
}

// madeAt returns when the key of a version was made, if the open generation makes it.
// Where nothing says so yet, it was after the claim.
func (o *Observed) madeAt(r *Record, version int64) time.Time {
	for _, m := range []*Made{o.Fresh, o.Made} {
		if m != nil && m.Generation == version {
			return m.CreatedAt
		}
	}
	switch {
	case r.Target != 0 && r.Target == version:
		return r.Next().CreatedAt
	case r.Step == Claimed && r.Target == 0 && r.Generation == version:
		return r.Claim.At
	}
	return time.Time{}
}

// namingAgain reports whether CreateAlias is repeated for a key that this generation
// has made: KMS denies it or does not know the key, and first said so in this run
// less than PropagationBudget ago.
func (o *Observed) namingAgain(now time.Time, a Act, answer Answer) bool {
	made := false
	for _, m := range []*Made{o.Fresh, o.Made} {
		made = made || m != nil && m.KeyID == a.KeyID
	}
	if !made || !answer.Denied() && !answer.Missing {
		return false
	}
	if o.NamingSince.IsZero() {
		o.NamingSince = now
	}
	return now.Sub(o.NamingSince) < PropagationBudget
}
