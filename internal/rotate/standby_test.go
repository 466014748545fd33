package rotate_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// counted counts the calls of one run at the wire.
type counted struct {
	next           http.RoundTripper
	reads, refused int
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.next.RoundTrip(r)
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "BatchGetItem":
		c.reads++
	case "UpdateItem":
		if err == nil && answer.StatusCode/100 != 2 {
			c.refused++
		}
	}
	return answer, err
}

// slowFrom lets each call take a while, from the first one of an operation on, if that is
// given.
type slowFrom struct {
	next      http.RoundTripper
	operation string
	each      time.Duration
	begun     atomic.Bool
}

func (s *slowFrom) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.operation == "" || strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+s.operation) {
		s.begun.Store(true)
	}
	if s.begun.Load() {
		time.Sleep(s.each)
	}
	return s.next.RoundTrip(r)
}

// Pools start at once, and the rotation takes the one that wins it more than a minute.
// Each of the others makes a dozen reads at most and loses one write at most, however many
// there are, and all end with 0.
func TestLosersOfASlowRotation(t *testing.T) {
	for _, pools := range []int{2, 8, 64} {
		t.Run(fmt.Sprint(pools, " pools"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				began := time.Now()
				calls := make([]*counted, pools)
				reports := make([]<-chan *rotate.Report, pools)
				for i := range calls {
					slow := &slowFrom{next: w.wire(), operation: "CreateKey", each: 5 * time.Second}
					calls[i] = &counted{next: slow}
					reports[i] = w.poolOn(fmt.Sprint("pool", i), calls[i]).begin()
				}
				won, most := 0, 0
				for i, c := range calls {
					switch k := only(t, <-reports[i]); {
					case k.Exit(false) != plan.ExitDone:
						t.Errorf("pool %d: exit %d, %s %v %v", i, k.Exit(false), k.Outcome, k.Err, k.Reasons)
					case k.Did(plan.WriteFinish):
						won++
					case c.reads > 12 || c.refused > 1 || k.Changed():
						t.Errorf("pool %d: %d reads, %d writes refused", i, c.reads, c.refused)
					default:
						most = max(most, c.reads)
					}
				}
				if took := time.Since(began); won != 1 || took < time.Minute {
					t.Errorf("%d finished it, and it took %s", won, took)
				}
				t.Logf("%d pools: at most %d reads in %s", pools, most, time.Since(began))
				w.sound()
			})
		})
	}
}

// After a kill another run goes on within 35 s, whatever was under way.
func TestOthersGoOnAfterAKill(t *testing.T) {
	for _, pools := range []int{2, 64} {
		for _, operation := range []string{"CreateKey", "CreateAlias", "Encrypt", "UpdateAlias"} {
			t.Run(fmt.Sprint(operation, ", ", pools, " pools"), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := due(t, onePlan)
					key := w.plan.Keys[0]
					dying := newPark(w.wire(), operation) // it never gets further
					died := w.poolOn("dying", dying).begin()
					<-dying.held
					killed, left := time.Now(), w.record(key).Rev
					reports := make([]<-chan *rotate.Report, pools-1)
					for i := range reports {
						reports[i] = w.pool(fmt.Sprint("pool", i)).begin()
					}
					time.Sleep(35 * time.Second)
					if r := w.record(key); r.Rev == left {
						t.Errorf("nobody has gone on after %s: %s", time.Since(killed), r)
					}
					for i, done := range reports {
						if k := only(t, <-done); k.Exit(false) != plan.ExitDone {
							t.Errorf("pool %d: exit %d, %s %v", i, k.Exit(false), k.Outcome, k.Err)
						}
					}
					if r := w.record(key); r.Active != 2 || r.Step != plan.Steady {
						t.Errorf("%s", r)
					}
					close(dying.release)
					<-died
					w.sound()
				})
			})
		}
	}
}

// wave is a plan of n keys that are due.
func wave(t *testing.T, n int) *world {
	yaml := "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n"
	for i := range n {
		yaml += fmt.Sprintf("  - alias: alias/k%02d\n", i)
	}
	return due(t, yaml)
}

// twoAtATime has a run work on two keys at a time, so that few keys make a long wave.
type twoAtATime struct{ parallel.Goroutines }

func (h twoAtATime) Slots(n int) parallel.Slots { return h.Goroutines.Slots(min(n, 2)) }

// Every run of a wave that is longer than --wait ends with 0, and so does one that joins
// it later. No key is reported as busy that another run has finished by then.
func TestEveryRunOfAWaveEndsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wave(t, 16)
		began := time.Now()
		var reports []<-chan *rotate.Report
		start := func(name string) {
			p := w.poolOn(name, &slowFrom{next: w.wire(), each: 4 * time.Second})
			p.Wait, p.Parallel = time.Minute, twoAtATime{}
			reports = append(reports, p.begin())
		}
		start("a")
		start("b")
		time.Sleep(2 * time.Minute)
		start("next tick")
		finished, others := 0, 0
		for _, done := range reports {
			r := <-done
			if r.Exit(false) != plan.ExitDone {
				t.Errorf("exit %d", r.Exit(false))
			}
			for _, k := range r.Keys {
				switch {
				case k.Record.Active != 2 || k.Record.Step != plan.Steady:
					t.Errorf("%s: %s", k.Policy.Name, k.Record)
				case k.Did(plan.WriteFinish):
					finished++
				case k.DoneByOther():
					others++
				}
			}
		}
		if took := time.Since(began); finished != 16 || others < 16 || took < 4*time.Minute {
			t.Errorf("%d were finished, %d were seen done by others, in %s", finished, others, took)
		}
		w.sound()
	})
}

// contended is a wave whose first key was claimed by a run that has died, and which others
// take from each other and get nowhere, for some ten seconds each.
func contended(t *testing.T, n, turns int) (w *world, key plan.Policy, release func()) {
	w = wave(t, n)
	key = w.plan.Keys[0]
	dying := newPark(w.wire(), "CreateKey")
	dead := w.poolOn("dying", dying)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = dead.Do(t.Context(), w.plan.Keys[:1], dead.request)
	}()
	<-dying.held
	stop := make(chan struct{})
	go func() {
		for turn := range turns {
			old := w.record(key)
			act := plan.Writing(old.Generation, "", plan.LeaseWrite{Renew: turn%3 == 0})
			act.Self = plan.Self{Run: fmt.Sprint("taker-", turn/3), Pool: "taker", Host: "host",
				Op: fmt.Sprintf("%032x", turn)}
			act.At, act.Rev, act.Key = w.aws.Now(), old.Rev+1, key.Key()
			if w.table.Write(t.Context(), old, plan.Apply(old, act)) != nil {
				return // somebody has got on with it
			}
			select {
			case <-stop:
				return
			case <-time.After(plan.RenewUnder / 2):
			}
		}
	}()
	return w, key, func() { close(stop); close(dying.release); <-done }
}

// For a key that does not get on a run stands by while other keys do, and --wait longer,
// but not for more than ten times --wait. Takeovers and renewals are no progress.
func TestStandsByForAContendedKey(t *testing.T) {
	for _, c := range []struct{ wait, least, most time.Duration }{
		{time.Minute, time.Minute, time.Minute + 10*time.Second},
		{12 * time.Second, 0, 11 * time.Second}, // ten times that was over before the last other key was done
	} {
		t.Run(c.wait.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, release := contended(t, 13, 360)
				p := w.poolOn("patient", &slowFrom{next: w.wire(), operation: "CreateKey", each: 2 * time.Second})
				p.Wait, p.Parallel = c.wait, twoAtATime{}
				r := p.run(t.Context())
				ended := w.aws.Now()
				var last time.Time
				for _, k := range r.Keys {
					if k.Busy != (k.Policy.Alias == key.Alias) {
						t.Errorf("%s: busy %v, %s %v", k.Policy.Name, k.Busy, k.Outcome, k.Err)
					}
					if k.Record.SwitchedAt.After(last) {
						last = k.Record.SwitchedAt
					}
				}
				if after := ended.Sub(last); after < c.least || after > c.most {
					t.Errorf("it ended %s after the last progress", after)
				}
				if took := r.Finished.Sub(r.Started); took < 2*time.Minute {
					t.Errorf("it took %s", took)
				}
				release()
			})
		})
	}
}

// Throttled is not failed: while AWS throttles a call the run gives the lease back and
// looks at the key again, and it rotates the key once AWS takes the call. If that is not
// within --wait, the run ends with 11.
func TestThrottledIsNotFailed(t *testing.T) {
	for _, operation := range []string{"CreateKey", "CreateAlias", "DescribeKey", "Encrypt", "UpdateAlias"} {
		for _, lasts := range []time.Duration{time.Minute, time.Hour} {
			t.Run(fmt.Sprint(operation, " for ", lasts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := due(t, onePlan)
					key := w.plan.Keys[0]
					w.fault(sandbox.Fault{Operation: operation, Kind: sandbox.Refuse, Code: "ThrottlingException"})
					done := w.pool("a").begin()
					time.Sleep(min(lasts, 90*time.Second))
					if lasts == time.Minute {
						if err := w.aws.SetSwitches(sandbox.Switches{}); err != nil {
							t.Fatal(err)
						}
					}
					k := only(t, <-done)
					want := plan.ExitDone
					if lasts > time.Minute {
						want = plan.ExitBusy
					}
					if k.Exit(false) != want {
						t.Errorf("exit %d: %s %v %v", k.Exit(false), k.Outcome, k.Err, k.Reasons)
					}
					if r := w.record(key); r.Lease != nil || r.Attempts != nil && r.Attempts.Count > 0 ||
						lasts == time.Minute && r.Active != 2 {
						t.Errorf("%s: lease %+v, attempts %+v", r, r.Lease, r.Attempts)
					}
				})
			})
		}
	}
}

// A signal ends a run that waits for turns at once, also if something is left to be looked
// at on its way out: here, whether its record was put back from an older copy.
func TestASignalEndsTheWaitForTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		older := w.item(key)
		w.pool("b").mustRun()
		w.advance(91 * day)
		p := w.pool("a")
		p.KMS.(*kms.Client).Reserve(plan.Calls{CreateKey: 200})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan *rotate.Report, 1)
		go func() { done <- p.run(ctx) }()
		time.Sleep(5 * time.Second)
		w.putBack(key, older)
		time.Sleep(5 * time.Second)
		began := time.Now()
		stop()
		k := only(t, <-done)
		if took := time.Since(began); k.Exit(false) == plan.ExitDone || k.Changed() || took > time.Second {
			t.Errorf("exit %d after %s: %v", k.Exit(false), took, k.Reasons)
		}
	})
}
