package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// edited compares the record with what the events of its own writes say about it, and with
// the constants that no write goes beyond. A difference means that something else than
// keyturn has written the record.
func (c *checker) edited() {
	c.beyondConstants()
	c.identityEdited()
	c.unknownAttributes()
	if !c.s.Ledgered || c.told.last != c.record.Rev {
		return // a gap is a finding of its own
	}
	t, r := &c.told, c.record
	differ(c, "generation", t.generation, r.Generation, number)
	differ(c, "step", t.step, r.Step, word)
	differ(c, "active", t.live, r.Active, plan.VersionName)
	differ(c, "window", t.window, r.Window, moment)
	differ(c, "switched_at", t.switched, r.SwitchedAt, moment)
	claim, verb := "", plan.Verb("")
	if r.Claim != nil {
		claim, verb = r.Claim.ID, r.Claim.Verb
	}
	differ(c, "claim.id", t.claim, claim, word)
	if claim != "" && claim == t.claim.value {
		differ(c, "claim.verb", t.verb, verb, word)
		differ(c, "claim.head", t.head, r.Claim.Head, word)
		c.claimTerms()
	}
	// The answer to a move may come, and be written, after the end of its fence.
	written := time.Time{}
	if n := len(r.Events); n > 0 {
		written = r.Events[n-1].At
	}
	if t.moves.known() && r.MovesUntil.After(t.moves.value) && r.MovesUntil.After(written) {
		differ(c, "moves_until", t.moves, r.MovesUntil, moment)
	}
	c.holdEdited("hold", t.hold, r.Hold)
	c.anchorEdited()
	c.leftOutEdited()
	for n, v := range t.versions {
		c.versionEdited(n, v)
	}
	for _, v := range r.Versions {
		if _, known := t.versions[v.Version]; !known && t.whole() && t.live.known() {
			c.edit(0, fmt.Sprintf("versions[%s]", plan.VersionName(v.Version)), v.KeyID, "no such version")
		}
	}
}

// differ adds a finding if the record has another value than an event says. Without an
// event nothing is expected.
func differ[T comparable](c *checker, field string, told fact[T], has T, text func(T) string) {
	if !told.known() || same(told.value, has) {
		return
	}
	c.edit(told.rev, field, text(has), text(told.value))
}

func same[T comparable](a, b T) bool {
	if a, ok := any(a).(time.Time); ok {
		return a.Equal(any(b).(time.Time))
	}
	return a == b
}

// edit adds the finding that a field of the record is not what the event of a revision
// says, or, without one, what it can be.
func (c *checker) edit(rev int64, field, has, want string) {
	f := Finding{Code: plan.CodeRecordEdited, Level: Person, Mode: Race, Invariants: []int{6}, Field: field,
		Observed: has, Expected: want,
		What: fmt.Sprintf("the record has %s as %s, and it can only be %s: something else than keyturn wrote it",
			field, has, want),
		Hint: c.holdAndRead()}
	if rev > 0 {
		f.Evidence.Revs = []int64{rev}
		c.after(&f, rev)
		f.What = fmt.Sprintf("the record has %s as %s, and revision %d made it %s: something else than keyturn wrote "+
			"it since", field, has, rev, want)
	}
	c.add(f)
}

func number(n int64) string { return fmt.Sprint(n) }

func word[T ~string](w T) string {
	if w == "" {
		return "none"
	}
	return string(w)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}

// identityEdited compares the alias that the record manages with its own key.
func (c *checker) identityEdited() {
	want := fmt.Sprintf(":%s:%s:%s", c.p.Region, plan.AccountOf(c.record.AliasARN), c.p.Alias)
	if arn := c.record.AliasARN; len(arn) < len(want) || arn[len(arn)-len(want):] != want {
		c.edit(0, "alias_arn", arn, "that of "+c.p.Alias+" in "+c.p.Region)
	}
}

// unknownAttributes reports what this binary does not read.
func (c *checker) unknownAttributes() {
	names := strings.Join(c.record.Unknown, ", ")
	if names == "" {
		return
	}
	c.add(Finding{Code: plan.CodeUnknownAttribute, Level: Warning, Mode: Race, Observed: names,
		Expected: "the attributes of schema " + fmt.Sprint(plan.SchemaVersion),
		What: "the record has " + names + ", which this keyturn does not know: " +
			"a newer one wrote it, or somebody else",
		Hint: c.history().Noted("shows which releases of keyturn have written the record")})
}

// anchorEdited compares the anchor with the window of the last scheduled rotation, which
// was counted from it. Only one run's schedule is known: that of the claim.
func (c *checker) anchorEdited() {
	var claim, last plan.Event
	var s plan.Schedule
	for _, e := range c.told.events {
		switch {
		case e.Rev < c.told.first:
		case e.Is(plan.EventClaim):
			claim = e
		case e.Is(plan.EventFinish) && e.Claim == claim.Claim && !e.Window.IsZero() && sameTerms(claim.Who, e.Who):
			if of, ok := plan.ScheduleOf(claim.Schedule); ok && of.Every > 0 && of.Anchor.IsZero() {
				last, s = e, of
			}
		}
	}
	if last.Rev > 0 && !s.Window(last.Window, c.record.Anchor).Start.Equal(last.Window) {
		c.edit(last.Rev, "anchor", moment(c.record.Anchor),
			fmt.Sprintf("one from which a window of every %s begins at %s", plan.FormatDuration(s.Every),
				moment(last.Window)))
	}
}

// sameTerms reports whether two runs certainly had the same terms for the key.
func sameTerms(a, b plan.Who) bool {
	return a.Terms != "" && a.Terms == b.Terms && a.Release == b.Release
}

// claimTerms compares the drain of the claim that is done with the deadline that its
// switch has set.
func (c *checker) claimTerms() {
	claim := c.record.Claim
	if c.record.Step != plan.Steady || !c.told.switched.known() || c.told.switched.rev != c.told.claim.rev {
		return
	}
	for n, v := range c.told.versions {
		if v.until.rev == c.told.switched.rev && v.left.rev == v.until.rev {
			if drain := v.until.value.Sub(v.left.value); drain != claim.Drain {
				want := fmt.Sprintf("%s, for which %s drains", plan.FormatDuration(drain), plan.VersionName(n))
				c.edit(v.until.rev, "claim.drain", plan.FormatDuration(claim.Drain), want)
			}
		}
	}
}

// holdEdited compares the hold. What a person adds to one that the key has set itself no
// event says as a whole.
func (c *checker) holdEdited(field string, t fact[*plan.Hold], has *plan.Hold) {
	if !t.known() {
		return
	}
	want := t.value
	text := func(h *plan.Hold) string {
		switch {
		case h == nil:
			return "none"
		case h.Until.IsZero():
			return "without an end"
		}
		return "until " + moment(h.Until)
	}
	switch {
	case (has == nil) != (want == nil):
		c.edit(t.rev, field, text(has), text(want))
	case has == nil:
	case has.Self != want.Self:
		c.edit(t.rev, field+".self", fmt.Sprint(has.Self), fmt.Sprint(want.Self))
	case !want.Self && want.By != "" && !has.Until.Equal(want.Until):
		c.edit(t.rev, field+".until", moment(has.Until), moment(want.Until))
	case !want.Self && want.By != "" && has.By != want.By:
		c.edit(t.rev, field+".by", has.By, want.By)
	}
}

// versionEdited compares the entry of a version.
func (c *checker) versionEdited(n int64, t *toldVersion) {
	name := fmt.Sprintf("versions[%s]", plan.VersionName(n))
	v := c.record.Entry(n)
	if v == nil {
		if t.state.known() && !(c.record.Forgotten(n) && c.told.leavesOut(t.state.value)) {
			c.edit(t.state.rev, name, "none", t.keyID.value+" "+stateText(t.state.value))
		}
		return
	}
	differ(c, name+".key_id", t.keyID, v.KeyID, word)
	c.versionHoldEdited(name+".hold", t.hold, *v)
	if v.LeftUnknown && (v.KeptAt.Equal(t.backAt) || v.DisabledAt.Equal(t.backAt)) && !t.backAt.IsZero() {
		return // it was left out, and a hold has put it back as what KMS showed
	}
	if c.told.target == n && t.state.value == "" {
		return // a new one, which is not live yet
	}
	if t.state.known() && t.state.value != v.State {
		c.edit(t.state.rev, name+".state", stateText(v.State), stateText(t.state.value))
		return // the rest of the entry goes with it
	}
	if c.told.live.value == n {
		differ(c, name+".since", c.told.since, v.Since, moment)
	}
	if v.State != "" && !v.LeftUnknown {
		differ(c, name+".left", t.left, v.Left, moment)
	}
	switch v.State {
	case plan.Draining:
		differ(c, name+".drain_until", t.until, v.DrainUntil, moment)
		if want, has := t.retire.value, v.Retire; t.retire.known() && retireText(want) != retireText(has) {
			c.edit(t.retire.rev, name+".retire", retireText(has), retireText(want))
		}
	case plan.Kept:
		differ(c, name+".kept_at", t.at, v.KeptAt, moment)
	case plan.Disabled, plan.Deleting:
		differ(c, name+".disabled_at", t.at, v.DisabledAt, moment)
	}
	c.retirerEdited(name, t, *v)
}

// retirerEdited compares who had a version disabled before its time. Once the drain would be
// over, the record forgets that of one which is enabled, and of the first ones if there are many.
func (c *checker) retirerEdited(name string, t *toldVersion, v plan.Version) {
	down := v.State.Retired() && v.State != plan.Kept
	mayForget := !down || !c.told.whole() || len(c.told.retired) > plan.MaxRetirers
	switch by := t.retiredBy; {
	case !by.known() && c.told.whole() && v.RetiredBy != "":
		c.edit(0, name+".retired_by", v.RetiredBy, "none")
	case v.RetiredBy == "" && !v.DrainUntil.After(c.now) && mayForget:
	default:
		differ(c, name+".retired_by", by, v.RetiredBy, word)
	}
	if t.retiredBy.known() && t.until.known() && down && !v.DrainUntil.IsZero() {
		differ(c, name+".drain_until", t.until, v.DrainUntil, moment)
	}
}

// versionHoldEdited compares the hold of a version. One that has ended is dropped by the next
// hold; without an event there is none, if all events are known.
func (c *checker) versionHoldEdited(field string, t fact[*plan.Hold], v plan.Version) {
	switch {
	case !t.known() && c.told.whole() && v.Hold != nil:
		c.edit(0, field, "by "+v.Hold.By, "none")
	case v.Hold == nil && t.value != nil && !t.value.Until.IsZero() && !c.now.Before(t.value.Until):
	default:
		c.holdEdited(field, t, v.Hold)
	}
}

// leftOutEdited compares which entries were left out with how many versions there were.
func (c *checker) leftOutEdited() {
	switch n := c.record.LeftOut; {
	case n == 0 || !c.told.whole():
	case !c.told.leavesOut(plan.Kept) && !c.told.leavesOut(plan.Disabled) && !c.told.leavesOut(plan.Gone):
		c.edit(0, "left_out", number(n), "none: the list of versions was never too long")
	case c.told.versions[n] == nil || c.record.Entry(n) != nil && !c.told.versions[n].back:
		c.edit(0, "left_out", number(n), "the number of a version that was left out")
	}
}

func stateText(s plan.State) string {
	if s == "" {
		return "live"
	}
	return string(s)
}

func retireText(r plan.Retire) string {
	use := plan.FormatDuration(r.UnlessUsedWithin)
	if r.UsageOff {
		use = "off"
	}
	return fmt.Sprintf("%s, unless_used_within %s, delete_after %s, deletion_window %s", r.Action, use,
		plan.FormatDuration(r.DeleteAfter), plan.FormatDuration(r.DeletionWindow))
}
