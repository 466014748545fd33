package plan

import (
	"encoding/json"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ name, in, visible, line string }{
		{"plain", "plain, ü, 漢字, 🔑", "plain, ü, 漢字, 🔑", "plain, ü, 漢字, 🔑"},
		{"lines", "a\r\nb\nc\td", "a\\u000d\nb\nc\td", "a b c d"},
		{"escape", "\x1b[2J", `\u001b[2J`, `\u001b[2J`},
		{"window title", "\x1b]0;x\a", `\u001b]0;x\u0007`, `\u001b]0;x\u0007`},
		{"C1 as a character", "\u009b2J", `\u009b2J`, `\u009b2J`},
		{"C1 as a byte", "\x9b2J", "\ufffd2J", "\ufffd2J"},
		{"backspace", "yes\b\b\bno", `yes\u0008\u0008\u0008no`, `yes\u0008\u0008\u0008no`},
		{"override", "a\u202eb", `a\u202eb`, `a\u202eb`},
		{"isolate", "a\u2066b\u2069", `a\u2066b\u2069`, `a\u2066b\u2069`},
		{"no width", "a\u200b\u200d\u2060\ufeffb", `a\u200b\u200d\u2060\ufeffb`, `a\u200b\u200d\u2060\ufeffb`},
		{"a filler", "a\u3164b", `a\u3164b`, `a\u3164b`},
		{"a tag, two halves", "a\U000e0041b", `a\udb40\udc41b`, `a\udb40\udc41b`},
		{"line separator", "a\u2028b\u0085c", `a\u2028b\u0085c`, "a b c"},
		{"what UTF-8 cannot say", "a\xffb\xed\xa0\x80", "a\ufffdb\ufffd\ufffd\ufffd", "a\ufffdb\ufffd\ufffd\ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Visible(c.in); got != c.visible {
				t.Errorf("Visible: %q, want %q", got, c.visible)
			}
			if got := Line(c.in); got != c.line {
				t.Errorf("Line: %q, want %q", got, c.line)
			}
		})
	}
}

// Every character that misleads is found, made visible, and read back from JSON
// as it was.
func TestVisibleInJSON(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || !Misleads(r) {
			continue
		}
		if FirstMisleading("a"+string(r)) == "" {
			t.Fatalf("%U is not found", r)
		}
		text, err := json.Marshal(string(r))
		if err != nil {
			t.Fatal(err)
		}
		shown := Visible(string(text))
		if FirstMisleading(shown) != "" {
			t.Fatalf("%U is shown as %q", r, shown)
		}
		var back string
		if err := json.Unmarshal([]byte(shown), &back); err != nil || back != string(r) {
			t.Fatalf("%U: %s is read back as %q, %v", r, shown, back, err)
		}
	}
	if FirstMisleading("plain \ufffd") != "" || FirstMisleading("\xff") != "byte 0xff" {
		t.Error("a replacement character is none, a byte that is no UTF-8 is")
	}
}
