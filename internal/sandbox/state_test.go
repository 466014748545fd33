package sandbox

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func openFake(t *testing.T, path string, options Options) *Sandbox {
	t.Helper()
	options.services = fakes
	s, err := Open(path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shown returns the count that DescribeKey shows to a client.
func shown(t *testing.T, s *Sandbox) string {
	t.Helper()
	got := raw{target: describe, date: s.Now()}.send(t, s)
	return strings.TrimSuffix(strings.TrimPrefix(got.body, `{"KeyMetadata":{"KeyId":"`), `"}}`)
}

// Two sandboxes on one file are one AWS: every write of both is there, and
// each sees the other's at once. Neither learns of the other's clock either.
func TestTwoOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "state.json")
	a, b := openFake(t, path, Options{}), openFake(t, path, Options{})
	var writers sync.WaitGroup
	for _, s := range []*Sandbox{a, a, b, b} {
		writers.Go(func() {
			for range 10 {
				if got := outcome(t, s, raw{}); got != "200 OK" {
					t.Error(got)
				}
			}
		})
	}
	writers.Wait()
	for name, s := range map[string]*Sandbox{"first": a, "second": b, "third": openFake(t, path, Options{})} {
		if got := shown(t, s); got != "40" {
			t.Errorf("the %s shows %s of 40 writes", name, got)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(left) != 2 { // the state and its lock
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A sandbox in memory goes back to what its services held, as often as wanted; on
// a file it does not, for others may be on that.
func TestReturn(t *testing.T) {
	s := newFake(t, Options{})
	write := func(want string) {
		t.Helper()
		if got := outcome(t, s, raw{}); got != "200 OK" {
			t.Fatal(got)
		}
		if got := shown(t, s); got != want {
			t.Fatalf("shows %s, want %s", got, want)
		}
	}
	write("1")
	then, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		write("2")
		write("3")
		if err := s.Return(then); err != nil {
			t.Fatal(err)
		}
		if got := shown(t, s); got != "1" {
			t.Fatalf("went back to %s", got)
		}
	}
	if err := openFake(t, filepath.Join(t.TempDir(), "state.json"), Options{}).Return(then); err == nil {
		t.Error("a state file went back")
	}
}

func TestTheClockIsInTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.json")
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		a := openFake(t, path, Options{Start: start})
		b := openFake(t, path, Options{})
		if got := b.Now(); !got.Equal(start) {
			t.Errorf("the second starts at %s", got)
		}
		byHost := time.Now()
		if err := a.Advance(30 * day); err != nil {
			t.Fatal(err)
		}
		if got, want := b.Now(), start.Add(30*day+time.Second); !got.Equal(want) {
			t.Errorf("the second shows %s, want %s", got, want)
		}
		if !accepted(t, b, time.Now(), cliAgent) || accepted(t, b, byHost, cliAgent) {
			t.Error("the second has not the history of the clock")
		}
		// Opened again with its old start the clock goes on; with a later
		// one it is put forward.
		if got := openFake(t, path, Options{Start: start}).Now(); got.Before(start.Add(30 * day)) {
			t.Errorf("opened again it shows %s", got)
		}
		later := start.Add(60 * day)
		if got := openFake(t, path, Options{Start: later}).Now(); !got.Equal(later) {
			t.Errorf("opened again it shows %s, want %s", got, later)
		}
	})
}

// Reading must not touch the file: a run with nothing to do leaves no trace.
func TestReadsDoNotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	s := openFake(t, path, Options{})
	outcome(t, s, raw{})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	outcome(t, s, raw{target: describe})
	outcome(t, s, raw{target: "TrentService.DisableKey"})
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file was written")
	}
}

// What could not be saved has not happened, and the client learns that
// nobody knows.
func TestFailedSave(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state.json")
	s := openFake(t, path, Options{})
	outcome(t, s, raw{})
	aside := path + ".aside"
	if err := os.Link(path, aside); err != nil {
		t.Fatal(err)
	}
	// Something that rename cannot replace, once the call has been judged.
	s.services[serviceKMS] = &spoiler{counter: s.services[serviceKMS].(*counter), spoil: func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Error(err)
		}
	}}
	if got := outcome(t, s, raw{}); got != "500 Internal Server Error" {
		t.Errorf("a write that was not saved: %s", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, path); err != nil {
		t.Fatal(err)
	}
	if got := shown(t, s); got != "1" {
		t.Errorf("shows %s", got)
	}
}

func TestForeignStateIsRefused(t *testing.T) {
	for content, want := range map[string]string{
		`{"schema": 2, "write": "x"}`: "its schema is 2, this keyturn knows 1",
		`{"write": "x", "schema": 1}`: "not a keyturn sandbox's state",
		`[1, 2, 3, 4, 5, 6]`:          "not a keyturn sandbox's state",
		`{"schema": 1, "write"`:       "EOF",
		``:                            "EOF",
		`{"schema": 1, "write": "x", "account": "111122223333", "clock": [], "services": {}}`: "no clock",
		`{"schema": 1, "write": "x", "account": "111122223333", "clock": [{"from":"2026-01-01T00:00:00Z",` +
			`"offset":"0s"}], "services": {"s3": {}}}`: `unknown service "s3"`,
		`{"schema": 1, "write": "x", "account": "123456789012", "clock": [{"from":"2026-01-01T00:00:00Z",` +
			`"offset":"0s"}], "services": {}}`: "is of account 123456789012",
	} {
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, Options{services: fakes, Account: DefaultAccount})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", content, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != content {
			t.Errorf("%s became %s (%v)", content, after, err)
		}
	}
}

func TestDefaultStateFile(t *testing.T) {
	t.Setenv("HOME", "/home/someone")
	for xdg, want := range map[string]string{
		"/xdg":     "/xdg/keyturn/sandbox.json",
		"":         "/home/someone/.local/state/keyturn/sandbox.json",
		"relative": "/home/someone/.local/state/keyturn/sandbox.json",
	} {
		t.Setenv("XDG_STATE_HOME", xdg)
		if got, err := DefaultStateFile(); err != nil || got != want {
			t.Errorf("%q: %s, %v", xdg, got, err)
		}
	}
}
