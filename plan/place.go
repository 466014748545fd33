package plan

import (
	"fmt"
	"time"
)

// AliasPlace returns nil if the alias is where the record says, as Decide judges it
// before every claim and every switch; otherwise the stop that says why. It is for
// screens: a run with nothing due does not look. o must have Alias, and on drift Moved;
// r must have a live version. A look that comes next stops nothing: a person's generation
// does not wait for KMS, and one that takes the alias away from where it is goes on there.
func AliasPlace(now time.Time, p Policy, r *Record, o Observed) *Decision {
	d := decider{now: now, p: p, r: r, o: o}
	next := d.aliasInPlace()
	if r.PutsBackFrom(o.Alias.KeyID) {
		next = d.aliasAt(o.Alias.KeyID)
	}
	if next == nil || next.Act.Kind != Stop {
		return nil
	}
	return next
}

// LiveDown returns the refusal for a live version that is not enabled; nil if it is. A
// run with nothing due does not look. r must have a live version, and k be its key.
func LiveDown(p Policy, r *Record, k KeySeen) *Refusal {
	if k.Missing || k.State == KeyEnabled || k.State == "" {
		return nil
	}
	ref := decider{p: p, r: r}.activeDisabled(k)
	return &ref
}

// OldDown returns the refusal for an old version whose deletion can still be cancelled
// and was scheduled by somebody else, or by keyturn with another plan; for one that was
// deleted before its drain was over; for one that somebody disabled although it drains or
// is kept; and for one that somebody enabled after keyturn disabled it. It is nil for
// others. A run that finds a draining version deleted reports that once.
func OldDown(now time.Time, p Policy, r *Record, version int64, k KeySeen) *Refusal {
	d := decider{now: now, p: p, r: r}
	v := r.Entry(version)
	switch {
	case v == nil || v.KeyID != k.KeyID || v.State == "":
		return nil
	case k.State == KeyDisabled:
		return d.disabledByHand(*v, k)
	case k.State == KeyEnabled:
		return d.enabledByHand(*v)
	case k.Missing && (v.State == Gone || !v.DeleteAt.IsZero() && !now.Before(v.DeleteAt)):
		return nil
	case k.Missing, v.State == Draining && k.State == KeyPendingDeletion:
		return d.refusalGone(*v, k)
	case k.State != KeyPendingDeletion:
		return nil
	}
	name := VersionName(version)
	switch {
	case v.DeleteAt.IsZero() && v.Fence == nil:
		return &Refusal{Code: CodeDeletionUnknown, Version: version, Hint: d.hintReinstate(name),
			What: fmt.Sprintf("%s (%s) is pending deletion, and keyturn did not ask for it", name, v.KeyID)}
	case !v.DeleteAt.IsZero() && p.Retire.Action != RetireDelete:
		return &Refusal{Code: CodeDeletionUnwanted, Version: version, Hint: d.hintReinstate(name),
			What: fmt.Sprintf("%s (%s) is to be deleted on %s, and this plan does not delete: an older one did that, "+
				"or another pool's", name, v.KeyID, Stamp(v.DeleteAt))}
	}
	return nil
}

// TargetDown returns the refusal for the new version of an open generation if somebody
// disabled it or scheduled its deletion; nil for others.
func TargetDown(p Policy, r *Record, k KeySeen) *Refusal {
	t := r.Next()
	if t == nil || t.State != "" || t.KeyID != k.KeyID || !k.Down() {
		return nil
	}
	return &Refusal{Code: CodeBadTarget, About: kindOf(k), Version: t.Version, Hint: Repair(p, k),
		What: fmt.Sprintf("%s (%s) is to become live and is %s, and keyturn did not do that", VersionName(t.Version),
			k.KeyID, k.State)}
}

// disabledByHand returns the refusal for a version that somebody disabled. Once its drain
// is over, a run takes it for retired; one that was reinstated a run enables.
func (d decider) disabledByHand(v Version, k KeySeen) *Refusal {
	is := "kept"
	switch {
	case v.State == Kept && v.Fence != nil: // a person retires it
		return nil
	case v.State == Draining && v.Fence == nil && v.LookAfter.IsZero() && d.now.Before(d.p.DrainEnd(v)):
		is = "draining until " + Stamp(d.p.DrainEnd(v))
	case v.State != Kept:
		return nil
	}
	return &Refusal{Code: CodeVersionDisabled, About: VersionName(v.Version), Version: v.Version, Hint: Repair(d.p, k),
		What: fmt.Sprintf("%s (%s) is %s and disabled: keyturn did not do that", VersionName(v.Version), v.KeyID, is)}
}

// enabledByHand returns the refusal for a version that keyturn disabled and somebody has
// enabled since. keyturn leaves it alone.
func (d decider) enabledByHand(v Version) *Refusal {
	if !v.State.Retired() || v.State == Kept || v.Fence != nil && d.now.Before(v.Fence.Until) {
		return nil
	}
	name, was := VersionName(v.Version), "disabled"
	if v.DisabledUnknown {
		was = "found disabled"
	}
	return &Refusal{Code: CodeEnabledByHand, About: name, Version: v.Version,
		Hint: Reinstate(d.p.Name, name).Noted("it then drains again; a version that nobody needs may be disabled " +
			"instead"),
		What: fmt.Sprintf("%s (%s) was %s on %s and is enabled: by the record keyturn did not do that", name, v.KeyID,
			was, Stamp(v.DisabledAt))}
}

// Unfit returns the refusal with which every run ends before it looks at a key: account,
// table or record are not those of the plan. It is nil if they are, or if that is not
// known. r, and the fields of o, may be nil.
func Unfit(p Policy, r *Record, o Observed) *Refusal {
	return decider{p: p, r: r, o: o}.unfit()
}

// Unadoptable returns the refusal with which the first run ends for a key without a
// record; nil if there is none. k must be the key behind the alias.
func Unadoptable(p Policy, k KeySeen) *Refusal {
	d := decider{p: p}
	if ref := d.unsupported(k); ref != nil {
		return ref
	}
	return d.unlikePlan(k)
}

// NewerRecord returns the refusal for a record that a newer keyturn wrote; nil for
// others. This binary reads no more of such a record than its revision.
func NewerRecord(r *Record) *Refusal {
	if r.Schema <= SchemaVersion {
		return nil
	}
	return &Refusal{Code: CodeNewerRecord, Unwritten: true,
		What: fmt.Sprintf("the record has schema %d, this binary knows %d: a newer keyturn wrote it",
			r.Schema, SchemaVersion),
		Hint: Noted("install the newer keyturn in this pool too")}
}

// OtherTable returns the refusal for a record that is in another table than the one in
// which it was made; nil if it is not, or if that is not known.
func OtherTable(p Policy, r *Record, id string) *Refusal {
	if id == "" || r.TableID == "" || id == r.TableID {
		return nil
	}
	return &Refusal{Code: CodeOtherTable, Unwritten: true,
		What: fmt.Sprintf("the record was born in a table with id %s and stands in one with id %s: "+
			"the table was restored or made again", r.TableID, id),
		Hint: FromKMS(p.Name)}
}

// OtherAccount returns the refusal for a record of another account than the plan's or
// the caller's; nil if it is not, or if that is not known.
func OtherAccount(p Policy, r *Record, c *Caller) *Refusal {
	account := AccountOf(r.AliasARN)
	if account == "" || (p.Account == "" || account == p.Account) && (c == nil || account == c.Account) {
		return nil
	}
	return &Refusal{Code: CodeWrongAccount, Unwritten: true,
		What: "the record manages " + r.AliasARN + ", which is of another account than the plan or the credentials",
		Hint: WhoAmI()}
}

// Standing returns the last refusal that stopped an open generation, if a screen cannot
// see its cause; nil if there is none. It counts until a run gets further.
func Standing(p Policy, r *Record) *Refusal {
	e := r.LastError
	if e == nil || r.Step == Steady {
		return nil
	}
	switch e.Code {
	case CodeForeignVersion, CodeAliasTaken, CodeBeforeSwitch, CodeBadTarget, CodePolicyChanged,
		CodePolicyOfOneKey, CodePolicyLockout, CodeWaiverDenied, CodeVersionUnproven:
		return e.recorded(p)
	}
	return nil
}

// recorded returns the refusal that a run has noted.
func (e LastError) recorded(p Policy) *Refusal {
	return &Refusal{Code: e.Code, Recorded: true,
		What: e.Message + " (as run " + e.Run + " saw it at " + Stamp(e.At) + ")",
		Hint: Try("keyturn", "run", "--key", p.Name, "-v").Noted("tries again, and says what to do")}
}

// beforeClaim reports whether it is a refusal that stops a run before its claim, and whose
// cause a screen cannot see.
func (e LastError) beforeClaim() bool {
	return e.Code == CodePolicyOfOneKey || e.Code == CodePolicyLockout
}

// BadNumber returns the refusal for an alias that looks like a version alias of the key
// but is none of keyturn's.
func BadNumber(p Policy, a AliasListed) Refusal { return *decider{p: p}.badNumber(a) }

// RecordLost returns the refusal for a key without a record which had one, as KMS or the
// highest revision of the ledger shows; nil if neither does.
func RecordLost(p Policy, seen ListingSeen, ledgerRev int64) *Refusal {
	if len(seen.Versions) == 0 && ledgerRev == 0 {
		return nil
	}
	d := decider{p: p, o: Observed{Looks: Looks{Listing: &seen}, LedgerSeen: LedgerSeen{LedgerRev: &ledgerRev}}}
	if ref := d.badVersion(); ref != nil {
		return ref
	}
	ref := d.recordLost(seen.Versions)
	return &ref
}

// Ahead returns what a scheduled run would decide about the key itself, for screens. It
// leaves out work on old versions. A write or a look means that there is something to
// do. r must not be nil.
func Ahead(now time.Time, p Policy, r *Record, o Observed) Decision {
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbSchedule}, o: o}
	if ref := d.unfit(); ref != nil {
		return *refuse(*ref)
	}
	next := d.steadyOrOpen()
	if next.Act.Kind == LookListing { // a run would look which draining versions have their names
		return *refuse(d.tooManyDraining(d.awaiting()))
	}
	return *next
}
