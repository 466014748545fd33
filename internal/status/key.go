package status

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// State is how a key is, in a word.
type State string

// The states.
const (
	OK         State = "ok"          // nothing is due
	Due        State = "due"         // the next run rotates
	Rotating   State = "rotating"    // a generation is open and goes on by itself
	Waiting    State = "waiting"     // a new version waits for its switch
	Frozen     State = "frozen"      // due, and in a freeze
	Held       State = "held"        // stopped by a person
	Refused    State = "refused"     // a person must look
	NotAdopted State = "not-adopted" // no record yet
	Unknown    State = "unknown"     // KMS cannot be asked, or lags
)

// Seen is what AWS shows of a key beside its record.
type Seen struct {
	Caller *plan.Caller      // nil: not asked
	Table  *plan.TableSeen   // nil: not asked
	Alias  *plan.KeySeen     // the key behind the alias; nil: not asked
	Moved  *plan.AliasListed // since when it is there, where that is not as recorded
	// Versions are the KMS keys of old versions, by id, as far as asked for.
	Versions map[string]plan.KeySeen
	// Uses are the last uses of old versions, by id, as far as asked for.
	Uses map[string]plan.UseSeen
	// Listing is what KMS lists of a key that has no record; nil: not asked.
	Listing *plan.ListingSeen
	// LedgerRev is the highest revision in the ledger of such a key.
	LedgerRev int64
	Trouble   string // why KMS could not be asked
	Broken    string // why the record, which is there, could not be understood
}

// Key is a key at a moment.
type Key struct {
	Policy plan.Policy
	State  State
	Text   string // the state for people: "rotating to v13: switching"

	Live       *plan.Version
	LiveKMS    string        // its state in KMS; "": not asked
	Generation int64         // being made, or last made; 0 without a record
	Step       plan.Step     // of its generation; "" without a record
	Target     *plan.Version // of an open generation, once it is made
	On         int64         // the version that the alias names, if it is the target and not Live
	Age        time.Duration // of the live version
	Next       time.Time     // when the next rotation is; zero if Then says it
	Then       string        // "now", "when it exits 0", "stopped"
	Lease      *plan.Lease   // live
	Fence      time.Time     // an alias move may be under way until then
	Old        []Version
	Hold       *plan.Hold // in force
	Error      *plan.LastError
	Refusal    *plan.Refusal // with Refused
	Found      *Found        // what the alias names, where that is not as recorded
	Note       string        // what else a person should know
}

// Needs reports whether the key waits for a person.
func (k Key) Needs() bool { return k.State == Refused }

// Found is a key behind the alias that should not be there.
type Found struct {
	KeyID   string
	Version int64 // 0: it is none of ours
	Since   time.Time
}

// Of returns how a key is at now. A nil record means there is none.
func Of(now time.Time, p plan.Policy, r *plan.Record, seen Seen) Key {
	k := Key{Policy: p}
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
	if seen.Trouble != "" {
		k.State, k.Text, k.Note = Unknown, "KMS cannot be asked", seen.Trouble
		return k
	}
	if k.misplaced(now, r, seen) {
		return k
	}
	k.next(now, r, seen)
	k.oldDown(r, seen)
	k.unlike(now, r, seen)
	return k
}

// oldDown has a person look at a key of which somebody else deletes an old
// version: no rotation depends on it, and a person has only until then.
func (k *Key) oldDown(r *plan.Record, seen Seen) {
	for _, v := range k.Old {
		old, asked := seen.Versions[v.KeyID]
		if !asked || k.State == Refused {
			continue
		}
		old.KeyID = v.KeyID // a key that is gone has none
		if ref := plan.OldDown(k.Policy, r, v.Version, old); ref != nil {
			k.needs(*ref)
		}
	}
}

// unlike has a person look at a plan that is about another kind of key than the alias
// names, or than an old version that it would have retired by now.
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
}

// without returns a key that has no record.
func (k Key) without(seen Seen) Key {
	k.State, k.Text, k.Then = NotAdopted, "not adopted yet", "keyturn run adopts it"
	switch {
	case seen.Broken != "":
		k.refuse(plan.Refusal{Code: plan.CodeMalformedRecord, What: seen.Broken,
			Safe: "a run leaves this key alone; encrypt and decrypt work as before",
			Hint: "look at the item in table " + k.Policy.Table +
				"; a newer keyturn may have written it, or a person edited it"})
	case seen.Trouble != "":
		k.Note = seen.Trouble
	case seen.Listing != nil && plan.RecordLost(k.Policy, *seen.Listing, seen.LedgerRev) != nil:
		k.refuse(*plan.RecordLost(k.Policy, *seen.Listing, seen.LedgerRev))
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

// fill takes over what the record says, without any judgement.
func (k *Key) fill(now time.Time, r *plan.Record, seen Seen) {
	if k.Live = r.Live(); k.Live != nil {
		k.Age, k.LiveKMS = now.Sub(k.Live.Since), seen.Versions[k.Live.KeyID].State
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
	k.Old = oldVersions(now, k.Policy, r, seen)
}
