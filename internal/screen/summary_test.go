package screen

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// Who has a record rebuilt reads which versions are kept only because nobody
// knows better, before it is done and after.
func TestRebuiltTellsWhatIsKept(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	const kept = "v1: nobody knows"
	k := rotate.KeyReport{
		Policy: new(sample.Policy("orders-data")),
		Record: &plan.Record{Step: plan.Steady, Generation: 3,
			Active: 2, Versions: []plan.Version{{Version: 2, Since: now}}},
		Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteRebuild}}},
		Why:   []plan.Reason{{Code: "rebuild", Text: "what was seen"}, {Code: plan.CodeTermsUnknown, Text: kept}},
	}
	if got := summarize(k, &rotate.Report{Finished: now}); !strings.HasSuffix(got.then, "; "+kept) {
		t.Errorf("%+v", got)
	}
	if got := dryLine(k, &rotate.Report{Finished: now}); !strings.HasSuffix(got, "; "+kept) {
		t.Errorf("dry: %s", got)
	}
}

// An adopt --create that was begun again on other terms has made a key: it is not
// told as one that gave something up.
func TestCreatedOnOtherTermsIsCreated(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	k := rotate.KeyReport{
		Policy: new(sample.Policy("orders-data")),
		Before: &plan.Record{Step: plan.Claimed, Generation: 1},
		Record: &plan.Record{Step: plan.Steady, Generation: 2,
			Active: 2, Versions: []plan.Version{{Version: 2, Since: now}},
			Claim: &plan.Claim{Verb: plan.VerbAdopt}},
		Trace: []rotate.Trace{{Act: plan.Act{Kind: plan.WriteAbandon, Version: 1}},
			{Act: plan.Act{Kind: plan.WriteFinish, Version: 2}}},
	}
	if got := summarize(k, &rotate.Report{Finished: now}); k.Effect() != rotate.Created || got.done != "created v2" {
		t.Errorf("%+v", got)
	}
}

// A rollback that was given up, and a rotation that had made nothing yet, have
// no version to be called by.
func TestGaveUpByItsName(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	live := plan.Version{Version: 8, KeyID: "k8", Since: now}
	for _, c := range []struct {
		want string
		made []plan.Version
	}{{"gave up generation 9", nil}, {"gave up v9", []plan.Version{{Version: 9, KeyID: "k9", State: plan.Draining}}}} {
		k := rotate.KeyReport{
			Policy: new(sample.Policy("orders-data")),
			Before: &plan.Record{Step: plan.Switching, Generation: 9, Active: 8, Versions: []plan.Version{live}},
			Record: &plan.Record{Step: plan.Steady, Generation: 9, Active: 8, Versions: append(c.made, live)},
			Trace:  []rotate.Trace{{Act: plan.Act{Kind: plan.WriteAbandon, Version: 9}}},
		}
		if got := summarize(k, &rotate.Report{Finished: now}); got.done != c.want {
			t.Errorf("%+v, want %q", got, c.want)
		}
	}
}

// What somebody else did to an old version is said as found.
func TestOldVersionsAreSaidAsTheLedgerHasThem(t *testing.T) {
	for _, c := range []struct {
		act  plan.Act
		want string
	}{
		{plan.Writing(1, "", plan.RetiredWrite{}), "disabled v1"},
		{plan.Writing(1, "", plan.RetiredWrite{Found: []plan.EventKind{plan.EventFound}}), "found v1 disabled"},
		{plan.Writing(1, "", plan.DeletingWrite{}), "scheduled the deletion of v1"},
		{plan.Writing(1, "", plan.DeletingWrite{
			Found: []plan.EventKind{plan.EventFound, plan.EventGone}}), "found v1 gone"},
	} {
		if got := ofOld([]rotate.Trace{{Act: c.act}}); got != c.want {
			t.Errorf("%s: %q, want %q", c.act.Kind, got, c.want)
		}
	}
}

// What is due already is not told as if it lay ahead, and what is open goes on.
func TestNextText(t *testing.T) {
	p := plan.Policy{Schedule: plan.Schedule{Every: 30 * sample.Day}}
	r := &plan.Record{Step: plan.Steady, Anchor: sample.At("2026-01-01T00:00:00Z"),
		Window: sample.At("2026-01-01T00:00:00Z"),
		Active: 1, Versions: []plan.Version{{Version: 1, Since: sample.At("2026-01-01T00:00:00Z")}}}
	if got := nextText(sample.At("2026-01-05T00:00:00Z"), p, r); got != "next 2026-01-31" {
		t.Error(got)
	}
	if got := nextText(sample.At("2026-02-05T00:00:00Z"), p, r); got != "rotates in the next run" {
		t.Error(got)
	}
	r.Step = plan.Switching
	if got := nextText(sample.At("2026-02-05T00:00:00Z"), p, r); got != "the next run goes on" {
		t.Error(got)
	}
}

// Where nothing is due, a run still says that a hold stops the next rotation.
func TestNothingDueSaysTheHold(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	k := rotate.KeyReport{
		Policy: new(sample.Policy("orders-data")), Outcome: plan.Settled,
		Request: plan.Request{Verb: plan.VerbSchedule},
		Record: &plan.Record{Step: plan.Steady, Generation: 2, Active: 2,
			Versions: []plan.Version{{Version: 2, Since: now}},
			Hold:     &plan.Hold{By: "ann", Reason: "INC-1", Since: now}},
		Reasons: []plan.Reason{{Code: "not-due", Text: "not due: v2 is young"}},
	}
	const want = "not due: v2 is young; held by ann since 2026-12-01 03:25:08: INC-1"
	if got := summarize(k, &rotate.Report{Finished: now}); got.then != want {
		t.Errorf("%q, want %q", got.then, want)
	}
	if got := dryLine(k, &rotate.Report{Finished: now, Dry: true}); got != want {
		t.Errorf("dry: %q, want %q", got, want)
	}
}

// Why a key holds itself is said once.
func TestStatusSaysASelfHoldOnce(t *testing.T) {
	now := sample.At("2026-12-01T03:25:08Z")
	const why = "2 definite refusals of generation 3"
	k := status.Key{Policy: sample.Policy("orders-data"), State: status.Refused, Text: "REFUSED: held itself",
		Hold:    &plan.Hold{By: "keyturn", Reason: why, Since: now},
		Refusal: &plan.Refusal{Code: plan.CodeHeldItself, What: "the key holds itself: " + why}}
	v, _ := viewOf("status")
	if got := v.Status(status.Snapshot{At: now, Keys: []status.Key{k}}, now); strings.Count(got, why) != 1 {
		t.Error(got)
	}
}
