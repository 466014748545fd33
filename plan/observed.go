package plan

import "time"

// Self is the run that asks: its names, and the nonces its next write would
// use. Decide is pure, so randomness comes in here.
type Self struct {
	Run, Pool, Host string
	Release         string // of keyturn
	Plan, Terms     string // name of the plan, and the digest of what it says of this key
	Op              string // for the next write
	ClaimID         string // for the next claim
	NoPause         bool   // never waits for KMS to show what was just made (dry-run)
}

// Caller is who AWS says we are.
type Caller struct {
	ARN     string
	Account string
}

// TableSeen is the verdict on the table, checked once in a run before its
// first write.
type TableSeen struct {
	ID     string // TableId; "" where the backend has none, and then it is not compared
	Unsafe string // why nothing may be written to it; "" if it may
	Hint   string // what makes it safe
}

// KeySeen is a KMS key as DescribeKey shows it.
type KeySeen struct {
	KeyID     string
	ARN       string
	Missing   bool // NotFoundException: there is none, or KMS does not know it yet
	State     string
	Spec      string
	Usage     string
	CreatedAt time.Time
	// Description is the key's own; a new version takes it over.
	Description string
	DeletionAt  time.Time // with PendingDeletion
	// Unsupported says why keyturn does not manage this kind of key:
	// multi-Region, imported material, custom key store, managed by AWS.
	Unsupported string
	// Unnamed is the endpoint of an answer that had no request id; "" if it had one.
	Unnamed string
}

// Down tells whether somebody has switched the key off; what is being made or
// updated comes by itself.
func (k KeySeen) Down() bool { return k.State == stateDisabled || k.State == statePending }

// AliasListed is one alias as ListAliases shows it.
type AliasListed struct {
	Name    string
	KeyID   string
	ARN     string
	MovedAt time.Time // LastUpdatedDate, else CreationDate
}

// ListingSeen is what one full ListAliases shows of a key: its alias and every
// version alias of it.
type ListingSeen struct {
	Alias    *AliasListed // nil: there is no such alias
	Versions []AliasListed
	// Unnamed is the endpoint of an answer that had no request id; "" if all had one.
	Unnamed string
}

// VersionSeen is what a version alias names, with the claim tag of that key.
type VersionSeen struct {
	Version int64
	KeySeen
	Claim   string // keyturn:claim tag, "" if none
	MadeFor string // keyturn:alias tag, "" if none
}

// SourceSeen is what a new version takes over from the active one.
type SourceSeen struct {
	Policy      string // JSON
	Description string
	Tags        map[string]string // without keyturn: and aws: tags
	Grants      int               // grants do not follow an alias; they are reported
	// GrantsUnknown says why they could not be counted; "" if they were.
	GrantsUnknown string
	Rotation      RotationSeen // zero for a key that cannot be rotated automatically
}

// GateSeen is the answer of before_switch. Neither Open nor Failed is "not yet".
type GateSeen struct {
	// Open is a yes.
	Open bool
	// Assumed is a yes that nobody gave: a dry-run lists what would come after it.
	Assumed bool
	// Failed says why there is no answer: it could not be started, was killed, or
	// was not done in time.
	Failed string
	// Said is the last line that it printed.
	Said string
}

// Made is the version this run found or made for the open generation.
type Made struct {
	Generation int64
	KeyID      string
	CreatedAt  time.Time
}

// Failure is a definite or repeated failure that ends this run's work on the
// key.
type Failure struct {
	Kind   Kind
	Doing  string // "create v8"
	Answer Answer
	Noted  bool // it stands in the record
}

// Text says what was being done and what came of it.
func (f Failure) Text() string { return f.Doing + ": " + f.Answer.Text() }

// Observed is all that this run knows beside the record and the plan. A nil field
// means "not asked".
type Observed struct {
	Self Self
	// First is the record as this run first read it: what a person's verb was meant
	// for. nil: there was none.
	First  *Record
	Caller *Caller
	Table  *TableSeen
	// OwnPolicy is the text of the plan's policy file; "" if it has none.
	OwnPolicy string
	Gate      *GateSeen

	Looks
	LedgerSeen
	Verbs
	Making
	OldWork

	// SignedMove is the alias move that was signed last.
	SignedMove *Signature
	// Calls are the newest answers of KMS that no write of this run has put down.
	Calls []Answered
	// Tries counts the answers to one kind of act that were not a yes.
	Tries map[Kind]int
	// Hidden counts the looks at version aliases and policies that were answered and
	// did not show whose key it is, or what: not yet, or never, if it was adopted.
	Hidden  int
	Failure *Failure
}

// Looks are what KMS has shown of the key. They are forgotten when another run may
// have changed it since.
type Looks struct {
	// SeenAt is when the oldest of them was made.
	SeenAt time.Time
	// Alias is the key behind the alias, seen there at AliasAt. AliasOld says that
	// something else was looked at or done since.
	Alias    *KeySeen
	AliasAt  time.Time
	AliasOld bool
	// Active is the active version itself, asked only where the alias is seen on an
	// older one.
	Active *KeySeen
	// Moved says since when the alias is where it is, asked only on drift.
	Moved   *AliasListed
	Listing *ListingSeen
	// Version is what v<n> names.
	Version map[int64]VersionSeen
	Source  *SourceSeen
	Policy  *PolicySeen
	// Target is the version that the open generation puts behind the alias, and Probe
	// what came of trying it.
	Target *KeySeen
	Probe  *Answer
	// Rotations are the automatic rotation of the target, and of the active version
	// where it was not known at the claim; by key id.
	Rotations map[string]RotationSeen
	// WaitingSince is when waiting for KMS to know the target, or v<n>, began.
	WaitingSince time.Time
}

// LedgerSeen is what this run knows of the ledger.
type LedgerSeen struct {
	// LedgerRev is the highest revision in it.
	LedgerRev *int64
	// Ledger is all of it, read where a record is made again from it.
	Ledger []Event
	// ReadAgain says that there was no record, and none when it was looked for once
	// more.
	ReadAgain bool
	// Told is what it says of the claim that this run pursues.
	Told *ClaimTold
}

// Verbs are what this run has done of what was asked for.
type Verbs struct {
	// ClaimedHere is the id of the claim that this run wrote itself.
	ClaimedHere string
	// Joined is the id of the open claim that this run's verb asks for, too.
	Joined string
	// AdoptedHere says that this run took the key under management.
	AdoptedHere bool
	// DidVerb says that the write of hold, release or reinstate is done; VerbVersion is
	// the version it was about.
	DidVerb     bool
	VerbVersion int64
	// Restored says that this run's own EnableKey was answered yes, and that it wrote
	// that down.
	Restored bool
}

// Making is what came of this run's attempts to make a version and to name it.
type Making struct {
	// MayMake is the id of the claim for which this run may make a key.
	MayMake string
	// WaiverDenied is KMS's no to a CreateKey that waives the lockout check, for that
	// very reason as far as KMS says it. The next one does without.
	WaiverDenied *Answer
	// KeyUnsure is the id of the claim for which a CreateKey was not answered.
	KeyUnsure string
	// Fresh is the own new key, not named yet. FreshUnsure says that a CreateAlias for
	// it was not answered, or throttled: it may be named after all.
	Fresh       *Made
	FreshUnsure bool
	// Unnamed is the generation for which a key was made that has no name yet.
	Unnamed int64
	// NamingSince is when KMS first refused to name it, as it may while it lags. It is
	// not forgotten.
	NamingSince time.Time
	// LeftoverSince is when this run first looked for the name of its fresh key after the
	// record had gone on without it. It is not forgotten.
	LeftoverSince time.Time
	// Made is the version of the open generation, as far as this run has made or named
	// it.
	Made   *Made
	Naming map[int64]Naming
	// NotRotated says why automatic rotation of the version could not be switched on.
	NotRotated string
	// FirstAlias is the answer to the CreateAlias that ends adopt --create.
	FirstAlias *Answer
}

// OldWork is this run's work on old versions.
type OldWork struct {
	// Old is what is known of each, by key id.
	Old map[string]OldSeen
	// OldBegun is how many of them this run has begun to ask about, or kept.
	OldBegun int
	// SignedOld is the call against one of them that was signed last.
	SignedOld *Signature
	// MarkRefusal is what was found of one of them that a person must see.
	MarkRefusal *Refusal
	// OldFailed is the last failure of work on one of them; it never stops the key
	// itself.
	OldFailed *Failure
}

// Forget drops what another run may have changed: called when the record
// turns out to have been written by somebody else. What this run has signed,
// made and been answered is kept.
func (o *Observed) Forget() {
	o.Looks = Looks{}
	for id, old := range o.Old {
		old.forget() // but for its last use: no other run changes that, and it is asked for once a day
		o.Old[id] = old
	}
}

// unnamed are the endpoints of what was seen, "" for each answer that had a
// request id.
func (o Observed) unnamed() []string {
	var all []string
	for _, k := range []*KeySeen{o.Alias, o.Active, o.Target} {
		if k != nil {
			all = append(all, k.Unnamed)
		}
	}
	if o.Listing != nil {
		all = append(all, o.Listing.Unnamed)
	}
	for _, v := range o.Version {
		all = append(all, v.Unnamed)
	}
	for _, old := range o.Old {
		if old.Key != nil {
			all = append(all, old.Key.Unnamed)
		}
	}
	return all
}

// Like gives the key that a new version must be like: the one behind the alias,
// or, where an older state of the alias was seen, the active one itself.
func (o Observed) Like() *KeySeen {
	if o.Active != nil && !o.Active.Missing {
		return o.Active
	}
	return o.Alias
}

// LooksLast is how long what was seen may be acted on.
const LooksLast = LeaseFor

// Expire drops what was seen too long ago: a run that was paused between its
// looks and its next effect must not act on what was true before the pause. A
// person may have moved the alias since, or a consumer come back to an old
// version, and neither writes the record.
func (o *Observed) Expire(now time.Time) {
	old := !o.SeenAt.IsZero() && now.Sub(o.SeenAt) > LooksLast
	if old {
		o.Forget()
	}
	for id, s := range o.Old {
		// Forget keeps it, and then SeenAt does not speak for it any more.
		if old || s.Use != nil && now.Sub(s.UseAt) > LooksLast {
			s.Use = nil
			o.Old[id] = s
		}
		// Nor does an answer from before the pause say that a version works: it may
		// have been disabled and reinstated since.
		if !s.EnabledAt.IsZero() && now.Sub(s.EnabledAt) > LooksLast {
			s.Cancelled, s.EnabledAt = false, time.Time{}
			o.Old[id] = s
		}
	}
}

// Naming is what came of this run's own attempt to create a version alias.
type Naming string

// The outcomes of creating a version alias.
const (
	NameMade  Naming = "made"
	NameTaken Naming = "taken" // AlreadyExists: whose it is must be looked up
)
