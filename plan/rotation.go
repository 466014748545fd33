package plan

import (
	"fmt"
	"time"
)

// AutoRotation is the plan's term for KMS's own automatic rotation, which gives
// a key new material under the same id. The zero value copies it from the version
// before. Only symmetric encryption keys have it.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
type AutoRotation struct {
	Off bool
	// Every is whole days; 0 is that of the version before, if not Off.
	Every time.Duration
}

// Copies reports whether a new version has the automatic rotation of the one before.
func (a AutoRotation) Copies() bool { return !a.Off && a.Every == 0 }

// The words of auto_rotation, and KMS's bounds of a period.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
const (
	AutoCopy  = "copy"
	AutoLeast = 90 * 24 * time.Hour
	AutoMost  = 2560 * 24 * time.Hour
)

// RotationSeen is what GetKeyRotationStatus shows of a key.
type RotationSeen struct {
	// Every is the period; 0 is off.
	Every time.Duration
	// Unknown says why the status could not be read; "" if it was read.
	Unknown string
}

// Text describes the automatic rotation of a key.
func (s RotationSeen) Text() string {
	switch {
	case s.Unknown != "":
		return "is not known (" + s.Unknown + ")"
	case s.Every == 0:
		return "is off"
	}
	return "is on, every " + FormatDuration(s.Every)
}

// RotatesItself reports whether a key of a spec and usage can have automatic
// rotation.
func RotatesItself(spec, usage string) bool {
	return spec == "SYMMETRIC_DEFAULT" && usage == "ENCRYPT_DECRYPT"
}

// wants returns the automatic rotation of a new version, given that of the version
// before.
func (a AutoRotation) wants(before RotationSeen) RotationSeen {
	if a.Copies() {
		return before
	}
	return RotationSeen{Every: a.Every}
}

// freezeRotation writes the automatic rotation of a new version into its claim.
func (d decider) freezeRotation(c *Claim) {
	if !RotatesItself(c.Spec, c.Usage) {
		return
	}
	before := RotationSeen{}
	if s := d.o.Source; s != nil {
		before = s.Rotation
	}
	want := d.p.AutoRotation.wants(before)
	c.AutoRotation, c.AutoUnknown = want.Every, want.Unknown != ""
}

// ensureRotation gives a new version the automatic rotation of its claim; nil once it
// has it or this run has done what it can. It comes before the version waits, and
// before each signature of its move: after that the alias would need another look.
func (d decider) ensureRotation(made Made) *Decision {
	c := d.r.Claim
	if c.Verb == VerbRollback || d.maySend(d.o.SignedMove) || d.o.notRotated(d.r) {
		return nil
	}
	every := c.AutoRotation
	if c.AutoUnknown && d.r.Active != 0 { // KMS could not say it then; it may now
		before, asked := d.o.Rotations[d.r.Live().KeyID]
		if !asked {
			return &Decision{Act: Act{Kind: LookRotation, Version: d.r.Active, KeyID: d.r.Live().KeyID}}
		}
		every = before.Every
	}
	if every == 0 {
		return nil
	}
	version := d.targetVersion()
	switch has, asked := d.o.Rotations[made.KeyID]; {
	case !asked:
		return &Decision{Act: Act{Kind: LookRotation, Version: version, KeyID: made.KeyID}}
	case has.Unknown == "" && has.Every == every:
		return nil
	case !d.propagating():
		return d.notVisible(made.KeyID)
	}
	return &Decision{Act: Act{Kind: EnableRotation, Version: version, KeyID: made.KeyID, Terms: Terms{Every: every}}}
}

// lookRotation looks at the automatic rotation of an adopted key if the plan has a term
// for that of new versions: a difference is reported. nil if nothing is to look at.
func (d decider) lookRotation(k KeySeen, version int64) *Decision {
	_, asked := d.o.Rotations[k.KeyID]
	if asked || d.p.AutoRotation.Copies() || !RotatesItself(k.Spec, k.Usage) {
		return nil
	}
	return &Decision{Act: Act{Kind: LookRotation, Version: version, KeyID: k.KeyID}}
}

// sawRotation stores the automatic rotation of a key.
func (o *Observed) sawRotation(keyID string, s RotationSeen) {
	if o.Rotations == nil {
		o.Rotations = map[string]RotationSeen{}
	}
	o.Rotations[keyID] = s
}

// forgetUnknownRotation drops automatic rotations that could not be read: the run looks
// again before the next signature.
func (o *Observed) forgetUnknownRotation() {
	for id, s := range o.Rotations {
		if s.Unknown != "" {
			delete(o.Rotations, id)
		}
	}
}

// learnRotation takes in the answer to EnableKeyRotation. A failure never stops a
// rotation for good. One that may go away by itself is tried again, MaxTries times;
// then the run ends if the key is younger than AuthorisationLag. Otherwise the rotation
// continues without, and a note says so.
func (o *Observed) learnRotation(now time.Time, r *Record, a Act, answer Answer) {
	o.missing(now, answer.Missing)
	if answer.Verdict == Yes {
		o.sawRotation(a.KeyID, RotationSeen{Every: a.Terms.Every})
		return
	}
	if answer.Missing { // for PropagationBudget
		return
	}
	young := !now.After(o.madeAt(r, a.Version).Add(AuthorisationLag))
	settles := answer.Soft || answer.Verdict == Unknown || answer.Denied() && young
	switch {
	case settles && o.Tries[a.Kind] < MaxTries:
	case settles && young:
		answer.Soft = true
		o.Failure = &Failure{Kind: a.Kind, Doing: a.doing(), Answer: answer}
	default:
		o.NotRotated, o.NotRotatedOf = answer.Text(), a.Version
	}
}

// notRotated reports whether this run could not switch on the automatic rotation of the open
// generation's version.
func (o Observed) notRotated(r *Record) bool {
	return o.NotRotated != "" && o.NotRotatedOf == r.Generation
}

// RotationNotes describe how the automatic rotation of a new version differs from that
// of the version before, and what is not known about it.
func RotationNotes(p Policy, r *Record, o Observed) []string {
	if r == nil || r.Claim == nil || r.Step == Steady || r.Claim.Verb == VerbRollback ||
		!RotatesItself(r.Claim.Spec, r.Claim.Usage) {
		return nil
	}
	v := VersionName(r.Generation)
	var notes []string
	if s := o.Source; s != nil && r.Active != 0 && !p.AutoRotation.Copies() &&
		s.Rotation != (RotationSeen{Every: r.Claim.AutoRotation}) {
		notes = append(notes, fmt.Sprintf("automatic rotation of %s %s; that of %s %s: the plan says auto_rotation",
			VersionName(r.Active), s.Rotation.Text(), v, RotationSeen{Every: r.Claim.AutoRotation}.Text()))
	}
	if r.Claim.AutoUnknown && r.Active != 0 {
		if s, asked := o.Rotations[r.Live().KeyID]; asked && s.Unknown != "" {
			notes = append(notes, fmt.Sprintf("automatic rotation of %s %s, and so %s has none",
				VersionName(r.Active), s.Text(), v))
		}
	}
	if o.notRotated(r) {
		notes = append(notes, fmt.Sprintf("automatic rotation of %s could not be switched on: %s", v, o.NotRotated))
	}
	return notes
}

// AdoptedRotation describes how the automatic rotation of an adopted key differs from
// the plan's term for new versions; "" if it does not.
func AdoptedRotation(p Policy, version int64, s RotationSeen) string {
	if p.AutoRotation.Copies() || s == (RotationSeen{Every: p.AutoRotation.Every}) {
		return ""
	}
	return fmt.Sprintf(
		"automatic rotation of %s %s, and stays so; that of the next version %s: the plan says auto_rotation",
		VersionName(version), s.Text(), RotationSeen{Every: p.AutoRotation.Every}.Text())
}
