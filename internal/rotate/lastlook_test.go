package rotate_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// A key that was given up after ten times --wait is read again before the run reports: by
// then another run has finished it. A run whose keys are in two Regions is one run: it reads
// the key of one when it is done with those of the other.
func TestReportsNoKeyThatAnotherRunFinished(t *testing.T) {
	for _, parts := range []int{1, 2} {
		t.Run(fmt.Sprint(parts, " parts"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { reportsNoKeyThatAnotherRunFinished(t, parts) })
		})
	}
}

func reportsNoKeyThatAnotherRunFinished(t *testing.T, n int) {
	w, key, release := contended(t, 21, 10)
	other := w.pool("other")
	other.Wait = 10 * time.Minute
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = other.Do(t.Context(), w.plan.Keys[:1], other.request)
	}()
	reads := &readsOf{next: w.wire(), key: key.Alias, now: w.aws.Now}
	var parts []rotate.Part
	for _, keys := range [][]plan.Policy{w.plan.Keys[:n-1], w.plan.Keys[n-1:]} {
		if len(keys) > 0 {
			p := w.poolOn("patient", &slowFrom{next: reads, operation: "CreateKey", each: 2 * time.Second})
			p.Wait, p.Parallel = 9*time.Second, twoAtATime{}
			parts = append(parts, rotate.Part{Runner: p.Runner, Tasks: rotate.Tasks(keys, p.request)})
		}
	}
	began := w.aws.Now()
	reports, errs := rotate.Together(t.Context(), parts)
	<-done
	for i, r := range reports {
		if errs[i] != nil || r.Exit(false) != plan.ExitDone {
			t.Errorf("%v, exit %d", errs[i], r.Exit(false))
		}
	}
	at, ended := w.record(key).SwitchedAt, w.aws.Now()
	for _, read := range reads.at[:len(reads.at)-1] {
		if read.After(began.Add(95 * time.Second)) {
			t.Errorf("read %s after the start", read.Sub(began))
		}
	}
	if last := reads.at[len(reads.at)-1]; last.Before(at) || at.After(ended) {
		t.Errorf("last read at %s, finished by the other at %s, ended at %s", last, at, ended)
	}
	release()
}

// uneven loses the answers to one operation about one key, and takes long for the calls about
// another.
type uneven struct {
	next                  http.RoundTripper
	operation, lost, slow string
}

func (u uneven) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	if u.slow != "" && bytes.Contains(text, []byte(u.slow)) {
		time.Sleep(5 * time.Second)
	}
	answer, err := u.next.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+u.operation) &&
		bytes.Contains(text, []byte(u.lost)) {
		_ = answer.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return answer, err
}

// A run that got no answer about a key, and is still at work on another when a second run
// finishes the first, ends with 0. If nobody finishes it, the run ends with 1.
func TestFinishedByAnotherRunIsNotFailed(t *testing.T) {
	for _, helped := range []bool{true, false} {
		t.Run(fmt.Sprint("helped: ", helped), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wave(t, 2)
				p := w.poolOn("unlucky", uneven{w.wire(), "CreateAlias", "alias/k00/", "alias/k01"})
				p.Parallel = twoAtATime{}
				done := make(chan *rotate.Report)
				go func() {
					r, err := p.Do(t.Context(), w.plan.Keys, p.request)
					if err != nil {
						t.Error(err)
					}
					done <- r
				}()
				want := plan.ExitFailed
				if helped {
					want = plan.ExitDone
					time.Sleep(40 * time.Second)
					h := w.pool("helper")
					r, err := h.Do(t.Context(), w.plan.Keys[:1], h.request)
					if err != nil || r.Exit(false) != plan.ExitDone {
						t.Errorf("%v, %+v", err, r)
					}
				}
				r := <-done
				if r.Exit(false) != want {
					for _, k := range r.Keys {
						t.Errorf("%s: %s %v %v", k.Policy.Name, k.Outcome, k.Err, k.Reasons)
					}
				}
			})
		})
	}
}

// A record that is malformed at the last look is told as that, and not as busy.
func TestMalformedAtTheLastLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, release := contended(t, 13, 360)
		p := w.poolOn("patient", &slowFrom{next: w.wire(), operation: "CreateKey", each: 2 * time.Second})
		p.Wait, p.Parallel = 5*time.Second, twoAtATime{}
		go func() {
			time.Sleep(70 * time.Second)
			release()
			w.forge(key, func(it attrs) { it["step"] = &types.AttributeValueMemberS{Value: "dancing"} })
		}()
		for _, k := range p.run(t.Context()).Keys {
			malformed := k.Outcome == plan.Refused && k.Refusal.Code == plan.CodeMalformedRecord
			if k.Policy.Alias == key.Alias && !malformed {
				t.Errorf("%s, busy %v, %v", k.Outcome, k.Busy, k.Refusal)
			}
		}
	})
}

// readsOf notes when a run reads the record of one key alone.
type readsOf struct {
	next http.RoundTripper
	key  string
	now  func() time.Time
	at   []time.Time
}

func (c *readsOf) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchGetItem") {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		if strings.Contains(string(text), c.key) && strings.Count(string(text), "alias/") == 1 {
			c.at = append(c.at, c.now())
		}
	}
	return c.next.RoundTrip(r)
}

// What AWS did not answer stays failed if no other run has written the record since, also if
// the record has nothing due: here, this run has asked already whether v1 may retire.
func TestUnansweredStaysFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, retirePlan)
		k := only(t, <-w.poolOn("unlucky", uneven{next: w.wire(), operation: "ListAliases"}).begin())
		if k.Exit(false) != plan.ExitFailed || w.state(v1) != "Enabled" {
			t.Errorf("exit %d: %s %v; v1 is %s", k.Exit(false), k.Outcome, k.Reasons, w.state(v1))
		}
	})
}

// So does a disabling that may still arrive, although somebody has written the record since.
func TestADisablingUnderWayStaysFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		other := key
		other.Name, other.Alias = "k01", "alias/k01"
		w.plan.Keys = append(w.plan.Keys, other)
		w.makeKey(other.Alias) // which the run adopts meanwhile
		p := w.poolOn("unlucky", uneven{w.wire(), "DisableKey", v1, "alias/k01"})
		p.Parallel = twoAtATime{}
		done := p.begin()
		time.Sleep(8 * time.Second)
		hold := w.asks(plan.Request{Verb: plan.VerbHold})
		r, err := hold.Do(t.Context(), w.plan.Keys[:1], hold.request)
		if err != nil || r.Exit(false) != plan.ExitDone {
			t.Fatalf("hold: %v %+v", err, r)
		}
		k, now := (<-done).Keys[0], w.record(key)
		if now.Hold == nil || now.Entry(1).Fence == nil {
			t.Fatalf("set-up: %s", now)
		}
		if k.Exit(false) != plan.ExitFailed {
			t.Errorf("exit %d: %s %v", k.Exit(false), k.Outcome, k.Reasons)
		}
	})
}
