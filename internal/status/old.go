package status

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// UseWithin is how long before the end of a drain the last use of a version
// starts to be of interest. KMS answers 5 such questions a second for a whole
// account, so they are not asked about everything always.
const UseWithin = 14 * 24 * time.Hour

// Version is an old version.
type Version struct {
	Version int64
	KeyID   string
	// KMS is its state in KMS; "" if it was not asked for, or if KMS has no such key.
	KMS string
	// Missing reports that KMS has no such key.
	Missing bool
	// DrainUntil is set for a draining version.
	DrainUntil time.Time
	Retire     plan.RetireAction
	// KeptAt or DisabledAt is set for a retired version.
	KeptAt, DisabledAt time.Time
	// Unknown reports that DisabledAt is when the version was found disabled.
	Unknown  bool
	DeleteAt time.Time
	Mark     *plan.Fence
	// LookAfter is when a run looks at a reinstated version once more.
	LookAfter time.Time

	// Hold is the hold on the version that is in force.
	Hold *plan.Hold
	// RetiredBy is the person who had the version disabled before its time; "" if none is known.
	RetiredBy string

	// Use is nil if it was not asked for.
	Use *plan.UseSeen
	// Ends is what becomes of a draining version.
	Ends plan.Ending
	// Within is how long the version must be unused before it is disabled.
	Within time.Duration
	// InUse reports that the drain is over and the version stays enabled only
	// because it is used, or because its use is not known.
	InUse bool
	// Later is set if the version would be checked now, were it not for an alias move.
	Later *plan.Later
	// ByHand reports that keyturn disabled the version and somebody has enabled it
	// since. keyturn then leaves it alone.
	ByHand bool
	// Undo is the command that enables the version again; nil if it is enabled.
	Undo []string
}

// OldKeys returns the KMS keys of the old versions, whose state a screen shows. Somebody may
// have cancelled a deletion whose date has passed.
func OldKeys(r *plan.Record) []string {
	var ids []string
	for _, v := range r.Old() {
		ids = append(ids, v.KeyID)
	}
	return ids
}

// Due reports whether the version was to be deleted by now.
func (v Version) Due(now time.Time) bool { return !v.DeleteAt.IsZero() && !now.Before(v.DeleteAt) }

// UsedKeys returns the KMS keys whose last use matters now: their drain ends soon or
// is over, and the use decides what happens then.
func UsedKeys(now time.Time, p plan.Policy, r *plan.Record) []string {
	var ids []string
	for _, d := range r.Draining() {
		if _, asks := d.Asks(p.Retire); asks && !now.Before(p.DrainEnd(d).Add(-UseWithin)) {
			ids = append(ids, d.KeyID)
		}
	}
	return ids
}

// oldVersions returns the old versions: draining ones first, newest first.
func oldVersions(now time.Time, p plan.Policy, r *plan.Record, seen Seen) []Version {
	var all []Version
	later := plan.ChecksLater(now, p, r)
	for _, of := range [][]plan.Version{r.Draining(), r.Retired()} {
		for _, v := range slices.Backward(of) {
			old := oldVersion(now, p, r, seen, v)
			if l, waits := later[v.Version]; waits {
				old.Later = &l
			}
			all = append(all, old)
		}
	}
	return all
}

func oldVersion(now time.Time, p plan.Policy, r *plan.Record, seen Seen, was plan.Version) Version {
	kms := seen.Versions[was.KeyID]
	v := Version{Version: was.Version, KeyID: was.KeyID, KMS: kms.State,
		Missing: kms.Missing || kms.State == "" && was.State == plan.Gone, KeptAt: was.KeptAt,
		DisabledAt: was.DisabledAt, Unknown: was.DisabledUnknown, DeleteAt: was.DeleteAt,
		Mark: was.Fence, RetiredBy: was.RetiredBy}
	if was.Held(now) {
		v.Hold = was.Hold
	}
	down := kms.Down()
	switch was.State {
	case plan.Draining:
		v.DrainUntil, v.Retire, v.LookAfter = p.DrainEnd(was), plan.Careful(was.Retire, p.Retire).Action, was.NextLook()
		v.Ends = p.EndOf(was)
		if use, asked := seen.Uses[was.KeyID]; asked {
			v.Use = &use
			v.Within, _ = was.Asks(p.Retire)
			v.InUse = !now.Before(v.DrainUntil) && !use.Quiet(now, v.Within)
		}
		down = down || v.Mark != nil
	case plan.Disabled, plan.Deleting, plan.Gone:
		v.ByHand = v.KMS == plan.KeyEnabled
		deleted := v.Missing || v.KMS == "" && v.Due(now)
		down = !deleted && !v.ByHand
	}
	if down {
		v.Undo = undo(now, p, r, v.Version)
	}
	return v
}

// undo returns what to type for a version to work again: short, if it is the one
// that is meant when none is named.
func undo(now time.Time, p plan.Policy, r *plan.Record, version int64) []string {
	name := p.Name
	if plan.UndoOf(now, p, r) != version {
		name += "/" + plan.VersionName(version)
	}
	return []string{"keyturn", "reinstate", name}
}
