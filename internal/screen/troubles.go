package screen

import (
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// Trouble with many keys. What has one cause is one error, which names the keys. Of
// errors with one code the first ones are printed, and the others counted; -v prints all,
// and the log has all.

// troubles prints what went wrong.
func (v View) troubles(r *rotate.Report) {
	shown := v.counts()
	shown.all = shown.all || v.log != nil
	for _, group := range r.Troubles() {
		p, ok := v.together(group)
		if !ok {
			continue
		}
		if shown.next(p.Code) {
			v.Problem(p)
		}
	}
	if left := shown.left(); left != "" {
		v.Tell("keyturn: " + v.Verb + ": " + left + "\n")
	}
}

// together returns the error of keys that were stopped by one cause; not ok if nobody has
// to read it.
func (v View) together(group []rotate.KeyReport) (p Problem, ok bool) {
	var all []Problem
	var keys []rotate.KeyReport
	for _, k := range group {
		if p, ok := v.problem(k); ok {
			all, keys = append(all, p), append(keys, k)
		}
	}
	if len(all) < 2 {
		return append(all, p)[0], len(all) == 1
	}
	p = all[0]
	for _, k := range keys {
		p.Keys = append(p.Keys, k.Policy.Name)
	}
	p.About = About{}
	p.What, p.Details = v.inCommon(all)
	p.Next = rotate.NextOf(v.Now(), len(keys) == len(v.Plan.Keys), keys...)
	if first := keys[0]; first.Exit(false) == plan.ExitPerson {
		shared := first.Refusal.OfAll()
		p.What, p.Next = shared.What, shared.Hint
		news := slices.ContainsFunc(keys, func(k rotate.KeyReport) bool { return k.News })
		if v.Verb == "run" && !v.Verbose && !news {
			p.What, p.Next = "still refused: "+p.What+"; see "+v.Command("keyturn", "status"), plan.Hint{}
		}
	}
	return p, true
}

// inCommon returns what errors say alike: one text if it is the same in all; else the
// text of each stands below.
func (v View) inCommon(all []Problem) (what string, details []string) {
	differ := slices.ContainsFunc(all, func(p Problem) bool { return p.What != all[0].What })
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Key
	}
	if what = all[0].What; !differ {
		details = append(details, few(names, v.Verbose))
	} else if _, own := plan.SharedOf(all[0].Code); own {
		details = append(details, few(names, v.Verbose))
	} else {
		what = "not finished"
		for i, p := range all {
			if i == Shown && !v.Verbose {
				details = append(details, fmt.Sprintf("and %d more; -v shows all", len(all)-i))
				break
			}
			details = append(details, p.Key+": "+p.What)
		}
	}
	for _, d := range all[0].Details {
		if !slices.ContainsFunc(all, func(p Problem) bool { return !slices.Contains(p.Details, d) }) {
			details = append(details, d)
		}
	}
	return what, details
}
