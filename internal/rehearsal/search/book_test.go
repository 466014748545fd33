package search

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

// A walk goes back instead of starting over, and looks up what runs do and what
// AWS answers. The courses it makes so are those that are made with none of
// that: the same events, to the same content of AWS.
func TestBook(t *testing.T) {
	skipIfShort(t)
	bounds := Bounds{Switches: 1, CallFaults: 1, Crashes: 1, Clock: 1, Interventions: 1, Faults: 1}
	for _, name := range []string{"two windows", "a deletion and a reinstate", "reads lag", "the table is restored",
		"calls are slow"} {
		scene := sceneOf(name, bounds)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage, err := rehearsal.NewStage(scene)
			if err != nil {
				t.Fatal(err)
			}
			courses, compared := 0, 0
			k, err := walk(scene, 400, way{}, func(w *World, choices []int) {
				if courses++; courses%40 != 1 {
					return
				}
				compared++
				replay(stage, choices, func(again *World) {
					was, is := w.Contents().String(), again.Contents().String()
					if again.Depth != w.Depth || !again.Now().Equal(w.Now()) || is != was {
						t.Fatalf("choices %v come to something else: %d events, and not %d\n%s\n%s",
							choices, again.Depth, w.Depth, is, was)
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

// skipIfShort leaves out what searches to see that a search is right.
func skipIfShort(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it searches to see that the search is right")
	}
}

// sceneOf finds a scene by its name.
func sceneOf(name string, b Bounds) *Scene {
	all := everyScene(b)
	return all[slices.IndexFunc(all, func(s *Scene) bool { return s.Name == name })]
}

// moments are points in time. How long a run pauses is drawn at random, so the
// same end comes a little earlier or later.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// nobody takes away from a text who it was, and when.
func nobody(text string) string {
	text = someone.ReplaceAllString(moments.ReplaceAllString(text, "T"), "P")
	return seconds.ReplaceAllString(text, "T")
}

var (
	someone = regexp.MustCompile(`\b[abc]\.\d\b|"[abc]"|host-of-[abc]|user/[abc]\b|AIDA[A-Z2-7]+|` +
		`"last_use":\[[^]]*\]|"(TableSizeBytes|ItemCount)":\d+`)
	seconds = regexp.MustCompile(`\b\d\.\d{8,9}E9\b|\b1[78]\d{8}(\.\d+)?\b`) // since 1970
)

// seen is all that a walk comes across: what stands in the records and behind the
// aliases, and with minds also what each run decided by and was told since.
func seen(t *testing.T, scene *Scene, how way, minds bool) (*Walk, map[string]bool) {
	all, contents, told := map[string]bool{}, map[rehearsal.Contents]bool{}, map[string]bool{}
	how.minds = minds
	how.at = func(w *World) {
		if c := w.Contents(); !contents[c] {
			contents[c] = true
			all[nobody(c.String())] = true
		}
		if !minds {
			return
		}
		for _, r := range w.Runs {
			if mind := r.Mind(); !told[mind] {
				told[mind] = true
				all[nobody(mind)] = true
			}
		}
	}
	k, err := walk(scene, 0, how, func(w *World, _ []int) { how.at(w) })
	if err != nil {
		t.Fatal(err)
	}
	return k, all
}

// To leave a course where another has been leaves nothing out: all that the
// courses come across is what they come across if each is made to its end.
func TestJoin(t *testing.T) {
	skipIfShort(t)
	for _, c := range []struct {
		scene string
		b     Bounds
	}{
		{"a retirement and a rollback", Bounds{Switches: 1, CallFaults: 1, Crashes: 1, Faults: 1}},
		{"two windows", Bounds{CallFaults: 1, Crashes: 1, Faults: 1}},
		{"a hold meanwhile", Bounds{Clock: 1}},
	} {
		t.Run(fmt.Sprint(c.scene, c.b), func(t *testing.T) {
			t.Parallel()
			joined, some := seen(t, sceneOf(c.scene, c.b), way{}, false)
			apart, all := seen(t, sceneOf(c.scene, c.b), way{apart: true}, false)
			t.Logf("%v\n%v\n%d things seen", joined, apart, len(all))
			if joined.Ended >= apart.Ended || len(all) < 2 {
				t.Error("nothing was joined, or nothing happened")
			}
			for end := range all {
				if !some[end] {
					t.Errorf("left out: %.1500q", end)
				}
			}
		})
	}
}

// That nobody else goes on before what nobody could tell leaves nothing out
// either.
func TestUnseen(t *testing.T) {
	skipIfShort(t)
	faults := Bounds{Switches: rehearsal.Any, CallFaults: 1, Crashes: 1, Faults: 1}
	for _, c := range []struct {
		scene string
		b     Bounds // with every turn
		short Bounds
		deep  bool // with -walk.deep alone
	}{
		{"a rotation is due", Bounds{Switches: 1, CallFaults: 1, Crashes: 1, Faults: 1}, faults, true},
		{"a rotation is due", Bounds{Switches: rehearsal.Any}, Bounds{Switches: rehearsal.Any}, false},
		{"a rotate meanwhile", Bounds{Switches: rehearsal.Any}, Bounds{Switches: rehearsal.Any}, false},
		{"a retirement and a rollback", Bounds{Switches: rehearsal.Any}, Bounds{Switches: rehearsal.Any}, false},
		{"the record is lost", Bounds{Switches: 1, Interventions: 1},
			Bounds{Switches: rehearsal.Any, Interventions: 1}, true},
		{"reads lag", Bounds{Switches: rehearsal.Any}, Bounds{Switches: rehearsal.Any}, false},
		{"calls are slow", Bounds{Switches: rehearsal.Any}, Bounds{Switches: rehearsal.Any}, false},
	} {
		if c.deep && !*deep {
			continue
		}
		t.Run(fmt.Sprint(c.scene, c.b), func(t *testing.T) {
			t.Parallel()
			short, some := seen(t, sceneOf(c.scene, c.short), way{}, c.short.CallFaults == 0)
			long, all := seen(t, sceneOf(c.scene, c.b), way{everyTurn: true}, c.short.CallFaults == 0)
			t.Logf("%v\n%v\n%d things seen", short, long, len(all))
			if len(all) < 2 {
				t.Error("nothing happened")
			}
			for end := range all {
				if !some[end] {
					t.Errorf("left out: %.1500q", end)
				}
			}
		})
	}
}
