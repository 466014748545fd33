package plan

import (
	"os/exec"
	"strings"
	"testing"
)

// A shell reads back the words that were given, and runs nothing.
func TestShell(t *testing.T) {
	for _, words := range [][]string{
		{"aws", "kms", "describe-key", "--key-id", "1234abcd-12ab-34cd-56ef-1234567890ab"},
		{"x", "$(echo ran)", "`echo ran`", "a; echo ran", "a && b", "a | b", "> /dev/null"},
		{"x", "it's", `say "hi"`, `back\slash`, "", " ", "~", "*", "#no", "!1", "{a,b}", "$HOME", "ü 漢字"},
		{"x", "'$(echo ran)'", `"$(echo ran)"`, `'"'"'`},
	} {
		text := Shell(words...)
		// The words as they stand, each on a line of its own.
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "set -- "+text+`; printf '%s\n' "$@"`).CombinedOutput()
		if want := strings.Join(words, "\n") + "\n"; err != nil || string(out) != want {
			t.Errorf("%q is written %s, and read back as %q, %v", words, text, out, err)
		}
	}
	for _, word := range []string{"\x1b[2J", "\x00", "a\nb", "\u202e", "\u009b", "\x9b", "\u200b"} {
		if got := Shell("aws", word); got != Untypable {
			t.Errorf("%q is written %q", word, got)
		}
	}
	if got := Shell("aws", "kms", "enable-key"); got != "aws kms enable-key" {
		t.Errorf("what is plain is written %q", got)
	}
}
