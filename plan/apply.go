package plan

import (
	"fmt"
	"time"
)

// Apply gives the record after a write. It is pure and total: the runner
// writes what it returns, conditioned on r, and the dry-run goes on from it.
// For an act that is no write it returns r itself.
func Apply(r *Record, a Act) *Record {
	if !a.Kind.Writes() {
		return r
	}
	n := r.Clone()
	if n == nil {
		n = &Record{}
	}
	a.Write.applyTo(n, a)
	n.Rev++
	n.Op = a.Self.Op
	n.addEvent(eventOf(r, n, a))
	return n
}

// born fills in what a record is given once, by its first write.
func (n *Record) born(a Act, aliasARN string, anchor time.Time) {
	n.Schema = SchemaVersion
	n.Key, n.AliasARN, n.TableID, n.Anchor = a.Key, aliasARN, a.TableID, anchor
}

func (n *Record) lease(a Act) {
	since := a.At
	if n.Lease != nil && n.Lease.Run == a.Self.Run {
		since = n.Lease.Since
	}
	n.Lease = &Lease{Pool: a.Self.Pool, Host: a.Self.Host, Run: a.Self.Run, Since: since, Until: a.At.Add(LeaseFor)}
}

// aim makes a version the target. One that the record knows keeps its entry.
func (n *Record) aim(t *Version) {
	n.Target = 0
	if t == nil {
		return
	}
	if n.Target = t.Version; n.Entry(t.Version) == nil {
		n.put(*t)
	}
}

// goLive makes a version the live one. Whatever it was before is over, but for when it
// was reinstated and what a newer keyturn has put into its entry.
func (n *Record) goLive(v Version) {
	if was := n.Entry(v.Version); was != nil {
		v.ReinstatedAt = was.ReinstatedAt
		if v.Rest == nil {
			v.Rest = was.Rest
		}
	}
	n.put(v)
	n.Active = v.Version
}

// leave has the live version drain: it is about to stop being that.
func (n *Record) leave(at time.Time, l Leaving) {
	live := n.Live()
	if live == nil {
		return
	}
	n.put(Version{Version: live.Version, KeyID: live.KeyID, State: Draining, Left: at, DrainUntil: at.Add(l.Drain),
		Retire: l.Retire, ReinstatedAt: live.ReinstatedAt, Rest: live.Rest})
}

// giveUp has a version drain that was made and is not the target any more: of an
// open switch it may have served. One that the record knows keeps its state; its
// deadline only ever moves out.
func (n *Record) giveUp(v Version, at time.Time, l Leaving) {
	until := at.Add(l.Drain)
	switch was := n.Entry(v.Version); {
	case was == nil || was.State == "":
		n.put(Version{Version: v.Version, KeyID: v.KeyID, State: Draining, DrainUntil: until, Retire: l.Retire, Rest: v.Rest})
	case was.State == Draining:
		was.DrainUntil = latest(was.DrainUntil, until)
	}
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
