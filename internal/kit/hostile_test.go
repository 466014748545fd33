package kit_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/kit"
)

// What a kit cannot say in the form of its files is refused, and nothing is written.
func TestKitsOfNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   kit.Kind
		change func(*kit.Request)
		want   string
	}{
		{"a plan with the name of a kit's file", kit.Kubernetes,
			func(q *kit.Request) { q.Source.Path = "kustomization.yaml" },
			"kustomization.yaml is the name of one of the kit's own files"},
		{"a key policy with one", kit.Kubernetes, func(q *kit.Request) {
			q.Source.Policies = map[string]string{"cronjob-web.yaml": "{}"}
		}, "cronjob-web.yaml is the name of one of the kit's own files"},
		{"a path that kustomize splits", kit.Kubernetes, func(q *kit.Request) {
			q.Source.Policies = map[string]string{"policies/a=b.json": "{}"}
		}, "the key policy policies/a=b.json has = in its path"},
		{"a % that cron ends the command at", kit.Cron, func(q *kit.Request) { q.Pager = `printf '\%s'` },
			`has \% or \\`},
		{"a \\ that some crons drop", kit.Cron, func(q *kit.Request) { q.Pager = `page 'a\\b'` }, `has \% or \\`},
		{"a line that cron does not take", kit.Cron,
			func(q *kit.Request) { q.Pager = "page " + strings.Repeat("x", 900) },
			"at most 998 characters"},
	} {
		q := request(t, c.kind)
		if c.kind == kit.Kubernetes {
			q.Pools = []string{"web"}
		}
		c.change(&q)
		var refused *kit.RequestError
		if k, err := kit.Write(q); !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q; %d files", c.name, err, c.want, len(k.Files))
		}
	}
}

// Names that YAML takes for another kind are texts all the same.
func TestPoolsThatLookLikeValues(t *testing.T) {
	q := request(t, kit.Kubernetes)
	q.Pools = []string{"1", "true", "null", "1e3", "0x1f"}
	k := write(t, q)
	for _, pool := range q.Pools {
		file := text(t, k, "cronjob-"+pool+".yaml")
		if n := strings.Count(file, `app.kubernetes.io/component: "`+pool+`"}`); n != 2 {
			t.Errorf("%s: %d quoted labels", pool, n)
		}
	}
}

// Tables whose names differ by - _ and . alone are tables of their own in a template, too.
func TestTablesWithLikeNames(t *testing.T) {
	like := strings.Replace(planText, "drain: 30d\n", "drain: 30d\ntable: a-b\n", 1) +
		"  - {alias: alias/b, table: a_b}\n  - {alias: alias/c, table: a.b}\n  - {alias: alias/d, table: a-b_2}\n"
	for kind, form := range map[kit.Kind]string{
		kit.CloudFormation: `(?m)^  ((?:Table|Unread)\w*):$`, kit.Terraform: `(?m)^resource ("\w+" "\w+") `} {
		q := request(t, kind)
		q.Plan = parsed(t, like)
		k := write(t, q)
		file := "keyturn.yaml"
		if kind == kit.Terraform {
			file = "keyturn.tf"
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(text(t, k, file), -1) {
			if seen[m[1]] {
				t.Errorf("%s: %s stands there twice", kind, m[1])
			}
			seen[m[1]] = true
		}
		if len(seen) < 8 {
			t.Errorf("%s: found %v", kind, seen)
		}
	}
}
