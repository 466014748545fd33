package docs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// undated are the codes of findings of which neither AWS nor the ledger shows a date, always or
// in some cases, and why.
var undated = map[plan.Code]string{
	// KMS shows what a key is now, and not since when: CloudTrail alone has the call.
	"active-disabled":    "KMS does not date the disabling of a key",
	"bad-target":         "KMS does not date the disabling of a key",
	"live-unusable":      "KMS does not date the disabling of a key",
	"version-disabled":   "KMS does not date the disabling of a key",
	"enabled-by-hand":    "KMS does not date the enabling of a key",
	"deletion-unknown":   "KMS shows when it deletes a key, and not when somebody asked for that",
	"deletion-cancelled": "KMS does not date the end of a deletion",
	"version-gone":       "KMS shows when it deletes a key, and nothing of one that it has deleted",
	"auto-rotation":      "KMS does not date a change of automatic rotation",
	"key-policy-differs": "KMS does not date a key policy",
	"key-policy-open":    "KMS does not date a key policy",
	"copied-tags":        "KMS does not date tags",
	// KMS shows nothing of an alias that was deleted.
	"alias-missing":         "KMS does not date the deletion of an alias",
	"version-alias-missing": "KMS does not date the deletion of an alias",
	// DynamoDB dates no write, and no setting.
	"record-edited":          "where no event told the attribute: DynamoDB does not date a write",
	"unknown-attribute":      "DynamoDB does not date a write",
	"ledger-rewritten":       "where an item cannot be understood: DynamoDB does not date a write",
	"malformed-record":       "DynamoDB does not date a write, and the record has no time that can be believed",
	"newer-record":           "the times of a newer schema are not understood",
	"no-deletion-protection": "DynamoDB does not date a setting of a table",
	"no-recovery":            "DynamoDB does not date a setting of a table",
	"unsafe-table":           "DynamoDB does not date a setting of a table",
	// A plan has no dates, and what has not begun has none either.
	"not-adopted":   "nothing has begun",
	"not-in-plan":   "nothing shows when a plan was changed",
	"unlike-plan":   "nothing shows when a plan was changed",
	"no-request-id": "it is about the answers to this audit",
}

// dated checks that a finding has a date, or is one of which nothing shows any.
func dated(t *testing.T, where string, f document.Finding) {
	t.Helper()
	if _, allowed := undated[f.Code]; f.Since == nil && !allowed {
		t.Errorf("%s: since when is %s? %s", where, f.ID, f.What)
	}
	if f.AtEarliest && f.Since == nil {
		t.Errorf("%s: %s: at the earliest when?", where, f.ID)
	}
}

// Every finding that the situations show says since when, but those of which nothing shows it;
// and of each of these there is one, here or among the tamperings. These are checked alike: see
// finds.
func TestFindingsAreDated(t *testing.T) {
	pages, err := filepath.Glob("testdata/situations/*.json")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v: %v", pages, err)
	}
	without := map[plan.Code]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range audits(t, string(text)) {
			for _, f := range d.Findings {
				dated(t, page, f)
				without[f.Code] = without[f.Code] || f.Since == nil
			}
		}
	}
	for code, why := range undated {
		if _, known := plan.AuditCodeOf(code); !known {
			t.Errorf("there is no finding %s", code)
		}
		if !without[code] && code != plan.CodeRecordEdited && code != plan.CodeLedgerRewritten {
			t.Errorf("%s has a date in every situation, and was to have none: %s", code, why)
		}
	}
}

// sinceRow is something done to keys that are in order after ten rotations.
type sinceRow struct {
	name string
	do   func(*world)
	code plan.Code
	// since returns when the finding began, from the events before it was done; atEarliest
	// reports whether it was then or later.
	since      func(w *world, told []plan.Event) time.Time
	atEarliest bool
}

// madeAt returns when the key of a version was made, by KMS.
func madeAt(version string) func(*world, []plan.Event) time.Time {
	return func(w *world, _ []plan.Event) time.Time {
		id := w.key(version)
		got, err := w.kms().DescribeKey(context.Background(), &awskms.DescribeKeyInput{KeyId: &id})
		w.check(err)
		return *got.KeyMetadata.CreationDate
	}
}

// lastWindow returns the window of the newest claim.
func lastWindow(told []plan.Event) (at time.Time) {
	for _, e := range told {
		if !e.Window.IsZero() {
			at = e.Window
		}
	}
	return at
}

var sinceRows = []sinceRow{
	{name: "no run comes", do: waited(32 * day), code: plan.CodeOverdue,
		since: func(_ *world, told []plan.Event) time.Time { return lastWindow(told).Add(30*day + 2*time.Hour) }},
	{name: "no run comes in a freeze, nor after it", code: plan.CodeOverdue,
		do: func(w *world) {
			from := lastWindow(w.events()).Add(30*day + time.Hour)
			w.writePlan(tampered + fmt.Sprintf("freeze: [{from: %s, to: %s, reason: sale}]\n",
				from.Format(time.RFC3339), from.Add(day).Format(time.RFC3339)))
			w.advance(33 * day)
		},
		since: func(_ *world, told []plan.Event) time.Time {
			return lastWindow(told).Add(31*day + 2*time.Hour)
		}},
	{name: "two drains at once", code: plan.CodeDrainsOverlap,
		do:    and(runs("rotate orders-data --reason test --confirm orders-data"), waited(day)),
		since: func(w *world, _ []plan.Event) time.Time { return w.left(11) }},
	{name: "a version is tagged as made for another one's window", code: plan.CodeDuplicateWindow,
		do:    func(w *world) { w.tagLike(version(11), version(10)); w.advance(day) },
		since: madeAt(version(11)), atEarliest: true},
	{name: "a v12 that nobody made", code: plan.CodeForeignVersion,
		do:    func(w *world) { w.createAlias(version(12), w.newKey()); w.advance(day) },
		since: func(w *world, _ []plan.Event) time.Time { return w.box.Now().Add(-day) }},
	{name: "the ledger deleted", do: and(func(w *world) { w.deleteItems("event") }, waited(day)),
		code: plan.CodeLedgerGap, atEarliest: true,
		since: func(w *world, _ []plan.Event) time.Time { return w.events()[0].At }},
	{name: "an event rewritten, and all after it linked again", code: plan.CodeSealBroken,
		do: and(func(w *world) { w.chainAgain(20) }, waited(day)), atEarliest: true,
		since: func(w *world, told []plan.Event) time.Time { return time.Time{} }},
}

// A finding that began before the time of --since is left out, and counted. One of which
// only the earliest time is known stays: somebody may have done it a minute ago.
func TestSinceSelects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newWorld(t, tampered)
		tenRotations(base)
		state, err := base.box.State()
		base.check(err)
		for _, row := range sinceRows {
			w := base.again(state)
			told := w.events()
			row.do(w)
			sinceSelects(w, row, row.since(w, told))
			w.writePlan(tampered)
		}
	})
}

func sinceSelects(w *world, row sinceRow, want time.Time) {
	w.t.Helper()
	of := func(d document.Audit) *document.Finding {
		i := slices.IndexFunc(d.Findings, func(f document.Finding) bool {
			return f.Code == row.code && slices.Contains(f.Keys, "orders-data")
		})
		if i < 0 {
			return nil
		}
		return &d.Findings[i]
	}
	f := of(w.audited())
	if f == nil || f.Since == nil {
		w.t.Errorf("%s: %s has no date: %+v", row.name, row.code, f)
		return
	}
	if d := f.Since.Sub(want); !want.IsZero() && d.Abs() > time.Minute || f.AtEarliest != row.atEarliest {
		w.t.Errorf("%s: since %s, at the earliest %v; want %s, %v", row.name, f.Since, f.AtEarliest, want,
			row.atEarliest)
	}
	before := w.audited("--since", f.Since.Add(-time.Second).Format(time.RFC3339))
	after := w.audited("--since", f.Since.Add(time.Second).Format(time.RFC3339))
	if of(before) == nil {
		w.t.Errorf("%s: left out, and it began then", row.name)
	}
	switch left := of(after) == nil; {
	case left == row.atEarliest:
		w.t.Errorf("%s: left out: %v", row.name, left)
	case left && after.Older == 0:
		w.t.Errorf("%s: left out, and not counted", row.name)
	}
}

// left returns when a version of orders-data stopped being live, by the record.
func (w *world) left(version int64) time.Time {
	w.t.Helper()
	records, err := ddblock.New(w.ddb(), table).Read(context.Background(), []string{"eu-west-1/" + alias})
	w.check(err)
	return records["eu-west-1/"+alias].Entry(version).Left
}
