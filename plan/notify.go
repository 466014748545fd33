package plan

import (
	"fmt"
	"slices"
)

// NewsKind is a kind of what a plan has somebody told of.
type NewsKind string

// The kinds of news.
const (
	NewsRotated    NewsKind = "rotated"
	NewsMade       NewsKind = "made"
	NewsRetired    NewsKind = "retired"
	NewsRefused    NewsKind = "refused"
	NewsFailed     NewsKind = "failed"
	NewsOverdue    NewsKind = "overdue"
	NewsHeld       NewsKind = "held"
	NewsRolledBack NewsKind = "rolled-back"
)

// NewsKinds returns all kinds.
func NewsKinds() []NewsKind {
	return []NewsKind{NewsRotated, NewsMade, NewsRetired, NewsRefused, NewsFailed, NewsOverdue, NewsHeld,
		NewsRolledBack}
}

// Notify is who a run tells of a key, and of what.
type Notify struct {
	On []NewsKind
	// Command is started with the news on its stdin, as before_switch is.
	Command []string
	// Webhook is an address of HTTPS that the news is posted to. HMACEnv names the environment
	// variable with the key that signs it; "" if it is not signed.
	Webhook, HMACEnv string
	// Topic is the ARN of a topic of SNS.
	Topic string
}

// News is what a write of the record has somebody told of.
type News struct {
	Kind NewsKind
	// ID names the write: the record's key and revision.
	ID string
	// Generation is that of the write, and Version the version that it is about, if any.
	Generation, Version int64
	// Code says why, of what is refused, failed, overdue or held by itself.
	Code Code
}

// Told is what somebody was told of in a generation, so that runs which fail for different
// reasons do not tell them in turns, for ever.
type Told struct {
	Generation int64
	// What has kinds and codes: "refused drift".
	What []string
	Rest Rest
}

// maxTold is how many refusals and failures of one generation are told. After that nobody is
// told of another one.
const maxTold = 8

// told returns what a write has somebody told of. What can be written again is told once.
func (d decider) told(a Act) (all []News) {
	if len(d.p.Notify) == 0 {
		return nil
	}
	said := d.r.told()
	for _, n := range newsOf(d.r, a) {
		n.ID = fmt.Sprintf("%s#%d", a.Key, a.Rev)
		if !d.p.wants(n.Kind) {
			continue
		}
		if n.Code != "" {
			what := n.what()
			if slices.Contains(said, what) || len(said) >= maxTold {
				continue
			}
			said = append(slices.Clip(said), what)
		}
		all = append(all, n)
	}
	return all
}

// wants reports whether anybody is told of a kind.
func (p Policy) wants(k NewsKind) bool {
	return slices.ContainsFunc(p.Notify, func(n Notify) bool { return slices.Contains(n.On, k) })
}

// what is how the record remembers news.
func (n News) what() string { return cutText(string(n.Kind)+" "+string(n.Code), maxToldText) }

// maxToldText is how long one entry of What is at most, in bytes.
const maxToldText = 64

// told returns what somebody was told of in the last generation.
func (r *Record) told() []string {
	if r == nil || r.Told == nil || r.Told.Generation != r.Generation {
		return nil
	}
	return r.Told.What
}

// remember adds what a write has somebody told of, and forgets what was told in a generation
// before.
func (n *Record) remember(news []News) {
	if n.Told != nil && n.Told.Generation != n.Generation {
		n.Told = nil
	}
	for _, one := range news {
		if one.Code == "" {
			continue
		}
		if n.Told == nil {
			n.Told = &Told{Generation: n.Generation}
		}
		t := clone(n.Told)
		t.What = append(slices.Clip(t.What), one.what())
		n.Told = t
	}
}

// newsOf describes what a write does in the kinds of news.
func newsOf(before *Record, a Act) []News {
	generation := int64(1)
	if before != nil {
		generation = before.Generation
	}
	of := func(k NewsKind, code Code) News {
		return News{Kind: k, Generation: generation, Version: a.Version, Code: code}
	}
	switch w := a.Write.(type) {
	case CreatedWrite:
		return []News{of(NewsMade, "")}
	case FinishWrite:
		switch {
		case before.Active == 0:
			return []News{of(NewsMade, "")}
		case before.Claim.Verb == VerbRollback:
			return []News{of(NewsRolledBack, "")}
		}
		return []News{of(NewsRotated, "")}
	case DeletingWrite:
		return []News{of(NewsRetired, "")}
	case RetiredWrite:
		return append([]News{of(NewsRetired, "")}, stopped(of, w.Error, did(EventRefused))...)
	case MarkNoWrite:
		return stopped(of, w.Error, did(EventFailed))
	case HoldWrite:
		return []News{of(NewsHeld, "")}
	case Note:
		all := stopped(of, w.Error, w.Did)
		if w.SelfHold != "" {
			all = append(all, of(NewsHeld, CodeHeldItself))
		}
		for i := range all {
			all[i].Version = 0
		}
		return all
	}
	return nil
}

// stopped describes what stopped a run.
func stopped(of func(NewsKind, Code) News, e *LastError, words []EventKind) []News {
	switch {
	case e == nil:
		return nil
	case e.Code == CodeOverdue:
		return []News{of(NewsOverdue, e.Code)}
	case slices.Contains(words, EventRefused):
		return []News{of(NewsRefused, e.Code)}
	}
	return []News{of(NewsFailed, e.Code)}
}
