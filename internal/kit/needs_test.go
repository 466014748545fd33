package kit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/kit"
)

const needyText = planText + `notify:
  - {on: [failed], webhook: "https://hooks.example.com/x", hmac_env: KEYTURN_HOOK_KEY}
  - {on: [rotated], command: tell-chat}
`

// needy is a request for a plan that needs a variable, a command and a key policy.
func needy(t *testing.T, kind kit.Kind) kit.Request {
	t.Helper()
	q := request(t, kind)
	q.Plan, q.Pools = parsed(t, needyText), podPools(kind)
	q.Source.Policies = map[string]string{"policies/orders.json": "{}"}
	return q
}

// Each kit that runs keyturn says what the plan needs there: the variables that sign, the
// commands, the key policies.
func TestKitsSayWhatThePlanNeeds(t *testing.T) {
	for kind, file := range map[kit.Kind]string{kit.Kubernetes: "cronjob-web.yaml", kit.Systemd: "web.env",
		kit.Cron: "web.crontab", kit.GitHub: ".github/workflows/keyturn.yml"} {
		k := write(t, needy(t, kind))
		notes := strings.Join(k.Notes, "\n")
		for _, want := range []string{"KEYTURN_HOOK_KEY", "notify"} {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: no %s in the notes:\n%s", kind, want, notes)
			}
		}
		if !strings.Contains(text(t, k, file), "KEYTURN_HOOK_KEY") {
			t.Errorf("%s: %s does not have the variable", kind, file)
		}
		installed := kind == kit.Systemd || kind == kit.Cron
		if strings.Contains(notes, "/etc/policies/orders.json") != installed {
			t.Errorf("%s: the key policy in the notes:\n%s", kind, notes)
		}
		q := request(t, kind)
		q.Pools = podPools(kind)
		if k := write(t, q); len(k.Notes) > 0 {
			t.Errorf("%s, a plan that needs nothing: %q", kind, k.Notes)
		}
	}
	k := every(t, write(t, needy(t, kit.Kubernetes)))
	env := func(job string) []any {
		all, _ := at(t, k["CronJob keyturn-"+job], "spec", "jobTemplate", "spec", "template", "spec", "containers", 0,
			"env").([]any)
		return all
	}
	got, _ := json.Marshal(env("web")[2])
	if string(got) != `{"name":"KEYTURN_HOOK_KEY","valueFrom":{"secretKeyRef":{"key":"KEYTURN_HOOK_KEY",`+
		`"name":"keyturn-notify","optional":true}}}` || len(env("audit")) != 2 { // the audit tells nobody
		t.Errorf("%s; of the audit %v", got, env("audit"))
	}
}

// The alarm counts the runs of one plan by its name, which may be that of a file.
func TestAlarmOfAPlanWithoutAName(t *testing.T) {
	for name, notes := range map[string]int{"keyturn": 0, "prod": 1} {
		for _, kind := range []kit.Kind{kit.Terraform, kit.CloudFormation} {
			q := request(t, kind)
			q.Plan.Name, q.Plan.Named = name, false
			if k := write(t, q); strings.Count(strings.Join(k.Notes, "\n"), "write name:") != notes {
				t.Errorf("%s of %s: %q", kind, name, k.Notes)
			}
		}
	}
}

// podPools are the pools of a kind that takes some.
func podPools(kind kit.Kind) []string {
	if kind == kit.GitHub {
		return nil
	}
	return []string{"web"}
}
