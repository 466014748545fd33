package plan

import "time"

// Self describes this run: its names, and the nonces of its next write. Decide is
// pure, so randomness comes in here.
type Self struct {
	Run, Pool, Host string
	// Release is keyturn's.
	Release string
	// Plan is the name of the plan, and Terms the digest of its policy for this key.
	Plan, Terms string
	// Op is the nonce of the next write.
	Op string
	// ClaimID is the id of the next claim.
	ClaimID string
	// NoPause reports whether the run never waits for KMS to show what was just made, as
	// in a dry-run.
	NoPause bool
}

// Caller is the identity of this run in AWS.
type Caller struct {
	ARN     string
	Account string
}

// TableSeen is the result of the check of the table, once in a run before its first
// write.
type TableSeen struct {
	// ID is the TableId; "" where the backend has none. Then it is not compared.
	ID string
	// Unsafe says why nothing may be written to the table; "" if it is safe.
	Unsafe string
	// Hint says what makes it safe.
	Hint Hint
}

// The states of a KMS key that matter here, as DescribeKey writes them.
const (
	// KeyEnabled is the only state in which a key can be used, and a version switched to.
	KeyEnabled         = "Enabled"
	KeyDisabled        = "Disabled"
	KeyPendingDeletion = "PendingDeletion"
	// KeyCreating ends by itself.
	KeyCreating = "Creating"
)

// KeySeen is a KMS key as DescribeKey shows it.
type KeySeen struct {
	KeyID string
	ARN   string
	// Missing reports NotFoundException: there is no key, or KMS does not know it yet.
	Missing   bool
	State     string
	Spec      string
	Usage     string
	CreatedAt time.Time
	// Description is copied to a new version.
	Description string
	// DeletionAt is set in state PendingDeletion.
	DeletionAt time.Time
	// Unsupported says why keyturn does not manage this kind of key:
	// multi-Region, imported material, custom key store, managed by AWS.
	Unsupported string
	// Unnamed is the endpoint of an answer that had no request id; "" if it had one.
	Unnamed string
}

// Down reports whether somebody has switched the key off. Other states, such as
// Creating and Updating, end by themselves.
func (k KeySeen) Down() bool { return k.State == KeyDisabled || k.State == KeyPendingDeletion }

// AliasListed is one alias as ListAliases shows it.
type AliasListed struct {
	Name  string
	KeyID string
	ARN   string
	// MovedAt is LastUpdatedDate, or else CreationDate.
	MovedAt time.Time
}

// ListingSeen is what one full ListAliases shows of a key: its alias and all of its
// version aliases.
type ListingSeen struct {
	// Alias is nil if there is no such alias.
	Alias    *AliasListed
	Versions []AliasListed
	// Unnamed is the endpoint of an answer that had no request id; "" if all had one.
	Unnamed string
}

// VersionSeen is the key that a version alias names, with its tags.
type VersionSeen struct {
	Version int64
	KeySeen
	// At is when it was seen. A rebuild keeps what it has seen for as long as it runs.
	At time.Time
	// Claim is the keyturn:claim tag; "" if there is none.
	Claim string
	// MadeFor is the keyturn:alias tag, and MadeAs the keyturn:version tag; "" if there is
	// none.
	MadeFor, MadeAs string
}

// SourceSeen is what is copied from the live version to a new one.
type SourceSeen struct {
	// Policy is JSON.
	Policy      string
	Description string
	// Tags are those without the prefixes keyturn: and aws:.
	Tags map[string]string
	// Grants is how many grants the key has. They are not copied, and are reported.
	Grants int
	// GrantsUnknown says why they could not be counted; "" if they were.
	GrantsUnknown string
	// Rotation is zero for a key that cannot be rotated automatically.
	Rotation RotationSeen
}

// GateSeen is the answer of before_switch. Neither Open nor Failed is "not yet".
type GateSeen struct {
	// Open is a yes.
	Open bool
	// Assumed is a yes that a dry-run assumes, to list what would come after it.
	Assumed bool
	// Failed says why there is no answer: the command could not be started, was killed,
	// or took too long.
	Failed string
	// Said is the last line that it printed.
	Said string
	// KeyID is the version that it was asked about, and At is when.
	KeyID string
	At    time.Time
}

// Made is the version that this run found or made for the open generation.
type Made struct {
	Generation int64
	KeyID      string
	CreatedAt  time.Time
}

// entry returns the entry of a record for the version.
func (m Made) entry() Version {
	return Version{Version: m.Generation, KeyID: m.KeyID, CreatedAt: m.CreatedAt}
}

// Failure is a definite or repeated failure that ends this run's work on the
// key.
type Failure struct {
	Kind Kind
	// About is the old version that the act was about; "" for another act.
	About string
	// Doing names the act: "create v8".
	Doing  string
	Answer Answer
	// Noted reports whether the failure is in the record.
	Noted bool
}

// Text describes the act and its answer.
func (f Failure) Text() string { return f.Doing + ": " + f.Answer.Text() }

// Observed is all that this run knows besides the record and the plan. A nil field
// was not looked at.
type Observed struct {
	Self Self
	// First is the record as this run first read it, which a person's verb was meant
	// for; nil if there was none.
	First  *Record
	Caller *Caller
	Table  *TableSeen
	// OwnPolicy is the text of the plan's policy file; "" if it has none.
	OwnPolicy string
	Gate      *GateSeen

	Looks
	// Listed has the keys that all version aliases name, for a rebuild. To look at
	// thousands takes longer than other looks last, and v<n> never moves. So it is
	// forgotten only if somebody else has written the record.
	Listed map[int64]VersionSeen
	LedgerSeen
	Verbs
	Making
	OldWork

	// SignedMove is the alias move that was signed last.
	SignedMove *Signature
	// JustWrote reports whether this run has looked at nothing and changed nothing since it
	// wrote the record.
	JustWrote bool
	// Late counts how often something was over before this run could use it, since it last
	// wrote more than a lease or a note: what it had seen, or its lease.
	Late int
	// LateAt is when it was counted last.
	LateAt time.Time
	// Calls are the newest answers of KMS that no write of this run has recorded.
	Calls []Answered
	// Tries counts the answers to one kind of act that were not a yes.
	Tries map[Kind]int
	// Hidden counts the looks at version aliases and policies that did not show the
	// claim of the key, or its policy, which an adopted key may never have.
	Hidden  int
	Failure *Failure
	// Throttled is the call that AWS has throttled MaxTries times; nil if there is none, or
	// if this run has stood by since.
	Throttled *Failure
}

// Looks are what KMS has shown of the key. The run forgets them when another run may
// have changed the key since.
type Looks struct {
	// SeenAt is when the oldest of these looks was made.
	SeenAt time.Time
	// Alias is the key behind the alias, seen there at AliasAt.
	Alias   *KeySeen
	AliasAt time.Time
	// AliasOld reports whether the run has looked at or done anything else since.
	AliasOld bool
	// Active is the live version itself. The run looks at it only if the alias is seen on
	// an older one.
	Active *KeySeen
	// Moved says since when the alias names its key. The run looks only on drift.
	Moved   *AliasListed
	Listing *ListingSeen
	// Version has the key that v<n> names.
	Version map[int64]VersionSeen
	Source  *SourceSeen
	Policy  *PolicySeen
	// Target is the target of the open generation, and Probe the answer of its probe.
	Target *KeySeen
	Probe  *Answer
	// Rotations has the automatic rotation of the target, and of the live version if the
	// claim does not have it, by key id.
	Rotations map[string]RotationSeen
	// WaitingSince is when the run began to wait for KMS to show the target, or v<n>.
	WaitingSince time.Time
}

// Verbs is what this run has done of its verb.
type Verbs struct {
	// ClaimedHere is the id of the claim that this run wrote itself.
	ClaimedHere string
	// Joined is the id of the open claim that this run's verb has joined.
	Joined string
	// FoundOn is the key on which this run has first seen the alias where the record does
	// not have it. It is never forgotten: it stands for what the person was shown.
	FoundOn string
	// AdoptedHere reports whether this run took the key under management.
	AdoptedHere bool
	// DidVerb reports whether the write of hold, release or reinstate is done.
	DidVerb bool
	// VerbVersion is the version that the write was about.
	VerbVersion int64
	// Restored is the reinstated version for which this run's EnableKey was answered yes, and
	// the record says so; 0 if there is none.
	Restored int64
}

// Making has the results of this run's attempts to make a version and to name it.
type Making struct {
	// MayMake is the id of the claim for which this run may make a key.
	MayMake string
	// WaiverDenied is KMS's no to a CreateKey that waives the lockout check, if the reason
	// may be the waiver. The next CreateKey does not waive it.
	WaiverDenied *Answer
	// KeyUnsure is the id of the claim for which a CreateKey was not answered.
	KeyUnsure string
	// Fresh is this run's new key before it has its name.
	Fresh *Made
	// FreshUnsure reports whether a CreateAlias for it was not answered, or throttled: it
	// may have its name after all.
	FreshUnsure bool
	// Unnamed is the generation for which a key was made that has no name yet.
	Unnamed int64
	// NamingSince is when KMS first refused to name the key, as it may while it lags.
	// It is never forgotten.
	NamingSince time.Time
	// LeftoverSince is when this run first looked for the name of its new key after
	// another run had continued without it. It is never forgotten.
	LeftoverSince time.Time
	// GaveLease reports whether this run has freed its lease in the middle of a generation:
	// another run may have made the version since.
	GaveLease bool
	// Made is the version of the open generation, if this run has made or named it.
	Made   *Made
	Naming map[int64]Naming
	// NotRotated says why automatic rotation of version NotRotatedOf could not be switched on.
	NotRotated   string
	NotRotatedOf int64
	// FirstAlias is the answer to the CreateAlias that ends adopt --create, and FirstAliasOf is
	// the generation that it ends.
	FirstAlias   *Answer
	FirstAliasOf int64
}

// OldWork is this run's work on old versions.
type OldWork struct {
	// Old is what the run knows about each old version, by key id.
	Old map[string]OldSeen
	// OldBegun is how many old versions this run has begun to check, or kept.
	OldBegun int
	// SignedOld is the last signed call against an old version.
	SignedOld *Signature
	// MarkRefusal is set if an old version was found in a state that a person must see.
	MarkRefusal *Refusal
	// OldFailed is the last failure of work on an old version; it never stops the key
	// itself.
	OldFailed *Failure
}

// Forget drops what another run may have changed, after somebody else has written the
// record. What this run has signed and made, and its answers, stay.
func (o *Observed) Forget() {
	o.Listed = nil
	o.forgetLooks()
}

func (o *Observed) forgetLooks() {
	o.Looks = Looks{}
	for id, old := range o.Old {
		old.forget() // not its last use: no other run changes that, and a run looks once a day
		o.Old[id] = old
	}
}

// unnamed returns the endpoints of all answers; "" for each that had a request id.
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
	for _, versions := range []map[int64]VersionSeen{o.Version, o.Listed} {
		for _, v := range versions {
			all = append(all, v.Unnamed)
		}
	}
	for _, old := range o.Old {
		if old.Key != nil {
			all = append(all, old.Key.Unnamed)
		}
	}
	return all
}

// Like returns the key that a new version must be like: the one behind the alias, or
// the live version itself if the alias was seen in an older state.
func (o Observed) Like() *KeySeen {
	if o.Active != nil && !o.Active.Missing {
		return o.Active
	}
	return o.Alias
}

// Expire drops what was seen too long ago: a run that was paused must not act on what
// was true before the pause. Since then a person may have moved the alias, or a
// consumer may have used an old version again, and neither writes the record.
func (o *Observed) Expire(now time.Time) {
	old := !o.SeenAt.IsZero() && now.Sub(o.SeenAt) > LooksLast
	if old {
		o.late(now)
		o.forgetLooks()
	}
	if o.Gate != nil && now.Sub(o.Gate.At) > GateLasts {
		o.Gate = nil
	}
	for id, s := range o.Old {
		// Forget does not drop the use, so SeenAt may be later than it.
		if old || s.Use != nil && now.Sub(s.UseAt) > LooksLast {
			s.Use = nil
			o.Old[id] = s
		}
		// An answer from before the pause does not prove that a version works: it may
		// have been disabled and reinstated since.
		if !s.EnabledAt.IsZero() && now.Sub(s.EnabledAt) > LooksLast {
			s.Cancelled, s.EnabledAt = false, time.Time{}
			o.Old[id] = s
		}
	}
}

// LeaseLate compares the lease in a record that this run has just read or written with the
// record before. The lease is late if it was over as soon as it was written, or if another
// run has taken it over from this one.
func (o *Observed) LeaseLate(now time.Time, before, r *Record) {
	mine := func(r *Record) bool { return r != nil && r.Lease != nil && r.Lease.Run == o.Self.Run }
	switch {
	case o.JustWrote && mine(r) && !r.Leased(now), mine(before) && r != nil && r.Lease != nil && !mine(r):
		o.late(now)
	}
}

// late counts that something was over. A pause of this run may be why its looks and its lease
// are, so within the length of a lease it counts once.
func (o *Observed) late(now time.Time) {
	if o.Late > 0 && now.Sub(o.LateAt) < LeaseFor {
		return
	}
	o.Late, o.LateAt = o.Late+1, now
}

// Naming is the result of this run's attempt to create a version alias.
type Naming string

// The results of creating a version alias.
const (
	NameMade Naming = "made"
	// NameTaken is AlreadyExists: the run must look which key has the name.
	NameTaken Naming = "taken"
)
