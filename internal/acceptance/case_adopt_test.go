package acceptance

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

func table(t *testing.T, s suite) {
	w := emptyWorld(t, s.backend) // that makes it once
	var again struct {
		Created bool `json:"created"`
	}
	w.document(0, &again, "init", "--table")
	if again.Created {
		t.Error("the table was made a second time")
	}
}

func adopt(t *testing.T, s suite) {
	w := newWorld(t, s.backend)
	was := w.behind(w.alias)
	if r := w.want(0, "run"); !strings.Contains(r.out, "v1") {
		t.Errorf("said %q", r.out)
	}
	r := w.settled(1, 1)
	if !r.Live().Adopted || r.Live().KeyID != was {
		t.Errorf("active %+v, the alias named %s", r.Live(), was)
	}
	if got := w.gate.changes(); len(got) != 0 {
		t.Errorf("changes of KMS: %v", got)
	}
	if has := r.TableID != ""; has != s.has(tableID) {
		t.Errorf("the record was born in table %q", r.TableID)
	}
}

func create(t *testing.T, s suite) {
	w := emptyWorld(t, s.backend, "spec: SYMMETRIC_DEFAULT", "usage: ENCRYPT_DECRYPT")
	if r := w.want(13, "run"); !strings.Contains(r.err, "--create") {
		t.Errorf("without the alias the hint is not adopt --create:\n%s", r.err)
	}
	w.want(0, "adopt", w.name, "--create")
	w.settled(1, 1)
	w.want(0, "adopt", w.name, "--create")
	if got := w.gate.changes(); got["CreateKey"] != 1 || got["CreateAlias"] != 2 || len(got) != 2 {
		t.Errorf("changes of KMS: %v", got)
	}
}

func dryRun(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	rev := w.record().Rev
	var d runDocument
	w.document(10, &d, "run", "--dry-run", "--detailed-exitcode")
	if got := d.operations(); !slices.Contains(got, "CreateKey") || !slices.Contains(got, "UpdateAlias") {
		t.Errorf("the calls ahead are %v", got)
	}
	if got := w.gate.changes(); len(got) != 0 || w.record().Rev != rev {
		t.Errorf("changes of KMS: %v; revision %d, was %d", got, w.record().Rev, rev)
	}
	// What was announced is what is done.
	var real runDocument
	w.document(0, &real, "run")
	if got, want := real.operations(), d.operations(); !slices.Equal(got, want) {
		t.Errorf("announced %v\ndid  %v", want, got)
	}
}

func rotateOnce(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	if r := w.want(0, "run"); !strings.Contains(r.out, "rotated v1 to v2") {
		t.Errorf("said %q", r.out)
	}
	w.rotatedOnce()

	w.gate.reset()
	rev := w.record().Rev
	if r := w.want(0, "run"); r.said() != "" {
		t.Errorf("a second run said %q", r.said())
	}
	w.gate.mu.Lock()
	defer w.gate.mu.Unlock()
	if len(w.gate.asked) != 1 || w.gate.asked["BatchGetItem"] != 1 || w.record().Rev != rev {
		t.Errorf("a second run made the calls %v", w.gate.asked)
	}
}

func person(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted()
	w.want(64, "rotate", w.name)
	w.want(0, w.confirmed("rotate", "key leaked")...)
	w.settled(2, 2)
	w.want(0, w.confirmed("rotate", "key leaked")...)
	w.settled(2, 2)
	w.want(0, append(w.confirmed("rotate", "key leaked"), "--again")...)
	r := w.settled(3, 3)
	if r.Claim.Verb != plan.VerbRotate || r.Claim.Reason != "key leaked" {
		t.Errorf("claim %+v", r.Claim)
	}
	// Its window is done too.
	if r := w.want(0, "run"); r.said() != "" {
		t.Errorf("run said %q", r.said())
	}
}

func hold(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	w.want(0, "hold", w.name, "--reason", "incident 42")
	if r := w.want(0, "run"); !strings.Contains(r.out, "incident 42") {
		t.Errorf("said %q", r.said())
	}
	w.settled(1, 1)
	w.want(0, "release", w.name)
	w.want(0, "run")
	w.rotatedOnce()
}

// kinds rotates a key of each kind: the probe of its usage is what differs.
func kinds(t *testing.T, s suite) {
	for _, k := range [][2]string{{"RSA_2048", "ENCRYPT_DECRYPT"}, {"RSA_2048", "SIGN_VERIFY"},
		{"ECC_NIST_P256", "SIGN_VERIFY"},
		{"ECC_SECG_P256K1", "SIGN_VERIFY"}, {"HMAC_256", "GENERATE_VERIFY_MAC"}} {
		t.Run(k[0]+" "+k[1], func(t *testing.T) { kind(t, s, k[0], k[1]) })
	}
}

func agreement(t *testing.T, s suite)   { kind(t, s, "ECC_NIST_P256", "KEY_AGREEMENT") }
func postQuantum(t *testing.T, s suite) { kind(t, s, "ML_DSA_44", "SIGN_VERIFY") }

func kind(t *testing.T, s suite, spec, usage string) {
	w := emptyWorld(t, s.backend, "spec: "+spec, "usage: "+usage)
	w.want(0, "adopt", w.name, "--create")
	w.due()
	w.want(0, "run")
	r := w.settled(2, 2)
	k := w.describe(r.Live().KeyID)
	if string(k.KeySpec) != spec || string(k.KeyUsage) != usage {
		t.Errorf("v2 is %s for %s", k.KeySpec, k.KeyUsage)
	}
}
