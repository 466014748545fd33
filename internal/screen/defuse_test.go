package screen_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/keyturn/keyturn/internal/screen"
)

// In a job of GitHub Actions no printed line is a command, by whatever way it is printed, and
// in however many writes.
func TestDefuse(t *testing.T) {
	for _, c := range []struct {
		writes []string
		want   string
	}{
		{[]string{"::error::x\n"}, "\\u003a:error::x\n"},
		{[]string{"a ::b\n \t::c\n"}, "a ::b\n \t\\u003a:c\n"},
		{[]string{"a", "::b\n", "::c\n"}, "a::b\n\\u003a:c\n"},
		{[]string{"a ##[set-env name=b]c\n"}, "a ##\\u005bset-env name=b]c\n"},
		{[]string{"a: b\n\n::"}, "a: b\n\n\\u003a:"},
	} {
		for _, to := range []func(io.Writer) io.Writer{screen.Raw, func(w io.Writer) io.Writer { return w }} {
			var out bytes.Buffer
			w := screen.Clean(&out)
			screen.Defuse(w)
			for _, text := range c.writes {
				_, _ = io.WriteString(to(w), text)
			}
			if out.String() != c.want {
				t.Errorf("%q: %q, want %q", c.writes, out.String(), c.want)
			}
		}
	}
	var out bytes.Buffer
	w := screen.Clean(&out)
	screen.Defuse(w)
	text, _ := json.Marshal("::a ##[b]")
	_, _ = w.Write(text)
	var read string
	if err := json.Unmarshal(out.Bytes(), &read); err != nil || read != "::a ##[b]" {
		t.Errorf("%s: %q, %v", out.String(), read, err)
	}
}
