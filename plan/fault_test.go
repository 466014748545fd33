package plan

import "testing"

// A hint is its commands as a shell reads them back, and the note.
func TestHintString(t *testing.T) {
	for _, c := range []struct {
		hint Hint
		want string
	}{
		{Hint{}, ""},
		{Hint{Note: "look at the item"}, "look at the item"},
		{Try("keyturn", "init", "--match", "alias/*"), "keyturn init --match 'alias/*'"},
		{Try("keyturn", "status").Noted("lists the keys"), "keyturn status   (lists the keys)"},
		{Try("keyturn", "hold", "k", "--reason", "..."), `keyturn hold k --reason "..."`},
		{Hint{Commands: [][]string{{"keyturn", "run"}, {"keyturn", "status"}}}, "keyturn run; keyturn status"},
	} {
		if got := c.hint.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
