package trail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	cron    = "arn:aws:sts::111122223333:assumed-role/rotator/i-1"
	mallory = "arn:aws:iam::111122223333:user/mallory"
)

// history is a key that was adopted on the first day and rotated on the 91st.
func history() plan.KeyHistory {
	who := plan.Who{Pool: "pool-1", By: cron}
	at := func(d int) time.Time { return start.AddDate(0, 0, d) }
	return plan.KeyHistory{
		Key: plan.Policy{Name: "a", Alias: "alias/a", Region: "eu-west-1", Table: "keyturn",
			Schedule: plan.Schedule{Every: 90 * 24 * time.Hour}},
		Record: &plan.Record{Rev: 3, Anchor: start, Active: 2, Versions: []plan.Version{{Version: 2, KeyID: "k2"}}},
		History: plan.History{Events: []plan.Event{
			{Rev: 1, At: at(0), Run: "run1", Who: who, Kind: []plan.EventKind{plan.EventAdopt}, Version: 1,
				KeyID: "k1"},
			{Rev: 2, At: at(91), Run: "run2", Who: who, Kind: []plan.EventKind{plan.EventClaim}, Version: 2,
				Generation: 2},
			{Rev: 3, At: at(91), Run: "run2", Who: who, Kind: []plan.EventKind{plan.EventFinish}, Version: 2,
				KeyID: "k2",
				Left:  []plan.Left{{Version: 1, KeyID: "k1", Live: true}},
				Calls: []plan.Answered{{Operation: "UpdateAlias", RequestID: "q3", Answer: "yes"}}},
		}}}
}

// logOf returns a log file of events.
func logOf(events ...string) string { return `{"Records":[` + strings.Join(events, ",") + `]}` }

// of returns one record; more are further members.
func of(day int, name, by, more string) string {
	source := "kms"
	if strings.HasSuffix(name, "Item") || strings.HasSuffix(name, "Table") {
		source = "dynamodb"
	}
	return fmt.Sprintf(`{"eventTime":%q,"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":"eu-west-1",`+
		`"userIdentity":{"arn":%q},%s}`, start.AddDate(0, 0, day).Format(time.RFC3339), source, name, by, more)
}

func params(text string) string { return `"requestParameters":` + text }

const ofRecord = `"eventCategory":"Data","requestParameters":{"tableName":"keyturn",` +
	`"key":{"key":"eu-west-1/alias/a","item":"record"}}`

// clean are the records of that history, and one of another key before and after.
func clean() []string {
	run := func(id string) string { return `,"userAgent":"keyturn/1 run/` + id + `"` }
	far := func(day int) []string {
		return []string{of(day, "CreateKey", mallory, `"readOnly":false`), of(day, "PutItem", mallory,
			strings.Replace(ofRecord, "alias/a", "alias/b", 1))}
	}
	return slices.Concat(far(-1), []string{
		of(0, "PutItem", cron, ofRecord+run("run1")),
		of(91, "UpdateItem", cron, ofRecord+run("run2")),
		of(91, "UpdateItem", cron, ofRecord+run("run2")),
		of(91, "UpdateAlias", cron, `"requestID":"q3",`+params(`{"aliasName":"alias/a","targetKeyId":"k2"}`)+run(
			"run2")),
	}, far(200))
}

func judged(t *testing.T, h plan.KeyHistory, used []string, files ...string) Report {
	t.Helper()
	c := New([]plan.KeyHistory{h}, "eu-west-1", used)
	for i, f := range files {
		if err := c.Read(fmt.Sprint("file-", i), strings.NewReader(f)); err != nil {
			t.Fatal(err)
		}
	}
	return c.Report()
}

func codesOf(r Report) string {
	var all []string
	for _, f := range r.Findings {
		text := string(f.Code)
		if f.Warning {
			text += "?"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// What nobody but a run of the ledger did is no finding; every change by somebody else is.
func TestStrangers(t *testing.T) {
	byKey := params(`{"keyId":"k2"}`)
	for _, c := range []struct{ name, event, want string }{
		{"nothing", of(100, "ListKeys", mallory, `"readOnly":true`), ""},
		{"UpdateAlias", of(100, "UpdateAlias", mallory, params(`{"aliasName":"alias/a","targetKeyId":"k9"}`)),
			"unexplained-change"},
		{"UpdateAlias of a version alias", of(100, "UpdateAlias", mallory,
			params(`{"aliasName":"alias/a/v1","targetKeyId":"k9"}`)), "unexplained-change"},
		{"DeleteAlias", of(100, "DeleteAlias", mallory, params(`{"aliasName":"alias/a"}`)), "unexplained-change"},
		{"another alias on a version", of(100, "CreateAlias", mallory,
			params(`{"aliasName":"alias/other","targetKeyId":"k1"}`)), "unexplained-change"},
		{"an alias of another key", of(100, "UpdateAlias", mallory, params(
			`{"aliasName":"alias/b","targetKeyId":"k9"}`)),
			""},
		{"DisableKey", of(100, "DisableKey", mallory, byKey), "unexplained-change"},
		{"DisableKey by ARN", of(100, "DisableKey", mallory,
			params(`{"keyId":"arn:aws:kms:eu-west-1:111122223333:key/k2"}`)), "unexplained-change"},
		{"DisableKey seen in resources only", of(100, "DisableKey", mallory,
			`"resources":[{"ARN":"arn:aws:kms:eu-west-1:111122223333:key/k2"}]`), "unexplained-change"},
		{"EnableKey", of(100, "EnableKey", mallory, byKey), "unexplained-change"},
		{"ScheduleKeyDeletion", of(100, "ScheduleKeyDeletion", mallory, byKey), "unexplained-change"},
		{"CancelKeyDeletion", of(100, "CancelKeyDeletion", mallory, byKey), "unexplained-change"},
		{"PutKeyPolicy", of(100, "PutKeyPolicy", mallory, byKey), "unexplained-change"},
		{"TagResource", of(100, "TagResource", mallory, byKey), "unexplained-change"},
		{"CreateGrant, as services do", of(100, "CreateGrant", mallory, byKey), "unexplained-change?"},
		{"in another Region", strings.Replace(of(100, "DisableKey", mallory, byKey), "eu-west-1", "eu-west-2", 1), ""},
		{"refused", of(100, "DisableKey", mallory, `"errorCode":"AccessDenied",`+byKey), ""},
		{"before management", of(-1, "DisableKey", mallory, params(`{"keyId":"k1"}`)), ""},
		{"a use", of(100, "Encrypt", mallory, `"readOnly":true,`+byKey), ""},
		{"a run that the ledger does not know", of(100, "DisableKey", cron, byKey+`,"userAgent":"keyturn/1 run/run9"`),
			"unexplained-change"},
		{"a run of the ledger whose answer was lost", of(91, "DisableKey", cron,
			byKey+`,"userAgent":"keyturn/1 run/run2"`), ""},
		{"a stranger with the user agent of a run", of(91, "DisableKey", mallory,
			byKey+`,"userAgent":"keyturn/1 run/run2"`), "unexplained-change"},
		{"another program with a word like a run", of(91, "DisableKey", cron, byKey+`,"userAgent":"tool/1 run/run2"`),
			"unexplained-change"},
		{"a write of the record", of(100, "UpdateItem", mallory, ofRecord), "unexplained-write"},
		{"a write of the ledger", of(100, "DeleteItem", mallory,
			strings.Replace(ofRecord, `"record"`, `"events#0000000001"`, 1)), "unexplained-write"},
		{"a write of another key's record", of(100, "UpdateItem", mallory, strings.Replace(ofRecord, "alias/a",
			"alias/b",
			1)), ""},
		{"a write in a batch", of(100, "BatchWriteItem", mallory, `"eventCategory":"Data","requestParameters":`+
			`{"requestItems":[{"tableName":"keyturn","key":{"key":"eu-west-1/alias/a","item":"record"}}]}`),
			"unexplained-write"},
		{"a condition that failed", of(100, "UpdateItem", mallory,
			`"errorCode":"ConditionalCheckFailedException",`+ofRecord), ""},
		{"DeleteTable", of(100, "DeleteTable", mallory, params(`{"tableName":"keyturn"}`)), "unexplained-write"},
		{"UpdateTable", of(100, "UpdateTable", mallory, params(`{"tableName":"keyturn"}`)), "unexplained-write?"},
		{"another table", of(100, "DeleteTable", mallory, params(`{"tableName":"other"}`)), ""},
	} {
		r := judged(t, history(), nil, logOf(append(clean(), c.event)...))
		if got := codesOf(r); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", c.name, got, c.want, r.Findings)
		}
		for _, f := range r.Findings {
			if f.Hint.Empty() || !strings.Contains(f.What, "arn:aws") {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
	}
}

// Whoever deletes the ledger with the record, so that nothing is known of the key, or that it is
// adopted once more, is found.
func TestLedgerDeleted(t *testing.T) {
	gone := plan.KeyHistory{Key: history().Key}
	again := history()
	for i := range again.Events {
		again.Events[i].At = again.Events[i].At.AddDate(0, 0, 150)
	}
	deleted := logOf(append(clean(), of(120, "DeleteItem", mallory, ofRecord),
		of(120, "DisableKey", mallory, params(`{"keyId":"k1"}`)))...)
	for name, h := range map[string]plan.KeyHistory{"no ledger": gone, "a later one": again} {
		r := judged(t, h, nil, deleted)
		n := 0
		for _, f := range r.Findings {
			if f.Code == plan.CodeUnexplainedWrite && strings.Contains(f.What, "DeleteItem") {
				n++
			}
			if f.Code == plan.CodeUnexplainedChange {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if n != 1 {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// An event that is in several files is one finding.
func TestOnce(t *testing.T) {
	log := logOf(append(clean(), of(100, "DisableKey", mallory, `"eventID":"e1",`+params(`{"keyId":"k2"}`)))...)
	if got := codesOf(judged(t, history(), nil, log, zipped(log), log)); got != "unexplained-change" {
		t.Errorf("%q", got)
	}
}

// A moved alias whose key was adopted later is a warning.
func TestAdoptedLater(t *testing.T) {
	h := history()
	moved := of(100, "UpdateAlias", mallory, params(`{"aliasName":"alias/a","targetKeyId":"k9"}`))
	h.Events = append(h.Events, plan.Event{Rev: 4, At: start.AddDate(0, 0, 101), Run: "run4", Who: plan.Who{By: cron},
		Kind: []plan.EventKind{plan.EventAdopt}, Version: 3, KeyID: "k9"})
	h.Record.Rev = 4
	adopted := of(101, "UpdateItem", cron, ofRecord+`,"userAgent":"keyturn/1 run/run4"`)
	if got := codesOf(judged(t, h, nil, logOf(append(clean(), moved, adopted)...))); got != "unexplained-change?" {
		t.Errorf("%q", got)
	}
}

// What a ledger tells and the trail covers must be in it; outside of that nothing is
// concluded.
func TestMissing(t *testing.T) {
	whole := clean()
	for _, c := range []struct {
		name  string
		files []string
		want  string
		// judged and outside count the events of the ledger.
		judged, outside int
	}{
		{"all of it", []string{logOf(whole...)}, "", 3, 0},
		{"twice", []string{logOf(whole...), logOf(whole...)}, "", 3, 0},
		{"without the alias move", []string{logOf(slices.Concat(whole[:5], whole[6:])...)}, "not-in-trail", 3, 0},
		{"without a write", []string{logOf(slices.Concat(whole[:3], whole[4:])...)}, "not-in-trail", 3, 0},
		{"without the adoption", []string{logOf(slices.Concat(whole[:2], whole[3:])...)}, "not-in-trail", 3, 0},
		{"no data events", []string{logOf(slices.DeleteFunc(slices.Clone(whole), func(r string) bool {
			return strings.Contains(r, `"Data"`)
		})...)}, "", 1, 2},
		{"only the first days", []string{logOf(whole[:3]...)}, "", 0, 3},
		{"a file that is missing in between", []string{logOf(whole[:3]...), logOf(whole[6:]...)}, "", 0, 3},
		{"another call with that id", []string{logOf(append(slices.Concat(whole[:5], whole[6:]), of(91, "DisableKey",
			cron,
			`"requestID":"q3",`+params(`{"keyId":"k2"}`)))...)}, "not-in-trail", 3, 0},
		{"a trail of reads alone", []string{logOf(of(-1, "ListKeys", mallory, `"readOnly":true`), of(200, "ListKeys",
			mallory, `"readOnly":true`), of(-1, "GetItem", mallory, `"readOnly":true,`+ofRecord), of(200, "GetItem",
			mallory, `"readOnly":true,`+ofRecord))}, "", 0, 3},
		{"looked up", []string{looked(whole...)}, "", 0, 3},
		{"nothing", nil, "", 0, 3},
	} {
		r := judged(t, history(), nil, c.files...)
		if got := codesOf(r); got != c.want || r.Judged != c.judged || r.Outside != c.outside {
			t.Errorf("%s: %q, %d judged, %d outside; want %q, %d, %d\n%+v", c.name, got, r.Judged, r.Outside, c.want,
				c.judged, c.outside, r.Covered)
		}
	}
}

// What was not kept is not missing.
func TestMissingBeyondWhatIsKept(t *testing.T) {
	c := New([]plan.KeyHistory{history()}, "eu-west-1", nil)
	c.most = 1
	if err := c.Read("file", strings.NewReader(logOf(clean()...))); err != nil {
		t.Fatal(err)
	}
	if r := c.Report(); codesOf(r) != "" || !r.Unjudged || r.Judged != 0 || r.Outside != 3 {
		t.Errorf("%q, %d judged, %d outside", codesOf(r), r.Judged, r.Outside)
	}
}

// Users are told apart by principal, session and user agent; what was refused is said.
func TestUsers(t *testing.T) {
	use := func(day int, name, by, key, more string) string {
		return of(day, name, by, `"readOnly":true,`+more+`"resources":[{"ARN":"arn:aws:kms:eu-west-1:1:key/`+key+`"}]`)
	}
	events := []string{
		use(92, "Decrypt", cron, "k1", ""), use(95, "Encrypt", cron, "k1", ""), use(94, "Decrypt", cron, "k1", ""),
		use(93, "Decrypt", mallory, "k1", `"userAgent":"curl",`),
		use(96, "Decrypt", mallory, "k1", `"userAgent":"curl","errorCode":"DisabledException",`),
		use(97, "Decrypt", mallory, "k2", ""), use(97, "DescribeKey", mallory, "k1", ""),
	}
	r := judged(t, history(), KeyIDs(history(), 1), logOf(events...), logOf(events...))
	var got []string
	for _, u := range r.Users {
		got = append(got, fmt.Sprintf("%s/v%d %s %s %s %s", u.Key, u.Version, u.Text(), u.Session,
			u.Last.Format(time.DateOnly), strings.Join(u.Names(), ",")))
	}
	want := []string{"a/v1 " + mallory + "  2026-04-07 Decrypt,Decrypt (Disabled)",
		"a/v1 " + cron + " i-1 2026-04-06 Decrypt,Encrypt"}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if ids := KeyIDs(history()); !slices.Equal(ids, []string{"k1", "k2"}) {
		t.Errorf("%v", ids)
	}
}

// The timeline has windows, changes and events in order, and says what belongs together.
func TestTimelineOrder(t *testing.T) {
	stranger := of(92, "DisableKey", mallory, params(`{"keyId":"k1"}`))
	r := judged(t, history(), nil, logOf(append(clean(), stranger)...))
	var got []string
	for _, e := range r.Timeline {
		mark := ""
		if e.Stranger {
			mark = " !"
		}
		got = append(got, fmt.Sprintf("%s %s %s %v%s", e.At.Format(time.DateOnly), e.From, e.What, e.Revs, mark))
	}
	want := []string{
		"2026-01-01 plan window opens []",
		"2026-01-01 trail PutItem of eu-west-1/alias/a record in table keyturn [1]",
		"2026-01-01 ledger adopted v1 [1]",
		"2026-04-01 plan window opens []",
		"2026-04-02 trail UpdateItem of eu-west-1/alias/a record in table keyturn [2]",
		"2026-04-02 trail UpdateItem of eu-west-1/alias/a record in table keyturn [3]",
		"2026-04-02 trail UpdateAlias of alias/a to v2 [3]",
		"2026-04-02 ledger claimed v2 [2]",
		"2026-04-02 ledger switched to v2 [3]",
		"2026-04-03 trail DisableKey of v1 [] !",
		"2026-06-30 plan window opens []",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A version that somebody disabled while it drained is told with how much of its drain was
// left.
func TestEndedEarly(t *testing.T) {
	for until, want := range map[int]string{121: "6d before the deadline of its drain", 110: ""} {
		h := history()
		h.Events[2].Left[0].Until = start.AddDate(0, 0, until)
		r := judged(t, h, nil, logOf(append(clean(), of(115, "DisableKey", mallory, params(`{"keyId":"k1"}`)))...))
		if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].What, "DisableKey of v1") ||
			strings.Contains(r.Findings[0].What, "before the deadline") != (want != "") ||
			!strings.HasSuffix(r.Findings[0].What, want) {
			t.Errorf("%d: %+v", until, r.Findings)
		}
	}
}

// What was enabled again has not brought about what an audit finds now.
func TestEndsUndone(t *testing.T) {
	k1 := params(`{"keyId":"k1"}`)
	for _, c := range []struct {
		then   []string
		undone bool
	}{
		{[]string{"DisableKey"}, false},
		{[]string{"DisableKey", "EnableKey"}, true},
		{[]string{"ScheduleKeyDeletion", "CancelKeyDeletion"}, true},
		{[]string{"DisableKey", "CancelKeyDeletion"}, false},
	} {
		all := clean()
		for i, name := range c.then {
			all = append(all, of(115+i, name, mallory, k1))
		}
		if r := judged(t, history(), nil, logOf(all...)); len(r.Ends) != 1 || r.Ends[0].Undone.IsZero() == c.undone {
			t.Errorf("%v: %+v", c.then, r.Ends)
		}
	}
}
