package plan

import (
	"fmt"
	"time"
)

// AliasPlace returns nil if the alias is where the record says, as Decide judges
// it before every claim and every switch; else the stop that says why. It is for screens: a run with nothing due does not look. o has to
// have Alias, and on drift Moved; r has to have an active version.
func AliasPlace(now time.Time, p Policy, r *Record, o Observed) *Decision {
	return decider{now: now, p: p, r: r, o: o}.aliasInPlace()
}

// LiveDown is the refusal for a live version that KMS does not have enabled; nil
// if it has. A run with nothing due does not look. r has to have an active
// version, and k to be that key.
func LiveDown(p Policy, r *Record, k KeySeen) *Refusal {
	if k.Missing || k.State == stateEnabled || k.State == "" {
		return nil
	}
	ref := decider{p: p, r: r}.activeDisabled(k)
	return &ref
}

// OldDown refuses an old version whose deletion can still be cancelled and was
// scheduled by somebody else, or by keyturn with another plan than this, and one
// that is gone before its drain was over; nil if neither is so. A run that finds
// a draining version so says it once.
func OldDown(p Policy, r *Record, version int64, k KeySeen) *Refusal {
	d := decider{p: p, r: r}
	v := r.Entry(version)
	switch {
	case v == nil || v.KeyID != k.KeyID || v.State == "":
		return nil
	case v.State == Draining && (k.Missing || k.State == statePending):
		return d.refusalGone(*v, k)
	case v.State == Draining || k.State != statePending:
		return nil
	}
	name := VersionName(version)
	safe, reinstate := "encrypt works; "+name+" can still be kept", fmt.Sprintf("keyturn reinstate %s/%s", p.Name, name)
	switch {
	case v.DeleteAt.IsZero() && v.Fence == nil:
		return &Refusal{Code: CodeDeletionUnknown, Safe: safe, Hint: reinstate,
			What: fmt.Sprintf("%s (%s) is pending deletion, and keyturn did not ask for it", name, v.KeyID)}
	case !v.DeleteAt.IsZero() && p.Retire.Action != RetireDelete:
		return &Refusal{Code: CodeDeletionUnwanted, Safe: safe, Hint: reinstate,
			What: fmt.Sprintf("%s (%s) is to be deleted on %s, and this plan does not delete: an older one did that, "+
				"or another pool's", name, v.KeyID, Stamp(v.DeleteAt))}
	}
	return nil
}

// Unfit is the refusal with which every run ends before it looks at a key: account,
// table or record are not those of the plan. It is nil if they are, or as far as
// that is not known. r, and what is in o, may be nil.
func Unfit(p Policy, r *Record, o Observed) *Refusal {
	return decider{p: p, r: r, o: o}.unfit()
}

// Unadoptable is the refusal that the first run of a key without a record will end
// with; nil if it will not. k has to be the key behind the alias.
func Unadoptable(p Policy, k KeySeen) *Refusal {
	d := decider{p: p}
	if ref := d.unsupported(k); ref != nil {
		return ref
	}
	return d.unlikePlan(k)
}

// NewerRecord refuses a record that a newer keyturn wrote, of which this one reads
// no more than its revision; nil if it is not one.
func NewerRecord(r *Record) *Refusal {
	if r.Schema <= SchemaVersion {
		return nil
	}
	return &Refusal{Code: CodeNewerRecord, Unwritten: true, Safe: safeAll,
		What: fmt.Sprintf("the record has schema %d, this binary knows %d: a newer keyturn wrote it", r.Schema, SchemaVersion),
		Hint: "install the newer keyturn in this pool too"}
}

// OtherTable refuses a record that stands in another table than the one it was
// born in; nil if it does not, or that is not known.
func OtherTable(p Policy, r *Record, id string) *Refusal {
	if id == "" || r.TableID == "" || id == r.TableID {
		return nil
	}
	return &Refusal{Code: CodeOtherTable, Unwritten: true, Safe: safeAll,
		What: fmt.Sprintf("the record was born in a table with id %s and stands in one with id %s: the table was restored or made anew", r.TableID, id),
		Hint: "keyturn adopt " + p.Name + ` --from-kms --reason "..."`}
}

// OtherAccount refuses a record of another account than the plan's or the
// caller's; nil if it is not, or that is not known.
func OtherAccount(p Policy, r *Record, c *Caller) *Refusal {
	account := AccountOf(r.AliasARN)
	if account == "" || (p.Account == "" || account == p.Account) && (c == nil || account == c.Account) {
		return nil
	}
	return &Refusal{Code: CodeWrongAccount, Unwritten: true, Safe: safeAll,
		What: "the record manages " + r.AliasARN + ", which is of another account than the plan or the credentials",
		Hint: "aws sts get-caller-identity"}
}

// Standing is the refusal that last kept an open generation from going on, if
// only the step itself can see why, and so a screen cannot; nil if there is none.
// It stands until a run gets further.
func Standing(p Policy, r *Record) *Refusal {
	e := r.LastError
	if e == nil || r.Step == Steady {
		return nil
	}
	switch e.Code {
	case CodeForeignVersion, CodeAliasTaken, CodeBeforeSwitch, CodeBadTarget, CodePolicyChanged,
		CodePolicyOfOneKey, CodePolicyLockout, CodeWaiverDenied, CodeVersionUnproven:
		return &Refusal{Code: e.Code, What: e.Message + " (as run " + e.Run + " saw it at " + Stamp(e.At) + ")", Recorded: true,
			Safe: safeAlias, Hint: "keyturn run --key " + p.Name + " -v   (tries again, and says what to do)"}
	}
	return nil
}

// BadNumber is the refusal for a name that is like a version alias of the key's
// and that keyturn cannot have given.
func BadNumber(p Policy, a AliasListed) Refusal { return *decider{p: p}.badNumber(a) }

// RecordLost is the refusal for a key without a record that KMS shows to have
// had one, or the ledger, by its highest revision; nil if neither does.
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

// Ahead is what a scheduled run would decide of the key itself, for screens:
// what it owes to old versions is left out, and r is not nil. A write or a look
// stands for "there is something to do".
func Ahead(now time.Time, p Policy, r *Record, o Observed) Decision {
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbSchedule}, o: o}
	if ref := d.unfit(); ref != nil {
		return *refuse(*ref)
	}
	next := d.steadyOrOpen()
	if next.Act.Kind == LookListing { // a run would ask which of the versions that drain have their names
		return *refuse(d.tooManyDraining(d.awaiting()))
	}
	return *next
}
