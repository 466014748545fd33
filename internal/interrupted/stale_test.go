//go:build unix

package interrupted

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// rollsBack is what a person types who does not want to wait.
var rollsBack = append(slices.Clone(rollback.args), "--wait", "0s")

// expired is what AWS says to a signature that is too old.
const expired = "InvalidSignatureException"

// The bytes of an alias move are signed, confirmed, and held on their way; the
// process is dead or stopped. As long as AWS would still take them, a person's
// rollback has to wait, whether or not another pool has finished the
// rotation meanwhile. When a rollback may be done, or the next rotation, the
// bytes are worthless: the alias stays where it was put last.
func TestStaleMove(t *testing.T) {
	t.Parallel()
	state := due.state(t)
	for _, how := range []ending{killed, stopped} {
		for _, finished := range []bool{false, true} {
			for what, then := range map[string]func(*stale){
				"arrives in its life":             (*stale).moveInItsLife,
				"arrives after a rollback":        (*stale).moveAfterRollback,
				"arrives after the next rotation": (*stale).moveAfterRotation,
			} {
				t.Run(fmt.Sprintf("%s, finished by another %v, %s", how, finished, what), func(t *testing.T) {
					t.Parallel()
					s := &stale{world: open(t, state), ending: how, live: 1}
					defer s.logFailure()
					s.begin("UpdateAlias")
					if finished {
						s.start("second", "run").ends(0)
						s.live = 2
					}
					s.types(11, s.live, rollsBack...)
					// Over three minutes old, and still young enough for AWS.
					s.advance(225*time.Second - pastLease)
					s.types(11, s.live, rollsBack...)
					then(s)
					s.settles()
					s.atTheEnd(s.begun)
				})
			}
		}
	}
}

func (s *stale) moveInItsLife() {
	s.arrives("")
	s.on(2, "after the move has arrived")
	s.advance(pastFence)
	s.types(0, 1, rollsBack...)
}

func (s *stale) moveAfterRollback() {
	s.advance(135 * time.Second)
	s.types(11, s.live, rollsBack...) // the bytes are dead, but the fence is for any service of AWS
	s.advance(pastFence)
	s.types(0, 1, rollsBack...)
	s.arrives(expired)
	s.on(1, "after the bytes have arrived")
}

func (s *stale) moveAfterRotation() {
	s.advance(91 * day)
	s.types(0, s.live+1, "run") // finishes the generation that was left open, or makes the next one
	s.arrives(expired)
	s.on(s.live+1, "after the bytes have arrived")
}

// The bytes of a disabling are signed, marked, and held on their way. While
// they may arrive the version cannot be rolled back to, also when a person has
// reinstated it; if they do arrive then, a later run enables it again. Once it
// is behind the alias they are worthless.
func TestStaleDisabling(t *testing.T) {
	t.Parallel()
	state := drained.state(t)
	for _, how := range []ending{killed, stopped} {
		for _, inItsLife := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, arrives in its life %v", how, inItsLife), func(t *testing.T) {
				t.Parallel()
				s := &stale{world: open(t, state), ending: how, live: 2}
				defer s.logFailure()
				s.begin("DisableKey")
				v1 := s.record().Draining()[0].KeyID
				s.types(13, 2, rollsBack...)
				s.types(0, 2, "reinstate", name+"/v1")
				s.types(13, 2, rollsBack...)
				if inItsLife {
					s.arrives("")
					s.is(v1, "Disabled")
				}
				s.advance(pastFence)
				s.types(0, 2, "run")
				s.types(0, 1, rollsBack...)
				if !inItsLife {
					s.arrives(expired)
				}
				s.is(v1, "Enabled")
				s.settles()
				s.atTheEnd(s.begun)
			})
		}
	}
}

// stale is a world in which signed bytes are held on their way.
type stale struct {
	*world
	ending ending
	// live is the version behind the alias.
	live   int64
	begun  *snapshot
	victim *process
	held   *hold
	// typed is the number of commands.
	typed int
}

// begin starts a run that gets as far as its first call to an operation, whose
// bytes are then held; its lease runs out.
func (s *stale) begin(operation string) {
	s.t.Helper()
	s.begun = s.look()
	s.victim, s.held = s.startHeld("victim", call(operation), before, "run")
	if s.ending == killed {
		s.victim.kill()
	} else {
		s.victim.stop()
	}
	s.advance(pastLease)
}

// types runs a command, whose exit must be as wanted, and the alias be then on
// a version.
func (s *stale) types(exit int, version int64, args ...string) {
	s.t.Helper()
	s.typed++
	s.start(fmt.Sprintf("person%d", s.typed), args...).ends(exit)
	s.on(version, "after "+args[0])
}

// on checks which version the alias names.
func (s *stale) on(version int64, when string) {
	s.t.Helper()
	w := s.look()
	if got, _ := w.record.VersionOfKey(w.behind()); got != version {
		s.t.Errorf("%s the alias is on v%d (%s), want v%d", when, got, w.behind(), version)
	}
}

// is checks the state of a key.
func (s *stale) is(keyID, state string) {
	s.t.Helper()
	if got := s.look().kms.State[keyID]; got != state {
		s.t.Errorf("%s is %s, want %s", keyID, got, state)
	}
}

// arrives lets the held bytes go to AWS, and the process go on if it can. AWS
// must refuse them with that code, or take them if it is "".
func (s *stale) arrives(refusal string) {
	s.t.Helper()
	journal := len(s.box.Journal())
	s.held.pass()
	if got := s.box.Journal()[journal].Error; got != refusal {
		s.t.Errorf("AWS said %q to the held bytes, want %q", got, refusal)
	}
	if s.ending == stopped {
		s.victim.resume()
		s.victim.ends(0, 1)
	}
}
