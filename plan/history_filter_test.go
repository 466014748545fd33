package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A filter selects by what an event is about, by who wrote it and by when.
func TestEventFilter(t *testing.T) {
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	ci := plan.Who{By: "arn:aws:sts::111122223333:assumed-role/rotator/i-1"}
	ana := plan.Who{By: "arn:aws:iam::111122223333:user/ana"}
	events := []plan.Event{
		{Rev: 1, At: at(1), Run: "r1", Who: ana, Version: 1, KeyID: "k1"},
		{Rev: 2, At: at(2), Run: "r2", Who: ci, Version: 2},
		{Rev: 3, At: at(3), Run: "r2", Who: ci, Version: 2, KeyID: "k2"},
		{Rev: 4, At: at(4), Run: "r3", Who: ci, Version: 2, KeyID: "k2", Left: []plan.Left{{Version: 1, KeyID: "k1"}}},
		{Rev: 5, At: at(5), Run: "r4", Who: ana},
	}
	for _, c := range []struct {
		name   string
		filter plan.EventFilter
		want   string
	}{
		{"none", plan.EventFilter{}, "1 2 3 4 5"},
		{"a version, also where it leaves", plan.EventFilter{Version: 1}, "1 4"},
		{"a version before it has a key", plan.EventFilter{Version: 2}, "2 3 4"},
		{"a key", plan.EventFilter{KeyID: "k2"}, "3 4"},
		{"a key that is another version's", plan.EventFilter{Version: 1, KeyID: "k2"}, ""},
		{"a run", plan.EventFilter{Run: "r2"}, "2 3"},
		{"not a part of a run's id", plan.EventFilter{Run: "r"}, ""},
		{"a role", plan.EventFilter{By: "rotator"}, "2 3 4"},
		{"a role and its session", plan.EventFilter{By: "assumed-role/rotator/i-1"}, "2 3 4"},
		{"an ARN", plan.EventFilter{By: ana.By}, "1 5"},
		{"half a name", plan.EventFilter{By: "rotat"}, ""},
		{"since, included", plan.EventFilter{Since: at(4)}, "4 5"},
		{"since, between", plan.EventFilter{Since: at(4).Add(1)}, "5"},
		{"until, included", plan.EventFilter{Until: at(2)}, "1 2"},
		{"all of it", plan.EventFilter{Version: 2, Run: "r2", By: "rotator", Since: at(3), Until: at(3)}, "3"},
	} {
		var got []string
		for _, e := range plan.Timeline([]plan.KeyHistory{{History: plan.History{Events: events}}}, c.filter) {
			got = append(got, fmt.Sprint(e.Rev))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

// Several keys are one list by time, in which each key's events stay in their order.
func TestTimeline(t *testing.T) {
	of := func(name string, minutes ...int) plan.KeyHistory {
		h := plan.KeyHistory{Key: plan.Policy{Name: name}}
		for i, m := range minutes {
			h.Events = append(h.Events, plan.Event{Rev: int64(i + 1), At: noon.Add(time.Duration(m) * time.Minute)})
		}
		return h
	}
	var got []string
	for _, e := range plan.Timeline([]plan.KeyHistory{of("b", 1, 4, 4), of("a", 0, 4)}, plan.EventFilter{}) {
		got = append(got, fmt.Sprint(e.Key.Name, e.Rev))
	}
	if want := "a1 b1 b2 b3 a2"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
