package kit_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/keyturn/keyturn/internal/kit"
)

func kubernetes(t *testing.T) kit.Request {
	q := request(t, kit.Kubernetes)
	q.Pools, q.Version = []string{"web", "batch"}, "0.1.0"
	return q
}

func TestKubernetes(t *testing.T) {
	q := kubernetes(t)
	q.Source.Path, q.Source.Copy = "plans/prod.yaml", false
	q.Source.Policies = map[string]string{"policies/orders.json": "{}", "./b.json": "{}"}
	compare(t, "kubernetes", write(t, q))

	q = kubernetes(t)
	q.Identity, q.Image, q.Version = kit.IRSA, "registry.example.com:5000/keyturn@sha256:0123456789abcdef", ""
	q.Account = ""
	compare(t, "kubernetes-irsa", write(t, q))

	q = kubernetes(t)
	q.Pools, q.Version = []string{"web"}, ""
	compare(t, "kubernetes-plain", write(t, q))
}

// every has all documents of the YAML files of a kit, by their kind and name.
func every(t *testing.T, k kit.Kit) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, f := range k.Files {
		if !strings.HasSuffix(f.Path, ".yaml") || f.Copied {
			continue
		}
		for part := range strings.SplitSeq(f.Text, "\n---\n") {
			var d map[string]any
			if err := yaml.Unmarshal([]byte(part), &d); err != nil {
				t.Fatalf("%s: %v", f.Path, err)
			}
			metadata, _ := d["metadata"].(map[string]any)
			all[fmt.Sprint(d["kind"], " ", cmp.Or(metadata["name"], any("")))] = d
		}
	}
	return all
}

// at returns what stands at a path in a document.
func at(t *testing.T, d any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := d.(map[string]any)
			if !ok {
				t.Fatalf("%v: no %v", path, step)
			}
			d = m[step]
		case int:
			l, ok := d.([]any)
			if !ok || len(l) <= step {
				t.Fatalf("%v: no %v", path, step)
			}
			d = l[step]
		}
	}
	return d
}

// Every pod runs without rights, in no other pool's place, and with the plan as the
// ConfigMap has it.
func TestKubernetesPods(t *testing.T) {
	q := kubernetes(t)
	q.Source.Policies = map[string]string{"policies/orders.json": "{}"}
	k := every(t, write(t, q))
	files := at(t, k["Kustomization "], "configMapGenerator", 0, "files")
	want := []any{"keyturn.yaml=keyturn.yaml", "policy-1.json=policies/orders.json"}
	if !reflect.DeepEqual(files, want) {
		t.Errorf("%v", files)
	}
	for job, account := range map[string]string{"web": "keyturn", "batch": "keyturn", "audit": "keyturn-audit"} {
		d := k["CronJob keyturn-"+job]
		pod := at(t, d, "spec", "jobTemplate", "spec", "template", "spec")
		one := at(t, pod, "containers", 0)
		for _, c := range []struct {
			in   any
			path []any
			want string
		}{
			{d, []any{"spec", "concurrencyPolicy"}, `"Forbid"`},
			{pod, []any{"serviceAccountName"}, `"` + account + `"`},
			{pod, []any{"securityContext"}, `{"runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,` +
				`"seccompProfile":{"type":"RuntimeDefault"}}`},
			{one, []any{"securityContext"}, `{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},` +
				`"readOnlyRootFilesystem":true}`},
			{one, []any{"env", 0}, `{"name":"KEYTURN_POOL","value":"` + job + `"}`},
			{one, []any{"image"}, `"ghcr.io/keyturn/keyturn:0.1.0"`},
			{pod, []any{"volumes", 0, "configMap", "items", 1},
				`{"key":"policy-1.json","path":"policies/orders.json"}`},
		} {
			got, err := json.Marshal(at(t, c.in, c.path...))
			if err != nil || string(got) != c.want {
				t.Errorf("%s: %v is %s, %v", job, c.path, got, err)
			}
		}
		if k["ServiceAccount "+account] == nil {
			t.Errorf("no service account %s", account)
		}
	}
}

// What cannot stand in a manifest or in a ConfigMap is refused.
func TestKubernetesRefused(t *testing.T) {
	for name, change := range map[string]func(*kit.Request){
		"no pools":             func(q *kit.Request) { q.Pools = nil },
		"a line in the image":  func(q *kit.Request) { q.Image = "a\nb" },
		"another identity":     func(q *kit.Request) { q.Identity = "vault" },
		"a name of the plan":   func(q *kit.Request) { q.Source.Path = "my plan.yaml" },
		"a policy elsewhere":   func(q *kit.Request) { q.Source.Policies = map[string]string{"../a.json": "{}"} },
		"a policy at the root": func(q *kit.Request) { q.Source.Policies = map[string]string{"/a.json": "{}"} },
		"a large plan":         func(q *kit.Request) { q.Source.Text = strings.Repeat("#", 1<<20+1) },
	} {
		q := kubernetes(t)
		change(&q)
		if _, err := kit.Write(q); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
