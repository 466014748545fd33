package plan

import "time"

// Later says that the check whether an old version may retire has to wait: an alias move
// may still arrive, or may not show yet, so no look at the alias proves that the version
// is not needed.
type Later struct {
	Version int64
	Until   time.Time
	// Switched is when the last switch was; zero if a fence is what the check waits for.
	Switched time.Time
}

// Text says until when the check waits, and why: "is checked after 03:10:05 UTC: …".
func (l Later) Text() string {
	why := "until then AWS may still apply an alias move that was signed and not answered"
	if !l.Switched.IsZero() {
		why = "the alias was moved at " + Clock(l.Switched) + ", and KMS may show that late"
	}
	return "is checked after " + Clock(l.Until) + " UTC: " + why
}

// later leaves the check of an old version until every alias move has arrived and shows;
// nil if that is so.
func (d decider) later(v Version) *Decision {
	l := Later{Version: v.Version, Until: d.r.SwitchedAt.Add(LagAfterSwitch), Switched: d.r.SwitchedAt}
	if d.r.Fenced(d.now) && d.r.Fence.Until.After(l.Until) {
		l.Until, l.Switched = d.r.Fence.Until, time.Time{}
	}
	if !d.now.Before(l.Until) {
		return nil
	}
	return &Decision{Act: Act{Kind: Stop, End: End{Outcome: Waiting, Until: l.Until, Later: &l}}}
}

// ChecksLater returns which old versions a scheduled run would check now, were it not for
// an alias move that may still arrive or not show, by version. It is for screens.
func ChecksLater(now time.Time, p Policy, r *Record) map[int64]Later {
	all := map[int64]Later{}
	if r.Held(now) || r.Active == 0 {
		return all
	}
	d := decider{now: now, p: p, r: r, q: Request{Verb: VerbSchedule}}
	for _, v := range r.Old() {
		if next := d.retire(v); next != nil && next.Act.Later != nil {
			all[v.Version] = *next.Act.Later
		}
	}
	return all
}
