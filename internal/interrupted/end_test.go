//go:build unix

package interrupted

import (
	"encoding/json"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// pastEverything is longer than any lease, fence, mark, or pause between two
// questions about an old version lasts, and than a fresh key counts as under
// way.
const pastEverything = 25 * time.Hour

// settles lets two more pools run when everything has run out: the first
// finishes what was left, the second finds nothing to do.
func (w *world) settles() {
	w.t.Helper()
	w.jump(pastEverything)
	w.start("fourth", "run").ends(0)
	w.start("fifth", "run").ends(0)
	for _, s := range w.story.soFar() {
		if s.pool == "fifth" && s.operation != "BatchGetItem" {
			w.t.Errorf("there was something left to do: %s", s)
		}
	}
}

// atTheEnd checks all that can be read back from a world in which everything is
// over, and gives the record.
func (w *world) atTheEnd(begun *snapshot) *plan.Record {
	w.t.Helper()
	for _, what := range broken(begun, w.story.soFar()) {
		w.t.Error(what)
	}
	r := w.record()
	if r.Step != plan.Steady || r.Lease != nil || r.Fenced(w.box.Now()) {
		w.t.Errorf("not at rest: %s, lease %+v, fence %+v", r, r.Lease, r.Fence)
	}
	w.ledgerHasNoGaps(r)
	w.everyKeyIsKnown(r)
	return r
}

// ledgerHasNoGaps: every revision has its event, in the record or beside it.
func (w *world) ledgerHasNoGaps(r *plan.Record) {
	w.t.Helper()
	events, err := w.table.Ledger(w.t.Context(), r.Key, time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	rev := int64(0)
	for _, e := range plan.HistoryOf(r, events).Events {
		if e.Rev > rev+1 {
			w.t.Errorf("the ledger has rev %d after %d", e.Rev, rev)
		}
		rev = max(rev, e.Rev)
	}
	if rev != r.Rev {
		w.t.Errorf("the ledger ends at rev %d, the record is at %d", rev, r.Rev)
	}
}

// everyKeyIsKnown: a key that keyturn made is a version of the record, or an
// orphan that never served and that `audit` finds; and audit finds nothing else.
func (w *world) everyKeyIsKnown(r *plan.Record) {
	w.t.Helper()
	audit := w.start("auditor", "audit", "--orphans", "--output", "json")
	exit := audit.ends(0, 13)
	var found struct {
		Findings []struct {
			Code, What, Level string
			KeyID             string `json:"key_id"`
		}
		Unread []string
	}
	if err := json.Unmarshal(audit.stdout.Bytes(), &found); err != nil {
		w.t.Fatalf("audit: %v\n%s", err, audit.stdout.String())
	}
	orphans := map[string]bool{}
	for _, f := range found.Findings {
		switch plan.Code(f.Code) {
		case plan.CodeOrphan:
		case plan.CodeLedgerBehind: // a run that was killed before its copy leaves it
			continue
		default:
			w.t.Errorf("audit: %s: %s", f.Code, f.What)
			continue
		}
		orphans[f.KeyID] = true
		if exit != 13 && f.Level == "person" {
			w.t.Errorf("audit: exit %d with an orphan", exit)
		}
	}
	for _, u := range found.Unread {
		w.t.Errorf("audit has not read %s", u)
	}
	served := map[string]bool{}
	for _, s := range w.story.soFar() {
		if s.after != nil {
			served[s.after.behind()] = true
		}
	}
	for id, tags := range w.look().kms.Tags {
		_, ours := r.VersionOfKey(id)
		switch {
		case ours && orphans[id]:
			w.t.Errorf("%s is a version and found as an orphan", id)
		case ours:
		case tags["keyturn:claim"] == "":
			w.t.Errorf("%s was not made by keyturn", id)
		case served[id]:
			w.t.Errorf("%s has served and the record does not know it", id)
		case !orphans[id]:
			w.t.Errorf("%s is an orphan that audit does not find", id)
		}
	}
}
