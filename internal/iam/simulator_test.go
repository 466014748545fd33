package iam_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/keyturn/keyturn/internal/iam"
)

var simulatorDir = flag.String(
	"iam.simulator",
	"",
	"ask the simulator installed in this `directory` too: scripts/iam-check.sh",
)

// simulator is a third-party reading of IAM: @cloud-copilot/iam-simulate, in a
// process of its own that answers one query a line.
type simulator struct {
	// mu guards the lines.
	mu      sync.Mutex
	in      io.WriteCloser
	answers *bufio.Scanner
	process *exec.Cmd
	// known has the verdict on each line that was sent.
	known map[string]verdict
}

// simulated is the one simulator of this run of the tests, nil if none was asked
// for. It is started before any test, and outside of their time.
var simulated *simulator

func startSimulator() (*simulator, error) {
	process := exec.Command("node", "../../scripts/iam-check/simulate.mjs", *simulatorDir)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, 1<<20)
	return &simulator{in: in, answers: answers, process: process, known: map[string]verdict{}}, process.Start()
}

func (s *simulator) stop() error {
	fmt.Printf("%d queries were answered by the simulator in %s\n", len(s.known), *simulatorDir)
	if err := s.in.Close(); err != nil {
		return err
	}
	return s.process.Wait()
}

func (s *simulator) ask(policies []iam.Document, q query) (verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, err := json.Marshal(map[string]any{"policies": policies, "account": account,
		"action": q.Action, "resource": q.Resource, "context": q.Context, "keyPolicy": q.KeyPolicy})
	if err != nil {
		return verdict{}, err
	}
	if v, ok := s.known[string(line)]; ok {
		return v, nil
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		return verdict{}, err
	}
	if !s.answers.Scan() {
		return verdict{}, fmt.Errorf("the simulator has ended: %v", s.answers.Err())
	}
	var answer struct {
		Allowed, Unknown bool
		Deny             []string
		Error            string
	}
	if err := json.Unmarshal(s.answers.Bytes(), &answer); err != nil {
		return verdict{}, err
	}
	if answer.Error != "" {
		return verdict{}, fmt.Errorf("the simulator refuses %s: %s", q, answer.Error)
	}
	v := verdict{allowed: answer.Allowed, deny: answer.Deny, unknown: answer.Unknown}
	s.known[string(line)] = v
	return v, nil
}

// ask asks all judges there are. They must agree.
func ask(t *testing.T, policies []iam.Document, q query) verdict {
	t.Helper()
	v, err := byRules{}.ask(policies, q)
	if err != nil {
		t.Fatal(err)
	}
	if simulated == nil {
		return v
	}
	other, err := simulated.ask(policies, q)
	if err != nil {
		t.Fatal(err)
	}
	// Of the Denies that hold, it names one in each policy.
	if !other.unknown && (v.allowed != other.allowed || len(v.deny) > 0 != (len(other.deny) > 0)) {
		t.Errorf("%s: by the rules %+v, by the simulator %+v", q, v, other)
	}
	return v
}
