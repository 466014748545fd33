package trail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Report is what a trail shows beside the ledgers.
type Report struct {
	Files, Records int
	Covered        []Span
	// Timeline has the plan's windows, the ledgers' events and the trail's changes, oldest
	// first, in the time that the trail is from.
	Timeline []Entry
	Findings []Finding
	// Ends are the calls of no run of a ledger by which a version was disabled, or its deletion
	// scheduled.
	Ends []End
	// Outside counts the events of the ledgers that nothing was concluded about: they lie
	// outside of what the trail covers.
	Outside int
	// Judged counts the others.
	Judged int
	Users  []User
	// Seals are those of the versions that the trail shows being made.
	Seals []Seal
	// LeftOut reports whether the trail has more than was kept. Unjudged reports whether changes
	// are among that: then nothing is concluded from what is missing.
	LeftOut, Unjudged bool
}

// Finding is something that does not agree.
type Finding struct {
	Code plan.Code
	// Warning reports whether it needs no person.
	Warning bool
	Key     string
	Version int64
	KeyID   string
	At      time.Time
	What    string
	// Call tells this finding from others about the same key: an operation and the id of
	// its request, or a revision of the ledger.
	Call string
	// Requests are the ids that show it, and Revs the revisions of the ledger.
	Requests []string
	Revs     []int64
	Hint     plan.Hint
}

// End is such a call.
type End struct {
	Key, KeyID           string
	Operation, RequestID string
	At                   time.Time
	// By is who made it.
	By string
	// Undone is when somebody enabled the key again, or cancelled its deletion; zero if the
	// trail does not have that.
	Undone time.Time
}

// slack is how far the time of a ledger's event and of its call are apart at most: the
// answer to a call is written down when it has come, and a call takes seconds. before is how
// much earlier than its event a call to KMS may have been made.
const (
	slack  = time.Minute
	before = 10 * time.Minute
)

// Report judges all that was read.
func (c *Collector) Report() Report {
	r := Report{Files: c.files, Records: c.records, Covered: c.coverage.Spans(), LeftOut: c.leftOut || c.unjudged,
		Unjudged: c.unjudged}
	slices.SortStableFunc(c.changes, func(a, b change) int { return a.At.Compare(b.At) })
	for _, ch := range c.changes {
		ch.undoes(r.Ends)
		if f, found := ch.judge(); found {
			r.Findings = append(r.Findings, f)
			if ch.ends() {
				r.Ends = append(r.Ends, End{Key: f.Key, KeyID: f.KeyID, Operation: ch.Name, RequestID: ch.RequestID,
					At: ch.At, By: ch.byText()})
			}
		}
	}
	for _, k := range c.keys {
		c.missing(k, &r)
		c.seals(k, &r)
		c.twice(k, &r)
	}
	for _, u := range c.users {
		r.Users = append(r.Users, *u)
	}
	slices.SortFunc(r.Users, func(a, b User) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Version, b.Version), b.Last.Compare(a.Last),
			cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.UserAgent, b.UserAgent))
	})
	r.Timeline = c.timeline(r.Covered)
	return r
}

// judge returns the finding that a change is. It is none if a run of the ledger made it, if
// it was refused, or if the key was not under management yet. A key that somebody has made is
// none either: what counts is what it was made the key of.
func (ch change) judge() (Finding, bool) {
	k, e := ch.key, ch.Event
	if e.ErrorCode != "" || e.Name == "CreateKey" || ch.unmanaged() || ch.ours() {
		return Finding{}, false
	}
	version, id := k.version(e)
	f := Finding{Code: plan.CodeUnexplainedChange, Key: k.Key.Name, Version: version, KeyID: id, At: e.At,
		Call: e.Name + "/" + cmp.Or(e.RequestID, e.ID), What: ch.text() + ", by " + ch.byText() + ", on " +
			plan.Stamp(e.At)}
	if e.RequestID != "" {
		f.Requests = []string{e.RequestID}
	}
	if e.Source == "dynamodb" {
		f.Code, f.KeyID, f.Version = plan.CodeUnexplainedWrite, "", 0
		if f.Warning = !e.Data && e.Name != "DeleteTable"; f.Warning {
			f.Hint = plan.Try("aws", "dynamodb", "describe-table", "--region", e.Region, "--table-name", e.Table)
			return f, true
		}
		f.Hint = plan.Try("keyturn", "history", k.Key.Name, "--verify")
		if k.Record != nil { // else there is nothing to hold
			f.Hint = plan.Try("keyturn", "hold", k.Key.Name, "--reason", "...").Then(f.Hint.Commands[0]...)
		}
		return f, true
	}
	if ch.ends() {
		f.What += k.early(version, e.At)
	}
	f.Warning = strings.HasSuffix(e.Name, "Grant") || k.accepted(e)
	f.Hint = ch.hint(id)
	return f, true
}

// ends reports whether a change makes a key unusable.
func (ch change) ends() bool { return ch.Name == "DisableKey" || ch.Name == "ScheduleKeyDeletion" }

// unmanaged reports whether the key was not under management yet. Before the ledger begins, and
// where there is none, somebody may have deleted an earlier one: nothing but keyturn has to
// write its items.
func (ch change) unmanaged() bool {
	began := ch.key.begun
	return (began.IsZero() || !ch.At.After(began)) && !(ch.Source == "dynamodb" && ch.Data && ch.Run == "")
}

// undoes notes in the calls before it which of them a change has undone.
func (ch change) undoes(ends []End) {
	if ch.ErrorCode != "" || ch.Name != "EnableKey" && ch.Name != "CancelKeyDeletion" {
		return
	}
	_, id := ch.key.version(ch.Event)
	for i := range ends {
		e := &ends[i]
		if e.Key == ch.key.Key.Name && e.KeyID == id && e.Undone.IsZero() &&
			(ch.Name == "EnableKey" || e.Operation == "ScheduleKeyDeletion") {
			e.Undone = ch.At
		}
	}
}

// ours reports whether a run of the key's ledger made a change. A user agent can be
// claimed by anybody, so the caller must be that run's, too.
func (ch change) ours() bool {
	if _, told := ch.key.requests[ch.RequestID]; told && ch.RequestID != "" {
		return true
	}
	who, run := ch.key.runs[ch.Run]
	return ch.Run != "" && run && (who.By == "" || who.By == ch.Who.ARN)
}

// early describes how long before the deadline of its drain a version was ended; "" if it did
// not drain then. KMS itself does not show when a key was disabled.
func (k *known) early(version int64, at time.Time) string {
	var until time.Time
	for _, told := range k.Events {
		for _, l := range told.Left {
			if l.Version == version && !told.At.After(at) {
				until = l.Until
			}
		}
	}
	if version == 0 || !at.Before(until) {
		return ""
	}
	return ": " + plan.Age(until.Sub(at)) + " before the deadline of its drain"
}

// accepted reports whether an alias was moved to a key that somebody has adopted since.
func (k *known) accepted(e Event) bool {
	return e.Name == "UpdateAlias" && slices.ContainsFunc(k.Events, func(told plan.Event) bool {
		return told.Is(plan.EventAdopt) && told.KeyID == e.Target && !told.At.Before(e.At)
	})
}

// text says what a change did, of the versions with the ids of their keys.
func (ch change) text() string { return ch.describe(ch.called) }

// describe says what a change did; called names a KMS key.
func (ch change) describe(called func(id string) string) string {
	e := ch.Event
	what := e.Name
	switch {
	case e.Source == "dynamodb" && e.Data:
		var items []string
		for _, i := range e.Items {
			items = append(items, strings.TrimSuffix(i.Key+" "+i.Item, " "))
		}
		return what + " of " + strings.Join(items, ", ") + " in table " + e.Table
	case e.Source == "dynamodb":
		return what + " of table " + e.Table
	case len(e.Aliases) > 0:
		what += " of " + e.Aliases[0]
		if e.Target != "" {
			what += " to " + called(e.Target)
		}
		return what
	case len(e.Keys) > 0:
		return what + " of " + called(e.Keys[0])
	}
	return what
}

// called returns a KMS key for people.
func (ch change) called(id string) string {
	if n := ch.key.versions[id]; n != 0 {
		return plan.VersionName(n) + " (" + id + ")"
	}
	return id
}

// short returns a KMS key for a line of the timeline.
func (ch change) short(id string) string {
	if n := ch.key.versions[id]; n != 0 {
		return plan.VersionName(n)
	}
	return id
}

// byText says who made a change.
func (ch change) byText() string {
	by := ch.Who.Text()
	if ch.Who.SourceIP != "" && ch.Who.Service == "" {
		by += " from " + ch.Who.SourceIP
	}
	if who, run := ch.key.runs[ch.Run]; run && ch.Run != "" {
		return by + ", which says it is run " + ch.Run + "; that one was " + who.By
	}
	if ch.Run != "" {
		return by + " (keyturn run " + ch.Run + ", which the ledger does not know)"
	}
	return by
}

// hint returns how to see what a change of KMS has left.
func (ch change) hint(id string) plan.Hint {
	look := func(command string) plan.Hint {
		args := []string{"aws", "kms", command, "--region", ch.key.Key.Region, "--key-id", id}
		if command == "get-key-policy" {
			args = append(args, "--policy-name", "default")
		}
		return plan.Try(args...)
	}
	switch ch.Name {
	case "PutKeyPolicy":
		return look("get-key-policy")
	case "TagResource", "UntagResource":
		return look("list-resource-tags")
	case "CreateGrant", "RetireGrant", "RevokeGrant":
		return look("list-grants")
	}
	return plan.Try("keyturn", "status", ch.key.Key.Name)
}

// missing adds the events of a ledger that the trail should have and does not.
func (c *Collector) missing(k *known, r *Report) {
	calls := map[string]Event{}
	for _, ch := range c.changes {
		if ch.key == k && ch.Source == "kms" {
			calls[ch.RequestID] = ch.Event
		}
	}
	written := c.writes(k)
	kms, items := Scope{"kms", k.Key.Region, ""}, Scope{"dynamodb", c.region, k.Key.Table}
	for _, told := range k.Events {
		judged := false
		if c.unjudged {
			r.Outside++
			continue
		}
		if covers(r.Covered, items, told.At.Add(-slack), told.At.Add(slack)) {
			if judged = true; !written[told.Rev] {
				r.Findings = append(r.Findings, k.lacks(told, "the write of revision "+fmt.Sprint(told.Rev), ""))
			}
		}
		for _, call := range told.Calls {
			if call.Answer != "yes" || call.RequestID == "" || !slices.Contains(changing, call.Operation) ||
				!covers(r.Covered, kms, told.At.Add(-before), told.At) {
				continue
			}
			judged = true
			if calls[call.RequestID].Name != call.Operation {
				r.Findings = append(r.Findings, k.lacks(told, call.Operation, call.RequestID))
			}
		}
		if judged {
			r.Judged++
		} else {
			r.Outside++
		}
	}
}

// changing are the calls to KMS that a ledger tells and every trail of KMS has.
var changing = []string{"CreateKey", "CreateAlias", "UpdateAlias", "DisableKey", "EnableKey", "ScheduleKeyDeletion",
	"CancelKeyDeletion", "EnableKeyRotation"}

// writes pairs the events of a ledger with the writes of the record in the trail, by their
// run and their time, and returns which revisions have one.
func (c *Collector) writes(k *known) map[int64]bool {
	byRun, written := map[string][]*change{}, map[int64]bool{}
	for i := range c.changes {
		if w := &c.changes[i]; w.key == k && w.ErrorCode == "" &&
			slices.Contains(w.Items, Item{k.Key.Key(), "record"}) {
			byRun[w.Run] = append(byRun[w.Run], w)
		}
	}
	for _, told := range k.Events {
		for _, w := range byRun[told.Run] {
			if w.rev == 0 && w.At.Sub(told.At).Abs() <= before {
				w.rev, written[told.Rev] = told.Rev, true
				break
			}
		}
	}
	return written
}

// lacks returns the finding of a ledger that tells what the trail does not have.
func (k *known) lacks(told plan.Event, what, request string) Finding {
	f := Finding{Code: plan.CodeNotInTrail, Key: k.Key.Name, Version: told.Version, KeyID: told.KeyID, At: told.At,
		Revs: []int64{told.Rev}, Hint: plan.Try("keyturn", "history", k.Key.Name, "--verify").
			Noted("CloudTrail's validation of log files says whether one was changed or is missing")}
	f.Call = fmt.Sprintf("rev %d/%s", told.Rev, cmp.Or(request, "write"))
	f.What = fmt.Sprintf("the ledger tells %s by run %s (%s) on %s, revision %d, and the trail covers that time and "+
		"does not have it", what, told.Run, told.Who.By, plan.Stamp(told.At), told.Rev)
	if request != "" {
		f.Requests = []string{request}
		f.What += ": request " + request
	}
	return f
}

// KeyIDs returns the KMS keys of the given versions of a key; of all of them if none is
// given.
func KeyIDs(h plan.KeyHistory, versions ...int64) []string {
	var ids []string
	k := knownOf(h)
	for _, id := range slices.Sorted(maps.Keys(k.versions)) {
		if len(versions) == 0 || slices.Contains(versions, k.versions[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}
