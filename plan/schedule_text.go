package plan

import (
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// ScheduleOf reads what Schedule.Text has made of a schedule: events have that. ok is false
// for a text that is none, or a schedule that never fires.
func ScheduleOf(text string) (s Schedule, ok bool) {
	if cron, is := strings.CutPrefix(text, "cron "); is {
		from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		_, never := gronx.NextTickAfter(cron, from, false)
		return Schedule{Cron: cron}, len(strings.Fields(cron)) == 5 && gronx.IsValid(cron) && never == nil
	}
	text, is := strings.CutPrefix(text, "every ")
	every, anchor, anchored := strings.Cut(text, " from ")
	var wrong, wrongAnchor error
	s.Every, wrong = ParseDuration(every)
	if anchored {
		s.Anchor, wrongAnchor = time.Parse(time.RFC3339, anchor)
	}
	return s, is && wrong == nil && wrongAnchor == nil && s.Every > 0
}
