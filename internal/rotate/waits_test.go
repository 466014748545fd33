package rotate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// A run that starts a second before a window opens waits for it: a host that
// is a little fast must not skip a month.
func TestWaitsForAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		opens := w.record(key).Anchor.Add(90 * day)
		w.advance(opens.Sub(w.aws.Now()) - 3*time.Minute)
		early := w.pool("early") // three minutes are more than --wait
		early.mustRun()
		if g := w.record(key).Generation; g != 1 {
			t.Fatalf("rotated %s before its window", plan.VersionName(g))
		}
		w.advance(2*time.Minute + 50*time.Second)
		w.pool("fast").mustRun()
		r := w.record(key)
		if r.Generation != 2 || r.SwitchedAt.Before(opens) {
			t.Errorf("%s, switched at %s, the window opens at %s", r, r.SwitchedAt, opens)
		}
	})
}

// Who has waited for a window outlasts the lease of a run that dies right after
// it opened: the time for standing by begins then.
func TestWaitingForAWindowLeavesTimeToStandBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		opens := w.record(key).Anchor.Add(90 * day)
		w.advance(opens.Sub(w.aws.Now()) - time.Minute)
		patient := w.pool("patient").begin()
		time.Sleep(time.Minute) // the bubble's
		dying := newPark(w.wire(), "CreateKey")
		died := w.poolOn("dying", dying).begin()
		<-dying.held
		k := only(t, <-patient)
		if r := w.record(key); k.Busy || r.Generation != 2 || r.Step != plan.Steady {
			t.Errorf("busy %v; %s", k.Busy, r)
		}
		close(dying.release)
		<-died
		w.sound()
	})
}

// With prepublish the version is made before its window, and switched to when
// both the window has opened and the version is old enough.
func TestPrepublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		v1 := w.makeKey(key.Alias)
		w.pool("first").mustRun()
		opens := w.record(key).Anchor.Add(90 * day)
		w.advance(opens.Sub(w.aws.Now()) - 2*day + time.Minute)
		if k := only(t, w.pool("a").mustRun()); k.Outcome != plan.Waiting {
			t.Fatalf("outcome %s %v", k.Outcome, k.Reasons)
		}
		r := w.record(key)
		if r.Step != plan.Created || r.Lease != nil || w.names(key.Alias) != v1 ||
			w.names(plan.VersionAlias(key.Alias, 2)) != r.Next().KeyID {
			t.Fatalf("%s, lease %+v", r, r.Lease)
		}
		seq := w.seq()
		w.pool("b").mustRun()
		if got := w.since(seq); got != "BatchGetItem×1" {
			t.Errorf("a run that finds it waiting: %s", got)
		}
		w.advance(2 * day)
		w.pool("c").mustRun()
		if r = w.record(key); r.Active != 2 || !r.Window.Equal(opens) {
			t.Errorf("%s, window %s, want %s", r, r.Window, opens)
		}
	})
}

// before_switch is asked by every pool, once a run, under no lease and without
// a write, until it says yes.
func TestBeforeSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    before_switch: consumers-know\n")
		key := w.plan.Keys[0]
		asked, answer := 0, plan.GateSeen{Said: "2 of 3 know"}
		gated := func(name string) *pool {
			p := w.pool(name)
			p.Gate = func(_ context.Context, g rotate.Gate) plan.GateSeen {
				asked++
				if got := strings.Join(g.Env, " "); !strings.Contains(got, "KEYTURN_VERSION=v2") ||
					!strings.Contains(got, "KEYTURN_KEY=orders-data") {
					t.Errorf("environment: %s", got)
				}
				return answer
			}
			return p
		}
		gated("a").mustRun() // makes the version, and asks
		rev := w.record(key).Rev
		if k := only(t, gated("b").mustRun()); k.Outcome != plan.Waiting {
			t.Errorf("outcome %s", k.Outcome)
		}
		if r := w.record(key); r.Step != plan.Created || r.Rev != rev || asked != 2 {
			t.Fatalf("%s, rev %d was %d, asked %d times", r, r.Rev, rev, asked)
		}
		answer = plan.GateSeen{Failed: "no such file"}
		if k := only(t, gated("c").run(t.Context())); k.Outcome != plan.Failed {
			t.Errorf("a gate that cannot be asked: %s", k.Outcome)
		}
		answer = plan.GateSeen{}
		w.advance(8 * day)
		if k := only(t, gated("d").run(t.Context())); k.Outcome != plan.Refused || k.Refusal.Code != "before-switch" {
			t.Errorf("after a week: %s", k.Outcome)
		}
		answer = plan.GateSeen{Open: true}
		gated("e").mustRun()
		if r := w.record(key); r.Active != 2 {
			t.Errorf("%s", r)
		}
	})
}

// A dry-run starts no command of the plan: not of a key that is due, nor of a
// version that waits, nor for a person who is asked to confirm. It goes on as
// after a yes, and says that nobody gave it. With Ask it asks.
func TestDryRunDoesNotAsk(t *testing.T) {
	for name, waits := range map[string]bool{"due": false, "a version waits": true} {
		for _, ask := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", ask ", ask), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := due(t, onePlan+"    before_switch: consumers-know\n")
					var asked []rotate.Gate
					answer := plan.GateSeen{}
					pool := func(dry bool) *pool {
						p := w.pool("a")
						p.Dry, p.Ask = dry, ask
						p.Gate = func(_ context.Context, g rotate.Gate) plan.GateSeen {
							asked = append(asked, g)
							return answer
						}
						return p
					}
					if waits {
						pool(false).mustRun()
						asked = nil
					}
					answer = plan.GateSeen{Open: true}
					k := only(t, pool(true).run(t.Context()))
					if k.Gate == nil || !k.Gate.Open || k.Gate.Assumed == ask || !k.Did(plan.WriteFinish) {
						t.Errorf("gate %+v, %s", k.Gate, k.Outcome)
					}
					if len(asked) > 0 != ask {
						t.Fatalf("asked %d times", len(asked))
					}
					if ask && waits == slices.Contains(asked[0].Env, "KEYTURN_KEY_ID=") { // empty: not made yet
						t.Errorf("asked about %q", asked[0].Env)
					}
					asked = nil
					person := w.asks(plan.Request{Verb: plan.VerbRotate})
					person.Dry, person.Ask, person.Gate = true, ask, pool(true).Gate
					if person.run(t.Context()); len(asked) > 0 {
						t.Error("a person's rotate has asked")
					}
				})
			})
		}
	}
}

// KMS's reads may lag by a minute behind what was just made; a rotation waits
// for them, and one that lags longer is left to the next run.
func TestLaggingReads(t *testing.T) {
	for _, lag := range []time.Duration{5 * time.Second, 40 * time.Second, 5 * time.Minute} {
		t.Run(lag.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				if err := w.aws.SetSwitches(sandbox.Switches{Lag: sandbox.Duration(lag)}); err != nil {
					t.Fatal(err)
				}
				seq := w.seq()
				for range 8 {
					w.pool("a").run(t.Context())
					w.advance(plan.LeaseFor + time.Second)
				}
				if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady {
					t.Errorf("%s, last error %+v", r, r.LastError)
				}
				if got := w.since(seq); !strings.Contains(got, "CreateKey×1 ") ||
					!strings.Contains(got, "UpdateAlias×1 ") {
					t.Errorf("calls: %s", got)
				}
			})
		})
	}
}

// adopt --create makes the first version and the alias; a run that dies on the
// way is finished by cron.
func TestAdoptCreate(t *testing.T) {
	const yaml = onePlan + "    spec: HMAC_256\n    usage: GENERATE_VERIFY_MAC\n"
	for _, operation := range []string{"", "CreateKey", "CreateAlias", "UpdateItem"} {
		t.Run("after "+operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, yaml)
				key := w.plan.Keys[0]
				if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused ||
					k.Refusal.Code != "alias-missing" {
					t.Fatalf("cron: %s", k.Outcome)
				}
				p := w.asks(plan.Request{Verb: plan.VerbAdopt, Create: true})
				if operation != "" {
					ctx, cancel := context.WithCancel(t.Context())
					parked := newPark(w.aws.RoundTripper(), operation)
					p = w.poolOn("person", parked)
					p.request = plan.Request{Verb: plan.VerbAdopt, Create: true}
					go func() { <-parked.held; cancel(); close(parked.release) }()
					p.run(ctx)
				} else {
					p.mustRun()
				}
				w.pool("cron").mustRun()
				r := w.record(key)
				if r.Generation != 1 || r.Step != plan.Steady || r.Active == 0 ||
					w.names(key.Alias) != r.Live().KeyID || w.names(plan.VersionAlias(key.Alias, 1)) != r.Live().KeyID {
					t.Errorf("%s active %+v", r, r.Live())
				}
			})
		})
	}
}

// Keys that cannot be rotated are refused by name.
func TestUnsupportedKeys(t *testing.T) {
	for name, in := range map[string]*awskms.CreateKeyInput{
		"multi-Region": {MultiRegion: aws.Bool(true)},
		"imported":     {Origin: kmstypes.OriginTypeExternal},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, onePlan)
				k, err := w.admin.CreateKey(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				in := &awskms.CreateAliasInput{AliasName: &w.plan.Keys[0].Alias, TargetKeyId: k.KeyMetadata.KeyId}
				if _, err := w.admin.CreateAlias(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				got := only(t, w.pool("a").run(t.Context()))
				if got.Outcome != plan.Refused || got.Refusal.Code != "unsupported-key" ||
					!strings.Contains(got.Refusal.What, name) {
					t.Errorf("%s %+v", got.Outcome, got.Refusal)
				}
				if w.record(w.plan.Keys[0]) != nil {
					t.Error("a record was made")
				}
			})
		})
	}
}
