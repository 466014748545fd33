package kms_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// Whoever has a turn has a lease in hand, too: others under way that reserve at the same
// time put it off by one call at most.
func TestATurnIsNear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		c := kms.New(w.conn.KMS)
		if wait := c.UntilTurns(plan.Calls{CreateAlias: 1}); wait > 0 {
			t.Fatalf("the first turn is %s away", wait)
		}
		var others sync.WaitGroup
		for range 40 {
			others.Go(func() { c.CreateAlias(t.Context(), alias, id) })
		}
		synctest.Wait()
		turns, began := c.Reserve(plan.Calls{CreateAlias: 1}), time.Now()
		c.CreateAlias(turns.Within(t.Context()), alias+"/v2", id)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the call was made after %s", took)
		}
		others.Wait()
	})
}
