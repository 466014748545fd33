package rotate

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// Troubles returns the keys that a run could not finish. Those that were stopped by one
// cause are together: by one that is not a key's own, or by a failure that is the same
// but for the key.
func (r *Report) Troubles() [][]KeyReport {
	var stopped []KeyReport
	for _, k := range r.Keys {
		if k.Exit(false) != plan.ExitDone {
			stopped = append(stopped, k)
		}
	}
	var all [][]KeyReport
	for _, group := range plan.Alike(len(stopped), func(i int) string { return stopped[i].cause() }) {
		var keys []KeyReport
		for _, i := range group {
			keys = append(keys, stopped[i])
		}
		all = append(all, keys)
	}
	return all
}

// cause names what stopped the work on a key; "" if that is the key's own.
func (k KeyReport) cause() string {
	what := ""
	switch k.Exit(false) {
	case plan.ExitPerson:
		return plan.SharedBy(k.Refusal.Code, k.Refusal.What)
	case plan.ExitFailed:
		switch f := k.Failure; {
		case k.Gate != nil && k.Gate.Failed != "", k.Outcome == plan.Lagging:
			return ""
		case f != nil:
			what = string(f.Kind) + ": " + f.Answer.Code
		case k.Err != nil:
			what = k.Err.Error()
		default:
			return ""
		}
	case plan.ExitBusy:
		what = fmt.Sprint("fenced ", k.Fenced)
	}
	return fmt.Sprint(k.Exit(false), what, k.Ahead()) // what is typed next is the same, too
}

// Cause is a refusal that several keys share.
type Cause struct {
	Keys    []KeyReport
	Refusal plan.Refusal
}

// Names returns the names of the keys.
func (c Cause) Names() []string {
	all := make([]string, len(c.Keys))
	for i, k := range c.Keys {
		all[i] = k.Policy.Name
	}
	return all
}

// Causes returns the refusals that several keys share.
func (r *Report) Causes() []Cause {
	var all []Cause
	for _, keys := range r.Troubles() {
		if len(keys) > 1 && keys[0].Exit(false) == plan.ExitPerson {
			all = append(all, Cause{keys, keys[0].Refusal.OfAll()})
		}
	}
	return all
}
