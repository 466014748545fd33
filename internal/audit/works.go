package audit

import (
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// The states of keys in KMS that matter here.
const (
	enabled  = "Enabled"
	disabled = "Disabled"
	pending  = "PendingDeletion"
)

// works says whether encrypt and decrypt work, as far as it was seen.
func (c *checker) works() string {
	var encrypt string
	switch a := c.s.Alias; {
	case a == nil:
		encrypt = "whether encrypt works could not be seen"
	case a.Missing:
		encrypt = "encrypt fails: there is no " + c.p.Alias
	case a.State != enabled:
		encrypt = "encrypt fails: the key behind the alias is " + say(*a)
	default:
		encrypt = "encrypt works, with " + c.called(a.KeyID)
	}
	var broken []string
	if c.r != nil {
		for _, v := range c.all() {
			k, known := c.s.Keys[v.keyID]
			if known && (k.Missing || k.State != enabled) && (!v.ended() || v.foundGone()) {
				broken = append(broken, plan.VersionName(v.n))
			}
		}
	}
	switch {
	case len(broken) > 0:
		return encrypt + "; decrypt fails for what only " + strings.Join(broken, ", ") + " can decrypt"
	case len(c.s.Keys) == 0:
		return encrypt
	}
	return encrypt + "; decrypt works"
}

// called names a key as people know it.
func (c *checker) called(keyID string) string {
	if c.r != nil {
		if v, ours := c.r.VersionOfKey(keyID); ours {
			return plan.VersionName(v)
		}
	}
	return keyID
}

// say writes a key's state for a sentence.
func say(k plan.KeySeen) string {
	switch {
	case k.Missing:
		return "gone"
	case k.State == pending && !k.DeletionAt.IsZero():
		return "pending deletion, on " + plan.Stamp(k.DeletionAt)
	case k.State == pending:
		return "pending deletion"
	}
	return strings.ToLower(k.State)
}

// awskms is a command of the aws CLI about one key.
func (c *checker) awskms(command, keyID string) string {
	return plan.Shell("aws", "kms", command, "--region", c.p.Region, "--key-id", keyID)
}

// version is one version that the record knows, in whichever place.
type version struct {
	n        int64
	keyID    string
	active   *plan.Active
	target   *plan.Target
	draining *plan.Draining
	retired  *plan.Retired
}

// ended tells whether a version is meant not to work any more.
func (v version) ended() bool { return v.retired != nil && v.retired.KeptAt.IsZero() }

// foundGone tells whether a version was gone before keyturn could disable it.
func (v version) foundGone() bool {
	t := v.retired
	return t != nil && !t.DisabledAt.IsZero() && !t.DeleteAt.IsZero() && !t.DeleteAt.After(t.DisabledAt)
}

// mark is the mark on an old version; nil if there is none.
func (v version) mark() *plan.Mark {
	switch {
	case v.draining != nil:
		return v.draining.Mark
	case v.retired != nil:
		return v.retired.Mark
	}
	return nil
}

// all gives every version of the record, the active one first. A rollback's
// target is the draining or retired one that it names.
func (c *checker) all() []version {
	var all []version
	if a := c.r.Active; a != nil {
		all = append(all, version{n: a.Version, keyID: a.KeyID, active: a})
	}
	for i := range c.r.Draining {
		d := &c.r.Draining[i]
		all = append(all, version{n: d.Version, keyID: d.KeyID, draining: d})
	}
	for i := range c.r.Retired {
		t := &c.r.Retired[i]
		all = append(all, version{n: t.Version, keyID: t.KeyID, retired: t})
	}
	if t := c.r.Target; t != nil {
		for _, v := range all {
			if v.keyID == t.KeyID {
				return all
			}
		}
		all = append(all, version{n: t.Version, keyID: t.KeyID, target: t})
	}
	return all
}
