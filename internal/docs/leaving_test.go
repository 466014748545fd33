package docs

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// Every command of docs/leaving.md is typed, in its order, on one key that has been
// rotated. Between its blocks the plan is changed as the text says, and a pool that still
// has the old one changes nothing.
func TestLeaving(t *testing.T) {
	page := read(t, "docs/leaving.md")
	t.Chdir(t.TempDir()) // evidence.html
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, three)
		threeRotated(w)
		w.calledBy("arn:aws:iam::111122223333:user/ann")
		live := w.key(alias)
		without := strings.Replace(three, "  - alias: "+alias+"\n", "", 1)
		if without == three {
			t.Fatal("the plan does not have the key in a line of its own")
		}
		text := map[string][]func(){
			"One key": {func() {}, func() {
				w.advance(quarter)
				w.must(0, "run --key orders-data")
				w.unmoved(live, "by a pool with the old plan")
				w.writePlan(without)
			}},
			"Coming back": {func() {
				w.unmoved(live, "while the key is in no plan")
				w.writePlan(three)
			}},
			"Everything": {func() {
				if w.key(alias) == live {
					t.Error("a run after the release has not rotated, though a window had opened")
				}
				live = w.key(alias)
			}, func() {
				w.advance(quarter)
				w.must(0, "run")
			}},
			"What stays in KMS": {func() {}},
		}
		ran := 0
		for _, s := range sections(page, 2) {
			before := text[s.title]
			delete(text, s.title)
			parts := blocks(s.text)
			if len(parts) != len(before) {
				t.Fatalf("%s: %d blocks, and the test knows %d", s.title, len(parts), len(before))
			}
			for i, b := range parts {
				before[i]()
				for _, line := range typed(b) {
					ran++
					if exit, out := w.types(line); exit != 0 {
						t.Errorf("%s\nexit %d\n%s", line, exit, out)
					}
				}
			}
		}
		if len(text) > 0 || ran < 15 {
			t.Errorf("%d commands; sections that are not there: %v", ran, text)
		}
		w.unmoved(live, "after the table is gone")
		if report, err := os.ReadFile("evidence.html"); err != nil || len(report) == 0 {
			t.Errorf("evidence.html: %v", err)
		}
		if _, err := w.ddb().DescribeTable(context.Background(),
			&awsddb.DescribeTableInput{TableName: aws.String(table)}); err == nil {
			t.Error("the table is still there")
		}
	})
}

// unmoved reports an alias that is on another key, and a key that no longer encrypts.
func (w *world) unmoved(live, when string) {
	w.t.Helper()
	if got := w.key(alias); got != live {
		w.t.Errorf("%s the alias was moved from %s to %s", when, live, got)
	}
	if _, err := w.kms().Encrypt(context.Background(),
		&awskms.EncryptInput{KeyId: aws.String(alias), Plaintext: []byte("x")}); err != nil {
		w.t.Errorf("%s: %v", when, err)
	}
}
