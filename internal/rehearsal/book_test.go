package rehearsal

import (
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
		scenes := Scenes(bounds)
		scene := scenes[slices.IndexFunc(scenes, func(s *Scene) bool { return s.Name == name })]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage, err := NewStage(scene)
			if err != nil {
				t.Fatal(err)
			}
			courses, compared := 0, 0
			k, err := walk(scene, 400, func(w *World, choices []int) {
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
