package trail

import (
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// twice adds a finding for each window for which the trail shows two keys behind the alias:
// keys that were made with the tags of that window. A rollback puts an older key back, and
// is not counted.
func (c *Collector) twice(k *known, r *Report) {
	made, first := map[string]string{}, map[string]change{}
	for _, ch := range c.changes {
		e := ch.Event
		switch {
		case ch.key != k || e.ErrorCode != "":
		case e.Name == "CreateKey" && e.MadeFor == k.Key.Alias && e.Window != "" && len(e.Keys) > 0:
			made[e.Keys[0]] = e.Window
		case e.Name != "UpdateAlias" && e.Name != "CreateAlias", !slices.Contains(e.Aliases, k.Key.Alias):
		case made[e.Target] != "" && !k.rollsBack(e):
			window := made[e.Target]
			before, moved := first[window]
			if !moved {
				first[window] = ch
				continue
			}
			if before.Target == e.Target {
				continue
			}
			version, _ := k.version(e)
			r.Findings = append(r.Findings, Finding{Code: plan.CodeDuplicateWindow, Key: k.Key.Name, Version: version,
				KeyID: e.Target, At: e.At, Call: e.Name + "/" + e.RequestID,
				Requests: []string{before.RequestID, e.RequestID}, Hint: plan.Try("keyturn", "history", k.Key.Name),
				What: fmt.Sprintf("the trail shows %s behind %s on %s and %s on %s, and both were made for window %s",
					ch.called(before.Target), k.Key.Alias, plan.Stamp(before.At), ch.called(e.Target), plan.Stamp(e.At),
					window)})
		}
	}
}

// rollsBack reports whether the ledger tells that a call belongs to a rollback.
func (k *known) rollsBack(e Event) bool {
	told, known := k.requests[e.RequestID]
	return known && slices.ContainsFunc(k.Events, func(c plan.Event) bool {
		return c.Is(plan.EventClaim) && c.Claim == told.Claim && c.Is("by-rollback")
	})
}
