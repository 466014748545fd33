//go:build unix

package interrupted

import (
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// stage is a point in the life of one key. It is reached by undisturbed runs of
// the binary, in the past: at the stage itself AWS's clock and the host's show
// the same, as they do in life. So a process that was stopped wakes up to a
// clock of its own which has gone on: what it signs then is as old as AWS finds
// it, namely fresh.
type stage struct {
	// ago is how long before the stage the key was adopted.
	ago time.Duration
	// reach leads from the adoption to the stage, and takes as long.
	reach func(*world)

	once sync.Once
	// saved is the state of the embedded AWS.
	saved []byte
}

var (
	// A window has opened.
	due = &stage{ago: 91 * day, reach: func(w *world) {
		w.jump(91 * day)
	}}
	// v2 is live, v1 drains.
	rotated = &stage{ago: 91*day + 2*time.Hour, reach: func(w *world) {
		due.reach(w)
		w.start("setup3", "run").ends(0)
		w.jump(2 * time.Hour)
	}}
	// v1's drain is over.
	drained = &stage{ago: 122 * day, reach: func(w *world) {
		due.reach(w)
		w.start("setup3", "run").ends(0)
		w.jump(31 * day)
	}}
	// v1 was disabled longer than delete_after ago.
	disabled = &stage{ago: 143 * day, reach: func(w *world) {
		drained.reach(w)
		w.start("setup4", "run").ends(0)
		w.jump(21 * day)
	}}
)

// state returns the state of the embedded AWS at the stage, which is reached once.
func (s *stage) state(t *testing.T) []byte {
	t.Helper()
	s.once.Do(func() {
		box, err := sandbox.New(sandbox.Options{Start: time.Now().Add(-s.ago)})
		if err != nil {
			t.Fatal(err)
		}
		w := around(t, box)
		kms := awskms.NewFromConfig(w.admin())
		key, err := kms.CreateKey(t.Context(), &awskms.CreateKeyInput{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = kms.CreateAlias(t.Context(),
			&awskms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: key.KeyMetadata.KeyId})
		if err != nil {
			t.Fatal(err)
		}
		w.start("setup1", "init", "--table").ends(0)
		w.start("setup2", "run").ends(0)
		s.reach(w)
		if s.saved, err = box.State(); err != nil {
			t.Fatal(err)
		}
	})
	if t.Failed() || s.saved == nil {
		t.Fatal("the stage was not reached")
	}
	return s.saved
}
