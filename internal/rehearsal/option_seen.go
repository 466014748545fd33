package rehearsal

import (
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Which of two events comes first matters only if one of them can be told from
// the other's having happened. What nobody else takes part in, a run may do at
// any time: another one that goes on before could as well go on after. So while
// a run has such a thing to do nobody else goes on, and no order is lost that
// anybody could tell from those which are made.
//
// A move of the clock and an intervention take part in everything. While there may
// still be one, nothing is left out.

// unseen returns the first run that can go on with what nobody else takes part in.
func (w *World) unseen() *Run {
	for _, r := range w.Runs {
		if r.ready() && !w.sees(r) {
			return r
		}
	}
	return nil
}

// sees reports whether anybody else takes part in what a run does next.
func (w *World) sees(r *Run) bool {
	if w.EveryTurn || w.may.Clock > 0 || w.may.Interventions > 0 && len(w.Scene.Interventions) > 0 {
		return true
	}
	switch r.place {
	case atPause, asleep: // it wakes
		return false
	case atCall:
		return !w.keeps(r.call)
	}
	return true
}

// keeps reports whether a call reads what no run changes, or makes what no other
// can find: a key has no name yet when it is made. Whom an alias names others
// change.
func (w *World) keeps(c *call) bool {
	if strings.HasPrefix(c.says().key, "alias/") {
		return false
	}
	switch c.operation {
	case "GetCallerIdentity", "DescribeTable", "DescribeTimeToLive", "GetKeyPolicy", "ListGrants",
		"ListResourceTags", "CreateKey", "GetKeyRotationStatus": // no scene has keys that are rotated automatically
		return true
	case "DescribeKey", "Encrypt", "Decrypt": // they look at a key's state, and leave a last use
		return !w.retires
	}
	return false
}

// retires reports whether a run of a scene may change the state of a key that
// others know.
func retires(scene *Scene, keys ...plan.Policy) bool {
	for _, a := range scene.Acts {
		if a.Request.Verb == plan.VerbReinstate || a.Request.Verb == plan.VerbRetire {
			return true
		}
	}
	for _, k := range keys {
		if k.Retire.Action != plan.RetireKeep {
			return true
		}
	}
	return false
}
