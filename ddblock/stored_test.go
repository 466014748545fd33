package ddblock

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// The stored form has everything that DynamoDB holds of an event, and who acted.
func TestStoredForm(t *testing.T) {
	e := item{"rev": numberValue(7), "run": textValue("r1"), "at": textValue("2026-01-01T00:00:00Z"),
		"novel": &types.AttributeValueMemberSS{Value: []string{"b", "a", "<&>"}},
		"bytes": &types.AttributeValueMemberB{Value: []byte{1, 2}},
		"sums":  &types.AttributeValueMemberNS{Value: []string{"2", "1"}},
		"blobs": &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}},
		"flag":  &types.AttributeValueMemberBOOL{Value: true}, "none": &types.AttributeValueMemberNULL{Value: true},
		"replaced": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{
			Value: item{"rev": numberValue(3), "run": textValue("r0"), "at": textValue("2026-01-01T00:00:00Z")}}}}}
	run := func(pool string) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: item{"pool": textValue(pool)}}
	}
	who := &types.AttributeValueMemberM{Value: item{"r1": run("p1"), "r0": run("p0"), "r2": run("p2")}}
	const want = `{"at":{"S":"2026-01-01T00:00:00Z"},"blobs":{"BS":["AQ==","Ag=="]},"bytes":{"B":"AQI="},` +
		`"flag":{"BOOL":true},"none":{"NULL":true},"novel":{"SS":["<&>","a","b"]},` +
		`"replaced":{"L":[{"M":{"at":{"S":"2026-01-01T00:00:00Z"},"rev":{"N":"3"},"run":{"S":"r0"},` +
		`"who":{"M":{"pool":{"S":"p0"}}}}}]},"rev":{"N":"7"},"run":{"S":"r1"},"sums":{"NS":["1","2"]},` +
		`"who":{"M":{"pool":{"S":"p1"}}}}`
	got, err := canonical(&types.AttributeValueMemberM{Value: e}, who)
	if err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: e}}}
	read, err := decodeEvents(theKey, item{"item": textValue("events#0000000007"), "who": who, "events": list})
	if err != nil || read[0].Stored != want || !strings.Contains(want, read[0].Replaced[0].Stored) ||
		read[0].Replaced[0].Stored == "" {
		t.Errorf("read %+v, %v", read, err)
	}
}

// Each write links its event to the one before it as it stands in the table, and gives a
// claim the hash of its own event. What a copy and a record tell has one hash.
func TestWritesAreChained(t *testing.T) {
	inWorld(t, func(w *world) {
		next := steadyRecord()
		next.Events = told(1, 1)
		old := w.mustWrite(nil, next)
		for rev := int64(2); rev <= 5; rev++ {
			next = old.Clone()
			next.Rev, next.Op = rev, "op-"+string(rune('0'+rev))
			e := told(rev, rev)[0]
			if rev == 4 {
				e.Kind = []plan.EventKind{plan.EventClaim}
				next.Claim = fullRecord().Claim
				next.Claim.Head = ""
			}
			next.Events = append(next.Events, e)
			old = w.mustWrite(old, next)
		}
		w.mustCopy(old.Events[:3])
		kept := w.Stored()
		records, err := kept.Read(w.Context(), []string{theKey})
		if err != nil {
			w.Fatal(err)
		}
		ledger, err := kept.Ledger(w.Context(), theKey, time.Time{})
		if err != nil {
			w.Fatal(err)
		}
		h := plan.HistoryOf(records[theKey], ledger)
		if len(h.Findings) > 0 || len(h.Events) != 5 {
			w.Errorf("%+v", h.Findings)
		}
		for i, e := range ledger {
			if e.Stored != records[theKey].Events[i].Stored || e.Stored == "" {
				w.Errorf("the ledger holds %s\nthe record %s", e.Stored, records[theKey].Events[i].Stored)
			}
		}
		if head := records[theKey].Claim.Head; head != records[theKey].Events[3].Hash() {
			w.Errorf("the claim has %q", head)
		}
		// Without being asked for, only the newest events are kept as they are stored.
		plain, err := w.Table.Ledger(w.Context(), theKey, time.Time{})
		if err != nil || plan.Head(plain) != plan.Head(ledger) {
			w.Errorf("%+v, %v", plan.Head(plain), err)
		}
		if r, err := w.Table.Read(w.Context(), []string{theKey}); err != nil || r[theKey].Events[4].Stored != "" {
			w.Errorf("a run keeps %q, %v", r[theKey].Events[4].Stored, err)
		}
	})
}
