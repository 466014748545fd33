package kit_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/kit"
)

func TestSystemd(t *testing.T) {
	q := request(t, kit.Systemd)
	q.Pools, q.Pager = []string{"web", "batch"}, `page-oncall --load 5% 'a\b' "$HOME"`
	compare(t, "systemd", write(t, q))
	compare(t, "systemd-plain", write(t, request(t, kit.Systemd)))
}

// What pages does so after a run that ended with 13, and not after one that ended with 1;
// after an audit in both cases; and always where systemd does not say how the unit ended.
func TestSystemdPages(t *testing.T) {
	dir := t.TempDir()
	paged := filepath.Join(dir, "paged")
	q := request(t, kit.Systemd)
	q.Pager = script(t, dir, "page", `printf '%s\n' "$@" >`+paged) + ` 100% 'a  b'`
	unit := text(t, write(t, q), "keyturn-page@.service")
	condition, start := execLine(t, unit, "ExecCondition"), execLine(t, unit, "ExecStart")
	for _, c := range []struct {
		unit, exit string
		want       bool
	}{
		{"keyturn", "13", true}, {"keyturn", "1", false}, {"keyturn", "", true}, {"keyturn-audit", "13", true},
		{"keyturn-audit", "1", true},
	} {
		var env []string
		if c.exit != "" {
			env = []string{"MONITOR_EXIT_STATUS=" + c.exit}
		}
		both := strings.NewReplacer("%i", c.unit, "%H", "host", "%%", "%").Replace("(" + condition + ") && " + start)
		pages(t, both, env, paged, c.want)
	}
}

// execLine returns the text that a unit gives to sh, with its specifiers.
func execLine(t *testing.T, unit, name string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + name + `=/bin/sh -c '(.*)'$`).FindStringSubmatch(unit)
	if m == nil {
		t.Fatalf("no %s in\n%s", name, unit)
	}
	return strings.NewReplacer(`\\`, `\`, `\'`, `'`, "$$", "$").Replace(m[1])
}

// The units see no home folder, so no profile is found there: what is for their variables
// names none.
func TestSystemdNamesNoProfile(t *testing.T) {
	q := request(t, kit.Systemd)
	q.Pools = []string{"web"}
	files := write(t, q)
	if unit := text(t, files, "keyturn.service"); !strings.Contains(unit, "ProtectHome=yes") {
		t.Fatal("the unit sees home folders")
	}
	for _, name := range []string{"keyturn.service", "keyturn-audit.service", "web.env"} {
		if strings.Contains(text(t, files, name), "AWS_PROFILE") {
			t.Errorf("%s names AWS_PROFILE", name)
		}
	}
}
