package plan

import "fmt"

// Apply gives the record after a write. It is pure and total: the runner
// writes what it returns, conditioned on r, and the dry-run goes on from it.
// For an act that is no write it returns r itself.
func Apply(r *Record, a Act) *Record {
	if !a.Kind.Writes() {
		return r
	}
	n := r.Clone()
	switch {
	case a.Kind == WriteRebuild:
		n = a.Rebuilt.Clone()
		n.TableID = a.TableID
		n.Rev += RevGap - 1
	case n == nil:
		n = &Record{}
	}
	applyTo(n, a)
	n.Rev++
	n.Op = a.Self.Op
	n.addEvent(eventOf(r, n, a))
	return n
}

// applyTo makes the change of one kind of write.
func applyTo(n *Record, a Act) {
	switch a.Kind {
	case WriteAdopt:
		n.born(a)
		n.Generation, n.Step, n.Active, n.Window = 1, Steady, clone(a.Active), a.Window
	case WriteFirstClaim:
		n.born(a)
		n.Generation, n.Step, n.Claim = 1, Claimed, clone(a.Claim)
		n.lease(a)
	case WriteClaim:
		n.Generation++
		n.Step, n.Claim, n.Target = Claimed, clone(a.Claim), clone(a.Target)
		// A claim is made only with no fence alive, so signers start anew.
		n.Fence, n.Attempts, n.LastError = nil, nil, nil
		n.lease(a)
	case WriteTakeover, WriteRenew:
		n.lease(a)
	case WriteCreated:
		n.Step, n.Target, n.Lease = Created, clone(a.Target), nil
	case WriteConfirm:
		n.Step, n.Target = Switching, clone(a.Target)
		n.lease(a)
		n.confirm(a)
	case WriteFinish:
		n.finish(a)
	case WriteAdoptDrift:
		n.adoptFound(a)
	case WriteNote:
		n.note(a)
	default:
		applyOld(n, a)
	}
}

// born fills in what a record is given once, by its first write.
func (n *Record) born(a Act) {
	n.Schema = SchemaVersion
	n.Key, n.AliasARN, n.TableID, n.Anchor = a.Key, a.AliasARN, a.TableID, a.Anchor
}

func (n *Record) lease(a Act) {
	since := a.At
	if n.Lease != nil && n.Lease.Run == a.Self.Run {
		since = n.Lease.Since
	}
	n.Lease = &Lease{Pool: a.Self.Pool, Host: a.Self.Host, Run: a.Self.Run, Since: since, Until: a.At.Add(LeaseFor)}
}

// confirm counts one more signature that may be alive, and moves the fence out
// to where that one, too, is certainly dead.
func (n *Record) confirm(a Act) {
	f := Fence{}
	if n.Fence != nil {
		f = *n.Fence
	}
	f.Signers++
	f.Until = latest(f.Until, a.Signed.Add(FenceFor), a.At.Add(FenceFor))
	n.Fence = &f
}

// answered strikes one signature off: its answer is in hand, or it was never
// sent. Only when none is left is the fence removed; else it runs out.
func (n *Record) answered() {
	if n.Fence == nil {
		return
	}
	f := *n.Fence
	f.Signers--
	n.Fence = &f
	if f.Signers <= 0 {
		n.Fence = nil
	}
}

// finish makes the target active and starts the drain of the version before.
func (n *Record) finish(a Act) {
	target := n.Target
	if target == nil {
		target = a.Target // adopt --create writes no target before
	}
	if a.Answered {
		n.answered()
	}
	if old := n.Active; old != nil {
		n.Draining = append(n.Draining, Draining{Version: old.Version, KeyID: old.KeyID, Since: a.At,
			DrainUntil: a.At.Add(a.Drain), Retire: a.Retire, Rest: old.Rest})
	}
	n.Active = &Active{Version: target.Version, KeyID: target.KeyID, Since: a.At, Rest: target.Rest}
	n.dropEntry(target.KeyID)
	n.Step, n.Target, n.SwitchedAt, n.Window = Steady, nil, a.At, a.Window
	n.Lease, n.Attempts, n.LastError = nil, nil, nil
	n.Hold = n.Hold.persons()
}

// adoptFound takes the key found behind the alias as a new generation; what
// was active, and what an open generation has made or is about, drain from now.
func (n *Record) adoptFound(a Act) {
	n.Generation++
	if t := a.Dropped; t != nil {
		// Of an open switch it may have served, a rollback's too.
		n.push(Draining{Version: t.Version, KeyID: t.KeyID,
			DrainUntil: a.At.Add(a.Drain), Retire: a.Retire, Rest: t.Rest})
	}
	if old := n.Active; old.KeyID != a.KeyID {
		n.Draining = append(n.Draining, Draining{Version: old.Version, KeyID: old.KeyID, Since: a.At,
			DrainUntil: a.At.Add(a.Drain), Retire: a.Retire, Rest: old.Rest})
	}
	n.dropEntry(a.KeyID)
	n.Active = clone(a.Active)
	n.Step, n.Target, n.Claim = Steady, nil, nil
	n.SwitchedAt, n.Window = a.At, a.Window
	n.Fence, n.Lease, n.Attempts, n.LastError = nil, nil, nil, nil
	n.Hold = n.Hold.persons()
}

// listed tells whether a key stands among the draining or retired versions.
func (n *Record) listed(keyID string) bool {
	for _, e := range n.Draining {
		if e.KeyID == keyID {
			return true
		}
	}
	for _, e := range n.Retired {
		if e.KeyID == keyID {
			return true
		}
	}
	return false
}

// dropEntry takes a key that has become active out of the lists: a version
// stands in one place only.
func (n *Record) dropEntry(keyID string) {
	var draining []Draining
	for _, e := range n.Draining {
		if e.KeyID != keyID {
			draining = append(draining, e)
		}
	}
	var retired []Retired
	for _, e := range n.Retired {
		if e.KeyID != keyID {
			retired = append(retired, e)
		}
	}
	n.Draining, n.Retired = draining, retired
}

func (n *Record) note(a Act) {
	if a.Note.Answered {
		n.answered()
	}
	if a.Note.Attempt {
		n.attempt(a)
	}
	if a.Note.KeyFor != "" || a.Note.NoKey || a.Note.Unnamed {
		n.countKeys(a)
	}
	if a.Note.Error != nil {
		n.LastError = clone(a.Note.Error)
	}
	if a.Note.SelfHold != "" && !n.Held(a.At) {
		n.Hold = &Hold{By: selfHolder, Reason: a.Note.SelfHold, Since: a.At, Self: true}
	}
	switch {
	case a.Note.Free:
		n.Lease = nil
	case a.Note.Extend:
		n.lease(a)
	}
}

// attempt counts a definite refusal, at most one an hour: an outage of an hour
// must not use up a generation's attempts.
func (n *Record) attempt(a Act) {
	c := Attempts{}
	if n.Attempts != nil {
		c = *n.Attempts
	}
	if c.Count > 0 && a.At.Sub(c.LastAt) < AttemptEvery {
		return
	}
	c.Count++
	c.LastAt = a.At
	n.Attempts = &c
}

// countKeys counts a key that is about to be made, or was not made after all, and
// remembers when one got no name.
func (n *Record) countKeys(a Act) {
	c := Attempts{}
	if n.Attempts != nil {
		c = *n.Attempts
	}
	if a.Note.KeyFor != "" {
		c.Keys++
	}
	if a.Note.NoKey && c.Keys > 0 {
		c.Keys--
	}
	if a.Note.Unnamed {
		c.UnnamedAt = a.At
	}
	n.Attempts = &c
}

// addEvent appends to the item's own part of the ledger. What rolls off was
// copied to a ledger item before, by whoever writes this.
func (n *Record) addEvent(e Event) {
	n.Events = append(n.Events, e)
	for len(n.Events) > MaxEvents {
		n.Ledgered = n.Events[0].Rev
		n.Events = append([]Event(nil), n.Events[1:]...)
	}
}

// String says in a line where a record stands; for logs and tests.
func (r *Record) String() string {
	if r == nil {
		return "no record"
	}
	return fmt.Sprintf("%s rev %d: generation %d %s", r.Key, r.Rev, r.Generation, r.Step)
}
