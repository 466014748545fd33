package plan

import "testing"

// A command is one that a shell reads back as its words; if that is not possible, the
// hint says so.
func TestHintTypable(t *testing.T) {
	for _, c := range []struct {
		hint Hint
		want bool
	}{
		{Hint{}, true},
		{Noted("look at the item\n"), true},
		{Try("keyturn", "hold", "k", "--reason", "it's $HOME"), true},
		{Try("keyturn", "status").Then("keyturn", "status", "a\x1b[2J"), false},
	} {
		if got := c.hint.Typable(); got != c.want {
			t.Errorf("%v: %v, want %v", c.hint, got, c.want)
		}
	}
}

// Then leaves the hint that it begins with as it was.
func TestHintThen(t *testing.T) {
	first := Try("keyturn", "hold", "k")
	one, other := first.Then("keyturn", "run"), first.Then("keyturn", "history")
	if len(first.Commands) != 1 || one.Commands[1][1] != "run" || other.Commands[1][1] != "history" {
		t.Error(first, one, other)
	}
}
