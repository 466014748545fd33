package cmd

import "github.com/keyturn/keyturn/internal/rotate"

// part is the tasks that one runner can take: about different keys, in one Region,
// with their records in one table.
type part struct {
	region, table string
	tasks         []rotate.Task
	// at holds their places among all tasks; nil if they are all tasks.
	at []int
}

// alike reports whether one runner can do all tasks at once.
func alike(tasks []rotate.Task) bool {
	seen := make(map[string]bool, len(tasks))
	for _, t := range tasks {
		key, p, first := t.Policy.Key(), t.Policy, tasks[0].Policy
		if seen[key] || p.Region != first.Region || p.Table != first.Table {
			return false
		}
		seen[key] = true
	}
	return len(tasks) > 0
}

// rounds splits tasks into rounds that come one after the other. The parts of a round
// can be done at the same time. A key has one task in a round, because its record is
// written by one worker of a run at a time: the second version of a key that is
// reinstated comes in the second round.
func rounds(tasks []rotate.Task) [][]*part {
	if alike(tasks) { // almost always, and a plan may be large
		return [][]*part{{{region: tasks[0].Policy.Region, table: tasks[0].Policy.Table, tasks: tasks}}}
	}
	var all [][]*part
	had := map[string]int{}
	for i, t := range tasks {
		n := had[t.Policy.Key()]
		had[t.Policy.Key()]++
		if n == len(all) {
			all = append(all, nil)
		}
		var mine *part
		for _, p := range all[n] {
			if p.region == t.Policy.Region && p.table == t.Policy.Table {
				mine = p
			}
		}
		if mine == nil {
			mine = &part{region: t.Policy.Region, table: t.Policy.Table}
			all[n] = append(all[n], mine)
		}
		mine.tasks, mine.at = append(mine.tasks, t), append(mine.at, i)
	}
	return all
}
