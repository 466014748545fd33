package document

import (
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// Status is "keyturn/status/1".
type Status struct {
	Format string      `json:"format"`
	Run    string      `json:"run"`
	Plan   Plan        `json:"plan"` // account as AWS says
	Now    time.Time   `json:"now"`  // AWS's time
	Exit   plan.Exit   `json:"exit"`
	Keys   []KeyStatus `json:"keys"` // in the plan's order
	Needs  []string    `json:"needs_you"`
	Unread []string    `json:"unread"` // what could not be read, and so is not known
	Causes []Cause     `json:"causes"` // of refusals that several keys share
	// Accepted are the findings about tables that the plan accepts.
	Accepted []AcceptedStatus `json:"accepted"`
}

// AcceptedStatus is a finding that the plan accepts.
type AcceptedStatus struct {
	Finding string    `json:"finding"`
	Version int64     `json:"version,omitempty"`
	Reason  string    `json:"reason"`
	Until   time.Time `json:"until"`
	Ended   bool      `json:"ended"`
	What    string    `json:"what,omitempty"` // absent: status does not look for it, or does not see it
}

func ofAcceptedStatus(list []status.Accepted) []AcceptedStatus {
	all := []AcceptedStatus{}
	for _, a := range list {
		all = append(all, AcceptedStatus{Finding: a.Finding, Version: a.Version, Reason: a.Reason, Until: a.Until.UTC(),
			Ended: a.Ended, What: a.What})
	}
	return all
}

// Cause is a refusal that several keys share.
type Cause struct {
	Code plan.Code `json:"code"`
	Keys []string  `json:"keys"`
	What string    `json:"what"`
	Next *Next     `json:"next,omitempty"` // it is for all of them
}

// KeyStatus is how one key is.
type KeyStatus struct {
	Name   string `json:"name"`
	Alias  string `json:"alias"`
	Region string `json:"region"`
	State  string `json:"state"` // ok, due, rotating, waiting, frozen, held, refused, not-adopted, unknown
	Text   string `json:"text"`

	Active     *Version `json:"active,omitempty"`
	ActiveKMS  string   `json:"active_kms_state,omitempty"`
	ActiveHold *Hold    `json:"active_hold,omitempty"` // on the live version alone
	Generation int64    `json:"generation,omitempty"`  // being made, or last made; absent without a record
	Step       string   `json:"step,omitempty"`        // of the generation; absent without a record
	// the version that an open generation has made, or goes back to
	Target    int64        `json:"target,omitempty"`
	AliasOn   int64        `json:"alias_on,omitempty"` // the target, where the alias names it already
	Rotation  *time.Time   `json:"next_rotation,omitempty"`
	Then      string       `json:"then,omitempty"` // where next_rotation is absent
	Lease     *Lease       `json:"lease,omitempty"`
	FenceTill *time.Time   `json:"fence_until,omitempty"`
	Hold      *Hold        `json:"hold,omitempty"`
	LastError *LastError   `json:"last_error,omitempty"`
	Refusal   *Refusal     `json:"refusal,omitempty"`
	Found     *Found       `json:"found,omitempty"` // behind the alias, and should not be
	Old       []OldVersion `json:"old_versions"`
	// the highest version that the record does not list any more; absent: it lists all
	LeftOut int64 `json:"left_out,omitempty"`
	// Accepted are the findings about the key that the plan accepts.
	Accepted []AcceptedStatus `json:"accepted"`
	Note     string           `json:"note,omitempty"`
	Works    *Works           `json:"works,omitempty"` // where a person must know it
	// Next is what to do, where a person has to, or may.
	Next *Next `json:"next,omitempty"`
}

// Lease is who works on a key.
type Lease struct {
	Pool  string    `json:"pool"`
	Host  string    `json:"host"`
	Run   string    `json:"run"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// Hold is who stopped automation.
type Hold struct {
	By     string     `json:"by"`
	Reason string     `json:"reason"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"`
	Self   bool       `json:"self"`           // keyturn itself
	Long   bool       `json:"long,omitempty"` // for over hold_max: it looks forgotten
}

// LastError is what last stopped a run.
type LastError struct {
	Code    plan.Code `json:"code"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
}

// Found is a key behind the alias that is not the recorded one.
type Found struct {
	KeyID   string     `json:"key_id"`
	Version int64      `json:"version,omitempty"` // absent: none of ours
	Since   *time.Time `json:"since,omitempty"`
}

// OldVersion is a version that was active before.
type OldVersion struct {
	Version    int64      `json:"version"`
	KeyID      string     `json:"key_id"`
	KMS        string     `json:"kms_state,omitempty"` // gone: KMS does not know it any more
	DrainUntil *time.Time `json:"drain_until,omitempty"`
	Retire     string     `json:"retire,omitempty"`
	// Of a draining version: how long it must be unused to be disabled, and how long after
	// that it is deleted.
	UnlessUsedWithin string `json:"unless_used_within,omitempty"`
	DeletedAfter     string `json:"deleted_after,omitempty"`

	KeptAt     *time.Time `json:"kept_at,omitempty"`
	DisabledAt *time.Time `json:"disabled_at,omitempty"`
	Unknown    bool       `json:"disabled_unknown,omitempty"` // disabled_at is only when it was found disabled
	DeleteAt   *time.Time `json:"delete_at,omitempty"`
	LookAfter  *time.Time `json:"look_after,omitempty"` // reinstated, and looked at again after this
	// CheckedAfter is until when no run checks whether it may be disabled or deleted, because of
	// an alias move.
	CheckedAfter *time.Time `json:"checked_after,omitempty"`

	RetiredBy string   `json:"retired_by,omitempty"` // ARN of who had it disabled before its time
	Hold      *Hold    `json:"hold,omitempty"`       // on this version: no run disables or deletes it
	Mark      *Mark    `json:"mark,omitempty"`       // being disabled or deleted
	LastUse   *LastUse `json:"last_use,omitempty"`   // absent: not asked, for nothing depends on it yet
	InUse     bool     `json:"in_use,omitempty"`     // drained, and kept enabled by its use, or for want of knowing
	ByHand    bool     `json:"by_hand,omitempty"`    // keyturn disabled it, and somebody enabled it
	Reinstate *Next    `json:"reinstate,omitempty"`  // enables it again
}

// Mark is a call against an old version that is under way.
type Mark struct {
	What  string    `json:"what"` // disable, delete
	Run   string    `json:"run"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"` // it may still arrive
}

// LastUse is what KMS says about the use of a version. The last one may be
// an hour late.
type LastUse struct {
	At           *time.Time `json:"at,omitempty"` // absent: not since tracked_since
	Operation    string     `json:"operation,omitempty"`
	TrackedSince *time.Time `json:"tracked_since,omitempty"`
	Grants       int        `json:"grants,omitempty"`    // that let others use it
	NotKnown     string     `json:"not_known,omitempty"` // why it could not be learnt
}

func OfStatus(c From, s status.Snapshot) Status {
	d := Status{Format: "keyturn/status/1", Run: c.Run, Plan: ofPlan(c.Plan), Now: s.At.UTC(), Exit: s.Exit(),
		Keys: []KeyStatus{}, Needs: []string{}, Unread: append([]string{}, s.Unread...), Causes: []Cause{}}
	d.Plan.Account, d.Accepted = s.Account, ofAcceptedStatus(s.Accepted)
	for _, cause := range s.Causes() {
		d.Causes = append(d.Causes, Cause{Code: cause.Refusal.Code, Keys: s.Names(cause), What: cause.Refusal.What,
			Next: c.next(cause.Refusal.Hint)})
	}
	for _, k := range s.Keys {
		d.Keys = append(d.Keys, ofKeyStatus(s.At, k, c))
		if k.Needs() {
			d.Needs = append(d.Needs, k.Policy.Name)
		}
	}
	return d
}

func ofKeyStatus(now time.Time, k status.Key, c From) KeyStatus {
	d := KeyStatus{Name: k.Policy.Name, Alias: k.Policy.Alias, Region: k.Policy.Region, State: string(k.State),
		Text:     k.Text,
		Rotation: moment(k.Next), Then: k.Then, FenceTill: moment(k.Fence), Note: k.Note, Old: []OldVersion{},
		LeftOut: k.LeftOut, Accepted: ofAcceptedStatus(k.Accepted)}
	if a := k.Live; a != nil {
		d.Active = ofVersion(a)
	}
	d.ActiveHold = ofHold(k.LiveHold)
	if seen := k.LiveKMS; seen != nil {
		d.ActiveKMS = kmsState(seen.State, seen.Missing)
	}
	d.Generation, d.Step, d.AliasOn = k.Generation, string(k.Step), k.On
	if k.Target != nil {
		d.Target = k.Target.Version
	}
	if l := k.Lease; l != nil {
		d.Lease = &Lease{Pool: l.Pool, Host: l.Host, Run: l.Run, Since: l.Since.UTC(), Until: l.Until.UTC()}
	}
	if d.Hold = ofHold(k.Hold); d.Hold != nil {
		d.Hold.Long = k.Hold.Long(now, k.Policy.Judging.HoldMax)
	}
	if e := k.Error; e != nil {
		d.LastError = &LastError{Code: e.Code, Message: e.Message, At: e.At.UTC(), Run: e.Run}
	}
	if ref := k.Refusal; ref != nil {
		d.Refusal = &Refusal{Code: ref.Code, What: ref.What}
	}
	if f := k.Found; f != nil {
		d.Found = &Found{KeyID: f.KeyID, Version: f.Version, Since: moment(f.Since)}
	}
	for _, v := range k.Old {
		d.Old = append(d.Old, ofOldVersion(v, c))
	}
	if k.State == status.Held {
		d.Next = c.next(plan.Try("keyturn", "release", k.Policy.Name))
	}
	if k.Refusal != nil {
		d.Next, d.Works = c.next(k.Refusal.Hint), ofWorks(k.Works)
	}
	return d
}

func ofHold(h *plan.Hold) *Hold {
	if h == nil {
		return nil
	}
	return &Hold{By: h.By, Reason: h.Reason, Since: h.Since.UTC(), Until: moment(h.Until), Self: h.Self}
}

func kmsState(state string, missing bool) string {
	if missing {
		return "gone"
	}
	return state
}

func ofOldVersion(v status.Version, c From) OldVersion {
	d := OldVersion{Version: v.Version, KeyID: v.KeyID, KMS: kmsState(v.KMS, v.Missing),
		DrainUntil: moment(v.DrainUntil), Retire: string(v.Retire), KeptAt: moment(v.KeptAt),
		DisabledAt: moment(v.DisabledAt), Unknown: v.Unknown, DeleteAt: moment(v.DeleteAt),
		LookAfter: moment(v.LookAfter), InUse: v.InUse, ByHand: v.ByHand}
	d.UnlessUsedWithin, d.DeletedAfter = period(v.Ends.UnlessUsedWithin), period(v.Ends.DeletedAfter)
	if l := v.Later; l != nil {
		d.CheckedAfter = moment(l.Until)
	}
	if m := v.Mark; m != nil {
		d.Mark = &Mark{What: string(m.What), Run: m.Run, Since: m.Since.UTC(), Until: m.Until.UTC()}
	}
	if u := v.Use; u != nil {
		d.LastUse = &LastUse{At: moment(u.LastAt), Operation: u.Operation, TrackedSince: moment(u.TrackedAt),
			Grants: u.Grants, NotKnown: u.Failed}
	}
	d.Hold, d.RetiredBy = ofHold(v.Hold), v.RetiredBy
	if v.Undo != nil {
		d.Reinstate = c.next(plan.Try(v.Undo...))
	}
	return d
}

// period returns a duration as the plan writes it; "" if there is none.
func period(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return plan.FormatDuration(d)
}

func ofVersion(a *plan.Version) *Version {
	return &Version{Version: a.Version, KeyID: a.KeyID, Since: a.Since.UTC()}
}
