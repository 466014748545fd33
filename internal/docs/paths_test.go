package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// docs/index.md counts the commands of a newcomer's ways as the pages have them: to a
// first rotation, to CronJobs, and from an alert to what ends it.
func TestPaths(t *testing.T) {
	index := read(t, "docs/index.md")
	says := func(text string) {
		t.Helper()
		if !strings.Contains(index, text) {
			t.Errorf("docs/index.md does not have %q", text)
		}
	}

	session := blocks(read(t, "README.md"))[0].lines
	if session[0] != "$ go run . run --sandbox" || !strings.Contains(session[4], "rotated v1 to v2") {
		t.Errorf("the session of README.md begins with %q and not with a rotation", session[:5])
	}
	says("| Go, git and a clone | a rotation on the embedded AWS | 1: ")

	to := typed(blocks(read(t, "docs/kubernetes.md"))[0])
	if last := to[len(to)-1]; last != "kubectl apply -k deploy" {
		t.Errorf("the commands of docs/kubernetes.md end with %q", last)
	}
	says(fmt.Sprintf("| a plan | CronJobs | %d: ", len(to)))

	hints := read(t, "internal/docs/testdata/hints.txt")
	situations, led := map[string]bool{}, map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\S.*?): .* of .*, by .*: (.*)$`).FindAllStringSubmatch(hints, -1) {
		situations[m[1]] = true
		led[m[2]]++
	}
	says("| an alert | its end | mostly 2: ")
	says(fmt.Sprintf("%d situations", len(situations)))
	for _, of := range []struct{ outcome, text string }{
		{gone, "%d end what they were printed for"},
		{next, "%d lead to the next command"},
		{shows, "%d show something"},
		{notYet, "%d say when to type them again"},
		{stays, "%d leave things as they are"},
	} {
		if led[of.outcome] > 0 {
			says(fmt.Sprintf(of.text, led[of.outcome]))
		}
		delete(led, of.outcome)
	}
	if len(led) > 0 {
		t.Errorf("not counted: %v", led)
	}
}
