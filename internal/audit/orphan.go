package audit

import (
	"sort"
	"strconv"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Orphan is a KMS key that keyturn made and that no record knows. It never
// served: nothing moves the alias onto a key before the record has it.
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
	// Command disables the key; "" if there is nothing to do.
	Command string
}

// Needs reports whether the orphan waits for a person.
func (o Orphan) Needs() bool { return o.Command != "" }

// Suspect is a key that may be an orphan: keyturn tagged it, and no alias names it
// except perhaps a version alias.
type Suspect struct {
	Key  plan.KeySeen
	Tags Tags
	Name string
}

// settling is how old a key must be before it counts as left behind: until
// then the run that made it may be about to name it.
const settling = time.Hour

// Orphans returns the suspects that are orphans. records holds the record of every
// alias that a suspect is tagged with, if there is one, and broken those that are
// malformed; region is where the suspects are.
func Orphans(now time.Time, region string, suspects []Suspect, records map[string]*plan.Record,
	broken map[string]bool) []Orphan {
	var out []Orphan
	for _, s := range suspects {
		if s.Tags.Claim == "" || s.Tags.Alias == "" || s.Key.Missing {
			continue
		}
		r := records[region+"/"+s.Tags.Alias]
		if r != nil {
			if _, ours := r.VersionOfKey(s.Key.KeyID); ours {
				continue // a version whose alias is missing, which is another finding
			}
		}
		o := Orphan{KeyID: s.Key.KeyID, Region: region, Tags: s.Tags, State: s.Key.State,
			Created: s.Key.CreatedAt, Name: s.Name}
		switch {
		case s.Key.State == disabled || s.Key.State == pending:
			o.Verdict = "already " + say(s.Key)
		case broken[region+"/"+s.Tags.Alias]:
			o.Verdict = "the record of " + s.Tags.Alias + " is malformed: what it says of the key is not known"
		case r == nil:
			o.Verdict = "there is no record of " + s.Tags.Alias + " in the plan's tables: another table may have it"
		case r.Schema > plan.SchemaVersion:
			o.Verdict = "a newer keyturn wrote the record of " + s.Tags.Alias
		case now.Sub(s.Key.CreatedAt) < settling, s.Name != "" && open(r) && r.Claim.ID == s.Tags.Claim:
			o.Verdict = "it may be of a run that is under way; look again in an hour"
		case forgotten(r, s.Tags):
			o.Verdict = "it may have served, longer ago than the record keeps: see the ledger"
		default:
			o.Command = plan.Shell("aws", "kms", "disable-key", "--region", region, "--key-id", s.Key.KeyID)
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

func open(r *plan.Record) bool { return r.Step != plan.Steady && r.Claim != nil }
