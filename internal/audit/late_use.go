package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// switchSettles is how long callers of an alias may reach the version before a switch.
const switchSettles = time.Hour

// keptWatched is of how many kept versions the last use is asked for, those that were live
// last: KMS answers only 5 such requests a second for the whole account.
const keptWatched = 4

// Watched returns the old versions whose last use is asked for: those that drain, and the
// kept ones that were live last.
func Watched(r *plan.Record, keys map[string]plan.KeySeen) []plan.Version {
	var watched, kept []plan.Version
	for _, v := range r.Old() {
		if k := keys[v.KeyID]; k.Missing {
			continue
		}
		switch v.State {
		case plan.Draining:
			watched = append(watched, v)
		case plan.Kept:
			kept = append(kept, v)
		}
	}
	slices.SortStableFunc(kept, func(a, b plan.Version) int { return cmp.Compare(b.Left.Unix(), a.Left.Unix()) })
	return append(watched, kept[:min(len(kept), keptWatched)]...)
}

// making are the operations that only the live version should do: what they make needs
// their version from then on. ReEncrypt may have read with it.
var making = map[string]string{
	"Encrypt": "encrypts", "GenerateDataKey": "encrypts", "GenerateDataKeyWithoutPlaintext": "encrypts",
	"GenerateDataKeyPair": "encrypts", "GenerateDataKeyPairWithoutPlaintext": "encrypts", "Encapsulate": "encapsulates",
	"Sign": "signs", "GenerateMac": "makes MACs",
}

// lateUse looks for callers that still make something with an old version long after its
// switch: they name its key, and not the alias.
func (c *checker) lateUse() {
	for _, v := range Watched(c.r, c.s.Keys) {
		use, asked := c.s.Use[v.KeyID]
		does, makes := making[use.Operation]
		if !asked || !makes || v.Left.IsZero() || v.LeftUnknown || v.Version == c.r.Target ||
			!use.LastAt.After(v.Left.Add(switchSettles)) || c.probed(v.Version, use.LastAt) {
			continue
		}
		name := plan.VersionName(v.Version)
		f := Finding{Code: plan.CodeUsedAfterSwitch, Level: Warning, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
			Since: use.LastAt, Observed: use.Operation + " at " + moment(use.LastAt),
			Expected: "none after " + moment(v.Left.Add(switchSettles)),
			What: fmt.Sprintf("somebody still %s with %s: %s at %s, %s after its switch (KMS shows the last use "+
				"alone, so there may be more)", does, name, use.Operation, plan.Stamp(use.LastAt),
				plan.Age(use.LastAt.Sub(v.Left))),
			Hint: plan.Noted(fmt.Sprintf("have it use %s; a trail shows each use, and by whom: "+
				"audit --cloudtrail FILE --users %s/%s", c.p.Alias, c.p.Name, name))}
		if use.RequestID != "" {
			f.Evidence.RequestIDs = []string{use.RequestID}
		}
		if terms := plan.Careful(v.Retire, c.p.Retire); v.State == plan.Draining && terms.UsageOff &&
			terms.Action != plan.RetireKeep {
			f.Level = Person
			f.What += "; it is disabled after " + plan.Stamp(c.p.DrainEnd(v)) + ", used or not"
		}
		c.add(f)
	}
}

// probed reports whether keyturn itself may have tried a version then: a rollback to it
// tries it before its switch. Without the ledger that is not known, and counts as so.
func (c *checker) probed(version int64, at time.Time) bool {
	if !c.s.Ledgered {
		return true
	}
	var open string
	var since time.Time
	for _, e := range c.told.events {
		if open != "" && (e.Claim != open || e.Is(plan.EventFinish)) {
			if !at.Before(since.Add(-clockSlack)) && !at.After(e.At.Add(switchSettles)) {
				return true
			}
			open = ""
		}
		if e.Is(plan.EventClaim) && e.Version == version {
			open, since = e.Claim, e.At
		}
	}
	return open != "" && !at.Before(since.Add(-clockSlack))
}
