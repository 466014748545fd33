package plan

import (
	"slices"
	"time"
)

// Preflight is what `keyturn verify` found before any rotation: whether each thing that the
// next rotation needs is there, and each call that it makes is allowed. Nothing was changed
// to find it out.
type Preflight struct {
	// At is AWS's time.
	At     time.Time
	Caller Caller
	// Principal is the ARN of the role or user whose permissions were looked at.
	Principal string
	// Other reports whether that is another one than the caller: then only IAM's policy
	// simulator was asked, and what the caller may do shows nothing.
	Other  bool
	Checks []Check
}

// Known is what is known about one thing.
type Known string

// The answers. NotKnown never stands for one of the others.
const (
	KnownYes Known = "yes"
	KnownNo  Known = "no"
	NotKnown Known = "not known"
)

// Way is how something is found out.
type Way string

// The ways. A call that changes something is never made to find out whether it is allowed.
const (
	// WayLooked: what AWS shows was compared with what a rotation needs.
	WayLooked Way = "looked at"
	// WayCalled: the call only reads, and was made as a run makes it.
	WayCalled Way = "called"
	// WayDryRun: KMS judged the call by its parameter DryRun, and did not carry it out.
	WayDryRun Way = "DryRun"
	// WaySimulated: IAM's policy simulator judged it. It sees no key policies.
	WaySimulated Way = "simulated"
)

// Check is one thing that the next rotation of a key needs.
type Check struct {
	// Key is the key's name; "" if it is about all keys.
	Key string
	// About is IAM's name of a call, "kms:CreateKey", or what was looked at.
	About string
	Known Known
	// Way is "" if nothing could show it.
	Way Way
	// Why says what was seen, or why it is not known.
	Why string
	// Warns reports whether a rotation goes on without it.
	Warns bool
	Code  Code
	Hint  Hint
}

// Exit returns the exit code: 13 if there is a no, 1 if something is not known, 0 if every
// answer is yes. What a rotation goes on without does not count.
func (p Preflight) Exit() Exit {
	has := func(known Known) bool {
		return slices.ContainsFunc(p.Checks, func(c Check) bool { return c.Known == known && !c.Warns })
	}
	switch {
	case has(KnownNo):
		return ExitPerson
	case has(NotKnown):
		return ExitFailed
	}
	return ExitDone
}

// Doubts reports whether something is not as a rotation needs it, or is not known.
func (p Preflight) Doubts() bool { return p.Exit() != ExitDone }

// add adds a check of what was looked at, which a refusal of a run makes a no.
func (p *Preflight) add(key, about, seen string, ref *Refusal) {
	c := Check{Key: key, About: about, Known: KnownYes, Way: WayLooked, Why: seen}
	if ref != nil {
		c.Known, c.Why, c.Code, c.Hint = KnownNo, ref.What, ref.Code, ref.Hint
	}
	p.Checks = append(p.Checks, c)
}

// Failed adds a check of something that could not be looked at, and of an error that a
// person must see to.
func (p *Preflight) Failed(key, about, what string, f Fault) {
	c := Check{Key: key, About: about, Known: NotKnown, Way: WayLooked, Why: what, Code: f.Code, Hint: f.Hint}
	if f.Exit == ExitPerson {
		c.Known = KnownNo
	}
	p.Checks = append(p.Checks, c)
}
