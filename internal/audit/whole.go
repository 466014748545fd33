package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// Whole returns a record with the versions that it has left out of its list, so that
// they are judged like those that are listed. The ledger says which they are and in which
// state; where it does not, v<n> and the tags of its key do, and KMS shows the state.
func Whole(p plan.Policy, r *plan.Record, s Seen) *plan.Record {
	if r == nil || r.LeftOut == 0 {
		return r
	}
	t := tell(plan.HistoryOf(r, s.Ledger).Events)
	return t.whollyOf(p, r, s)
}

func (t *told) whollyOf(p plan.Policy, r *plan.Record, s Seen) *plan.Record {
	keys := map[int64]string{}
	if s.Listing != nil && !t.whole() {
		for _, a := range s.Listing.Versions {
			n, ok := plan.VersionOf(p.Alias, a.Name)
			if tags := s.Tags[a.KeyID]; ok && tags.Alias == p.Alias && tags.Version == fmt.Sprint(n) {
				keys[n] = a.KeyID
			}
		}
	}
	for n, v := range t.versions {
		if v.keyID.known() {
			keys[n] = v.keyID.value
		}
	}
	var left []plan.Version
	for n, keyID := range keys {
		if r.Forgotten(n) && r.EntryOf(keyID) == nil {
			if v, is := t.leftOut(n, keyID, s.Keys[keyID]); is {
				left = append(left, v)
			}
		}
	}
	if len(left) == 0 {
		return r
	}
	slices.SortFunc(left, func(a, b plan.Version) int { return cmp.Compare(a.Version, b.Version) })
	whole := r.Clone()
	whole.Versions = append(left, whole.Versions...)
	return whole
}

// leftOut returns the entry that a version would have; not ok if there is nothing to
// judge: its key was deleted, or the ledger says that it cannot have been left out.
func (t *told) leftOut(n int64, keyID string, k plan.KeySeen) (v plan.Version, ok bool) {
	k.KeyID = keyID
	v = plan.ShownVersion(n, k)
	is := t.versions[n]
	if is == nil || !is.state.known() {
		return v, !k.Missing
	}
	v = plan.Version{Version: n, KeyID: keyID, State: is.state.value, Left: is.left.value,
		LeftUnknown: !is.left.known()}
	switch v.State {
	case plan.Kept:
		v.KeptAt = is.at.value
	case plan.Disabled:
		v.DisabledAt, v.DisabledUnknown = is.at.value, is.ended.known()
	case plan.Deleting:
		v.DisabledAt, v.DeleteAt = is.at.value, k.DeletionAt
		return v, !k.Missing
	default:
		return v, false
	}
	return v, true
}
