//go:build unix

package peers

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// world is one `keyturn sandbox` with one key that is due, and a peer.
type world struct {
	t    *testing.T
	peer peer
	dir  string
	plan string
	wire *wire
	// kms and dynamodb do not go through the wire.
	kms      *awskms.Client
	dynamodb *awsddb.Client
	// first is the key that the alias names at the beginning.
	first string
}

func newWorld(t *testing.T, p peer) *world {
	t.Helper()
	p.installed(t)
	w := &world{t: t, peer: p, dir: t.TempDir()}
	w.plan = filepath.Join(w.dir, "keyturn.yaml")
	long := 91 * 24 * time.Hour
	address := w.serve(time.Now().Add(-long))
	w.wire = &wire{sandbox: address}
	config := aws.Config{Region: region, BaseEndpoint: aws.String("http://" + address),
		Credentials: credentials.NewStaticCredentialsProvider("ADMIN", "secret", "")}
	w.kms, w.dynamodb = awskms.NewFromConfig(config), awsddb.NewFromConfig(config)
	key, err := w.kms.CreateKey(t.Context(), &awskms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	w.first = *key.KeyMetadata.KeyId
	_, err = w.kms.CreateAlias(t.Context(),
		&awskms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: &w.first})
	if err != nil {
		t.Fatal(err)
	}
	p.setUp(w)
	w.advance(long)
	w.wire.requests = nil // those of the set-up
	return w
}

// serve starts a sandbox as a process, and returns where it listens.
func (w *world) serve(now time.Time) string {
	w.t.Helper()
	printed, err := os.Create(filepath.Join(w.dir, "env"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer printed.Close() //nolint:errcheck // the process has it
	p := &process{}
	startProcess(w.t, p, append(os.Environ(), "HOME="+w.dir), "/bin/sh", "-c", `exec "$@" >"$0"`, printed.Name(),
		binary, "sandbox", "--listen", "127.0.0.1:0", "--now", now.UTC().Format(time.RFC3339))
	address := regexp.MustCompile(`AWS_ENDPOINT_URL='?http://([0-9.:]+)`)
	for {
		text, err := os.ReadFile(printed.Name())
		if err != nil {
			w.t.Fatal(err)
		}
		if m := address.FindSubmatch(text); m != nil {
			return string(m[1])
		}
		select {
		case <-p.exited:
			w.t.Fatalf("the sandbox did not start: %s", p.output.String())
		case <-time.After(10 * time.Millisecond): // it prints when it listens
		}
	}
}

// advance moves the clock of AWS, and of nobody else.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	q, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, "http://"+w.wire.sandbox+"/_sandbox/clock",
		strings.NewReader(fmt.Sprintf(`{"advance": %q}`, d)))
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s", answer.Status, said)
	}
}

// start starts a command of the peer's.
func (w *world) start(command []string) *process {
	w.t.Helper()
	p := &process{}
	path := filepath.Join(top, ".tools", "awscli", "bin") + ":" + os.Getenv("PATH")
	env := append(sandbox.Env(w.wire.listen(w.t, p), region), "PATH="+path, "HOME="+w.dir, "KEYTURN_PLAN="+w.plan)
	startProcess(w.t, p, env, command...)
	return p
}

// must runs a command of the set-up.
func (w *world) must(command ...string) {
	w.t.Helper()
	if p := w.start(command); p.exit() != 0 {
		w.t.Fatalf("%v: exit %d\n%s", command, p.exit(), p.output.String())
	}
}

// live returns the key that the alias names.
func (w *world) live() string {
	w.t.Helper()
	out, err := w.kms.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: aws.String(alias)})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.KeyMetadata.KeyId
}

func (w *world) enabled(id string) bool {
	w.t.Helper()
	out, err := w.kms.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.KeyMetadata.Enabled
}
