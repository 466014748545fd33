package attr

import (
	"encoding/json"
	"testing"
)

// events returns a list such as a record has: 32 maps of 8 strings.
func events() Value {
	event := map[string]Value{}
	for _, name := range []string{"rev", "at", "pool", "run", "by", "what", "reason", "request_id"} {
		event[name] = String("2026-01-02T03:04:05Z " + name)
	}
	var list []Value
	for range 32 {
		list = append(list, Map(event))
	}
	return List(list...)
}

func BenchmarkMarshal(b *testing.B) {
	v := events()
	for b.Loop() {
		if _, err := json.Marshal(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	text, err := json.Marshal(events())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var v Value
		if err := json.Unmarshal(text, &v); err != nil {
			b.Fatal(err)
		}
	}
}
