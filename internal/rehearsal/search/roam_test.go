package search

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

var (
	courses = flag.Int("roam.courses", 10, "random courses of each scene")
	roamed  = flag.Uint64("roam.seed", 1, "what they are drawn from")
	scenes  = flag.String("roam.scenes", "", "only scenes whose name matches")
	around  = flag.String("roam.at", "", "leave the ordinary only around this call, and often there")
)

// wide are bounds that are roamed, for they are too wide to be walked.
var wide = Bounds{Switches: 4, CallFaults: 2, Crashes: 1, Clock: 2, Interventions: 1}

// Random courses with more trouble in one than can be walked keep the
// invariants. This is also what scripts/mutants.sh hunts with.
func TestRoam(t *testing.T) {
	n := *courses
	if testing.Short() {
		n = 2
	}
	for _, s := range everyScene(wide) {
		if !regexp.MustCompile(*scenes).MatchString(s.Name) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			k, err := RoamScene(s, n, *roamed, *around)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(k)
			if k.Found != nil {
				t.Fatalf("choices %v\n%s", k.Choices, k.Found.Story())
			}
		})
	}
}

// The quotas of the scene that is about them do run out, with nothing else wrong.
func TestQuotasRunOut(t *testing.T) {
	stage, err := rehearsal.NewStage(sceneOf("quotas", Bounds{}))
	if err != nil {
		t.Fatal(err)
	}
	if story := Replay(stage, nil).Story(); !strings.Contains(story, "no, ThrottlingException") {
		t.Errorf("nothing was throttled:\n%s", story)
	}
}
