package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of what a preflight looks at.
const (
	AboutCredentials = "credentials"
	AboutAccount     = "account"
	AboutClock       = "clock"
	AboutTable       = "table"
	AboutRecovery    = "recovery of the table"
	AboutKey         = "key"
	AboutKeyPolicy   = "key policy"
	AboutName        = "name of the next version"
	AboutOpen        = "open generation"
	AboutDraining    = "old versions"
	AboutGrants      = "grants"
	AboutAliases     = "other aliases"
	AboutHold        = "hold"
)

// Looked adds the checks of what was looked at of a key: by the rules of a run that rotates
// it now, whatever its schedule says. r is nil if the key has no record. It returns the record
// that a rotation would begin with, which the first run makes; nil if a refusal comes before.
func (p *Preflight) Looked(k Policy, r *Record, o Observed, aliases []string) *Record {
	if r == nil {
		first := Decide(p.At, k, nil, Request{Verb: VerbSchedule}, o)
		if ref := first.Act.Refuses(); ref != nil {
			p.add(k.Name, AboutKey, "", ref)
			return nil
		}
		if r = Apply(nil, first.Act); r == nil {
			p.notSettled(k, first)
			return nil
		}
	}
	d := decider{now: p.At, p: k, r: r, q: Request{Verb: VerbSchedule}, o: o}
	if !p.keyFits(d) {
		return nil
	}
	p.policyFits(d)
	p.nameFree(d)
	p.nothingStops(d)
	p.keyNotes(d, aliases)
	return r
}

// nothingStops adds whether the open generation can go on, as status and audit judge it, and
// that too many versions drain for what is due.
func (p *Preflight) nothingStops(d decider) {
	if d.r.Step != Steady {
		ref := ClaimUnlike(d.p, d.r)
		if ref == nil {
			ref = Standing(d.p, d.r)
		}
		if t := d.o.Target; ref == nil && t != nil {
			ref = TargetDown(d.p, d.r, *t)
		}
		p.add(d.p.Name, AboutOpen, fmt.Sprintf("%s is %s", VersionName(d.r.Generation), d.r.Step), ref)
		return
	}
	if n := d.awaiting(); n >= d.p.MaxDraining && DueAt(p.At, d.p, d.r).State == IsDue {
		ref := d.tooManyDraining(n)
		p.add(d.p.Name, AboutDraining, "", &ref)
	}
}

// notSettled adds that KMS does not show yet what a run needs.
func (p *Preflight) notSettled(k Policy, d Decision) {
	c := Check{Key: k.Name, About: AboutKey, Known: NotKnown, Way: WayLooked, Why: "a run would look again first"}
	if len(d.Reasons) > 0 {
		c.Why, c.Code = d.Reasons[0].Text, d.Reasons[0].Code
	}
	p.Checks = append(p.Checks, c)
}

// keyFits adds whether the key behind the alias is one that can be rotated.
func (p *Preflight) keyFits(d decider) bool {
	ref := d.unfit()
	if next := d.restored(); ref == nil && next != nil {
		ref = next.Act.Refuses()
	}
	if ref == nil && d.r.Active == 0 {
		ref = &Refusal{Code: CodeOpenGeneration, What: d.p.Alias + " is still being made: " +
			VersionName(d.r.Generation) + " is no version yet", Hint: RunNow(d.p)}
	}
	if ref == nil {
		if next := d.aliasInPlace(); next != nil {
			if ref = next.Act.Refuses(); ref == nil {
				p.notSettled(d.p, *next)
				return false
			}
		}
	}
	if ref == nil && d.r.Held(p.At) && d.r.Hold.Self {
		ref = d.held().Act.Refuses()
	}
	for _, more := range []func(KeySeen) *Refusal{d.unsupported, d.unlikePlan} {
		if ref == nil {
			ref = more(*d.o.Alias)
		}
	}
	k := d.o.Alias
	seen := ""
	if k != nil {
		seen = fmt.Sprintf("%s, %s, %s", k.Spec, k.Usage, k.State)
	}
	p.add(d.p.Name, AboutKey, seen, ref)
	return ref == nil
}

// policyFits adds whether the key policy can be that of a new key.
func (p *Preflight) policyFits(d decider) {
	if d.o.Source == nil {
		return // the call that reads it says why
	}
	var ref *Refusal
	if next := d.newKeyReady(); next != nil {
		ref = next.Act.Refuses()
	}
	n := VersionTerms(d.p, d.r, d.o)
	p.add(d.p.Name, AboutKeyPolicy, strings.Join(n.Notes(d.liveName()), "; "), ref)
}

// nameFree adds whether the names that the next rotation gives are free.
func (p *Preflight) nameFree(d decider) {
	if d.o.Listing == nil || d.r.Step != Steady {
		return // the claim's own key may have the name
	}
	ref := d.badVersion()
	for _, l := range d.o.Listing.Versions {
		version, ok := VersionOf(d.p.Alias, l.Name)
		live := version == d.r.Active && l.KeyID != d.r.Live().KeyID
		if ref == nil && ok && (version == d.r.Generation+1 || live) {
			taken := d.foreignVersion(VersionSeen{Version: version, KeySeen: KeySeen{KeyID: l.KeyID}})
			ref = &taken
		}
	}
	p.add(d.p.Name, AboutName, "nothing is named "+VersionAlias(d.p.Alias, d.r.Generation+1)+" yet", ref)
}

// keyNotes adds what does not follow the alias, which stops no rotation.
func (p *Preflight) keyNotes(d decider, aliases []string) {
	warn := func(about, why string, hint Hint) {
		p.Checks = append(p.Checks, Check{Key: d.p.Name, About: about, Known: KnownNo, Way: WayLooked, Warns: true,
			Why: why, Hint: hint})
	}
	if s := d.o.Source; s != nil && s.Grants > 0 {
		warn(AboutGrants, Counted(s.Grants, "grant")+" of "+d.liveName()+": grants do not follow the alias",
			Noted("keyturn audit names those that the new version lacks, each with its command"))
	}
	if h := d.r.Hold; d.r.Held(p.At) && !h.Self {
		until, stops := "until then", " no run rotates it"
		if !h.Until.IsZero() {
			until += ", or until " + Stamp(h.Until) + ","
		}
		if !d.r.HeldBack(p.At) {
			stops = " no run begins another rotation; the open one goes on"
		}
		warn(AboutHold, d.held().Reasons[0].Text, Try("keyturn", "release", d.p.Name).Noted(until+stops))
	}
	others := slices.DeleteFunc(slices.Clone(aliases), func(a string) bool {
		of, _, _ := SplitVersion(a)
		return a == d.p.Alias || of == d.p.Alias
	})
	if len(others) > 0 {
		warn(AboutAliases, strings.Join(others, ", ")+": what calls the key by another alias stays with "+d.liveName(),
			Hint{})
	}
}

// Names reports whether the next rotation also names the live version, which was adopted
// and has no alias of its own yet.
func (r *Record) Names(listing *ListingSeen, alias string) bool {
	live := r.Live()
	return live != nil && live.Adopted && (listing == nil || !slices.ContainsFunc(listing.Versions,
		func(l AliasListed) bool { return l.Name == VersionAlias(alias, live.Version) }))
}

// TableLooked adds the checks of a lock table. unknown is why it is not known whether
// point-in-time recovery is on; "" if it is.
func (p *Preflight) TableLooked(name string, t TableSeen, recovery bool, unknown string) {
	var ref *Refusal
	if t.Unsafe != "" {
		ref = &Refusal{Code: CodeUnsafeTable, What: "table " + name + ": " + t.Unsafe, Hint: t.Hint}
	}
	p.add("", AboutTable, name+": its primary key, its replicas and its time to live are right", ref)
	c := Check{About: AboutRecovery, Way: WayLooked, Warns: true, Known: KnownYes, Why: name + ": to a point in time"}
	switch {
	case unknown != "":
		c.Known, c.Why = NotKnown, unknown
	case !recovery:
		c.Known, c.Why, c.Code = KnownNo, "table "+name+": point-in-time recovery is off", CodeNoRecovery
		c.Hint = Try("keyturn", "init", "--table")
	}
	p.Checks = append(p.Checks, c)
}

// MaxSkew is how far a host's clock may be off before it is worth a word. keyturn goes by
// AWS's time.
const MaxSkew = time.Minute

// Identity adds the checks of the credentials, the account and the clock, and reports
// whether the account is the plan's: in another one nothing of the plan exists.
func (p *Preflight) Identity(keys []Policy, skew time.Duration) bool {
	p.Checks = append(p.Checks, Check{About: AboutCredentials, Known: KnownYes, Way: WayCalled, Why: p.Caller.ARN})
	var ref *Refusal
	for _, k := range keys {
		if ref == nil {
			ref = decider{p: k, o: Observed{Caller: &p.Caller}}.unfit()
		}
	}
	p.add("", AboutAccount, p.Caller.Account, ref)
	clock := Check{About: AboutClock, Known: KnownYes, Way: WayLooked, Warns: true, Why: "as AWS's, within a minute"}
	if skew.Abs() > MaxSkew {
		clock.Known, clock.Code = KnownNo, CodeClock
		clock.Why = fmt.Sprintf("this host's is %s off AWS's; keyturn goes by AWS's, other programs may not", Age(skew))
	}
	p.Checks = append(p.Checks, clock)
	return ref == nil
}
