package survey

import "testing"

// A key that is looked at again is in work once more, and not counted twice.
func TestLooks(t *testing.T) {
	var l Looks
	counts := func(finished, inWork int) {
		t.Helper()
		if f, w := l.Keys(2); f != finished || w != inWork {
			t.Errorf("%d finished, %d in work; want %d, %d", f, w, finished, inWork)
		}
	}
	first, second := l.begin(), l.begin()
	counts(0, 2)
	first()
	counts(1, 1)
	second()
	again := l.begin()
	counts(1, 1)
	again()
	counts(2, 0)
	l.Reset()
	counts(0, 0)
}
