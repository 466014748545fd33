package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"encoding/json"
)

// The lines are a promise to users' own tests.
func TestJournalLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal")
		s := newFake(t, Options{
			JournalFile: path,
			Start:       time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			Switches: Switches{Faults: []Fault{{Operation: "UpdateAlias", Ordinal: 2, Kind: Drop},
				{Operation: "UpdateAlias", Ordinal: 3, Kind: Lose}}},
		})
		for _, target := range []string{describe, update, update, update, "TrentService.DisableKey",
			"TrentService.Dance"} {
			outcome(t, s, raw{target: target, agent: "test/1"})
		}
		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		for i, line := range []string{
			`"operation":"DescribeKey","mutates":false,"status":200,"error":"","user_agent":"test/1",` +
				`"resource":"alias/test"}`,
			`"operation":"UpdateAlias","mutates":true,"status":200,"error":"","user_agent":"test/1",` +
				`"resource":"alias/test"}`,
			`"operation":"UpdateAlias","mutates":false,"status":0,"error":"","user_agent":"test/1",` +
				`"resource":"","lost":"request"}`,
			`"operation":"UpdateAlias","mutates":true,"status":200,"error":"","user_agent":"test/1",` +
				`"resource":"alias/test","lost":"answer"}`,
			`"operation":"DisableKey","mutates":false,"status":400,"error":"NotFoundException","user_agent":"test/1",` +
				`"resource":"alias/test"}`,
			`"operation":"Dance","mutates":false,"status":400,` +
				`"error":"UnknownOperationException","user_agent":"test/1",` +
				`"resource":""}`,
		} {
			want += fmt.Sprintf(`{"seq":%d,"at":"2026-01-01T00:00:00Z","service":"kms",`, i+1) + line + "\n"
		}
		if got := string(written); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		if got := s.Journal(); len(got) != 6 || got[3].Lost != "answer" {
			t.Errorf("in memory: %+v", got)
		}
		if got := s.Counts()["kms:UpdateAlias"]; got != 3 {
			t.Errorf("%d counted", got)
		}
	})
}

func TestJournalKeepsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{JournalLimit: 3})
		for range 20 {
			outcome(t, s, raw{})
		}
		got := s.Journal()
		if len(got) != 3 || got[0].Seq != 18 || got[2].Seq != 20 {
			t.Errorf("%+v", got)
		}
		if n := s.Counts()["kms:UpdateAlias"]; n != 20 {
			t.Errorf("%d counted", n)
		}
	})
}

// Two sandboxes that write one journal number its lines as one.
func TestJournalFileIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	a, b := newFake(t, Options{JournalFile: path}), newFake(t, Options{JournalFile: path})
	for _, s := range []*Sandbox{a, b, a} {
		outcome(t, s, raw{})
	}
	var both sync.WaitGroup
	for _, s := range []*Sandbox{a, b} {
		both.Go(func() {
			for range 20 {
				outcome(t, s, raw{})
			}
		})
	}
	both.Wait()
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(written)), "\n")
	if len(lines) != 43 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Seq != int64(i+1) {
			t.Errorf("line %d is %s (%v)", i+1, line, err)
		}
	}
}
