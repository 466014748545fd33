package acceptance

import (
	"encoding/json"
	"os"
	"sync"
	"testing"
	"time"
)

// testCase is one thing that a user relies on.
type testCase struct {
	name string
	// what describes the case in docs/backends.md.
	what  string
	needs []ability
	run   func(t *testing.T, s suite)
}

// suite is what a case is given.
type suite struct {
	backend backend
	found   []finding
}

// has reports whether the backend was found to have an ability.
func (s suite) has(a ability) bool {
	_, lacking := lacks(s.found, []ability{a})
	return !lacking
}

// outcome is what came of a case, for docs/backends.md.
type outcome struct {
	Case string `json:"case"`
	What string `json:"what"`
	// Result is pass, fail or cannot.
	Result string `json:"result"`
	// Why is the ability that is missing.
	Why string `json:"why,omitempty"`
}

// report is what -results writes.
type report struct {
	Backend  string    `json:"backend"`
	Version  string    `json:"version"`
	At       time.Time `json:"at"`
	Found    []finding `json:"found"`
	Outcomes []outcome `json:"outcomes"`

	// mu guards Outcomes and the file.
	mu sync.Mutex
}

// TestBackend is the suite. See the package's comment.
func TestBackend(t *testing.T) {
	b, cases := backendOf(t), cases()
	r := &report{Backend: b.name, Version: os.Getenv("KEYTURN_BACKEND_VERSION"),
		At:    time.Now().UTC().Truncate(time.Second),
		Found: []finding{}, Outcomes: make([]outcome, len(cases))}
	for i, c := range cases {
		r.Outcomes[i] = outcome{Case: c.name, What: c.what, Result: "not run"}
	}
	defer r.write(t) // also if no case is run
	found := abilities(t, b)
	if t.Failed() {
		t.Fatalf("backend %s does not answer the first questions", b.name)
	}
	r.Found = found
	for _, f := range found {
		has := "has"
		if !f.Has {
			has = "has no"
		}
		t.Logf("%s %s %s (%s)", b.name, has, f.Ability, f.Seen)
	}
	_, alone := lacks(found, []ability{oneWinner, wholeUpdates})
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !alone { // cases have nothing in common, but a backend without a lock may trip over that
				t.Parallel()
			}
			result, why := "fail", ""
			t.Cleanup(func() { r.came(t, i, result, why) }) // of each when it ends: the next may not
			if f, lacking := lacks(found, c.needs); lacking {
				result, why = "cannot", string(f.Ability)
				t.Skipf("cannot: %s has no %s (%s)", b.name, f.Ability, f.Seen)
			}
			c.run(t, suite{b, found})
			if !t.Failed() {
				result = "pass"
			}
		})
	}
}

// came takes in what came of a case.
func (r *report) came(t *testing.T, i int, result, why string) {
	r.mu.Lock()
	r.Outcomes[i].Result, r.Outcomes[i].Why = result, why
	r.mu.Unlock()
	r.write(t)
}

func (r *report) write(t *testing.T) {
	if *resultsFile == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	document, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(*resultsFile, append(document, '\n'), 0o600)
	}
	if err != nil {
		t.Errorf("write the results: %v", err)
	}
}

// cases returns all of them, in the order of docs/backends.md.
func cases() []testCase {
	return []testCase{
		{"table", "`init --table` makes the lock table, twice without harm", nil, table},
		{"adopt", "an alias is taken under management; KMS is not changed", nil, adopt},
		{"create", "`adopt --create` makes an alias that is not there", nil, create},
		{"dry-run", "`--dry-run` lists the calls ahead and makes none that changes anything", nil, dryRun},
		{"rotate", "one window, one new version; a second run does nothing and asks KMS nothing", nil, rotateOnce},
		{"person", "`rotate` at any hour; repeated within the hour it names the one before", nil, person},
		{"rollback", "`rollback` puts the version before back; a new generation", nil, rollback},
		{"old data", "what an old version encrypted can be decrypted after two rotations", nil, oldData},
		{"drain", "the drain's end is recorded with the switch and stays; kept when it is over", nil, drain},
		{"retire", "a drained version is disabled with `unless_used_within: off`, and reinstated", nil, retire},
		{"last use", "a version is retired only if its last use is known", nil, lastUse},
		{"drift", "an alias that somebody moved is refused, until `adopt` accepts it", nil, drift},
		{"hold", "`hold` stops the schedule, `release` starts it again", nil, hold},
		{"killed", "a run killed after each of its calls in turn; the next one resumes", nil, killed},
		{"at once", "16 processes at the same instant: one version, one move", []ability{oneWinner, wholeUpdates},
			atOnce},
		{"killed at once", "16 processes, the one that rotates killed with its move made",
			[]ability{oneWinner, wholeUpdates}, killedAtOnce},
		{"stale move", "an alias move that was signed 20 minutes ago does nothing", []ability{signatureAge}, staleMove},
		{"restored table", "a table that was restored is refused", []ability{tableID}, restoredTable},
		{"kinds", "RSA, ECC and HMAC keys: made, probed, rotated", nil, kinds},
		{"key agreement", "the same for a KEY_AGREEMENT key", []ability{keyAgreement}, agreement},
		{"ML-DSA", "the same for an ML-DSA key", []ability{mlDSA}, postQuantum},
		{"JSON", "each document of `--output json`, and `--log json` alone on stderr", nil, documents},
		{"exit codes", "0, 1, 10, 11, 13, 64 and 130", nil, exitCodes},
		{"audit", "`audit` finds nothing after all of a key's life", nil, audited},
	}
}
