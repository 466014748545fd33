package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

func TestAccepted(t *testing.T) {
	list := []plan.Acceptance{
		{Finding: "version-gone", Version: 3, Until: noon},
		{Finding: "version-gone", Version: 3, Until: noon.Add(time.Hour)},
		{Finding: "record-edited/orders/versions[v7].left", Until: noon},
		{Finding: "ledger-gap", Until: noon},
		{Finding: "drift", Until: noon},
	}
	for _, c := range []struct {
		id      string
		code    plan.Code
		version int64
		want    int // the entry, from 1; 0: none
	}{
		{"version-gone/orders/v3", plan.CodeVersionGone, 3, 2}, // the one that lasts longest
		{"version-gone/orders/v4", plan.CodeVersionGone, 4, 0},
		{"version-gone/orders", plan.CodeVersionGone, 0, 0},
		{"record-edited/orders/versions[v7].left", plan.CodeRecordEdited, 0, 3},
		{"record-edited/orders/versions[v7].since", plan.CodeRecordEdited, 0, 0},
		{"ledger-gap/orders/revs 4", plan.CodeLedgerGap, 0, 4},
		{"ledger-gap/orders/v1", plan.CodeLedgerGap, 1, 4},
		{"drift/orders", plan.CodeDrift, 0, 0}, // a run stops at it
	} {
		got, ok := plan.Accepted(list, c.id, c.code, c.version)
		if want := (plan.Acceptance{}); ok != (c.want > 0) || ok && got != list[c.want-1] || !ok && got != want {
			t.Errorf("%s: %+v, %v; want entry %d", c.id, got, ok, c.want)
		}
	}
}

// It counts again from the very moment of until.
func TestAcceptanceEnds(t *testing.T) {
	a := plan.Acceptance{Finding: "ledger-gap", Until: noon}
	for at, want := range map[time.Duration]bool{-1: false, 0: true, 1: true} {
		if a.Ended(noon.Add(at)) != want {
			t.Errorf("%v from until: ended is %v", at, !want)
		}
	}
}

// The digest of the terms that a record keeps does not have what is accepted: plans that
// differ in that alone are no two plans.
func TestDigestWithoutJudging(t *testing.T) {
	p := ordersPolicy()
	before := p.Digest()
	p.Judging = everything
	if p.Digest() != before {
		t.Error("another digest")
	}
}
