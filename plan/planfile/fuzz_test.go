package planfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Whatever the bytes: no panic; a refusal is Problems with a place in the
// file; and what is accepted keeps the rules that the rest relies on.
func FuzzPlanFile(f *testing.F) {
	for _, pattern := range []string{"*.yaml", "invalid/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(plans, pattern))
		if err != nil || len(found) == 0 {
			f.Fatal(pattern, err)
		}
		for _, path := range found {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := planfile.Parse("plan.yaml", data)
		if err != nil {
			var problems planfile.Problems
			if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("%v, %v", p, err)
			}
			for _, q := range problems {
				if !stands(q, string(data)) || q.Message == "" {
					t.Errorf("a problem that is nowhere: %+v", q)
				}
			}
			return
		}
		checkPlan(t, p)
		p.Named = true // the one that is written out says its name
		checkAgain(t, p)
	})
}

// lineEnd is what the YAML library takes for the end of a line.
var lineEnd = regexp.MustCompile(`\r\n|\n|\r`)

// stands reports whether a problem's place is in the file. The ends of a line and
// of the file are places, and so is where the value that is missing after
// "drain:" would begin: one blank further.
func stands(q planfile.Problem, text string) bool {
	lines := lineEnd.Split(text, -1)
	return q.Line >= 1 && q.Line <= len(lines) &&
		q.Column >= 1 && q.Column <= utf8.RuneCountInString(lines[q.Line-1])+2
}

var (
	aliasRule  = regexp.MustCompile(`\Aalias/[a-zA-Z0-9/_-]+\z`)
	regionRule = regexp.MustCompile(`\A[a-z-]+-[0-9]+\z`)
)

func checkPlan(t *testing.T, p *planfile.Plan) {
	t.Helper()
	must := func(ok bool, rule string) {
		t.Helper()
		if !ok {
			t.Errorf("accepted against the rule %q: %+v", rule, p)
		}
	}
	must(p.Version == 1 && p.Name != "" && p.Table != "" && regionRule.MatchString(p.Region) &&
		len(p.Keys) > 0, "top level")
	names, keys := map[string]bool{}, map[string]bool{}
	for _, k := range p.Keys {
		must(!names[k.Name] && !keys[k.Key()], "no key twice")
		names[k.Name], keys[k.Key()] = true, true
		must(aliasRule.MatchString(k.Alias) && !strings.HasPrefix(k.Alias, "alias/aws/"), "alias")
		must(len(k.Alias)+len("/v1234567890") <= 256, "room for a version")
		must(!regexp.MustCompile(`/v[0-9]+$`).MatchString(k.Alias) &&
			!regexp.MustCompile(`/v[0-9]+$`).MatchString(k.Name), "no version's name")
		must(k.Name != "" && k.Name[0] != '-' && !strings.HasPrefix(k.Name, "alias/"), "name")
		must(k.Account == "" || len(k.Account) == 12, "account")

		s := k.Schedule
		must((s.Every > 0) != (s.Cron != "") && (s.Cron == "" || s.Anchor.IsZero()), "every or cron")
		shortest := s.ShortestPeriod()
		must(shortest >= time.Minute && shortest%time.Second == 0, "period")
		must(k.Drain > 0 && k.Drain <= shortest, "drain")
		must(k.MinInterval >= 0 && k.MinInterval <= shortest/4*3, "min_interval")
		must(k.Prepublish >= 0 && k.Prepublish < shortest, "prepublish")
		must(k.StartWithin == 0 || k.StartWithin >= time.Hour, "start_within")
		must(k.MaxDraining >= 1 && k.MaxAttempts >= 1, "counts")
		a := k.AutoRotation.Every
		must(a == 0 || !k.AutoRotation.Off && a >= 90*day && a <= 2560*day && a%day == 0, "auto_rotation")
		for _, f := range k.Freeze {
			must(f.From.Before(f.To), "freeze")
		}
		r := k.Retire
		must(r.Action == plan.RetireKeep || r.Action == plan.RetireDisable || r.Action == plan.RetireDelete, "action")
		must(r.UsageOff == (r.UnlessUsedWithin == 0) && r.DeleteAfter > 0, "retire")
		must(r.DeletionWindow >= 7*day && r.DeletionWindow <= 30*day && r.DeletionWindow%day == 0, "deletion_window")
		must(len(k.BeforeSwitch) == 0 || k.BeforeSwitch[0] != "", "before_switch")
		for tag := range k.Tags {
			must(!strings.HasPrefix(tag, "aws:") && !strings.HasPrefix(tag, "keyturn:"), "tags")
		}
		at, anchor := time.Date(2026, 5, 6, 7, 8, 9, 10, time.UTC), time.Unix(0, 0)
		w := s.Window(at, anchor)
		must(!at.Before(w.Start) && at.Before(w.End) && s.Next(w, anchor).Start.Equal(w.End), "windows")
	}
}
