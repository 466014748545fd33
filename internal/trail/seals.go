package trail

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Seal is the tag with which a version was made, as CreateKey has it in the trail, compared
// with the ledger. It stays there when KMS deletes the key.
type Seal struct {
	plan.Seal
	Key       string
	At        time.Time
	RequestID string
}

// seals compares the tags of the keys that the trail shows being made with the ledger. A
// trail that has no tags of a call shows nothing.
func (c *Collector) seals(k *known, r *Report) {
	versions := map[string]plan.Seal{}
	for _, s := range plan.SealsOf(nil, k.Events) {
		versions[s.KeyID] = s
	}
	for _, ch := range c.changes {
		if ch.key != k || ch.Name != "CreateKey" || ch.ErrorCode != "" || ch.Seal == "" || len(ch.Keys) == 0 {
			continue
		}
		s, made := versions[ch.Keys[0]]
		if !made {
			continue
		}
		s.Read(ch.Seal, k.Events)
		r.Seals = append(r.Seals, Seal{Seal: s, Key: k.Key.Name, At: ch.At, RequestID: ch.RequestID})
		if !s.Fault() {
			continue
		}
		r.Findings = append(r.Findings, Finding{Code: plan.CodeLedgerRewritten, Key: k.Key.Name, Version: s.Version,
			KeyID: s.KeyID, At: ch.At, Call: "CreateKey " + ch.RequestID, Requests: []string{ch.RequestID},
			Revs: []int64{s.Claim.Rev}, Hint: plan.Try("keyturn", "history", k.Key.Name, "--verify"),
			What: fmt.Sprintf("%s was made with the hash %s of its claim's event, as the trail has it, "+
				"and that event, revision %d, has %s now: the ledger up to there was rewritten",
				plan.VersionName(s.Version), s.Tag, s.Claim.Rev, s.Claim.Hash)})
	}
}
