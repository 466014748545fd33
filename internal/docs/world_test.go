package docs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/keyturn/keyturn/cmd"
	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// world is an embedded AWS, and a person at a terminal. It lives in a bubble of
// testing/synctest: nothing that waits takes time.
type world struct {
	t      *testing.T
	box    *sandbox.Sandbox
	random *rand.ChaCha8
	// state is the file that keyturn is told the AWS is in. There is none.
	state string
	plan  string
	// keyID is the value of KEY_ID.
	keyID string
	runs  int
	// answers, if given, answers keyturn in AWS's place; with nil and no error AWS does.
	answers func(*http.Request) (*http.Response, error)
	// watch, if given, sees each call of keyturn, and passes it on.
	watch func(r *http.Request, pass func(*http.Request) (*http.Response, error)) (*http.Response, error)
	// outside has keyturn look for AWS in the environment.
	outside bool
	// stdout, if given, is where keyturn prints.
	stdout io.Writer
	// pool is where keyturn runs; "" is pool-1.
	pool string
	// cron has keyturn run without a terminal.
	cron bool
	// cancel interrupts the command that runs, and after is when that happens by itself.
	cancel context.CancelFunc
	after  time.Duration
}

const table = "keyturn"

func newWorld(t *testing.T, yaml string) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir(), yaml)
}

// newWorldIn makes a world in a folder. Two worlds with the same past are the same to
// the last byte.
func newWorldIn(t *testing.T, dir, yaml string) *world {
	t.Helper()
	w := &world{t: t, random: rand.NewChaCha8([32]byte{}), state: filepath.Join(dir, "sandbox.json"),
		plan: filepath.Join(dir, "keyturn.yaml")}
	var err error
	w.box, err = sandbox.New(sandbox.Options{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Rand: w.random})
	w.check(err)
	w.writePlan(yaml)
	return w
}

// RoundTrip answers the calls of keyturn.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.watch != nil {
		return w.watch(r, w.answer)
	}
	return w.answer(r)
}

func (w *world) answer(r *http.Request) (*http.Response, error) {
	if w.answers != nil {
		if answer, err := w.answers(r); answer != nil || err != nil {
			return answer, err
		}
	}
	return w.box.RoundTripper().RoundTrip(r)
}

// withoutIDs has KMS answer without request ids, as some emulators do.
func (w *world) withoutIDs(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), "TrentService.") {
		return nil, nil
	}
	answer, err := w.box.RoundTripper().RoundTrip(r)
	if err == nil {
		answer.Header.Del("X-Amzn-Requestid")
	}
	return answer, err
}

// calledBy has AWS name another caller from now on.
func (w *world) calledBy(arn string) {
	w.answers = func(r *http.Request) (*http.Response, error) {
		if !strings.Contains(r.Header.Get("Authorization"), "/sts/aws4_request") {
			return nil, nil
		}
		answer, err := w.box.RoundTripper().RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		w.check(err)
		body = bytes.ReplaceAll(body, []byte("arn:aws:iam::111122223333:user/sandbox"), []byte(arn))
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer.Header.Del("Content-Length")
		return answer, nil
	}
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) writePlan(text string) {
	w.t.Helper()
	w.check(os.WriteFile(w.plan, []byte(text), 0o600))
}

func (w *world) advance(d time.Duration) {
	w.t.Helper()
	w.check(w.box.Jump(d))
}

// hasty is a host on which no run waits for its turn to change KMS.
type hasty struct{}

func (hasty) Now() time.Time                                   { return time.Now() }
func (hasty) Pause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// keyturn runs a command line as at a terminal at which somebody types the
// key's name when asked.
func (w *world) keyturn(args ...string) (exit int, out string) {
	exit, out, errs := w.run(args...)
	return exit, out + errs
}

func (w *world) run(args ...string) (exit int, out, errs string) {
	var stdout, stderr bytes.Buffer
	env := cmd.Env{
		Stdin: strings.NewReader("orders-data\n"), Stdout: &stdout, Stderr: &stderr,
		StdinTTY: !w.cron, StderrTTY: !w.cron,
		LookupEnv: func(name string) (string, bool) {
			return map[string]string{"KEYTURN_POOL": cmp.Or(w.pool, "pool-1"), "NO_COLOR": "1"}[name], true
		},
		Hostname: func() (string, error) { return "ip-10-2-3-4", nil },
		RunID:    func() string { return fmt.Sprintf("%08x", w.runs) },
		Host:     hasty{}, Transport: w, Quickstart: []byte(keeping),
		// Its own, for AWS draws for the run's calls at any moment.
		Random: rand.NewChaCha8([32]byte{byte(w.runs), byte(w.runs >> 8)}),
	}
	if w.outside {
		env.Transport = nil
	}
	if w.stdout != nil {
		env.Stdout = w.stdout
	}
	w.runs++
	switch {
	case slices.Contains([]string{"validate", "version"}, args[0]):
	case args[0] == "rehearse", args[0] == "cost", w.outside:
		args = append([]string{"--plan", w.plan}, args...)
	case slices.Contains(args, "--match"): // it makes a plan
		args = append([]string{"--sandbox", "--sandbox-state", w.state}, args...)
	default:
		args = append([]string{"--plan", w.plan, "--sandbox", "--sandbox-state", w.state}, args...)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	w.cancel = cancel
	if w.after > 0 {
		defer time.AfterFunc(w.after, cancel).Stop()
		w.after = 0
	}
	exit = cmd.Main(ctx, args, env)
	return exit, stdout.String(), stderr.String()
}

// must runs a command line that is part of the world's past.
func (w *world) must(exit int, line string) {
	w.t.Helper()
	if got, out := w.keyturn(words(line)...); got != exit {
		w.t.Fatalf("before the section: keyturn %s: exit %d, want %d\n%s", line, got, exit, out)
	}
}

// types carries out a line of the runbook.
func (w *world) types(line string) (exit int, out string) {
	args := words(line)
	for i := range args {
		switch args[i] {
		case "keyturn.yaml":
			args[i] = w.plan
		case "trail.json":
			args[i] = w.trail()
		case "KEY_ID":
			if w.keyID == "" {
				w.t.Errorf("%s: the world has no KEY_ID", line)
			}
			args[i] = w.keyID
		}
	}
	switch args[0] {
	case "keyturn":
		return w.keyturn(args[1:]...)
	case "aws":
		if err := w.aws(args[1:]); err != nil {
			return 255, err.Error()
		}
		return 0, ""
	}
	return 127, "this test cannot run it"
}

// aws makes the call that the aws CLI would make: names of flags are those of
// the API's parameters in another case.
func (w *world) aws(args []string) error {
	camel := func(kebab string) string {
		var b strings.Builder
		for _, part := range strings.Split(kebab, "-") {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
		return b.String()
	}
	service, operation := args[0], camel(args[1])
	in := map[string]any{}
	for i := 2; i < len(args); i++ {
		name := camel(strings.TrimPrefix(args[i], "--"))
		if i+1 == len(args) || strings.HasPrefix(args[i+1], "--") {
			off, no := strings.CutPrefix(args[i], "--no-")
			if no {
				name = camel(off)
			}
			in[name] = !no
			continue
		}
		i++
		in[name] = args[i]
		if strings.HasPrefix(args[i], "{") {
			in[name] = json.RawMessage(args[i])
		} else if short := strings.Split(args[i], ","); strings.Contains(args[i], "=") {
			m := map[string]any{}
			for _, kv := range short {
				k, v, _ := strings.Cut(kv, "=")
				m[k] = v
				if v == "true" || v == "false" {
					m[k] = v == "true"
				}
			}
			in[name] = m
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	kind, target := "application/x-amz-json-1.1",
		map[string]string{"kms": "TrentService.", "dynamodb": "DynamoDB_20120810."}[service]
	switch service {
	case "dynamodb":
		kind = "application/x-amz-json-1.0"
	case "sts":
		kind, body = "application/x-www-form-urlencoded", []byte("Action="+operation+"&Version=2011-06-15")
	}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, "https://"+service+".eu-west-1.amazonaws.com/",
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", kind)
	if target != "" {
		r.Header.Set("X-Amz-Target", target+operation)
	}
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: "ADMIN", SecretAccessKey: "x"}
	if err := v4.NewSigner().SignHTTP(w.t.Context(), credentials, r, hex.EncodeToString(sum[:]), service, "eu-west-1",
		time.Now()); err != nil {
		return err
	}
	response, err := w.box.RoundTripper().RoundTrip(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, answer)
	}
	return err
}

func (w *world) fault(f ...sandbox.Fault) {
	w.t.Helper()
	w.check(w.box.SetSwitches(sandbox.Switches{Faults: f}))
}

func denied(operation string) sandbox.Fault {
	return sandbox.Fault{Service: "kms", Operation: operation, Kind: sandbox.Refuse, Code: "AccessDeniedException",
		Message: "no permission"}
}

// events returns those in the record, none if there is no record or no table.
func (w *world) events() []plan.Event {
	locks, key := ddblock.New(w.ddb(), table), "eu-west-1/"+alias
	records, err := locks.Read(context.Background(), []string{key})
	if err != nil {
		return nil
	}
	ledger, err := locks.Ledger(context.Background(), key, time.Time{})
	w.check(err)
	return plan.HistoryOf(records[key], ledger).Events
}
