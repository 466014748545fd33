package rehearsal

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// A walk goes back instead of beginning anew, and looks up what runs do and what
// AWS answers. The courses it makes so are those that are made with none of
// that: the same events, to the same content of AWS.
func TestBook(t *testing.T) {
	plain := func(w *World) uint64 { // what a world without a book has come to
		services, err := w.box.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		h := &held{services: services, records: w.Records()}
		h.shaped(w.Keys)
		return h.shape
	}
	bounds := Bounds{Switches: 1, Fates: 1, Crashes: 1, Clock: 1, Hands: 1, Faults: 1}
	for _, name := range []string{"two windows", "a deletion and a reinstate", "reads lag", "the table is restored"} {
		scene := sceneOf(name, bounds)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage, err := NewStage(scene)
			if err != nil {
				t.Fatal(err)
			}
			courses, compared := 0, 0
			k, err := walk(scene, 400, true, func(w *World, choices []int) {
				if courses++; courses%40 != 1 {
					return
				}
				compared++
				stage.replay(choices, func(again *World) {
					if again.depth != w.depth || !again.clock.now.Equal(w.clock.now) || plain(again) != w.holds().shape {
						t.Fatalf("choices %v come to something else: %d events, and not %d\n%s\n%s", choices, again.depth, w.depth, again.gist(), w.gist())
					}
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if compared < 3 {
				t.Errorf("%d courses compared, of %v", compared, k)
			}
		})
	}
}

// sceneOf finds a scene by its name.
func sceneOf(name string, b Bounds) *Scene {
	all := append(Scenes(b), FurtherScenes(b)...)
	return all[slices.IndexFunc(all, func(s *Scene) bool { return s.Name == name })]
}

// moments are points in time. How long a run pauses is drawn at random, so the
// same end comes a little earlier or later.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// To leave a course where another has been leaves nothing out: all that the
// courses can come to is what they come to if each is made to its end, and as many
// orders count as covered as there are then.
func TestJoin(t *testing.T) {
	for _, c := range []struct {
		scene string
		b     Bounds
	}{
		{"a retirement and a rollback", Bounds{Switches: 1, Fates: 1, Crashes: 1, Faults: 1}},
		{"two windows", Bounds{Switches: 2}},
		{"reads lag", Bounds{Switches: 2}},
		{"two windows", Bounds{Clock: 1}},
		{"a hold meanwhile", Bounds{Clock: 1}},
	} {
		t.Run(fmt.Sprint(c.scene, c.b), func(t *testing.T) {
			t.Parallel()
			come := func(join bool) (*Walk, map[string]bool) {
				ends := map[string]bool{}
				k, err := walk(sceneOf(c.scene, c.b), 0, join, func(w *World, _ []int) {
					ends[alike(moments.ReplaceAllString(w.holds().text(w.Keys), "T"), map[string]int{})] = true
				})
				if err != nil {
					t.Fatal(err)
				}
				return k, ends
			}
			joined, ends := come(true)
			apart, all := come(false)
			if joined.Covered != float64(apart.Courses) || joined.Ended >= apart.Ended || len(all) < 2 {
				t.Errorf("%v\n%v\n%d ends", joined, apart, len(all))
			}
			for end := range all {
				if !ends[end] {
					t.Errorf("left out: %.2000q", end)
				}
			}
		})
	}
}
