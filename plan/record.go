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

	Active     *Active // nil only until `adopt --create` has made the alias
	Target     *Target // absent when steady
	Draining   []Draining
	Retired    []Retired // the newest MaxDisabled that are disabled, the newest MaxRetired others
	Lease      *Lease    // absent when free
	Fence      *Fence    // absent when no signature can be outstanding
	SwitchedAt time.Time

	Hold      *Hold
	Attempts  *Attempts
	LastError *LastError
	Events    []Event // the newest MaxEvents
	Ledgered  int64   // highest rev whose event was copied to a ledger item
	LeftOut   int64   // highest version whose entry was left out of Retired; 0: none was
}

// These bound what stands in the item itself, of which DynamoDB takes 400 KB;
// older events live in ledger items. A version that is disabled may have to be
// deleted yet, or brought back, for which its entry is needed; one that is kept
// or deleted is over.
const (
	MaxEvents   = 32
	MaxRetired  = 50
	MaxDisabled = 500
)

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

// Active is the version behind the alias.
type Active struct {
	Version int64
	KeyID   string
	Since   time.Time // when it became active
	Adopted bool      // taken as found: it may have no v<n> yet
	Rest    Rest
}

// Target is the version that an open generation puts behind the alias.
type Target struct {
	Version   int64
	KeyID     string
	CreatedAt time.Time // KMS's creation date; prepublish counts from it
	Rest      Rest
}

// Draining is a version that was active, or was made and never was, and is
// kept enabled until DrainUntil at least.
type Draining struct {
	Version int64
	KeyID   string
	Since   time.Time // when it stopped being active; zero if it never was
	// LeftUnknown says that Since is only when the record was rebuilt: nobody
	// knows when the version stopped being active, nor whether it ever was.
	LeftUnknown bool
	DrainUntil  time.Time // never gets earlier
	Retire      Retire    // the plan's terms at the switch
	CheckedAt   time.Time // when its last use was last asked for
	LookAfter   time.Time // a reinstated key is seen to again after this
	// ReinstatedAt is when a person last had it reinstated; zero if nobody did.
	ReinstatedAt time.Time
	Mark         *Mark
	Rest         Rest
}

// Retired is a version whose drain is over.
type Retired struct {
	Version int64
	KeyID   string
	Since   time.Time
	// LeftUnknown is that of the draining version.
	LeftUnknown bool
	KeptAt      time.Time // one of KeptAt and DisabledAt is set
	DisabledAt  time.Time
	// DisabledUnknown says that DisabledAt is only when the version was found
	// disabled: in a rebuild, or after somebody else had disabled it.
	DisabledUnknown bool
	DeleteAt        time.Time // set once its deletion is scheduled
	CheckedAt       time.Time // when it was last asked whether it may be deleted
	Mark            *Mark
	Rest            Rest
}

// Mark is the fence of one old version: what was signed against it, and until
// when that may still arrive.
type Mark struct {
	What    string // "disable" or "delete"
	Run     string
	Since   time.Time
	Until   time.Time
	Signers int
	Rest    Rest
}

// Lease says who works on the record, until when.
type Lease struct {
	Pool, Host, Run string
	Since, Until    time.Time
	Rest            Rest
}

// Fence says until when an alias move that was signed and not answered may
// still be alive, and how many of them there are.
type Fence struct {
	Until   time.Time
	Signers int // confirmed minus definitely answered since the claim
	Rest    Rest
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
	Code    Code // of the refusal, or AWS's
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

// VersionOfKey finds which version a KMS key is, in any of the lists.
func (r *Record) VersionOfKey(keyID string) (version int64, ok bool) {
	if r.Active != nil && r.Active.KeyID == keyID {
		return r.Active.Version, true
	}
	if r.Target != nil && r.Target.KeyID == keyID {
		return r.Target.Version, true
	}
	for _, d := range r.Draining {
		if d.KeyID == keyID {
			return d.Version, true
		}
	}
	for _, t := range r.Retired {
		if t.KeyID == keyID {
			return t.Version, true
		}
	}
	return 0, false
}

// Clone copies a record so deeply that no change of the copy shows in r.
func (r *Record) Clone() *Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Claim, c.Active, c.Target = clone(r.Claim), clone(r.Active), clone(r.Target)
	c.Lease, c.Fence, c.Hold = clone(r.Lease), clone(r.Fence), clone(r.Hold)
	c.Attempts, c.LastError = clone(r.Attempts), clone(r.LastError)
	c.Draining = append([]Draining(nil), r.Draining...)
	for i := range c.Draining {
		c.Draining[i].Mark = clone(c.Draining[i].Mark)
	}
	c.Retired = append([]Retired(nil), r.Retired...)
	for i := range c.Retired {
		c.Retired[i].Mark = clone(c.Retired[i].Mark)
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
