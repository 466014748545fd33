package plan

import "time"

// Record is the DynamoDB item of a key: lock, lease and state in one. All
// times are UTC; a zero time, nil pointer or empty string is an attribute that
// is absent. Values of this type are never changed in place: Apply returns a
// new one.
type Record struct {
	// Key is what the record locks: "<region>/alias/<name>".
	Key string
	// Schema is the form of the record; SchemaVersion when this binary wrote it.
	Schema int
	// Rev counts the writes of the record.
	Rev int64
	// Op is the nonce of the write that made this revision.
	Op string

	// AliasARN is the alias that the record manages, with its account.
	AliasARN string
	// TableID is the TableId of the table in which the record was made; "" where the
	// backend has none.
	TableID string
	// Anchor is where windows are counted from if the plan has no anchor.
	Anchor time.Time

	// Generation is that of the change in progress, or of the last one; never reused.
	Generation int64
	// Claim is the claim of that generation.
	Claim *Claim
	// Window is the start of the latest scheduled window that is done.
	Window time.Time
	Step   Step

	// Active is the live version's number; 0 only until `adopt --create` has made the
	// alias.
	Active int64
	// Target is the number of the version that an open generation puts behind the
	// alias; 0 if none is made yet. A rollback's target keeps the entry it had.
	Target int64
	// Versions has one entry for each version: the live one, the target, those that
	// drain, and of the retired ones as many as bounds.go says.
	Versions []Version
	// Lease is nil when free.
	Lease *Lease
	// Fence is nil when no signature can be outstanding.
	Fence *Fence
	// MovesUntil is until when KMS may have applied an alias move that was signed for
	// this generation: the end of the fence, or when the last of them was answered. It
	// outlives the fence, until the next claim.
	MovesUntil time.Time
	SwitchedAt time.Time
	// SwitchedFrom is the key from which the last switch has put the alias back; "" if that
	// switch was another one. KMS may show the alias on it for a while.
	SwitchedFrom string

	Hold      *Hold
	Attempts  *Attempts
	LastError *LastError
	// Told is what somebody was told of; nil if of nothing in this generation.
	Told *Told
	// Events are the newest NewestEvents, and before them those that are not known to be
	// in the ledger.
	Events []Event
	// LeftOut is the highest version whose entry was left out of Versions; 0 if none
	// was.
	LeftOut int64
	// Unknown are the attributes that this binary does not know, "claim.novel", as they were
	// read. No write changes them.
	Unknown []string
}

// Rest holds attributes of a nested map that a newer keyturn wrote and this binary
// does not know. ddblock stores them here and writes them back unchanged.
type Rest map[string]any

// Claim has the terms of a generation, frozen when it begins.
type Claim struct {
	// ID is random; it is also the keyturn:claim tag of the version made.
	ID   string
	At   time.Time
	Verb Verb
	// Window is the start of the window claimed; zero for a person's verb.
	Window     time.Time
	Drain      time.Duration
	Prepublish time.Duration
	// Spec and Usage are those that the target must have.
	Spec, Usage string
	// AutoRotation is the period of the new version's automatic rotation; 0 is none.
	AutoRotation time.Duration
	// AutoUnknown reports whether the new version gets the automatic rotation of the
	// one before, which KMS did not show at the claim.
	AutoUnknown bool
	// Expects is the key that a person was shown behind the alias and that the claim takes
	// it away from, back onto the live version; "" for every other claim.
	Expects string
	Reason  string
	// Head is the hash of the claim's own event. It is the keyturn:ledger tag of the version
	// made.
	Head string
	Rest Rest
}

// Lease says which run works on the record, until when.
type Lease struct {
	Pool, Host, Run string
	Since, Until    time.Time
	Rest            Rest
}

// Hold stops automation on a key, or keeps one version of it enabled.
type Hold struct {
	By     string
	Reason string
	Since  time.Time
	// Until is zero for a hold that lasts until it is released.
	Until time.Time
	// Self reports whether keyturn set it.
	Self bool
	Rest Rest
}

// Attempts counts definite refusals of the open generation, and the keys that were
// made for it.
type Attempts struct {
	Count  int
	LastAt time.Time
	// Keys is how many keys runs have begun to make, without the one that the claim
	// itself allows.
	Keys int64
	// UnnamedAt is when the last run ended that could not name its key.
	UnnamedAt time.Time
	Rest      Rest
}

// LastError is what last stopped a run on this key.
type LastError struct {
	// Code is that of the refusal, or AWS's.
	Code Code
	// About is what a refusal is about, as data.
	About   string
	Message string
	At      time.Time
	Run     string
	Rest    Rest
}

// Done returns the last generation that is done; nil without a record.
func (r *Record) Done() *int64 {
	if r == nil {
		return nil
	}
	g := r.Generation
	if r.Step != Steady {
		g--
	}
	return &g
}

// Claimed returns the last generation, and the window that it was claimed for: zero for a
// generation of a person or of an adopt, and both without a record.
func (r *Record) Claimed() (generation int64, window time.Time) {
	switch {
	case r == nil:
		return 0, time.Time{}
	case r.Claim == nil:
		return r.Generation, time.Time{}
	}
	return r.Generation, r.Claim.Window
}

// Leased reports whether any run has the lease at now.
func (r *Record) Leased(now time.Time) bool {
	return r.Lease != nil && now.Before(r.Lease.Until)
}

// LeasedTo reports whether run has the lease at now.
func (r *Record) LeasedTo(run string, now time.Time) bool {
	return r.Leased(now) && r.Lease.Run == run
}

// Fenced reports whether a signed alias move may still arrive at now.
func (r *Record) Fenced(now time.Time) bool {
	return r.Fence != nil && now.Before(r.Fence.Until)
}

// Held reports whether a hold is in force at now.
func (r *Record) Held(now time.Time) bool {
	return r.Hold.inForce(now)
}

// inForce reports whether there is a hold, and it has not ended by itself.
func (h *Hold) inForce(now time.Time) bool {
	return h != nil && (h.Until.IsZero() || now.Before(h.Until))
}

// ResumedAt returns when runs could last begin what they could not before, as far as the
// record still says so: a hold ended, or a person gave an open generation up, or had the
// record made again, which does so too. What has been due for longer is not late because of that. Zero if the
// record does not say. Runs do not ask.
func (r *Record) ResumedAt() (at time.Time) {
	if r.Hold != nil {
		at = r.Hold.Until
	}
	for _, e := range r.Events {
		if e.Is(EventRelease) && !e.HoldsVersion() || e.Is(EventRebuild) || e.Is(EventAbandon) {
			at = latest(at, e.At)
		}
	}
	return at
}

// VersionResumedAt returns when runs could last begin to retire a version, which they could
// not before: like ResumedAt, and when a hold on the version ended. Zero if the record does
// not say.
func (r *Record) VersionResumedAt(v Version) time.Time {
	at := r.ResumedAt()
	if v.Hold != nil {
		at = latest(at, v.Hold.Until)
	}
	for _, e := range r.Events {
		if e.Is(EventRelease) && e.HoldsVersion() && e.Version == v.Version {
			at = latest(at, e.At)
		}
	}
	return at
}

// Clone returns a deep copy of a record.
func (r *Record) Clone() *Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Claim = clone(r.Claim)
	c.Lease, c.Fence, c.Hold = clone(r.Lease), clone(r.Fence), clone(r.Hold)
	c.Attempts, c.LastError, c.Told = clone(r.Attempts), clone(r.LastError), clone(r.Told)
	c.Versions = append([]Version(nil), r.Versions...)
	for i := range c.Versions {
		c.Versions[i].Fence, c.Versions[i].Hold = clone(c.Versions[i].Fence), clone(c.Versions[i].Hold)
	}
	c.Events = append([]Event(nil), r.Events...) // Kind of an event is never changed in place
	return &c
}

// clone copies what p points to. Rest maps are shared, because nothing changes one.
func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
