package plan

import (
	"fmt"
	"time"
)

// Apply returns the record after a write. The runner writes it, conditioned on r; the
// dry-run continues from it. For an act that is not a write it returns r itself.
func Apply(r *Record, a Act) *Record {
	if !a.Kind.Writes() {
		return r
	}
	n := r.Clone()
	if n == nil {
		n = &Record{}
	}
	a.Write.applyTo(n, a)
	n.leaveOut(a.At)
	n.remember(a.News)
	n.forgetRetirers(a.At)
	n.Rev++
	n.Op = a.Self.Op
	n.addEvent(eventOf(r, n, a), a.Ledgered)
	return n
}

// initialize sets what only the first write of a record sets.
func (n *Record) initialize(a Act, aliasARN string, anchor time.Time) {
	n.Schema = SchemaVersion
	n.Key, n.AliasARN, n.TableID, n.Anchor = a.Key, aliasARN, a.TableID, anchor
}

func (n *Record) takeLease(a Act) {
	since := a.At
	if n.Lease != nil && n.Lease.Run == a.Self.Run {
		since = n.Lease.Since
	}
	n.Lease = &Lease{Pool: a.Self.Pool, Host: a.Self.Host, Run: a.Self.Run, Since: since, Until: a.At.Add(LeaseFor)}
}

// strikeMove removes one signature from the fence of an alias move.
func (n *Record) strikeMove(at time.Time) {
	if n.Fence = n.Fence.struck(); n.Fence == nil {
		n.MovesUntil = at
	}
}

// setTarget makes a version the target. A known version keeps its entry.
func (n *Record) setTarget(t *Version) {
	n.Target = 0
	if t == nil {
		return
	}
	if n.Target = t.Version; n.Entry(t.Version) == nil {
		n.put(*t)
	}
}

// goLive makes a version the live one. Of its entry it keeps only a hold on that version,
// when it was reinstated, and what a newer keyturn has added.
func (n *Record) goLive(v Version) {
	if was := n.Entry(v.Version); was != nil {
		v.ReinstatedAt, v.Hold = was.ReinstatedAt, was.Hold
		if v.Rest == nil {
			v.Rest = was.Rest
		}
	}
	n.put(v)
	n.Active = v.Version
}

// drainLive makes the live version drain, before another one becomes live.
func (n *Record) drainLive(at time.Time, l Leaving) {
	live := n.Live()
	if live == nil {
		return
	}
	n.put(Version{Version: live.Version, KeyID: live.KeyID, State: Draining, Left: at, DrainUntil: at.Add(l.Drain),
		Retire: l.Retire, ReinstatedAt: live.ReinstatedAt, Hold: live.Hold, Rest: live.Rest})
}

// drainDropped makes a version drain that is not the target any more: in an open switch
// it may have served. A known version keeps its state, and its deadline is only ever
// extended.
func (n *Record) drainDropped(v Version, at time.Time, l Leaving) {
	until := at.Add(l.Drain)
	switch was := n.Entry(v.Version); {
	case was == nil || was.State == "":
		n.put(Version{Version: v.Version, KeyID: v.KeyID, State: Draining, DrainUntil: until,
			Retire: l.Retire, Hold: n.HoldOf(v.Version), Rest: v.Rest})
	case was.State == Draining:
		was.DrainUntil = latest(was.DrainUntil, until)
	}
}

// addEvent appends an event, and drops the oldest ones over NewestEvents. An event that
// the run does not know to be in the ledger stays, so that none is lost.
func (n *Record) addEvent(e Event, ledgered int64) {
	n.Events = append(n.Events, e)
	for len(n.Events) > NewestEvents && n.Events[0].Rev <= ledgered {
		n.Events = append([]Event(nil), n.Events[1:]...)
	}
}

// String describes a record in a line, for logs and tests.
func (r *Record) String() string {
	if r == nil {
		return "no record"
	}
	return fmt.Sprintf("%s rev %d: generation %d %s", r.Key, r.Rev, r.Generation, r.Step)
}
