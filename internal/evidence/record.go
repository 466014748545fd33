package evidence

import (
	"cmp"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// record takes in what the record says about versions where the ledger does not tell all: of
// those that no event names, and after a gap of those whose state it tells otherwise.
func (r *replay) record(rec *plan.Record, gaps bool) (unknown []Unknown) {
	for _, e := range rec.Versions {
		v, told := r.versions[e.Version]
		if !told {
			v = r.version(e.Version, e.KeyID)
			v.fromRecord(e)
			unknown = append(unknown, Unknown{Kind: RecordOnly, Version: e.Version})
		}
		if !told || gaps {
			r.reconcile(v, e, e.Version == rec.Active)
		}
	}
	return unknown
}

// fromRecord takes in the times that a record has of a version.
func (v *Version) fromRecord(e plan.Version) {
	fact := func(at time.Time) Fact { return Fact{At: at, From: FromRecord} }
	v.Adopted, v.DrainUntil, v.Retire, v.FoundDisabled = e.Adopted, e.DrainUntil, e.Retire, e.DisabledUnknown
	v.Live, v.Left, v.Kept, v.Disabled = fact(e.Since), fact(e.Left), fact(e.KeptAt), fact(e.DisabledAt)
}

// reconcile gives a version the state that the record has.
func (r *replay) reconcile(v *Version, e plan.Version, active bool) {
	state, at := Made, e.CreatedAt
	switch {
	case active:
		state, at = Active, e.Since
	case e.State == plan.Draining:
		state, at = Draining, e.Left
	case e.State == plan.Kept:
		state, at = Kept, e.KeptAt
	case e.State == plan.Disabled, e.State == plan.Deleting:
		state, at = Disabled, e.DisabledAt
	case e.State == plan.Gone:
		state, at = Gone, e.DeleteAt
	}
	if at.IsZero() || v.State() == state || v.State() == Deleting && e.State == plan.Deleting {
		return
	}
	if n := len(v.Spans); n > 0 {
		at = latest(at, v.Spans[n-1].From)
	}
	if active {
		at = r.afterActive(at)
		if was := r.versions[r.live]; was != nil && was != v && was.State() == Active {
			was.become(Draining, at, 0)
			was.Left = Fact{At: at, From: FromRecord}
		}
		r.live = v.Version
	} else if r.live == v.Version {
		r.live = 0
	}
	v.become(state, at, 0)
}

// afterActive returns a time, or a later one at which no version was active by the ledger.
func (r *replay) afterActive(at time.Time) time.Time {
	for _, v := range r.versions {
		for _, s := range v.Spans {
			if s.State == Active {
				at = latest(latest(at, s.From), s.To)
			}
		}
	}
	return at
}

// states are those that KMS shows of versions.
var states = map[State]string{Made: plan.KeyEnabled, Active: plan.KeyEnabled, Draining: plan.KeyEnabled,
	Perhaps: plan.KeyEnabled, Kept: plan.KeyEnabled, Disabled: plan.KeyDisabled,
	Deleting: plan.KeyPendingDeletion, Gone: NoKey}

// see adds to a version what the record and KMS show of it now.
func (v *Version) see(s Seen, now time.Time) (unknown []Unknown) {
	if s.Record != nil {
		if e := s.Record.Entry(v.Version); e != nil {
			v.KeyID = cmp.Or(v.KeyID, e.KeyID)
			v.DeleteAt, v.DrainUntil = e.DeleteAt, latest(v.DrainUntil, e.DrainUntil)
		}
	}
	key, asked := s.Keys[v.KeyID]
	switch {
	case !asked:
	case key.Missing:
		v.KMS = NoKey
	default:
		v.KMS, v.DeleteAt = key.State, latest(v.DeleteAt, key.DeletionAt)
		if !v.Created.Known() {
			v.Created = Fact{At: key.CreatedAt, From: FromKMS}
		}
	}
	if v.State() == Deleting && v.KMS == NoKey && !v.DeleteAt.IsZero() && v.DeleteAt.Before(now) {
		v.become(Gone, latest(v.DeleteAt, v.Spans[len(v.Spans)-1].From), 0)
	}
	if is, ok := states[v.State()]; asked && ok && v.KMS != is {
		unknown = append(unknown, Unknown{Kind: KMSDiffers, Version: v.Version, Text: v.KMS, Told: v.State()})
	}
	if v.Adopted && v.Live.Known() {
		u := Unknown{Kind: AdoptedBefore, Version: v.Version, To: v.Live.At}
		if v.Created.From == FromKMS {
			u.From = v.Created.At
		}
		unknown = append(unknown, u)
	}
	if use, asked := s.Uses[v.KeyID]; asked {
		v.Use = &use
		unknown = append(unknown, v.useUnknown()...)
	}
	return unknown
}

// useUnknown returns what KMS does not show of the use of a version since it left.
func (v *Version) useUnknown() []Unknown {
	u := Unknown{Kind: UseUnknown, Version: v.Version, From: v.Use.TrackedAt}
	switch {
	case v.Use.Failed != "":
		u = Unknown{Kind: Unread, Version: v.Version, Text: "the last use of " + plan.VersionName(v.Version) + ": " +
			v.Use.Failed}
	case v.Use.TrackedAt.IsZero():
		u.Text = "KMS does not record it"
	case !v.Left.Known() || !v.Use.TrackedAt.After(v.Left.At.Add(lateAfter)):
		return nil
	}
	return []Unknown{u}
}

// KeyIDs returns the KMS keys that the record and the ledger of a key name.
func KeyIDs(h plan.KeyHistory) []string {
	var all []string
	add := func(id string) {
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for _, e := range h.Events {
		add(e.KeyID)
		for _, l := range e.Left {
			add(l.KeyID)
		}
	}
	if h.Record != nil {
		for _, v := range h.Record.Versions {
			add(v.KeyID)
		}
	}
	return all
}
