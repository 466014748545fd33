package docs

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/internal/golden"
)

// sdk matches the versions in a user agent, which change with every update.
var sdk = regexp.MustCompile(`(aws-sdk-go-v2)/[0-9.]+`)

// The example of docs/cloudtrail.md is what the command prints: a key was rotated, a person
// has moved the alias and edited the record, and a service still decrypts with v1.
func TestCloudTrailExample(t *testing.T) {
	page := read(t, "docs/cloudtrail.md")
	const begin, end = "<!-- example -->\n```\n", "```\n<!-- end of example -->"
	before, rest, ok := strings.Cut(page, begin)
	has, after, more := strings.Cut(rest, end)
	if !ok || !more {
		t.Fatal("docs/cloudtrail.md has no example")
	}
	path, err := filepath.Abs(filepath.Join(root, "docs", "cloudtrail.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var want string
	synctest.Test(t, func(t *testing.T) {
		w := newWorldIn(t, ".", keeping)
		followed(w)
		w.decryptAs("checkout", alias+"/v1")
		w.advance(time.Hour)
		w.moveAlias(alias, w.newKey())
		w.edit("note", count(1))
		w.advance(time.Hour)
		const line = "audit --cloudtrail trail.json --users orders-data/v1"
		w.cron = true
		exit, out, _ := w.run(words(line)...)
		if exit != 13 {
			t.Errorf("exit %d", exit)
		}
		want = "$ keyturn " + line + "\n" + sdk.ReplaceAllString(out, "$1")
		want = strings.ReplaceAll(want, "keyturn --plan keyturn.yaml --sandbox --sandbox-state sandbox.json ",
			"keyturn ")
	})
	if golden.Update() {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(has, want); diff != "" {
		t.Errorf("-update writes the example again (-page +command):\n%s", diff)
	}
}

// decryptAs has a program encrypt and decrypt with a key.
func (w *world) decryptAs(program, name string) {
	w.t.Helper()
	cfg := w.box.AWSConfig("eu-west-1", strings.ToUpper(program))
	cfg.AppID = program
	api, id, ctx := awskms.NewFromConfig(cfg), w.key(name), context.Background()
	sealed, err := api.Encrypt(ctx, &awskms.EncryptInput{KeyId: &id, Plaintext: []byte("data")})
	w.check(err)
	_, err = api.Decrypt(ctx, &awskms.DecryptInput{KeyId: aws.String(id), CiphertextBlob: sealed.CiphertextBlob})
	w.check(err)
}
