package planfile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// checkAgain writes a plan that was accepted as a file with every field
// spelt out under its key, and wants the same plan when that is read: no
// default hides a value, and whatever a plan can hold a file can say.
func checkAgain(t *testing.T, p *planfile.Plan) {
	t.Helper()
	text, err := json.MarshalIndent(planDocument(p), "", "  ") // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	again, err := planfile.Parse("again.yaml", text)
	if err != nil {
		t.Fatalf("a plan that was accepted is refused when written out:\n%s\n%v", text, err)
	}
	if diff := cmp.Diff(p, again, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("another plan when written out:\n%s\n%s", text, diff)
	}
}

func planDocument(p *planfile.Plan) map[string]any {
	keys := []any{}
	for _, k := range p.Keys {
		keys = append(keys, keyDocument(k))
	}
	d := map[string]any{"version": p.Version, "name": p.Name, "region": p.Region, "table": p.Table, "keys": keys}
	unlessEmpty(d, "account", p.Account)
	unlessEmpty(d, "ping", p.Ping)
	unlessEmpty(d, "ping_by", p.PingBy)
	if len(p.Accept) > 0 {
		d["accept"] = acceptDocument(p.Accept)
	}
	return d
}

func acceptDocument(list []plan.Acceptance) []any {
	all := []any{}
	for _, a := range list {
		d := map[string]any{"finding": a.Finding, "reason": a.Reason, "until": a.Until.Format(time.RFC3339Nano)}
		if a.Version > 0 {
			d["version"] = plan.VersionName(a.Version)
		}
		all = append(all, d)
	}
	return all
}

func keyDocument(k plan.Policy) map[string]any {
	freeze := []any{}
	for _, f := range k.Freeze {
		span := map[string]any{"from": f.From.Format(time.RFC3339Nano), "to": f.To.Format(time.RFC3339Nano)}
		unlessEmpty(span, "reason", f.Reason)
		freeze = append(freeze, span)
	}
	d := map[string]any{
		"alias": k.Alias, "name": k.Name, "region": k.Region, "freeze": freeze,
		"schedule": scheduleDocument(k.Schedule), "retire": retireDocument(k.Retire),
		"drain": plan.FormatDuration(k.Drain), "prepublish": plan.FormatDuration(k.Prepublish),
		"before_switch": k.BeforeSwitch, "probe": k.Probe,
		"max_draining": k.MaxDraining, "max_attempts": k.MaxAttempts,
	}
	d["hold_max"] = plan.FormatDuration(k.Judging.HoldMax)
	d["expect_callers"] = append([]string{}, k.Judging.ExpectCallers...)
	switch a := k.AutoRotation; {
	case a.Off:
		d["auto_rotation"] = "off"
	case a.Every > 0:
		d["auto_rotation"] = plan.FormatDuration(a.Every)
	}
	notify := []any{}
	for _, n := range k.Notify {
		entry := map[string]any{"on": n.On}
		unlessEmpty(entry, "webhook", n.Webhook)
		unlessEmpty(entry, "hmac_env", n.HMACEnv)
		unlessEmpty(entry, "sns", n.Topic)
		if len(n.Command) > 0 {
			entry["command"] = n.Command
		}
		notify = append(notify, entry)
	}
	d["notify"] = notify
	if k.BeforeSwitch == nil {
		d["before_switch"] = []string{}
	}
	if d["start_within"] = "off"; k.StartWithin > 0 {
		d["start_within"] = plan.FormatDuration(k.StartWithin)
	}
	if k.MinInterval > 0 {
		d["min_interval"] = plan.FormatDuration(k.MinInterval)
	}
	if k.Description != nil {
		d["description"] = *k.Description
	}
	if len(k.Tags) > 0 {
		d["tags"] = k.Tags
	}
	if len(k.Judging.Accept) > 0 {
		d["accept"] = acceptDocument(k.Judging.Accept)
	}
	unlessEmpty(d, "account", k.Account)
	unlessEmpty(d, "spec", k.Spec)
	unlessEmpty(d, "usage", k.Usage)
	unlessEmpty(d, "policy", k.PolicyPath)
	return d
}

func scheduleDocument(s plan.Schedule) map[string]any {
	if s.Cron != "" {
		return map[string]any{"cron": s.Cron}
	}
	d := map[string]any{"every": plan.FormatDuration(s.Every)}
	if !s.Anchor.IsZero() {
		d["anchor"] = s.Anchor.Format(time.RFC3339Nano)
	}
	return d
}

// retireDocument leaves out what has no effect, which a file must not say.
func retireDocument(r plan.Retire) map[string]any {
	d := map[string]any{"action": r.Action}
	if r.Action == plan.RetireKeep {
		return d
	}
	if d["unless_used_within"] = "off"; !r.UsageOff {
		d["unless_used_within"] = plan.FormatDuration(r.UnlessUsedWithin)
	}
	if r.Action == plan.RetireDelete {
		d["delete_after"] = plan.FormatDuration(r.DeleteAfter)
		d["deletion_window"] = plan.FormatDuration(r.DeletionWindow)
	}
	return d
}

func unlessEmpty(d map[string]any, name, value string) {
	if value != "" {
		d[name] = value
	}
}
