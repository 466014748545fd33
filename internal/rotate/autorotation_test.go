package rotate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// rotates has a key rotated automatically, every so many days.
func (w *world) rotates(keyID string, days int32) {
	w.t.Helper()
	if _, err := w.admin.EnableKeyRotation(
		w.t.Context(),
		&awskms.EnableKeyRotationInput{KeyId: &keyID, RotationPeriodInDays: &days},
	); err != nil {
		w.t.Fatal(err)
	}
}

// rotation returns the period of the automatic rotation of what an alias names; 0: none.
func (w *world) rotation(alias string) int32 {
	w.t.Helper()
	s, err := w.admin.GetKeyRotationStatus(
		w.t.Context(),
		&awskms.GetKeyRotationStatusInput{KeyId: aws.String(w.names(alias))},
	)
	if err != nil {
		w.t.Fatal(err)
	}
	if !s.KeyRotationEnabled {
		return 0
	}
	return aws.ToInt32(s.RotationPeriodInDays)
}

// dueRotating returns a world with a due key that is rotated automatically; 0 days: it
// is not.
func dueRotating(t *testing.T, yaml string, days int32) (*world, plan.Policy) {
	t.Helper()
	w := due(t, yaml)
	key := w.plan.Keys[0]
	if days > 0 {
		w.rotates(w.names(key.Alias), days)
	}
	return w, key
}

// A new version has the automatic rotation that the plan says: by default that of
// the version before. A dry-run shows the call, and both say what differs.
func TestAutomaticRotationFollows(t *testing.T) {
	for _, c := range []struct {
		line      string
		before    int32
		want      int32
		enables   int
		differing bool
	}{
		{"", 0, 0, 0, false},
		{"", 365, 365, 1, false},
		{"auto_rotation: copy", 200, 200, 1, false},
		{"auto_rotation: off", 0, 0, 0, false},
		{"auto_rotation: off", 365, 0, 0, true},
		{"auto_rotation: 180d", 0, 180, 1, true},
		{"auto_rotation: 180d", 365, 180, 1, true},
		{"auto_rotation: 180d", 180, 180, 1, false},
	} {
		t.Run(fmt.Sprintf("%s, was %d", c.line, c.before), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key := dueRotating(t, onePlan+"    "+c.line+"\n", c.before)
				dry := w.pool("dry")
				dry.Dry = true
				k := only(t, dry.mustRun())
				if k.Did(plan.EnableRotation) != (c.enables > 0) || (len(k.RotationNotes) > 0) != c.differing {
					t.Errorf("dry-run: %v, notes %q", k.Did(plan.EnableRotation), k.RotationNotes)
				}
				seq := w.seq()
				k = only(t, w.pool("a").mustRun())
				if got := w.rotation(key.Alias); got != c.want {
					t.Errorf("v2 is rotated every %d days, want %d", got, c.want)
				}
				if n := w.calls(seq, "EnableKeyRotation"); n != c.enables {
					t.Errorf("%d calls of EnableKeyRotation", n)
				}
				if n := w.calls(seq, "GetKeyRotationStatus"); n != 1 {
					t.Errorf("%d calls of GetKeyRotationStatus", n)
				}
				if (len(k.RotationNotes) > 0) != c.differing {
					t.Errorf("notes %q", k.RotationNotes)
				}
				rotatedOnce(t, w)
				w.sound()
			})
		})
	}
}

// Only symmetric encryption keys have it. For others nobody asks.
func TestAutomaticRotationIsForSymmetricKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan+"    auto_rotation: 180d\n")
		k, err := w.admin.CreateKey(
			t.Context(),
			&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpecHmac256, KeyUsage: kmstypes.KeyUsageTypeGenerateVerifyMac},
		)
		if err != nil {
			t.Fatal(err)
		}
		w.aliasByHand(w.plan.Keys[0].Alias, aws.ToString(k.KeyMetadata.KeyId))
		w.pool("first").mustRun()
		w.advance(91 * day)
		if k := only(t, w.pool("a").mustRun()); len(k.RotationNotes) > 0 {
			t.Errorf("notes %q", k.RotationNotes)
		}
		for _, op := range []string{"GetKeyRotationStatus", "EnableKeyRotation"} {
			if n := w.calls(0, op); n > 0 {
				t.Errorf("%d calls of %s", n, op)
			}
		}
		rotatedOnce(t, w)
		w.sound()
	})
}

// The terms are frozen in the claim, and whoever resumes looks before it switches
// rotation on: at most once for each version, wherever the first run died.
func TestAutomaticRotationAfterACrash(t *testing.T) {
	for _, more := range []string{"", "    prepublish: 2d\n"} {
		for _, at := range []string{"CreateAlias", "EnableKeyRotation", "DescribeKey", "UpdateAlias"} {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(more, at, " after ", after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w, key := dueRotating(t, onePlan+more, 365)
						seq := w.seq()
						n := map[string]int{"CreateAlias": 2, "DescribeKey": 2}[at]
						s := newCrash(w.wire(), at, max(1, n))
						s.after = after
						w.poolOnCrash("crash", s, plan.Request{Verb: plan.VerbSchedule})
						// What the old version has now is not asked again: the claim counts.
						if _, err := w.admin.DisableKeyRotation(
							t.Context(),
							&awskms.DisableKeyRotationInput{
								KeyId: aws.String(w.names(plan.VersionAlias(key.Alias, 1))),
							},
						); err != nil {
							t.Fatal(err)
						}
						w.advance(plan.FenceFor + plan.LeaseFor)
						w.pool("b").mustRun()
						w.advance(3 * day)
						w.pool("c").mustRun()
						if got := w.rotation(key.Alias); got != 365 || w.record(key).Active != 2 {
							t.Errorf("%s: rotated every %d days", w.record(key), got)
						}
						made := 0
						for _, e := range w.aws.Journal() {
							if e.Seq > seq && e.Operation == "EnableKeyRotation" && e.Status == 200 {
								made++
							}
						}
						if made != 1 {
							t.Errorf("rotation was switched on %d times", made)
						}
						w.sound()
					})
				})
			}
		}
	}
}

// A denied EnableKeyRotation may be authorisation that lags: for five minutes a run
// tries MaxTries times and ends with 1, and nothing is counted. Then it is told, and
// the rotation goes on. So does one that KMS does not answer.
func TestAutomaticRotationThatCannotBeSwitchedOn(t *testing.T) {
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		{Kind: sandbox.Refuse, Code: "InternalFailure", Status: 500},
		{Kind: sandbox.Drop},
	} {
		t.Run(fmt.Sprint(f.Kind, f.Code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key := dueRotating(t, onePlan, 365)
				f.Operation = "EnableKeyRotation"
				w.fault(f)
				seq := w.seq()
				if k := only(t, w.pool("a").run(t.Context())); k.Outcome != plan.Failed || k.Err == nil {
					t.Errorf("%s %v", k.Outcome, k.Err)
				}
				if r, n := w.record(
					key,
				), w.calls(
					seq,
					"EnableKeyRotation",
				); n != plan.MaxTries || r.Attempts != nil ||
					r.Step != plan.Claimed {
					t.Errorf("%d calls, %s, attempts %+v", n, r, r.Attempts)
				}
				w.advance(plan.AuthorisationLag + time.Second)
				k := only(t, w.pool("b").mustRun())
				if !slices.ContainsFunc(
					k.RotationNotes,
					func(n string) bool { return strings.Contains(n, "could not be switched on") },
				) {
					t.Errorf("notes %q", k.RotationNotes)
				}
				if r := w.record(key); r.Active != 2 || r.Attempts != nil {
					t.Errorf("%s, attempts %+v", r, r.Attempts)
				}
				w.sound()
			})
		})
	}
	t.Run("not supported", func(t *testing.T) { // that does not settle itself
		synctest.Test(t, func(t *testing.T) {
			w, key := dueRotating(t, onePlan, 365)
			w.fault(
				sandbox.Fault{
					Operation: "EnableKeyRotation",
					Kind:      sandbox.Refuse,
					Code:      "UnsupportedOperationException",
				},
			)
			if k := only(t, w.pool("a").mustRun()); len(k.RotationNotes) != 1 || w.record(key).Active != 2 {
				t.Errorf("notes %q", k.RotationNotes)
			}
			w.sound()
		})
	})
}

// A status that could not be read is frozen as not known and asked for again before
// the signature; then it is told.
func TestAutomaticRotationThatIsNotKnown(t *testing.T) {
	for _, heals := range []bool{false, true} {
		t.Run(fmt.Sprint("heals ", heals), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key := dueRotating(t, onePlan, 365)
				w.fault(
					sandbox.Fault{
						Operation: "GetKeyRotationStatus",
						Kind:      sandbox.Refuse,
						Code:      "AccessDeniedException",
					},
				)
				s := newCrash(w.wire(), "CreateAlias", 2)
				s.after = true
				w.poolOnCrash("crash", s, plan.Request{Verb: plan.VerbSchedule})
				if r := w.record(key); !r.Claim.AutoUnknown || r.Claim.AutoRotation != 0 {
					t.Fatalf("claim %+v", r.Claim)
				}
				if heals {
					w.noFaults()
				}
				w.advance(plan.LeaseFor + time.Second)
				k := only(t, w.pool("b").mustRun())
				w.noFaults()
				want := map[bool]int32{true: 365}[heals]
				if got := w.rotation(key.Alias); got != want || (len(k.RotationNotes) == 0) != heals {
					t.Errorf("rotated every %d days, notes %q", got, k.RotationNotes)
				}
				rotatedOnce(t, w)
				w.sound()
			})
		})
	}
}

// A key that is adopted keeps the rotation it has. Where the plan says another for
// new versions, that is told, and only then anybody asks.
func TestAdoptSaysHowRotationDiffers(t *testing.T) {
	for line, want := range map[string]int{"": 0, "auto_rotation: 180d": 1, "auto_rotation: off": 0} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, onePlan+"    "+line+"\n")
				w.makeKey(w.plan.Keys[0].Alias)
				k := only(t, w.pool("first").mustRun())
				if len(k.RotationNotes) != want || (w.calls(0, "GetKeyRotationStatus") > 0) != (line != "") {
					t.Errorf("notes %q, %d calls", k.RotationNotes, w.calls(0, "GetKeyRotationStatus"))
				}
				w.sound()
			})
		})
	}
}
