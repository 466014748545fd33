package status

import (
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// State is the state of a key in a word.
type State string

// The states.
const (
	OK         State = "ok"          // nothing is due
	Due        State = "due"         // the next run rotates
	Rotating   State = "rotating"    // a generation is open
	Waiting    State = "waiting"     // a new version waits for its switch
	Frozen     State = "frozen"      // due, and in a freeze
	Held       State = "held"        // stopped by a person
	Refused    State = "refused"     // a person must look
	NotAdopted State = "not-adopted" // no record yet
	Unknown    State = "unknown"     // KMS cannot be asked, or lags, or a run is working on the key
)

// States returns all states.
func States() []State {
	return []State{OK, Due, Rotating, Waiting, Frozen, Held, Refused, NotAdopted, Unknown}
}

// Seen is what AWS shows of a key, apart from its record.
type Seen struct {
	// Caller is nil if it was not asked for.
	Caller *plan.Caller
	// Table is nil if it was not checked.
	Table *plan.TableSeen
	// Alias is the key behind the alias; nil if it was not asked for.
	Alias *plan.KeySeen
	// Moved is since when the alias is on that key, if it is not the recorded one.
	Moved *plan.AliasListed
	// Versions are the KMS keys of old versions, by id, as far as asked for.
	Versions map[string]plan.KeySeen
	// Uses are the last uses of old versions, by id, as far as asked for.
	Uses map[string]plan.UseSeen
	// Listing is what KMS lists of a key that has no record; nil: not asked.
	Listing *plan.ListingSeen
	// Ledger has the events of the ledger's last item; none if it is empty, or was not read.
	Ledger []plan.Event
	// Trouble describes why KMS could not be asked.
	Trouble string
	// Unseen describes why versions could not be asked about, by KMS key id.
	Unseen map[string]string
	// Broken describes why the record could not be understood.
	Broken string
}

// Key is a key at a moment.
type Key struct {
	Policy plan.Policy
	State  State
	// Text is the state for people: "rotating to v13: switching".
	Text string

	Live *plan.Version
	// LiveKMS is the live version as KMS shows it; nil if it was not asked for.
	LiveKMS *plan.KeySeen
	// Generation is the open one, or else the last; 0 without a record.
	Generation int64
	// Step is that of the generation; "" without a record.
	Step plan.Step
	// Target is that of an open generation, once it is made.
	Target *plan.Version
	// On is the version that the alias names, if it is the target and not Live.
	On int64
	// Age is that of the live version.
	Age time.Duration
	// Next is when the next rotation is; zero if Then says it: "now", "when it exits
	// 0", "stopped".
	Next time.Time
	Then string
	// Lease is the live one.
	Lease *plan.Lease
	// Fence is until when an alias move may be under way.
	Fence time.Time
	Old   []Version
	// LeftOut is the highest version that the record does not list any more; 0 if it lists all.
	LeftOut int64
	// Hold is the one in force.
	Hold *plan.Hold
	// LiveHold is the hold on the live version that is in force.
	LiveHold *plan.Hold
	Error    *plan.LastError
	// Refusal is set if the state is Refused.
	Refusal *plan.Refusal
	// Accepted are the findings that the plan accepts; Ended ones count again.
	Accepted []Accepted
	// Found is what the alias names, if it is not the recorded key.
	Found *Found
	// Works is whether encrypt and decrypt work.
	Works claim.Works
	// Note is what else a person should know.
	Note string
}

// Accepted is a finding that the plan accepts.
type Accepted struct {
	plan.Acceptance
	// Ended reports whether it counts again.
	Ended bool
	// What describes what was seen; "" if status does not look for that.
	What string
}

// Needs reports whether the key waits for a person.
func (k Key) Needs() bool { return k.State == Refused }

// Unsettle makes the state of a key unknown: runs have written the record each time while
// KMS was asked, so what was seen of the two does not belong together.
func (k *Key) Unsettle() {
	k.State, k.Text, k.Then, k.Next = Unknown, "a run is working on it", "soon", time.Time{}
	k.Refusal, k.Found, k.Note = nil, nil, "its record changes while it is looked at; look again"
}

// Found is a key behind the alias that should not be there.
type Found struct {
	KeyID string
	// Version is 0 if the key is no version of the record.
	Version int64
	Since   time.Time
}

// Of returns the state of a key at now. A nil record means there is none.
func Of(now time.Time, p plan.Policy, r *plan.Record, seen Seen) Key {
	k := Key{Policy: p, Works: works(now, p, r, seen), Accepted: accepted(now, p.Judging.Accept)}
	if r != nil {
		k.fill(now, r, seen)
	}
	if ref := plan.Unfit(p, r, plan.Observed{Caller: seen.Caller, Table: seen.Table,
		Looks: plan.Looks{Alias: seen.Alias}}); ref != nil {
		k.refuse(*ref)
		return k
	}
	if r == nil {
		return k.without(seen)
	}
	if r.Schema > plan.SchemaVersion {
		k.next(now, r, seen)
		return k
	}
	if ref := plan.RecordRestored(p, r, seen.Ledger); ref != nil {
		k.refuse(*ref)
		return k
	}
	if seen.Trouble != "" {
		k.State, k.Text, k.Note = Unknown, "KMS cannot be asked", seen.Trouble
		return k
	}
	if k.misplaced(now, r, seen) {
		return k
	}
	k.next(now, r, seen)
	k.unlike(now, r, seen)
	k.targetDown(r, seen)
	k.late(now, r)
	k.oldDown(now, r, seen)
	k.held(now, r)
	return k
}

// targetDown needs a person if somebody else disabled the version that is to become live.
func (k *Key) targetDown(r *plan.Record, seen Seen) {
	if k.Target == nil || k.State == Refused {
		return
	}
	if target, asked := seen.Versions[k.Target.KeyID]; asked {
		if ref := plan.TargetDown(k.Policy, r, target); ref != nil {
			k.needs(*ref)
		}
	}
}

// late needs a person if no run has done for long what is due.
func (k *Key) late(now time.Time, r *plan.Record) {
	for _, ref := range []*plan.Refusal{plan.StoodStill(now, k.Policy, r), plan.Overdue(now, k.Policy, r)} {
		switch {
		case ref == nil || k.State == Refused:
		case ref.Recorded: // by a run, which it stopped
			k.refuse(*ref)
		default:
			k.needs(*ref)
		}
	}
}

// held needs a person if the key holds itself, though nothing be due, or if a person has
// held it for too long.
func (k *Key) held(now time.Time, r *plan.Record) {
	if k.State == Refused {
		return
	}
	if ref := plan.HeldItself(now, k.Policy, r); ref != nil {
		k.refuse(*ref)
	} else if ref := plan.HeldTooLong(now, k.Policy, r); ref != nil {
		k.needs(*ref)
	}
}

// oldDown needs a person if somebody else disabled, enabled or deletes an old version, or
// if one cannot retire because its use is not known. Rotations do not depend on it, but a
// person can cancel a deletion only until its date.
func (k *Key) oldDown(now time.Time, r *plan.Record, seen Seen) {
	for _, v := range k.Old {
		if k.State == Refused {
			return
		}
		entry := *r.Entry(v.Version)
		// A key that was made minutes ago need not be gone where KMS does not show it.
		if old, asked := seen.Versions[v.KeyID]; asked && !(old.Missing && claim.Young(entry, now)) {
			old.KeyID = v.KeyID // a key that is gone has none
			if ref := plan.OldDown(now, k.Policy, r, v.Version, old); ref != nil {
				k.needs(*ref)
			}
		}
		if use, asked := seen.Uses[v.KeyID]; asked && k.State != Refused {
			if ref := plan.UseUnknown(now, k.Policy, entry, use); ref != nil {
				k.needs(*ref)
			}
		}
	}
}

// unlike refuses if the plan is about another kind of key than the one behind the
// alias, or than an old version that should have retired by now.
func (k *Key) unlike(now time.Time, r *plan.Record, seen Seen) {
	if k.State == Refused {
		return
	}
	if seen.Alias != nil {
		if ref := plan.LiveUnlike(k.Policy, *seen.Alias); ref != nil {
			k.Next = time.Time{}
			k.refuse(*ref)
			return
		}
	}
	for _, v := range k.Old {
		old, asked := seen.Versions[v.KeyID]
		if !asked {
			continue
		}
		old.KeyID = v.KeyID
		if ref := plan.OldUnlike(now, k.Policy, r, v.Version, old); ref != nil {
			k.needs(*ref)
			return
		}
	}
	if ref := plan.LeftAlone(k.Policy, r); ref != nil {
		k.needs(*ref)
	}
}

// without returns the state of a key that has no record.
func (k Key) without(seen Seen) Key {
	k.State, k.Text, k.Then = NotAdopted, "not adopted yet", "keyturn run adopts it"
	switch {
	case seen.Broken != "":
		k.refuse(plan.Refusal{Code: plan.CodeMalformedRecord, What: seen.Broken,
			Hint: plan.Noted("look at the item in table " + k.Policy.Table +
				"; a newer keyturn may have written it, or a person edited it")})
	case seen.Trouble != "":
		k.State, k.Text, k.Then, k.Note = Unknown, "no record; KMS or the ledger cannot be asked", "", seen.Trouble
	case seen.lost(k.Policy) != nil:
		k.refuse(*seen.lost(k.Policy))
	case seen.Alias != nil && seen.Alias.Missing:
		k.State, k.Text, k.Then = Refused, "REFUSED: alias missing", "stopped"
		k.Refusal = plan.NeverMade(k.Policy, seen.Caller)
	case seen.Alias != nil:
		if ref := plan.Unadoptable(k.Policy, *seen.Alias); ref != nil {
			k.refuse(*ref)
		}
	}
	return k
}

// lost returns the refusal for a key whose record was lost; nil if it never had one.
func (s Seen) lost(p plan.Policy) *plan.Refusal {
	if s.Listing == nil {
		return nil
	}
	return plan.RecordLost(p, *s.Listing, *plan.LastRev(s.Ledger))
}

// fill copies what the record says, without judging it.
func (k *Key) fill(now time.Time, r *plan.Record, seen Seen) {
	if k.Live = r.Live(); k.Live != nil {
		k.Age = now.Sub(k.Live.Since)
		if live, asked := seen.Versions[k.Live.KeyID]; asked {
			k.LiveKMS = &live
		}
		if k.Live.Held(now) {
			k.LiveHold = k.Live.Hold
		}
	}
	k.Generation, k.Step, k.Target = r.Generation, r.Step, r.Next()
	if t := r.Next(); r.Step == plan.Switching && t != nil && seen.Alias != nil && seen.Alias.KeyID == t.KeyID {
		k.On = t.Version
	}
	if r.Leased(now) {
		k.Lease = r.Lease
	}
	if r.Fenced(now) {
		k.Fence = r.Fence.Until
	}
	if r.Held(now) {
		k.Hold = r.Hold
	}
	k.Error = r.LastError
	k.Old, k.LeftOut = oldVersions(now, k.Policy, r, seen), r.LeftOutBelow(r.LeftOut+1)
}
