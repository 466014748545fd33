package plan

import "time"

// Record is the DynamoDB item of a key: lock, lease and state in one. All
// times are UTC; a zero time, nil pointer or empty string is an attribute that
// is absent. Values of this type are never changed in place: Apply returns a
// new one.
type Record struct {
	Key    string // "<region>/alias/<name>": the thing locked
	Schema int    // form of the record; SchemaVersion when we wrote it
	Rev    int64  // +1 at every write
	Op     string // nonce of the write that made this revision

	AliasARN string    // what it manages; the account is in it
	TableID  string    // TableId of the table it was born in; "" where the backend has none
	Anchor   time.Time // where windows are counted from when the plan gives no anchor

	Generation int64     // of the change being made or last made; never reused
	Claim      *Claim    // the terms of that generation, frozen when claimed
	Window     time.Time // start of the latest scheduled window that is done
	Step       Step

	// Active is the live version's number; 0 only until `adopt --create` has made the
	// alias.
	Active int64
	// Target is the number of the version that an open generation puts behind the
	// alias; 0 if none is made yet. A rollback's target keeps the entry it had.
	Target int64
	// Versions has one entry for each version: the live one, the target, those that
	// drain, and of those that are over the newest MaxDisabled that are disabled and
	// the newest MaxRetired others.
	Versions   []Version
	Lease      *Lease // absent when free
	Fence      *Fence // absent when no signature can be outstanding
	SwitchedAt time.Time

	Hold      *Hold
	Attempts  *Attempts
	LastError *LastError
	Events    []Event // the newest MaxEvents
	Ledgered  int64   // highest rev whose event was copied to a ledger item
	LeftOut   int64   // highest version whose entry was left out of Versions; 0: none was
}

// Rest holds attributes of a nested map that this binary does not know, as a
// newer keyturn wrote them: ddblock puts them here and writes them back
// unchanged.
type Rest map[string]any

// Claim is the lock's stamp: who may make generation g, for which window and
// on which terms.
type Claim struct {
	ID         string // random; also the keyturn:claim tag of the version made
	At         time.Time
	Verb       Verb
	Window     time.Time // start of the window claimed; zero for a person's verb
	Drain      time.Duration
	Prepublish time.Duration
	Spec       string // KeySpec and KeyUsage the target must have
	Usage      string
	// AutoRotation is the period of the new version's automatic rotation; 0: none.
	AutoRotation time.Duration
	// AutoUnknown: it is to be as that of the version before, and KMS did not say
	// what that is.
	AutoUnknown bool
	Reason      string
	Rest        Rest
}

// Lease says who works on the record, until when.
type Lease struct {
	Pool, Host, Run string
	Since, Until    time.Time
	Rest            Rest
}

// Hold stops automation on a key.
type Hold struct {
	By     string
	Reason string
	Since  time.Time
	Until  time.Time // zero: until released
	Self   bool      // keyturn set it
	Rest   Rest
}

// Attempts counts definite refusals of the generation in progress, and the keys
// that were made for it.
type Attempts struct {
	Count  int
	LastAt time.Time
	// Keys is how many runs have set out to make a key, besides the one that the
	// claim itself allows.
	Keys int64
	// UnnamedAt is when a run last ended with a key that it could not name.
	UnnamedAt time.Time
	Rest      Rest
}

// LastError is what last stopped a run on this key.
type LastError struct {
	Code Code // of the refusal, or AWS's
	// About is what a refusal is about, as data.
	About   string
	Message string
	At      time.Time
	Run     string
	Rest    Rest
}

// Done is the last generation that is done; nil without a record.
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

// Leased tells whether somebody's lease is live at now.
func (r *Record) Leased(now time.Time) bool {
	return r.Lease != nil && now.Before(r.Lease.Until)
}

// LeasedTo tells whether the lease is live and belongs to run.
func (r *Record) LeasedTo(run string, now time.Time) bool {
	return r.Leased(now) && r.Lease.Run == run
}

// Fenced tells whether a signed alias move may still be alive at now.
func (r *Record) Fenced(now time.Time) bool {
	return r.Fence != nil && now.Before(r.Fence.Until)
}

// Held tells whether a hold is in force at now.
func (r *Record) Held(now time.Time) bool {
	return r.Hold != nil && (r.Hold.Until.IsZero() || now.Before(r.Hold.Until))
}

// Clone copies a record so deeply that no change of the copy shows in r.
func (r *Record) Clone() *Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Claim = clone(r.Claim)
	c.Lease, c.Fence, c.Hold = clone(r.Lease), clone(r.Fence), clone(r.Hold)
	c.Attempts, c.LastError = clone(r.Attempts), clone(r.LastError)
	c.Versions = append([]Version(nil), r.Versions...)
	for i := range c.Versions {
		c.Versions[i].Fence = clone(c.Versions[i].Fence)
	}
	c.Events = append([]Event(nil), r.Events...) // the words of one are never changed in place
	return &c
}

// clone copies what p points to; Rest maps are shared, for nobody changes one.
func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
