package docs

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/kit"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// session is a past, and commands in it whose documents are looked at.
type session struct {
	plan  string
	given func(*world)
	// types are command lines with their exit codes: "13 status".
	types []string
}

// sessions make every document, and in them as many fields as they can.
var sessions = map[string]session{
	"nothing is there": {keeping, func(*world) {}, []string{
		"13 run", "13 status", "13 verify", "13 audit", "13 history", "13 history orders-data",
		"0 init --table --dry-run", "0 init --table",
		"0 init --table",
		"64 run --key nothing", "64 adopt", "0 version", "64 init --match 'alias/nothing*'",
	}},
	"a first start": {keeping, found, []string{
		"0 verify", "0 run --dry-run", "0 run", "0 run", "0 verify", "0 status", "0 audit --orphans",
		"0 history orders-data --verify", "0 adopt orders-data",
		"0 init --iam cron", "0 init --iam readonly", "0 init --iam break-glass",
	}},
	"a rotation, and what persons do": {retiring, rotated, []string{
		"0 status", `0 rollback orders-data --reason "callers fail" --confirm orders-data`,
		`0 rollback orders-data --reason "callers fail" --confirm orders-data`,
		`0 hold orders-data --reason "until we know"`, "0 status", "0 run", "0 release orders-data",
		"0 release orders-data",
		`0 rotate orders-data --reason "compromised" --confirm orders-data`, "0 audit",
		"0 history --verify", "0 history orders-data --since 1d", "0 audit --evidence --since 2025-06-01",
		"13 reinstate orders-data", "64 rollback orders-data/v9 --reason x --confirm orders-data",
	}},
	"retired": {retiring, func(w *world) { rotated(w); w.advance(31 * day) }, []string{
		"0 run", "0 status", "0 reinstate orders-data/v1 --dry-run", "0 reinstate orders-data/v1", "0 status",
		"0 audit", "0 audit --evidence",
	}},
	"in use": {asking, func(w *world) { rotated(w); w.advance(31 * day) }, []string{"0 run", "0 status"}},
	"moved by hand": {keeping, func(w *world) { rotated(w); w.advance(quarter); w.moveAlias(alias, w.newKey()) },
		[]string{
			"13 run", "13 run", "13 status", "13 audit",
			`0 adopt orders-data --reason "Terraform did it" --confirm orders-data`, "0 status",
		}},
	"denied": {keeping, func(w *world) { adopted(w); w.advance(quarter); w.fault(denied("CreateKey")) }, []string{
		"1 run", "0 verify", "0 status", "0 run --dry-run", "0 init --match 'alias/*' --region eu-west-1",
	}},
	"changed by strangers": {keeping, func(w *world) { strangers(w); w.decryptAs("checkout", alias+"/v1") }, []string{
		"13 audit --cloudtrail trail.json --users orders-data/v1",
	}},
	"lost answers": {keeping, func(w *world) {
		adopted(w)
		w.advance(quarter)
		w.fault(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Lose})
	}, []string{
		"1 run", "0 status", `11 rollback orders-data --reason "callers fail" --confirm orders-data`, "0 audit",
	}},
}

// What the commands really write is what docs/json.md says: of every format at
// least one document, every field on the page, and what is always there, there.
func TestJSONDocuments(t *testing.T) {
	page := jsonPage(t)
	made := map[string]bool{}
	look := func(t *testing.T, line, out string) {
		t.Helper()
		decoder := json.NewDecoder(strings.NewReader(out[strings.Index(out+"{", "{"):]))
		var document map[string]any
		if err := decoder.Decode(&document); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
			return
		}
		format, _ := document["format"].(string)
		made[format] = true
		for _, why := range unlike(page[format], document) {
			t.Errorf("%s: %s: %s", line, format, why)
		}
		if rest, _ := io.ReadAll(decoder.Buffered()); strings.Contains(string(rest), `"format"`) {
			t.Errorf("%s writes two documents\n%s", line, out)
		}
	}
	for name, s := range sessions {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, s.plan)
				s.given(w)
				for _, line := range s.types {
					want, command, _ := strings.Cut(strings.Replace(line, "trail.json", w.trail(), 1), " ")
					exit, out := w.keyturn(append(words(command), "--output", "json")...)
					if got := strconv.Itoa(exit); got != want {
						t.Errorf("keyturn %s: exit %s, want %s\n%s", command, got, want, out)
					}
					look(t, command, out)
				}
			})
		})
	}
	t.Run("validate", func(t *testing.T) {
		w := newWorld(t, keeping)
		for _, text := range []string{keeping, keeping + "    nonsense: 1\n"} {
			w.writePlan(text)
			_, out := w.keyturn("validate", w.plan, "--output", "json")
			look(t, "validate", out)
		}
		_, out := w.keyturn("status", "--output", "json")
		look(t, "status", out) // the plan's problems, as an error
	})
	t.Run("rehearse", func(t *testing.T) {
		w := newWorld(t, keeping)
		exit, out := w.keyturn("rehearse", "--pools", "2", "--years", "0.3", "--seed", "1", "--from", "2026-11-27",
			"--output", "json")
		if exit != 0 {
			t.Errorf("exit %d\n%s", exit, out)
		}
		look(t, "rehearse", out)
		if exit, out = w.keyturn("rehearse", "--wave", "--pools", "2", "--output", "json"); exit != 0 {
			t.Errorf("exit %d\n%s", exit, out)
		}
		look(t, "rehearse --wave", out)
	})
	t.Run("cost", func(t *testing.T) {
		w := newWorld(t, keeping)
		exit, out := w.keyturn("cost", "--output", "json")
		if exit != 0 {
			t.Errorf("exit %d\n%s", exit, out)
		}
		look(t, "cost", out)
	})
	t.Run("kits", func(t *testing.T) {
		w := newWorld(t, keeping)
		for _, kind := range kit.Kinds() {
			command := "init --kit " + string(kind)
			if kind.Reads("pools") {
				command += " --pools web"
			}
			if exit, out := w.keyturn(append(words(command), "--out", t.TempDir(), "--output", "json")...); exit != 0 {
				t.Errorf("exit %d\n%s", exit, out)
			} else {
				look(t, command, out)
			}
		}
	})
	for format := range page {
		if !made[format] {
			t.Errorf("no command of this test has written %s", format)
		}
	}
}
