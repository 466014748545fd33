package plan

import "fmt"

// whyDue describes which window is due, and how old the version is that it rotates.
func (d decider) whyDue(due Due) []Reason {
	start := due.Window.Start
	opened := fmt.Sprintf("window %s is due", Stamp(start))
	if start.After(d.now) {
		opened = fmt.Sprintf("window %s opens in %s, less than prepublish", Stamp(start), Age(start.Sub(d.now)))
	}
	return []Reason{{CodeWindowDue, opened},
		{"age", fmt.Sprintf("%s is %s old", VersionName(d.r.Active), Age(d.now.Sub(d.r.Live().Since)))}}
}

// inFreeze ends a run whose window waits for the end of a freeze. A hold comes first,
// because it need not end by itself.
func (d decider) inFreeze(due Due) *Decision {
	if d.r.Held(d.now) {
		return d.held()
	}
	why := d.whyDue(due)
	if due.Missed {
		why = []Reason{{CodeLeftOut, d.overdue(due.Window).What}}
	}
	return stop(Frozen, append(why, frozenReason(due.Freeze))...)
}
