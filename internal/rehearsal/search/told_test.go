package search

import (
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

// event is one that a course must have: the first moment at which it can happen,
// once the world is as it says.
type event struct {
	who, what string            // a regular expression of what it is called
	when      func(*World) bool // nil: always
}

// told makes the course in which these events happen, in this order, and all else
// is ordinary. It gives back those that never could.
func told(t *testing.T, scene *Scene, events ...event) (*World, []event) {
	t.Helper()
	stage, err := rehearsal.NewStage(scene)
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World()
	w.Telling = true
	w.Play(func(list []rehearsal.Option) int {
		if len(events) == 0 || events[0].when != nil && !events[0].when(w) {
			return 0
		}
		for i, o := range list {
			if o.Who == events[0].who && regexp.MustCompile(events[0].what).MatchString(o.What) {
				events = events[1:]
				return i
			}
		}
		return 0
	})
	return w, events
}

// The name of a new version is created twice by one request, so that the answer
// is that it exists: it is the run's own. The run goes on with it. Should it later
// not be allowed to look at that name any more, the key behind the alias must not
// pass for one that has no name. Found by a walk of "two windows" with two faults;
// now the run has nothing more to look for.
func TestOwnNameThatExists(t *testing.T) {
	rev := func(n int64) func(*World) bool { return func(w *World) bool { return w.Record(0).Rev == n } }
	w, left := told(t, sceneOf("two windows", rehearsal.Every),
		event{"a.3", "^CreateAlias alias/orders-data/v3 .*: arrives, and will again$", nil},
		event{"b", "^begins$", rev(7)}, // v3 is active; what is left is to retire v1
		event{"a.3", "^ListResourceTags .*: refused, AccessDenied", rev(8)},
	)
	if len(w.Watch.Broken) > 0 || len(left) > 1 {
		t.Errorf("%s", w.Story())
	}
}

// A call that is not allowed is not repeated, whatever the real date is: only one
// that was dated wrongly is, and then once.
func TestDeniedOnce(t *testing.T) {
	for _, call := range []string{"BatchGetItem", "GetCallerIdentity", "DescribeKey"} {
		w, left := told(t, sceneOf("a rotation is due", rehearsal.Every),
			event{"a.1", "^" + call + ".*: refused, AccessDenied", nil})
		story := w.Story()
		asked := regexp.MustCompile(`  a\.1 +`+call+`.*`).FindAllString(story, -1)
		if len(left) > 0 || len(asked) != 1 || !strings.Contains(asked[0], "AccessDenied") {
			t.Errorf("%s: asked %q\n%s", call, asked, story)
		}
	}
}

// A rollback is confirmed and its move refused, so that nothing has moved the alias;
// but reads lag, and show it still where the rollback would have put it. Who gives
// the rollback up must not take that for done.
func TestRefusedRollbackIsGivenUp(t *testing.T) {
	w, left := told(t, sceneOf("a refused rollback is given up", rehearsal.Every),
		event{"person.1", "^UpdateAlias .*: refused, AccessDenied", nil})
	if len(w.Watch.Broken) > 0 || len(left) > 0 {
		t.Errorf("%s", w.Story())
	}
}

// A move of the alias is late, its run dies, and a person has the record made again
// from KMS: not before that move has died or arrived.
func TestRebuildWaitsForTheFence(t *testing.T) {
	events := []event{
		{"a.1", "^UpdateAlias .*: late$", nil},
		{"", "^time goes on$", nil},
		{"a.1", "^is killed before UpdateItem", nil},
		{"person", "^types adopt$", nil},
	}
	for range 20 { // until the person reads that the lease is over
		events = append(events, event{"", "^time goes on$", nil})
	}
	scene := sceneOf("a record is rebuilt while it is good", rehearsal.Every)
	scene.Acts = scene.Acts[:2]
	w, left := told(t, scene, events...)
	if len(w.Watch.Broken) > 0 || len(left) > 19 {
		t.Errorf("%d events never came\n%s", len(left), w.Story())
	}
}
