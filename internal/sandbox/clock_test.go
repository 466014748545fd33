package sandbox

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	goAgent  = "aws-sdk-go-v2/1.47.7 lang/go#1.26.0"
	cliAgent = "aws-cli/1.45.11 md/Botocore#1.43.11 md/awscrt#1.0.0"
)

func accepted(t *testing.T, s *Sandbox, date time.Time, agent string) bool {
	t.Helper()
	got := raw{target: update, date: date, agent: agent}.send(t, s)
	if got.StatusCode != 200 && got.code() != "InvalidSignatureException" {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	return got.StatusCode == 200
}

func TestStartAndMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		s := newFake(t, Options{Start: start})
		if got := s.Now(); !got.Equal(start) {
			t.Errorf("starts at %s", got)
		}
		time.Sleep(1500 * time.Millisecond)
		if err := s.Advance(30 * day); err != nil {
			t.Fatal(err)
		}
		// It waited for the host's second 2, and moved then.
		if got, want := s.Now(), start.Add(30*day+2*time.Second); !got.Equal(want) {
			t.Errorf("after the move %s, want %s", got, want)
		}
		if err := s.Set(start); err == nil {
			t.Error("the clock was set back")
		}
		later := start.Add(40 * day)
		if err := s.Set(later); err != nil {
			t.Fatal(err)
		}
		if got := s.Now(); !got.Equal(later) {
			t.Errorf("set to %s, shows %s", later, got)
		}
		if got := s.AWSConfig("", "").HTTPClient; got == nil {
			t.Error("no client")
		}
	})
}

// A client that signs by the host's clock, as the aws CLI always does, is
// understood however far the sandbox's clock is ahead or behind.
func TestHostSignedDatesAreTranslated(t *testing.T) {
	for name, start := range map[string]time.Time{
		"ahead":  time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"behind": time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		for _, agent := range []string{goAgent, cliAgent} {
			synctest.Test(t, func(t *testing.T) {
				s := newFake(t, Options{Start: start})
				for range 3 {
					time.Sleep(10 * time.Minute)
					if !accepted(t, s, time.Now(), agent) {
						t.Errorf("%s: refused a date of the host from %s", name, agent)
					}
					if accepted(t, s, time.Now().Add(-6*time.Minute), agent) {
						t.Errorf("%s: accepted an old date of the host from %s", name, agent)
					}
					if !accepted(t, s, s.Now(), agent) {
						t.Errorf("%s: refused a date of the sandbox from %s", name, agent)
					}
					if err := s.Advance(30 * day); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// What was signed before a move is as old as the move made it, whichever clock
// dated it, and although the host's clock comes to show that date again.
func TestSignedBeforeAMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		for _, first := range []time.Duration{0, 10 * time.Second, 10 * time.Minute} {
			if err := s.Advance(first); err != nil {
				t.Fatal(err)
			}
			byHost, bySandbox := time.Now(), s.Now()
			if err := s.Advance(30 * day); err != nil {
				t.Fatal(err)
			}
			time.Sleep(first)
			if accepted(t, s, byHost, cliAgent) {
				t.Errorf("after %s: a date of the host survived the move", first)
			}
			if accepted(t, s, bySandbox, goAgent) {
				t.Errorf("after %s: a date of the sandbox survived the move", first)
			}
		}
	})
}

// Two small moves make dates that both clocks have shown. The CLI must go on
// working all the same.
func TestCLIAfterSeveralMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		for _, d := range []time.Duration{10 * time.Minute, time.Hour, 30 * day} {
			if err := s.Advance(d); err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if !accepted(t, s, time.Now(), cliAgent) {
					t.Errorf("refused %s after the clock moved by %s", time.Now(), d)
				}
				time.Sleep(5 * time.Minute)
			}
		}
	})
}

// A client that learnt the time from a Date header is up to a second behind,
// right after a move too, when no clock of the sandbox showed that second.
func TestLearntTimeAfterAMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{Start: time.Now().Add(-20 * time.Minute)})
		time.Sleep(30 * time.Minute)
		if err := s.Advance(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if !accepted(t, s, s.Now().Add(-time.Second), goAgent) {
			t.Error("refused")
		}
	})
}

// A date that the sandbox's clock jumped over can only be the host's.
func TestJumpedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		for _, d := range []time.Duration{10 * time.Minute, 30 * day} {
			if err := s.Advance(d); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(15 * time.Minute)
		if !accepted(t, s, time.Now(), goAgent) {
			t.Error("refused")
		}
	})
}

// The SDK learns the sandbox's time from the Date header, and so may we.
func TestSDKClientAcrossAMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		client := sts.NewFromConfig(s.AWSConfig("", ""))
		for range 3 {
			out, err := client.GetCallerIdentity(t.Context(), nil)
			if err != nil {
				t.Fatalf("at %s: %v", s.Now(), err)
			}
			if aws.ToString(out.Account) != DefaultAccount {
				t.Error(aws.ToString(out.Account))
			}
			if err := s.Advance(time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		resp := raw{target: describe, date: s.Now()}.send(t, s)
		if got, want := resp.Header.Get("Date"), s.Now().Format("Mon, 02 Jan 2006 15:04:05 GMT"); got != want {
			t.Errorf("Date %q, want %q", got, want)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		for range maxMoves + 50 {
			if err := s.Advance(time.Second); err != nil {
				t.Fatal(err)
			}
		}
		last := s.clock.moves[maxMoves-1]
		if err := s.Advance(0); err != nil || s.clock.moves[maxMoves-1] != last {
			t.Errorf("no move was remembered as one: %v", err)
		}
		if n := len(s.clock.moves); n != maxMoves {
			t.Errorf("%d moves are remembered", n)
		}
		if !accepted(t, s, time.Now(), cliAgent) {
			t.Error("refused a date of the host")
		}
	})
}

// A jump holds at once, twice in one second too, and the time goes on from there.
func TestJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		was := s.Now()
		for range 2 {
			if err := s.Jump(30 * day); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Now().Sub(was); got != 60*day {
			t.Errorf("after two jumps of 30 days it is %s later", got)
		}
		time.Sleep(1500 * time.Millisecond)
		if got := s.Now().Sub(was); got != 60*day+1500*time.Millisecond {
			t.Errorf("1.5 s after two jumps of 30 days it is %s later", got)
		}
	})
}
