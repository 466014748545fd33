package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/plan"
)

func (w *world) describe(id string) *types.KeyMetadata {
	w.t.Helper()
	out, err := w.conn.KMS.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.KeyMetadata
}

func rollback(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	w.want(0, "run")
	one, two := w.record().Draining()[0].KeyID, w.record().Live().KeyID
	w.want(0, w.confirmed("rollback", "callers fail")...)
	r := w.settled(3, 1)
	if r.Live().KeyID != one || len(r.Draining()) != 1 || r.Draining()[0].KeyID != two {
		t.Errorf("active %+v, draining %+v", r.Live(), r.Draining())
	}
	// And on from there: the next version is not v2 again.
	w.due()
	w.want(0, "run")
	w.settled(4, 4)
}

func oldData(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted()
	const text = "of v1"
	made, err := w.conn.KMS.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &w.alias, Plaintext: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.due().want(0, "run")
	}
	w.settled(3, 3)
	back, err := w.conn.KMS.Decrypt(t.Context(),
		&awskms.DecryptInput{CiphertextBlob: made.CiphertextBlob, KeyId: aws.String(w.alias + "/v1")})
	if err != nil || string(back.Plaintext) != text {
		t.Errorf("decrypted %q, %v", back.Plaintext, err)
	}
}

func drain(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted().due()
	w.want(0, "run")
	first := w.record().Draining()[0]
	if got := first.DrainUntil.Sub(w.record().SwitchedAt); got != 30*day || first.Version != 1 {
		t.Errorf("v%d drains for %s", first.Version, got)
	}
	w.advance(day)
	w.want(0, w.confirmed("rotate", "key leaked")...)
	r := w.settled(3, 3)
	if len(r.Draining()) != 2 || !r.Draining()[0].DrainUntil.Equal(first.DrainUntil) ||
		!r.Draining()[1].DrainUntil.After(first.DrainUntil) {
		t.Errorf("v1 drained until %s; now %+v", first.DrainUntil, r.Draining())
	}
	w.advance(32 * day)
	w.want(0, "run")
	r = w.settled(3, 3)
	if len(r.Draining()) != 0 || len(r.Retired()) != 2 || r.Retired()[0].KeptAt.IsZero() {
		t.Errorf("draining %+v, retired %+v", r.Draining(), r.Retired())
	}
	if got := w.describe(first.KeyID).KeyState; got != types.KeyStateEnabled {
		t.Errorf("v1, which is kept, is %s", got)
	}
}

func retire(t *testing.T, s suite) {
	w := newWorld(t, s.backend, "retire: {action: disable, unless_used_within: off}").adopted().due()
	w.want(0, "run")
	one := w.record().Draining()[0].KeyID
	w.advance(29 * day)
	w.want(0, "run")
	if got := w.describe(one).KeyState; got != types.KeyStateEnabled {
		t.Fatalf("before its drain is over v1 is %s", got)
	}
	w.advance(2 * day)
	w.gate.reset()
	w.want(0, "run")
	r := w.settled(2, 2)
	if got := w.describe(one).KeyState; got != types.KeyStateDisabled || len(r.Retired()) != 1 ||
		r.Retired()[0].DisabledAt.IsZero() {
		t.Errorf("v1 is %s; retired %+v", got, r.Retired())
	}
	if got := w.gate.changes(); got["DisableKey"] != 1 || len(got) != 1 || w.gate.requests("GetKeyLastUsage") != 0 {
		t.Errorf("changes of KMS: %v; GetKeyLastUsage: %d", got, w.gate.requests("GetKeyLastUsage"))
	}
	w.want(0, "reinstate", w.name)
	if got := w.describe(one).KeyState; got != types.KeyStateEnabled {
		t.Errorf("v1 was reinstated and is %s", got)
	}
	w.settled(2, 2)
}

// lastUse is the same with the usage asked for. Where it cannot be learnt, the
// version stays: an answer of 500 is no "not used". It is asked a few times and
// then not before the next day.
func lastUse(t *testing.T, s suite) {
	w := newWorld(t, s.backend, "retire: {action: disable, unless_used_within: 7d}").adopted().due()
	w.want(0, "run")
	one := w.record().Draining()[0].KeyID
	w.advance(31 * day)
	w.gate.reset()
	r := w.want(0, "run")
	asked := w.gate.requests("GetKeyLastUsage")
	if asked < 1 || asked > plan.MaxTries {
		t.Errorf("GetKeyLastUsage was asked %d times", asked)
	}
	state := w.describe(one).KeyState
	switch {
	case s.has(lastUsage):
		if state != types.KeyStateDisabled {
			t.Errorf("v1 was not used for 31 days and is %s\n%s", state, r.said())
		}
		return
	case state != types.KeyStateEnabled:
		t.Errorf("nobody knows when v1 was last used, and it is %s", state)
	case !strings.Contains(w.want(13, "status").out, "its use could not be learnt"):
		t.Error("status does not say that the last use of v1 is not known")
	}
	if e := w.record().LastError; e == nil || e.Code != "last-use" {
		t.Errorf("the record does not say why v1 stays enabled: %+v", e)
	}
	w.gate.reset()
	w.want(0, "run")
	if again := w.gate.requests("GetKeyLastUsage"); again != 0 {
		t.Errorf("on the same day GetKeyLastUsage was asked %d times more", again)
	}
}

func drift(t *testing.T, s suite) {
	w := newWorld(t, s.backend).adopted()
	key, err := w.conn.KMS.CreateKey(t.Context(), symmetric)
	if err != nil {
		t.Fatal(err)
	}
	foreign := aws.ToString(key.KeyMetadata.KeyId)
	w.due()
	if _, err := w.conn.KMS.UpdateAlias(t.Context(),
		&awskms.UpdateAliasInput{AliasName: &w.alias, TargetKeyId: &foreign}); err != nil {
		t.Fatal(err)
	}
	var d runDocument
	w.document(13, &d, "run")
	hint := fmt.Sprint(d.Keys[0].Next.Commands)
	if ref := d.Keys[0].Refusal; ref == nil || !strings.Contains(hint, "adopt "+w.name) ||
		!strings.Contains(ref.What, foreign) {
		t.Errorf("refusal %+v", ref)
	}
	w.want(13, "status")
	w.want(13, "audit")
	if got := w.gate.changes(); len(got) != 0 || w.behind(w.alias) != foreign {
		t.Errorf("changes of KMS: %v; the alias names %s", got, w.behind(w.alias))
	}
	w.want(0, w.confirmed("adopt", "moved by Terraform")...)
	r := w.settled(2, 2)
	if r.Live().KeyID != foreign || len(r.Draining()) != 1 {
		t.Errorf("active %+v, draining %+v", r.Live(), r.Draining())
	}
	w.want(0, "run")
}
