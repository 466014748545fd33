package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Saved is what a run was about to do to a key, as a dry-run saved it for review. A later
// run carries out exactly that, or refuses.
type Saved struct {
	// Key is the record's key.
	Key string
	// Alias is the KMS key behind the alias; "" if there was none.
	Alias string
	// Generation is the one that the acts open or continue; 0 if they do neither.
	Generation int64
	// ClaimID is the claim of that generation if it was open already.
	ClaimID string
	Acts    []SavedAct
	// Digest is that of the plan's terms for the key. It decides nothing: what a run does
	// with the terms stands in the acts.
	Digest string
}

// Difference is one thing that is decided otherwise now than when it was saved.
type Difference struct {
	// What it is about: "alias", "claim v3", "claim v3, drain".
	What       string
	Saved, Now string
}

// Text describes a difference to people.
func (d Difference) Text() string {
	switch {
	case d.Saved == actDone && strings.HasPrefix(d.Now, actNot):
		return d.What + ": saved, and now " + d.Now
	case d.Saved == actNot:
		return d.What + ": not saved, and now " + d.Now
	}
	return fmt.Sprintf("%s: saved %s, now %s", d.What, d.Saved, d.Now)
}

// What a difference says about an act that only one of two decisions has.
const (
	actDone    = "to be done"
	actNot     = "not to be done"
	noKey      = "nothing"
	noTerm     = "none"
	aliasNames = "what the alias names"
)

// joined puts acts that follow each other, and are missing or new for the same reason, into
// one difference.
func joined(diffs []Difference) []Difference {
	var all []Difference
	for _, d := range diffs {
		last := len(all) - 1
		if last >= 0 && (d.Saved == actDone || d.Saved == actNot) && all[last].Saved == d.Saved &&
			all[last].Now == d.Now {
			all[last].What += ", " + d.What
			continue
		}
		all = append(all, d)
	}
	return all
}

// Saves completes a decision with what was seen before the first act.
func (s *Saved) Saves(r *Record, alias string) {
	if s.Alias = alias; s.Alias == "" && r != nil && r.Live() != nil {
		s.Alias = r.Live().KeyID
	}
	if r != nil && r.Step != Steady && r.Claim != nil {
		s.Generation, s.ClaimID = r.Generation, r.Claim.ID
	}
	if c := s.claim(); c != nil {
		s.Generation, s.ClaimID = c.Version, ""
	}
}

// claim returns the act that opens the generation; nil if there is none.
func (s Saved) claim() *SavedAct {
	for i, act := range s.Acts {
		if act.Kind == WriteClaim || act.Kind == WriteFirstClaim {
			return &s.Acts[i]
		}
	}
	return nil
}

// Differences returns how what is decided now differs from what was saved. r is the record
// on which it is decided now, and why are the reasons for which the run would stop. What
// the record shows to be done already is no difference, whoever did it.
func (s Saved) Differences(now Saved, r *Record, why []Reason) []Difference {
	diffs := append(s.GenerationDiffers(r), s.leavingDiffers(r)...)
	if expects := s.aliasIn(r); !slices.Contains(expects, now.Alias) {
		diffs = append(diffs, Difference{aliasNames, named(s.Alias), named(now.Alias)})
	}
	next := 0
	for _, act := range s.Acts {
		if at := slices.IndexFunc(now.Acts[next:], act.sameAct); at >= 0 {
			for _, more := range now.Acts[next : next+at] {
				diffs = append(diffs, Difference{more.text(), actNot, actDone})
			}
			next += at
			diffs = append(diffs, act.differs(now.Acts[next])...)
			next++
			continue
		}
		if !s.doneIn(r, act) || now.leavesOut(r, act) {
			diffs = append(diffs, Difference{act.text(), actDone, because(why)})
		}
	}
	for _, more := range now.Acts[next:] {
		diffs = append(diffs, Difference{more.text(), actNot, actDone})
	}
	return joined(diffs)
}

// oldLeft returns what was to be done to old versions and is not, where only the open
// generation may wait.
func (s Saved) oldLeft(r *Record, why []Reason) (diffs []Difference) {
	for _, act := range s.Acts {
		old := act.Kind.OldWork() || act.Kind == WriteKept || act.Kind == WriteRetired || act.Kind == WriteDeleting
		if old && !s.doneIn(r, act) {
			diffs = append(diffs, Difference{act.text(), actDone, because(why)})
		}
	}
	return joined(diffs)
}

func because(why []Reason) string {
	if len(why) == 0 {
		return actNot
	}
	texts := make([]string, len(why))
	for i, r := range why {
		texts[i] = r.Text
	}
	return actNot + " (" + strings.Join(texts, "; ") + ")"
}

func named(keyID string) string {
	if keyID == "" {
		return noKey
	}
	return keyID
}

// aliasIn returns the keys on which the alias may be seen if nobody else moved it: where
// it was, or where the generation of the decision puts it.
func (s Saved) aliasIn(r *Record) []string {
	switch {
	case !s.opened(r):
		return []string{s.Alias}
	case r.Step == Steady:
		return []string{r.Live().KeyID}
	case r.Next() != nil:
		return []string{s.Alias, r.Next().KeyID}
	}
	return []string{s.Alias}
}

// opened reports whether the record's generation is the one of the decision.
func (s Saved) opened(r *Record) bool {
	return r != nil && s.Generation != 0 && r.Generation == s.Generation && r.Claim != nil && r.Live() != nil
}

// finished reports whether the generation of the decision is done.
func (s Saved) finished(r *Record) bool { return s.opened(r) && r.Step == Steady }

// GenerationDiffers returns the differences if the record's generation is another one than
// the decision opens or continues, or has other terms.
func (s Saved) GenerationDiffers(r *Record) []Difference {
	if s.Generation == 0 || r == nil {
		return nil
	}
	what := fmt.Sprintf("generation %d", s.Generation)
	claim := s.claim()
	switch {
	case r.Generation > s.Generation:
		return []Difference{{"generation", fmt.Sprint(s.Generation), fmt.Sprint(r.Generation)}}
	case r.Generation < s.Generation && claim == nil:
		return []Difference{{what, "open", "not open"}}
	case r.Generation < s.Generation:
		return nil
	case r.Claim == nil:
		return []Difference{{what, "opened by a claim", "adopted"}}
	case claim == nil && r.Claim.ID != s.ClaimID:
		return []Difference{{what + ", claim", s.ClaimID, r.Claim.ID}}
	case claim == nil:
		return nil
	}
	return claim.differs(SavedAct{Kind: claim.Kind, Version: claim.Version, Terms: claimTerms(*r.Claim)})
}

// leavesOut reports whether a decision leaves out what comes before each move of the alias,
// and moves it. Once a move was confirmed, nobody is asked again.
func (s Saved) leavesOut(r *Record, act SavedAct) bool {
	if act.Kind != TryTarget && (act.Kind != AskGate || r.Step == Switching) {
		return false
	}
	return slices.ContainsFunc(s.Acts, SavedAct{Kind: SendMove, Version: act.Version}.sameAct)
}

// leavingDiffers returns how the terms of the version that the switch left differ from the
// saved ones: by the event of the finish, or where the record has dropped it, by the entry while
// that still drains.
func (s Saved) leavingDiffers(r *Record) []Difference {
	if !s.finished(r) {
		return nil
	}
	terms := Leaving{Drain: r.Claim.Drain}
	finish := SavedAct{Kind: WriteFinish, Version: r.Active}
	at := slices.IndexFunc(s.Acts, finish.sameAct)
	_, e := claimEndIn(r.Events, r.Claim.ID)
	left := r.EntryOf(s.Alias)
	switch {
	case at < 0:
		return nil
	case e != nil:
		i := slices.IndexFunc(e.Left, func(l Left) bool { return l.KeyID == s.Alias })
		if i < 0 {
			return nil
		}
		terms.Retire = e.Left[i].Retire
	case left == nil || left.State != Draining || left.Left.IsZero():
		return nil
	default:
		terms.Retire = left.Retire
	}
	finish.Terms = leavingTerms(terms)
	return s.Acts[at].differs(finish)
}

// doneIn reports whether the record shows that an act is done.
func (s Saved) doneIn(r *Record, act SavedAct) bool {
	if r == nil {
		return false
	}
	v := r.Entry(act.Version)
	state := State("")
	if v != nil {
		state = v.State
	}
	switch act.Kind {
	case WriteAdopt:
		return r.Generation == 1 && r.Step == Steady && v != nil && v.KeyID == act.KeyID
	case WriteKept: // of the versions that are left out, nearly all are kept
		return state == Kept || r.Forgotten(act.Version)
	case WriteRetired:
		return state == Disabled || state == Deleting || state == Gone
	case WriteDeleting:
		return state == Deleting || state == Gone
	case SendMark:
		return state == Deleting || state == Gone || state == Disabled && act.term("call") == string(FencedDisable)
	case EnableKey, CancelDeletion:
		return state == Draining && v.LookAfter.IsZero()
	case WriteFinish:
		return s.finished(r)
	}
	// The acts before the finish: that the run leaves one out means that it was found done.
	return s.opened(r)
}

func (s SavedAct) term(name string) string {
	for _, t := range s.Terms {
		if t.Name == name {
			return t.Value
		}
	}
	return ""
}

// sameAct reports whether two acts are the same but for their terms.
func (s SavedAct) sameAct(now SavedAct) bool {
	return s.Kind == now.Kind && s.Version == now.Version && s.term("call") == now.term("call")
}

// differs returns how an act differs in its terms from the same act decided now.
func (s SavedAct) differs(now SavedAct) []Difference {
	var diffs []Difference
	if s.KeyID != "" && now.KeyID != "" && s.KeyID != now.KeyID {
		diffs = append(diffs, Difference{s.text() + ", key", s.KeyID, now.KeyID})
	}
	for _, t := range s.Terms {
		if is := now.term(t.Name); is != t.Value {
			diffs = append(diffs, Difference{s.text() + ", " + t.Name, orNone(t.Value), orNone(is)})
		}
	}
	for _, t := range now.Terms {
		if !slices.ContainsFunc(s.Terms, func(o Term) bool { return o.Name == t.Name }) {
			diffs = append(diffs, Difference{s.text() + ", " + t.Name, noTerm, orNone(t.Value)})
		}
	}
	return diffs
}

func orNone(value string) string {
	if value == "" {
		return noTerm
	}
	return value
}

func (s SavedAct) text() string { return string(s.Kind) + " " + VersionName(s.Version) }
