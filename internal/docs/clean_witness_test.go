package docs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/plan"
)

// witness sees every call of keyturn that AWS carries out. It keeps what the record, the
// ledger and KMS lose, or do not show.
type witness struct {
	w *world
	// writes are those of the record, oldest first.
	writes []write
	// uses are those of keys, by consumers and by keyturn's probes.
	uses []use
	// refusals are when KMS refused a call of keyturn.
	refusals []time.Time
	// runs are those of cron that ended with 0. hindered are those of anybody of which a call came to nothing,
	// or that were killed.
	runs     []ran
	hindered map[string]bool
	// planned are the terms in the plans of the two pools, and rollouts all that they had.
	planned  [2]terms
	rollouts []rollout
	// terms are those that a run has, by its id.
	terms map[string]terms
}

// write is a write of the record, as it stood in the table then.
type write struct {
	event plan.Event
	hash  string
	after *plan.Record
}

type ran struct {
	run string
	at  time.Time
}

type use struct {
	keyID string
	at    time.Time
}

// rollout is that pools get a plan: what both have since then.
type rollout struct {
	at time.Time
	is [2]terms
}

func (s *witness) rollsOut(m terms, pools ...bool) {
	for i, gets := range pools {
		if gets {
			s.planned[i] = m
		}
	}
	s.rollouts = append(s.rollouts, rollout{s.w.now(), s.planned})
}

func (w *world) now() time.Time { return w.box.Now() }

// runOf finds the run that makes a call.
var runOf = regexp.MustCompile(`run/([0-9a-f]+)`)

// sees passes a call on, and keeps what became of it.
func (s *witness) sees(r *http.Request, pass func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	s.w.check(err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := pass(r)
	operation, run := operationOf(r), ""
	if m := runOf.FindStringSubmatch(r.Header.Get("User-Agent")); m != nil {
		run = m[1]
	}
	yes := err == nil && answer.StatusCode == http.StatusOK
	if err != nil || !yes && len(s.w.box.Switches().Faults) > 0 {
		s.hindered[run] = true
	}
	switch operation {
	case "UpdateItem", "PutItem":
		s.looks()
	case "Encrypt", "Decrypt":
		var in struct{ KeyId string } //nolint:revive // KMS's name
		s.w.check(json.Unmarshal(body, &in))
		if yes {
			s.uses = append(s.uses, use{in.KeyId, s.w.now()})
		}
	}
	if err == nil && !yes && strings.HasPrefix(r.Header.Get("X-Amz-Target"), "TrentService.") {
		s.refusals = append(s.refusals, s.w.now())
	}
	return answer, err
}

// looks keeps the record if it was written.
func (s *witness) looks() {
	r := s.record()
	if r == nil || len(r.Events) == 0 {
		return
	}
	if n := len(s.writes); n > 0 && s.writes[n-1].after.Op == r.Op {
		return
	}
	if slices.ContainsFunc(s.writes, func(w write) bool { return w.after.Op == r.Op }) {
		return // it was put back, and a write of it came to nothing
	}
	e := r.Events[len(r.Events)-1]
	s.writes = append(s.writes, write{event: e, hash: e.Hash(), after: r})
}

// record returns what stands in the table; nil if there is none.
func (s *witness) record() *plan.Record {
	records, err := ddblock.New(s.w.ddb(), table).Stored().Read(context.Background(), []string{recordKey})
	if err != nil {
		return nil // there is no table
	}
	return records[recordKey]
}

// ledger returns what stands beside it.
func (s *witness) ledger() []plan.Event {
	events, err := ddblock.New(s.w.ddb(), table).Stored().Ledger(context.Background(), recordKey, time.Time{})
	s.w.check(err)
	return events
}

const recordKey = "eu-west-1/" + alias

// held reports whether somebody holds the key.
func (s *witness) held() bool {
	r := s.record()
	return r != nil && r.Held(s.w.now())
}

// awaits reports whether a version waits to be disabled, and no person holds it.
func (s *witness) awaits() bool {
	r := s.record()
	return r != nil && slices.ContainsFunc(r.Draining(), func(v plan.Version) bool {
		return v.AwaitsDisabling() && !v.Held(s.w.now())
	})
}

// old returns the old versions in the record.
func (s *witness) old() []plan.Version {
	if r := s.record(); r != nil {
		return r.Old()
	}
	return nil
}
