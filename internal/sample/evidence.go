package sample

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// Roles that act in the stories.
const (
	rotator = "arn:aws:sts::111122223333:assumed-role/rotator/i-0abc"
	ann     = "arn:aws:sts::111122223333:assumed-role/break-glass/ann"
)

// story writes the events of a key.
type story struct {
	name   string
	events []plan.Event
	live   int64
	drain  time.Duration
	retire plan.Retire
	claims int
}

func (s *story) id(n int64) string { return fmt.Sprintf("%08x-0000-4000-8000-%012d", len(s.name), n) }

// write adds an event by cron's role; change makes it another's, or another event.
func (s *story) write(at string, kind plan.EventKind, change func(*plan.Event)) {
	rev := int64(len(s.events) + 1)
	e := plan.Event{Rev: rev, At: At(at), Kind: []plan.EventKind{kind}, Run: fmt.Sprintf("%08x", rev*7919),
		Generation: s.live, Who: plan.Who{Pool: "pool-1", Host: "ip-10-2-3-4", By: rotator, Release: "1.0.0",
			Plan: "payments", Terms: "5a1d"}}
	if change != nil {
		change(&e)
	}
	s.events = append(s.events, e)
}

func request(rev int64, operation string) plan.Answered {
	return plan.Answered{Operation: operation, Answer: "yes",
		RequestID: fmt.Sprintf("%08d-%04d-4000-9000-000000000000", rev, len(operation))}
}

// by makes an event a person's.
func by(who, reason string, words ...plan.EventKind) func(*plan.Event) {
	return func(e *plan.Event) {
		e.Who.By, e.Who.Pool, e.Reason, e.Kind = who, "laptop", reason, append(e.Kind, words...)
	}
}

// switches writes a whole generation, which makes version n or puts it back.
func (s *story) switches(at string, n int64, schedule, window string, person func(*plan.Event)) {
	s.claims++
	claim, fresh := fmt.Sprintf("claim-%d", s.claims), true
	run := fmt.Sprintf("%08x", (len(s.events)+1)*7919)
	for _, e := range s.events {
		fresh = fresh && e.Version != n
	}
	of := func(change func(*plan.Event)) func(*plan.Event) {
		return func(e *plan.Event) {
			if person != nil {
				words := e.Kind
				person(e)
				if e.Kind[0] != plan.EventClaim {
					e.Kind = words
				}
			}
			e.Claim, e.Version, e.Run = claim, n, run
			change(e)
		}
	}
	s.write(at, plan.EventClaim, of(func(e *plan.Event) { e.Schedule = schedule }))
	s.write(at, plan.EventConfirm, of(func(e *plan.Event) {
		e.KeyID = s.id(n)
		if fresh {
			e.Calls = []plan.Answered{request(e.Rev, "CreateKey"), request(e.Rev, "CreateAlias")}
		}
	}))
	s.write(at, plan.EventFinish, of(func(e *plan.Event) {
		e.At, e.KeyID, e.Calls = e.At.Add(2*time.Second), s.id(n), []plan.Answered{request(e.Rev, "UpdateAlias")}
		if window != "" {
			e.Window = At(window)
		}
		e.Left = []plan.Left{{Version: s.live, KeyID: s.id(s.live), Live: true, Until: e.At.Add(s.drain),
			Retire: s.retire}}
	}))
	s.live = n
}

// old writes what became of an old version.
func (s *story) old(at string, kind plan.EventKind, n int64, operation string, words ...plan.EventKind) {
	s.write(at, kind, func(e *plan.Event) {
		e.Version, e.KeyID, e.Kind = n, s.id(n), append(e.Kind, words...)
		if operation != "" {
			e.Calls = []plan.Answered{request(e.Rev, operation)}
		}
	})
}

// adopt begins the story.
func (s *story) adopt(at string) {
	s.live = 1
	s.write(at, plan.EventAdopt, func(e *plan.Event) {
		e.Version, e.KeyID, e.Window = 1, s.id(1), e.At.Truncate(24*time.Hour)
	})
}

// seen returns what is read of the key at the end of its story.
func (s *story) seen(p plan.Policy, anchor string, kms map[int64]plan.KeySeen) evidence.Seen {
	p.Name, p.Alias, p.Drain, p.Retire = s.name, "alias/"+s.name, s.drain, s.retire
	for i := range s.events {
		e := &s.events[i]
		e.Stored = fmt.Sprint(s.name, e.Rev)
		if i > 0 {
			e.Prev = plan.Link{Rev: e.Rev - 1, Hash: plan.HashOf(fmt.Sprint(s.name, e.Rev-1))}
		}
	}
	last := s.events[len(s.events)-1]
	r := &plan.Record{Rev: last.Rev, Anchor: At(anchor), Active: s.live, Step: plan.Steady,
		AliasARN: "arn:aws:kms:eu-west-1:111122223333:alias/" + s.name,
		Versions: []plan.Version{{Version: s.live, KeyID: s.id(s.live)}}, Events: s.events[len(s.events)-3:]}
	out := evidence.Seen{KeyHistory: plan.KeyHistory{Key: p, Record: r, History: plan.HistoryOf(r, s.events)},
		Keys: map[string]plan.KeySeen{}, Uses: map[string]plan.UseSeen{}}
	out.Seals = plan.SealsOf(r, out.Events)
	for i := range out.Seals {
		seal := &out.Seals[i]
		if kms[seal.Version].Missing {
			seal.State = plan.SealDeleted
			continue
		}
		seal.Read(seal.Claim.Hash, out.Events)
	}
	for n, k := range kms {
		k.KeyID = s.id(n)
		out.Keys[k.KeyID] = k
		if n != s.live && !k.Missing {
			out.Uses[k.KeyID] = plan.UseSeen{TrackedAt: At("2025-01-01T00:00:00Z"), Operation: "Decrypt",
				LastAt: At("2026-11-02T08:00:00Z")}
		}
	}
	return out
}

// EvidenceAt is the end of the stories, and EvidenceSince the first day of the report.
func EvidenceAt() time.Time    { return At("2026-12-31T06:00:00Z") }
func EvidenceSince() time.Time { return At("2026-01-01T00:00:00Z") }

// EvidenceSeen is what is read of keys whose stories have all that a report can show.
func EvidenceSeen() []evidence.Seen {
	broken := evidence.Seen{KeyHistory: plan.KeyHistory{Key: Policy("legacy-export")},
		Failed: "read the ledger of legacy-export: AccessDeniedException"}
	return []evidence.Seen{ordersStory(), webhookStory(), sessionStory(), broken}
}

// Evidence is the report on them.
func Evidence() evidence.Report {
	r := evidence.Of(EvidenceAt(), EvidenceSince(), &plan.Caller{Account: "111122223333",
		ARN: "arn:aws:sts::111122223333:assumed-role/auditor/mia"}, EvidenceSeen())
	r.Unread = []string{"table keyturn: whether point-in-time recovery is on: AccessDeniedException"}
	return r
}

// ordersStory has a rollback, a hold, a window that was done late, and one that was missed.
func ordersStory() evidence.Seen {
	s := &story{name: "orders-data", drain: 30 * Day, retire: plan.Retire{Action: plan.RetireKeep}}
	const every = "every 90d"
	s.adopt("2025-10-02T03:00:09Z")
	s.switches("2025-12-31T03:00:11Z", 2, every, "2025-12-31T03:00:00Z", nil)
	s.old("2026-01-30T03:00:13Z", plan.EventKept, 1, "")
	s.switches("2026-03-31T03:00:12Z", 3, every, "2026-03-31T03:00:00Z", nil)
	s.switches("2026-03-31T05:41:40Z", 2, "", "",
		by(ann, "checkout cannot decrypt: INC-4711", "by-rollback"))
	s.switches("2026-04-02T14:10:02Z", 5, "", "", by(ann, "INC-4711 is fixed; v3 is not trusted", "by-rotate"))
	s.old("2026-04-30T05:45:00Z", plan.EventKept, 3, "")
	s.old("2026-05-02T14:15:00Z", plan.EventKept, 2, "")
	s.write("2026-06-22T09:30:00Z", plan.EventHold, by(ann, "half-year close: CHG-1207"))
	s.write("2026-07-09T16:05:00Z", plan.EventRelease, by(ann, ""))
	s.switches("2026-07-09T16:15:07Z", 6, every, "2026-06-29T03:00:00Z", nil)
	s.old("2026-08-08T16:30:00Z", plan.EventKept, 5, "")
	s.switches("2026-12-26T03:00:08Z", 7, every, "2026-12-26T03:00:00Z", nil)
	s.write("2026-12-26T03:15:00Z", plan.EventTakeover, nil)
	p := Policy("")
	p.Schedule = plan.Schedule{Every: 90 * Day}
	kms := map[int64]plan.KeySeen{1: {State: plan.KeyEnabled, CreatedAt: At("2024-03-01T10:00:00Z")}}
	for _, n := range []int64{2, 3, 5, 6, 7} {
		kms[n] = plan.KeySeen{State: plan.KeyEnabled}
	}
	seen := s.seen(p, "2025-10-02T03:00:00Z", kms)
	seen.Findings = []evidence.Finding{{ID: "7f3a", Level: "warning", Code: plan.CodeDrainsOverlap,
		What: "several versions drain, each with a deadline of its own"}, {ID: "c801", Level: "person",
		Code: plan.CodeVersionAliasMissing, What: "alias/orders-data/v3 is not there",
		Accepted: &plan.Acceptance{Reason: "CHG-1180: nothing uses v3", Until: At("2027-03-31T00:00:00Z")}}}
	return seen
}

// webhookStory has versions that were disabled and deleted, one that somebody else has
// disabled, and a late use.
func webhookStory() evidence.Seen {
	s := &story{name: "webhook-signing", drain: 30 * Day, retire: plan.Retire{Action: plan.RetireDelete,
		UnlessUsedWithin: 7 * Day, DeleteAfter: 30 * Day, DeletionWindow: 30 * Day}}
	const cron = "cron 0 3 1 */3 *"
	s.adopt("2025-11-20T12:00:00Z")
	s.switches("2026-01-01T03:00:10Z", 2, cron, "2026-01-01T03:00:00Z", nil)
	s.old("2026-01-31T03:00:12Z", plan.EventChecked, 1, "")
	s.old("2026-01-31T03:00:12Z", plan.EventMark, 1, "", plan.EventDisable)
	s.old("2026-01-31T03:00:14Z", plan.EventRetired, 1, "DisableKey")
	s.old("2026-03-02T03:00:14Z", plan.EventDeleting, 1, "ScheduleKeyDeletion")
	s.switches("2026-04-01T03:00:09Z", 3, cron, "2026-04-01T03:00:00Z", nil)
	s.old("2026-05-01T03:00:12Z", plan.EventRetired, 2, "", plan.EventFound)
	s.write("2026-05-04T08:12:00Z", plan.EventReinstate, func(e *plan.Event) {
		by(ann, "a receiver still checks with v2")(e)
		e.Version, e.KeyID = 2, s.id(2)
		e.Left = []plan.Left{{Version: 2, KeyID: s.id(2), Until: e.At.Add(30 * Day), Retire: s.retire}}
	})
	s.old("2026-05-04T08:12:02Z", plan.EventLooked, 2, "EnableKey")
	s.old("2026-06-03T08:15:00Z", plan.EventRetired, 2, "DisableKey")
	s.switches("2026-07-01T03:00:07Z", 4, cron, "2026-07-01T03:00:00Z", nil)
	s.write("2026-10-01T03:00:06Z", plan.EventClaim, func(e *plan.Event) {
		e.Claim, e.Version, e.Schedule = "claim-given-up", 5, cron
	})
	s.write("2026-10-01T08:20:00Z", plan.EventAbandon, func(e *plan.Event) {
		by(ann, "CreateKey is denied by a policy of the organisation", "by-rotate")(e)
		e.GaveUp = "claim-given-up"
	})
	s.switches("2026-10-01T11:00:06Z", 6, cron, "2026-10-01T03:00:00Z", nil)
	p := Policy("")
	p.Schedule = plan.Schedule{Cron: "0 3 1 */3 *"}
	seen := s.seen(p, "2025-11-20T12:00:00Z", map[int64]plan.KeySeen{
		1: {Missing: true}, 2: {State: plan.KeyDisabled}, 3: {State: plan.KeyEnabled}, 4: {State: plan.KeyEnabled},
		6: {State: plan.KeyEnabled}})
	seen.Record.Versions = append(seen.Record.Versions, plan.Version{Version: 1, KeyID: s.id(1), State: plan.Deleting,
		DisabledAt: At("2026-01-31T03:00:14Z"), DeleteAt: At("2026-04-01T03:00:14Z")})
	seen.Seals[1].Read(plan.HashOf("somebody's"), seen.Events)
	seen.Uses[s.id(3)] = plan.UseSeen{TrackedAt: At("2025-01-01T00:00:00Z"), Operation: "Sign",
		LastAt: At("2026-12-30T22:17:41Z")}
	return seen
}

// sessionStory begins in the report's time; revisions are missing, and a generation is open.
func sessionStory() evidence.Seen {
	s := &story{name: "session-mac", drain: 7 * Day, retire: plan.Retire{Action: plan.RetireDisable}}
	const cron = "cron 0 3 1 * *"
	s.adopt("2026-08-03T09:00:00Z")
	s.switches("2026-09-01T03:00:09Z", 2, cron, "2026-09-01T03:00:00Z", nil)
	s.old("2026-09-08T03:05:00Z", plan.EventRetired, 1, "DisableKey")
	s.switches("2026-10-01T03:00:09Z", 3, cron, "2026-10-01T03:00:00Z", nil)
	s.old("2026-10-08T03:05:00Z", plan.EventRetired, 2, "DisableKey")
	s.switches("2026-11-01T03:00:09Z", 4, cron, "2026-11-01T03:00:00Z", nil)
	s.old("2026-11-08T03:05:00Z", plan.EventRetired, 3, "DisableKey")
	s.write("2026-12-01T03:00:12Z", plan.EventNote, func(e *plan.Event) {
		e.Kind = append(e.Kind, plan.EventSelfHold)
		e.Reason = "CreateKey was refused 5 times: LimitExceededException"
	})
	s.write("2026-12-31T05:55:00Z", plan.EventClaim, func(e *plan.Event) {
		e.Claim, e.Version, e.Schedule, e.Generation = "claim-open", 5, cron, 5
	})
	p := Policy("")
	p.Schedule = plan.Schedule{Cron: "0 3 1 * *"}
	kms := map[int64]plan.KeySeen{1: {State: plan.KeyDisabled, CreatedAt: At("2026-08-03T08:51:00Z")},
		2: {State: plan.KeyDisabled}, 3: {State: plan.KeyDisabled}, 4: {State: plan.KeyEnabled}}
	s.events = append(s.events[:4:4], s.events[5:]...) // somebody took the disabling of v1 out of the ledger
	return s.seen(p, "2026-08-03T09:00:00Z", kms)
}

// Hostile are texts that would do something where they are not data.
func Hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`,
		`javascript:alert(1)`, `</title></svg><b>`, `{{.Secret}}`, `]]></style>`, "\x1b[31mred\x1b[0m\x07",
		"right\u202eleft", "two\nlines\r\nthree\ttabs", "zero\u200bwidth\x00", `=HYPERLINK("http://example.com","x")`,
		"+1+1", "-1-1", "@SUM(A1)", "\t=1+1", "%0A", `a","b`,
	}
}

// EvidenceWith is a report in which every text from elsewhere is a hostile one.
func EvidenceWith(hostile string) evidence.Report {
	all := EvidenceSeen()
	for i := range all {
		s := &all[i]
		s.Key.Name, s.Unread = hostile, []string{hostile}
		for j := range s.Events {
			e := &s.Events[j]
			e.Reason, e.Run = hostile, hostile
			e.Who = plan.Who{Pool: hostile, Host: hostile, By: hostile, Plan: hostile}
			e.KeyID = hostile + e.KeyID
			for n := range e.Calls {
				e.Calls[n] = plan.Answered{Operation: e.Calls[n].Operation, RequestID: hostile, Answer: hostile}
			}
			if e.Schedule != "" && i > 0 {
				e.Schedule = hostile
			}
		}
		for n := range s.Findings {
			s.Findings[n].What = hostile
		}
		for id, k := range s.Keys {
			k.State = hostile
			s.Keys[hostile+id] = k
			s.Uses[hostile+id] = plan.UseSeen{Failed: hostile, LastAt: EvidenceAt(), Operation: hostile}
		}
	}
	r := evidence.Of(EvidenceAt(), EvidenceSince(), &plan.Caller{Account: hostile, ARN: hostile}, all)
	r.Unread = []string{hostile}
	return r
}
