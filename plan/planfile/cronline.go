package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adhocore/gronx"

	"github.com/keyturn/keyturn/plan"
)

const (
	cronHint = `five fields in UTC: minute hour day-of-month month day-of-week, as in "0 3 1 * *"`
	// cronPattern is a first look, for the schema: five fields, and nothing in
	// them that only some crons know.
	cronPattern = `^\s*([0-9*,/-]+\s+){3}[0-9A-Za-z*,/-]+\s+[0-9A-Za-z*,/-]+\s*$`
)

// parseCron checks a cron line and writes it with single spaces.
//
// It accepts the five fields that every cron knows, in UTC: numbers, names of months
// and days, ranges, lists, steps over "*" or over a range. It refuses what differs
// between crons, or means something else than people expect:
//   - seconds, years, and macros such as @monthly: gronx tells a sixth field's
//     meaning from its digits;
//   - L, W, # and ?, which only some crons know, and a step over one number;
//   - a step larger than its field: "*/90" minutes is every hour;
//   - day of month and day of week both set: such a line fires when either
//     fits, so "0 3 1-7 * 1" is not the first Monday but up to eleven days;
//   - a day that never comes, such as 30 February.
func parseCron(line string) (string, *fault) {
	fields := strings.Fields(line)
	switch {
	case strings.HasPrefix(strings.TrimSpace(line), "@"):
		return "", &fault{"is a macro", cronHint}
	case strings.Contains(line, "TZ="):
		return "", &fault{"names a time zone", cronHint}
	case len(fields) == 1:
		return "", &fault{"has 1 field, not five", cronHint}
	case len(fields) != 5:
		return "", &fault{fmt.Sprintf("has %d fields, not five", len(fields)), cronHint}
	}
	line = strings.Join(fields, " ")
	segments, err := gronx.Segments(line) // names become numbers; [0] is the second
	if err != nil {
		return "", &fault{"is not a cron line: " + err.Error(), cronHint}
	}
	for i, form := range cronForms() {
		if f := form.check(fields[i], segments[i+1], i+1); f != nil {
			return "", f
		}
	}
	if fields[2] != "*" && fields[4] != "*" {
		return "", &fault{"sets both the day of the month and the day of the week, and cron fires when either fits",
			"leave one of them *"}
	}
	// A day that does not come soon after the start of a leap year never comes.
	if _, err := gronx.NextTickAfter(line, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), true); err != nil {
		return "", &fault{"never fires", "no month in it has such a day"}
	}
	return line, nil
}

// cronForm is what one field of a cron line may look like.
type cronForm struct {
	name string
	// element matches one element of a list; its last group is the step.
	element func() *regexp.Regexp
	// most is the largest step that has an effect.
	most int
}

func cronForms() [5]cronForm {
	return [5]cronForm{
		{"minute", cronNumbers, 59},
		{"hour", cronNumbers, 23},
		{"day of the month", cronNumbers, 31},
		{"month", cronMonths, 12},
		{"day of the week", cronDays, 7},
	}
}

var (
	cronNumbers = cronElement(`[0-9]{1,2}`)
	cronMonths  = cronElement(`[0-9]{1,2}|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC`)
	cronDays    = cronElement(`[0-9]|SUN|MON|TUE|WED|THU|FRI|SAT`)
)

func cronElement(value string) func() *regexp.Regexp {
	return plan.Pattern(`^(?i:\*|(?:` + value + `)(?:-(?:` + value + `))?)$|^(?i:\*|(?:` + value +
		`)-(?:` + value + `))/([0-9]{1,2})$`)
}

// check looks at one field: as written, as gronx has it, and where gronx has
// it. The bounds are gronx's: asked element by element, since a list's check
// ends at the first element that fits.
func (c cronForm) check(written, segment string, at int) *fault {
	elements := strings.Split(segment, ",")
	for i, e := range strings.Split(written, ",") {
		m := c.element().FindStringSubmatch(e)
		if m == nil {
			return &fault{fmt.Sprintf("has the %s %q", c.name, written),
				"numbers, ranges, lists and steps: 3 or 1-5 or 1,15 or */2; no L, W, # or ?"}
		}
		if step, err := strconv.Atoi(m[1]); err == nil && (step < 1 || step > c.most) {
			return &fault{fmt.Sprintf("has the %s %q", c.name, written), fmt.Sprintf("a step here is 1 to %d", c.most)}
		}
		checker := gronx.SegmentChecker{}
		checker.SetRef(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
		if _, err := checker.CheckDue(elements[i], at); err != nil {
			return &fault{fmt.Sprintf("has the %s %q", c.name, written),
				"out of bounds, or a range that runs backwards"}
		}
	}
	return nil
}
