package audit

import (
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// Orphan is a KMS key that keyturn made and that no record knows. That it never
// served is proven only by the record and the whole ledger together: a record may
// have been lost, or put back from an older copy.
type Orphan struct {
	KeyID  string
	Region string
	Tags   Tags
	// State is the key's state in KMS.
	State   string
	Created time.Time
	// Name is the version alias that names it; "" if nothing does.
	Name string
	// Verdict is why there is nothing to do about it yet; "" if there is.
	Verdict string
	// Served is what is known of whether the key was ever live.
	Served claim.Served
	// Next disables the key; it is empty if there is nothing to do, and if it is not
	// proven that the key was never live.
	Next plan.Hint
}

// Finding returns the finding that an orphan is.
func (o Orphan) Finding() Finding {
	f := Finding{Code: plan.CodeOrphan, Level: Warning, Mode: Partial, KeyID: o.KeyID, Hint: o.Next, Orphan: &o,
		Since: o.Created,
		What: fmt.Sprintf("%s is %s; keyturn made it for %s v%s, and no record has it", o.KeyID,
			say(plan.KeySeen{State: o.State}), o.Tags.Alias, o.Tags.Version)}
	if !o.Next.Empty() {
		f.Level = Person
	}
	return f
}

// Owner is what is known of the alias that a suspect was made for.
type Owner struct {
	// Record is nil if there is none, or none that could be read.
	Record *plan.Record
	Broken bool
	// History is the record's events and the ledger's; nil if it was not read.
	History *plan.History
	// Doubt is the code of the finding by which the record is not to be believed.
	Doubt plan.Code
}

// doubts are the findings by which a record may be that of another story.
var doubts = map[plan.Code]bool{plan.CodeDrift: true, plan.CodeOtherTable: true, plan.CodeRecordLost: true,
	plan.CodeForeignVersion: true, plan.CodeRecordRestored: true}

// Doubts reports whether a finding leaves the key's record in doubt.
func (f Finding) Doubts() bool { return doubts[f.Code] }

// Suspect is a key that may be an orphan: keyturn tagged it, and no alias names it
// except perhaps a version alias.
type Suspect struct {
	Key  plan.KeySeen
	Tags Tags
	Name string
}

// served returns what is known of whether a suspect was ever live. A record that is in
// doubt proves nothing.
func (o Owner) served(s Suspect) claim.Served {
	if o.Doubt != "" {
		return claim.Served{}
	}
	return claim.ServedBy(o.Record, o.History, s.Key.KeyID, s.Tags.Claim)
}

// settling is how old a key must be before it counts as left behind: until
// then the run that made it may be about to name it.
const settling = time.Hour

// Orphans returns the suspects that are orphans. owners holds what is known of every
// alias that a suspect is tagged with, by the key of its record; region is where the
// suspects are.
func Orphans(now time.Time, region string, suspects []Suspect, owners map[string]Owner) []Orphan {
	var out []Orphan
	for _, s := range suspects {
		if s.Tags.Claim == "" || s.Tags.Alias == "" || s.Key.Missing {
			continue
		}
		owner := owners[region+"/"+s.Tags.Alias]
		r := owner.Record
		if r != nil {
			if _, ours := r.VersionOfKey(s.Key.KeyID); ours {
				continue // a version whose alias is missing, which is another finding
			}
		}
		o := Orphan{KeyID: s.Key.KeyID, Region: region, Tags: s.Tags, State: s.Key.State,
			Created: s.Key.CreatedAt, Name: s.Name, Served: owner.served(s)}
		switch {
		case s.Key.State == plan.KeyDisabled || s.Key.State == plan.KeyPendingDeletion:
			o.Verdict = "already " + say(s.Key)
		case owner.Broken:
			o.Verdict = "the record of " + s.Tags.Alias + " is malformed: what it says about the key is not known"
		case r == nil:
			o.Verdict = "there is no record of " + s.Tags.Alias + " in the plan's tables: another table may have it"
		case r.Schema > plan.SchemaVersion:
			o.Verdict = "a newer keyturn wrote the record of " + s.Tags.Alias
		case now.Sub(s.Key.CreatedAt) < settling, s.Name != "" && open(r) && r.Claim.ID == s.Tags.Claim:
			o.Verdict = "it may be of a run that is under way; look again in an hour"
		case owner.Doubt != "":
			o.Verdict = "the record of " + s.Tags.Alias + " is in doubt: settle " + string(owner.Doubt) + " first"
		case o.Served.Once():
			o.Verdict = "the ledger shows that it was live, or made for a switch; data may need it"
		case above(r, s.Tags):
			o.Verdict = "its number is above the generation of the record, which may be an older copy"
		case forgotten(r, s.Tags):
			o.Verdict = "it may have been live, longer ago than the record keeps: see the ledger"
		case !o.Served.Never():
			o.Verdict = "whether it was ever live is not proven: the ledger of " + s.Tags.Alias +
				" was not read, has gaps, or does not have its claim"
		default:
			o.Next = plan.Try("aws", "kms", "disable-key", "--region", region, "--key-id", s.Key.KeyID)
		}
		out = append(out, o)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Created.Before(out[j].Created) })
	return out
}

// forgotten reports whether a version is older than all that the record still
// lists, so that its absence proves nothing.
func forgotten(r *plan.Record, t Tags) bool {
	n, err := strconv.ParseInt(t.Version, 10, 64)
	if err != nil {
		return r.LeftOut > 0
	}
	return r.Forgotten(n)
}

// above reports whether a version's number is higher than any that the record has
// given.
func above(r *plan.Record, t Tags) bool {
	n, err := strconv.ParseInt(t.Version, 10, 64)
	return err != nil || n > r.Generation
}

func open(r *plan.Record) bool { return r.Step != plan.Steady && r.Claim != nil }
