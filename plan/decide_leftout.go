package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// A record leaves out old versions over its bounds. A person who names one of them gets
// the same as if it were listed: v<n> names its key, and KMS shows its state. What makes
// it a version of this alias is the ledger, or where that does not tell, the tags of its
// key. The person's write puts it back into the list.

// lookLeftOut looks at what is needed to know a version that the record has left out;
// nil for other versions, and once all of it is known.
func (d decider) lookLeftOut(version int64) *Decision {
	if !d.r.Forgotten(version) {
		return nil
	}
	_, looked := d.o.Version[version]
	switch {
	case !looked:
		return d.lookAgain(version)
	case !d.o.WholeLedger:
		return look(LookHistory)
	}
	return nil
}

// leftOut returns a version that the record has left out, as KMS shows it; nil if KMS
// and ledger show none of that number. If nothing names its key any more, the ledger
// alone says which one it is: then the verb that names the version also looks at the key.
func (d decider) leftOut(version int64) *Version {
	if seen, looked := d.o.Version[version]; looked {
		return d.leftOutAs(version, seen)
	}
	return nil
}

// leftOutAs is leftOut for what v<n> was seen to name.
func (d decider) leftOutAs(version int64, seen VersionSeen) *Version {
	if !d.r.Forgotten(version) {
		return nil
	}
	told := d.toldKey(version)
	key := seen.KeySeen
	switch {
	case d.isVersion(version, seen):
	case seen.Missing && told != "":
		key = KeySeen{KeyID: told}
	default:
		return nil
	}
	if d.r.EntryOf(key.KeyID) != nil { // it is another version
		return nil
	}
	v := ShownVersion(version, key)
	switch v.State {
	case Kept:
		v.KeptAt = d.now
	default:
		v.DisabledAt = d.now
	}
	return &v
}

// isVersion reports whether the key that v<n> was seen to name is that version. Tags can be
// copied, and v<n> made again, so the ledger's word counts before them.
func (d decider) isVersion(version int64, seen VersionSeen) bool {
	told := d.toldKey(version)
	return !seen.Missing && (seen.KeyID == told || told == "" && seen.IsOf(d.p.Alias))
}

// ShownVersion returns the entry of a version of which only KMS shows the state. When it
// got into that state is not known: who lists it sets KeptAt or DisabledAt to that time.
func ShownVersion(version int64, k KeySeen) Version {
	v := Version{Version: version, KeyID: k.KeyID, State: Kept, LeftUnknown: true}
	switch k.State {
	case KeyDisabled:
		v.State, v.DisabledUnknown = Disabled, true
	case KeyPendingDeletion:
		v.State, v.DisabledUnknown, v.DeleteAt = Deleting, true, k.DeletionAt
	}
	return v
}

// IsOf reports whether the tags of the key that v<n> names say that it was made as this
// version of an alias.
func (s VersionSeen) IsOf(alias string) bool {
	return !s.Missing && s.MadeFor == alias && s.MadeAs == VersionName(s.Version)[1:]
}

// versionNamed returns the version that a person's verb names, also one that the record has
// left out; code is the verb's own for one that there is not.
func (d decider) versionNamed(code Code) (*Version, *Decision) {
	n := d.q.Version
	if next := d.lookLeftOut(n); next != nil {
		return nil, next
	}
	if v := cmp.Or(d.r.Entry(n), d.leftOut(n)); v != nil {
		return v, nil
	}
	if d.r.Forgotten(n) {
		return nil, refuse(*d.notLeftOut(code, n))
	}
	if d.r.Opens(n) {
		return nil, refuse(d.openOther())
	}
	return nil, refuse(Refusal{Code: code, Unwritten: true, What: VersionName(n) + " is no version of " + d.p.Name,
		Hint: Try("keyturn", "status", d.p.Name)})
}

// toldKey returns the KMS key that a version is by the record's events or the ledger; ""
// if they do not have it. The newest event counts.
func (d decider) toldKey(version int64) string {
	events := d.o.Ledger
	if d.r != nil {
		events = slices.Concat(events, d.r.Events)
	}
	keyID, rev := "", int64(0)
	for _, e := range events {
		if e.Rev < rev {
			continue
		}
		if e.Version == version && e.KeyID != "" {
			keyID, rev = e.KeyID, e.Rev
		}
		for _, l := range e.Left {
			if l.Version == version {
				keyID, rev = l.KeyID, e.Rev
			}
		}
	}
	return keyID
}

// notLeftOut refuses a version that the record does not list and that neither KMS nor
// the ledger shows; code is the verb's own.
func (d decider) notLeftOut(code Code, version int64) *Refusal {
	v, name := VersionName(version), VersionAlias(d.p.Alias, version)
	ref := &Refusal{Code: code, Unwritten: true, Version: version,
		Hint: Try("keyturn", "history", d.p.Name)}
	what := fmt.Sprintf("%s is older than the versions that the record of %s lists, and ", v, d.p.Name)
	switch seen := d.o.Version[version]; {
	case seen.Missing:
		ref.What = what + "neither KMS nor the ledger shows it: there is no " + name
	case d.r.EntryOf(seen.KeyID) != nil:
		ref.What = fmt.Sprintf("%s%s names %s, which is %s", what, name, seen.KeyID,
			VersionName(d.r.EntryOf(seen.KeyID).Version))
	case d.toldKey(version) != "":
		ref.What = fmt.Sprintf("%s%s names %s, and the ledger tells that %s is %s", what, name, seen.KeyID, v,
			d.toldKey(version))
	default:
		ref.What = fmt.Sprintf("%s%s names %s, which neither its tags nor the ledger show as %s", what, name,
			seen.KeyID, v)
	}
	return ref
}
