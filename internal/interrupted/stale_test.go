//go:build unix

package interrupted

import (
	"fmt"
	"testing"
	"time"
)

// The bytes of an alias move are signed, confirmed, and held on their way; the
// process is dead or stopped. As long as AWS would still take them, a person's
// rollback is told to wait, whether or not another pool has finished the
// rotation meanwhile. When a rollback may be done, or the next rotation, the
// bytes are worthless: the alias stays where it was put last.
func TestStaleMove(t *testing.T) {
	t.Parallel()
	state := life(t).due
	for _, fate := range []fate{killed, stopped} {
		for _, finished := range []bool{false, true} {
			for _, arrives := range []string{"in its life", "after a rollback", "after the next rotation"} {
				t.Run(fmt.Sprintf("%s, finished by another %v, %s", fate, finished, arrives), func(t *testing.T) {
					t.Parallel()
					s := stale{world: open(t, state), fate: fate, finished: finished}
					defer s.tellIfFailed()
					s.begin("UpdateAlias", "run")
					s.staleMove(arrives)
				})
			}
		}
	}
}

// stale is a world in which signed bytes are held on their way.
type stale struct {
	*world
	fate     fate
	finished bool // another pool takes over and finishes the work
	begun    *snapshot
	victim   *process
	held     *hold
	typed    int // verbs
}

// begin starts a run that gets as far as its first call to an operation, whose
// bytes are then held; its lease runs out.
func (s *stale) begin(operation string, args ...string) {
	s.t.Helper()
	s.begun = s.look()
	s.victim, s.held = s.startHeld("victim", call(operation), before, args...)
	if s.fate == killed {
		s.victim.kill()
	} else {
		s.victim.stop()
	}
	s.advance(pastLease)
	if s.finished {
		s.start("second", "run").ends(0)
	}
}

// person types a verb, whose exit must be as wanted, and the alias be then on a
// version.
func (s *stale) person(exit int, version int64, verb string, args ...string) {
	s.t.Helper()
	s.typed++
	args = append([]string{verb}, args...)
	if verb == "rollback" {
		args = rollback.args
	}
	p := s.start(fmt.Sprintf("person%d", s.typed), args...)
	p.ends(exit)
	s.on(version, "after "+verb)
}

// on checks which version the alias names.
func (s *stale) on(version int64, when string) {
	s.t.Helper()
	w := s.look()
	if got, _ := w.record.VersionOfKey(w.behind()); got != version {
		s.t.Errorf("%s the alias is on v%d (%s), want v%d", when, got, w.behind(), version)
	}
}

// arrives lets the held bytes go to AWS and the process go on, and checks what
// AWS says to them.
func (s *stale) arrives(refusal string) {
	s.t.Helper()
	s.held.pass()
	if s.fate == stopped {
		s.victim.resume()
		s.victim.ends(0, 1)
	}
	for _, e := range s.story.told() {
		if e.pool == "victim" && e.held == before {
			if (e.status != 200) != (refusal != "") {
				s.t.Errorf("want %q: %s", refusal, e)
			}
		}
	}
	for _, e := range s.box.Journal() {
		if e.Error == refusal && refusal != "" {
			return
		}
	}
	if refusal != "" {
		s.t.Errorf("AWS never said %s", refusal)
	}
}

func (s *stale) staleMove(arrives string) {
	on := int64(1)
	if s.finished {
		on = 2
	}
	s.person(11, on, "rollback")
	// Over three minutes, and still young enough for AWS.
	s.advance(225*time.Second - pastLease)
	s.person(11, on, "rollback")
	switch arrives {
	case "in its life":
		s.arrives("")
		s.on(2, "after the move has arrived")
		s.advance(pastFence)
		s.person(0, 1, "rollback")
	case "after a rollback":
		s.advance(135 * time.Second)
		s.person(11, on, "rollback") // the bytes are dead, but a margin is kept
		s.advance(pastFence)
		s.person(0, 1, "rollback")
		s.arrives("InvalidSignatureException")
		s.on(1, "after the bytes have arrived")
	case "after the next rotation":
		s.advance(91 * day)
		s.person(0, 2+int64(btoi(s.finished)), "run")
		s.arrives("InvalidSignatureException")
		s.on(2+int64(btoi(s.finished)), "after the bytes have arrived")
	}
	s.settles()
	s.atTheEnd(s.begun)
}

func (w *world) tellIfFailed() {
	if w.t.Failed() {
		w.t.Logf("what happened:\n%s", &w.story)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The bytes of a disabling are signed, marked, and held on their way. While
// they may arrive the version cannot be rolled back to, also when a person has
// reinstated it; if they do arrive then, a later run enables it again. Once it
// is behind the alias they are worthless.
func TestStaleDisabling(t *testing.T) {
	t.Parallel()
	state := life(t).drained
	for _, fate := range []fate{killed, stopped} {
		for _, inItsLife := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, in its life %v", fate, inItsLife), func(t *testing.T) {
				t.Parallel()
				s := stale{world: open(t, state), fate: fate}
				defer s.tellIfFailed()
				s.begin("DisableKey", "run")
				v1 := s.record().Draining[0].KeyID
				s.person(13, 2, "rollback")
				s.person(0, 2, "reinstate", name+"/v1")
				s.person(13, 2, "rollback")
				if inItsLife {
					s.arrives("")
					if got := s.look().kms.State[v1]; got != "Disabled" {
						t.Errorf("v1 is %s", got)
					}
				}
				s.advance(pastFence)
				s.person(0, 2, "run")
				s.person(0, 1, "rollback")
				if !inItsLife {
					s.arrives("InvalidSignatureException")
				}
				if got := s.look().kms.State[v1]; got != "Enabled" {
					t.Errorf("v1 is %s", got)
				}
				s.settles()
				s.atTheEnd(s.begun)
			})
		}
	}
}
